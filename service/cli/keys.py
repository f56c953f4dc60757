"""`joinedup keys`: what signs access tokens."""

from dataclasses import asdict

import click

from service.audit.actions import record
from service.auth import actions
from service.auth.keys import KeyStatus, statuses
from service.cli.printing import AS_JSON, print_json
from service.cli.session import opened, operator, run


@click.group()
def keys() -> None:
    """Keys that sign access tokens: next, active and retired."""


@keys.command("list")
@AS_JSON
def list_keys(*, as_json: bool) -> None:
    """List the keys, newest first."""

    async def work() -> None:
        async with opened():
            found = await statuses()
        _print_keys(found, as_json=as_json)

    run(work())


@keys.command()
@click.option(
    "--discard",
    is_flag=True,
    help="Throw every key away at once (leaked, or the secret key is lost): every"
    " token dies.",
)
@click.option(
    "--rows", is_flag=True, help="Also sign published rows with a new key from now on."
)
@AS_JSON
def rotate(*, discard: bool, rows: bool, as_json: bool) -> None:
    """Sign with the next key from now on, and publish one to follow it."""

    async def work() -> None:
        async with opened() as now:
            found = await actions.rotate_keys(
                caller=operator(), now=now, record=record, discard=discard, rows=rows
            )
        _print_keys(found, as_json=as_json)

    run(work())


def _print_keys(found: list[KeyStatus], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(key) for key in found])
    else:
        for key in found:
            click.echo(f"{key.kid}  {key.state:7}  {key.created_at:%Y-%m-%d %H:%M}")
