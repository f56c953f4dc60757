"""`joinedup people`: who is found by other organisations."""

from uuid import UUID

import click

from service.cli.session import opened, operator, run
from service.directory.discoverability import set_discoverable
from service.directory.queries import person_named
from service.directory.searching import id_of

ORGANISATION = click.option("--organisation", required=True, metavar="CODE")
REASON = click.option(
    "--reason", required=True, help="Kept in the audit: name nobody in it."
)


@click.group()
def people() -> None:
    """Whether people are found by other organisations."""


@people.command()
@click.argument("person")
@ORGANISATION
@REASON
def hide(person: str, organisation: str, reason: str) -> None:
    """Have PERSON (an id, or SOURCE:EXTERNAL_ID) found by nobody outside CODE."""
    _set(person, organisation, reason, discoverable=False)


@people.command()
@click.argument("person")
@ORGANISATION
@REASON
def unhide(person: str, organisation: str, reason: str) -> None:
    """Have PERSON (an id, or SOURCE:EXTERNAL_ID) found by those who share with CODE."""
    _set(person, organisation, reason, discoverable=True)


def _set(name: str, organisation: str, reason: str, *, discoverable: bool) -> None:
    async def work() -> None:
        async with opened() as now:
            fact = await set_discoverable(
                await _named(name, organisation),
                organisation,
                discoverable=discoverable,
                reason=reason,
                caller=operator(),
                now=now,
            )
        whom = "those who share with" if fact.discoverable else "nobody outside"
        click.echo(f"{fact.person} is found by {whom} {organisation}.")

    run(work())


async def _named(name: str, organisation: str) -> UUID:
    source, colon, external_id = name.partition(":")
    if not colon:
        return id_of(name)
    found = await person_named(source, external_id, organisations=[organisation])
    return found.person
