"""`joinedup feed`: what an operator does for the change feed, after a restore."""

import click

from service.changes.epoch import raise_epoch
from service.cli.printing import AS_JSON, print_json
from service.cli.session import opened, operator, run


@click.group()
def feed() -> None:
    """Look after the change feed that HR systems follow."""


@feed.group()
def epoch() -> None:
    """Lives of the feed: another one begins after each restore."""


@epoch.command("raise")
@click.option(
    "--reason",
    required=True,
    metavar="TEXT",
    help="Why, for the audit, which cannot forget: name nobody in it.",
)
@AS_JSON
def raise_(*, reason: str, as_json: bool) -> None:
    """Begin the next one: every client pulls in full once.

    Do so after each restore from a backup and each promotion of a standby. Where the
    service sees it by itself it serves no feed until it is done; a copy of the files of
    the same server, put back, it cannot tell from the server that it was.
    """

    async def work() -> None:
        async with opened() as now:
            begun = await raise_epoch(reason=reason, caller=operator(), now=now)
        if as_json:
            print_json({"number": begun.number, "epoch": str(begun.epoch)})
        else:
            click.echo(f"Epoch {begun.number} of the feed has begun.")

    run(work())
