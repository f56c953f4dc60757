"""`joinedup roles` and `joinedup data-sharing`."""

import json
from datetime import datetime
from uuid import UUID

import click

from service.access import actions
from service.access.rules import Role
from service.cli.session import opened, operator, run
from service.directory.queries import known_codes, person_named

DAY = click.DateTime(["%Y-%m-%d"])
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def roles() -> None:
    """Roles beyond manager, subject and rater, each until a date."""


@roles.command()
@click.argument("person")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--organisation", required=True, metavar="CODE")
@click.option("--until", required=True, type=DAY, help="The day after its last.")
def grant(person: str, role: str, organisation: str, until: datetime) -> None:
    """Grant PERSON (an id, or SOURCE:EXTERNAL_ID) a ROLE in one organisation."""

    async def work() -> None:
        async with opened() as now:
            made = await actions.grant(
                await _person(person, organisation),
                Role(role),
                organisation=organisation,
                until=until.date(),
                caller=operator(),
                now=now,
            )
        click.echo(f"Granted {role} in {organisation} until {until.date()}: {made}")

    run(work())


async def _person(name: str, organisation: str) -> UUID:
    source, colon, external_id = name.partition(":")
    if not colon:
        try:
            return UUID(name)
        except ValueError:
            raise click.BadParameter(
                f"{name} is neither an id nor SOURCE:EXTERNAL_ID."
            ) from None
    return (
        await person_named(source, external_id, organisations=[organisation])
    ).person


@roles.command(name="list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List the roles held today."""

    async def work() -> None:
        async with opened() as now:
            rows = await actions.list_roles(caller=operator(), now=now)
        if as_json:
            click.echo(json.dumps(rows, default=str, indent=2))
        for row in [] if as_json else rows:
            click.echo(
                f"{row['id']}  {row['organisation']}  {row['role']}  {row['person']}"
                f"  until {row['until']}"
            )

    run(work())


@roles.command(name="end")
@click.argument("grant_id", type=click.UUID)
def end_(grant_id: UUID) -> None:
    """End a role now, by the id that `roles list` shows."""

    async def work() -> None:
        async with opened() as now:
            await actions.end(grant_id, caller=operator(), now=now)
        click.echo(f"Ended {grant_id}.")

    run(work())


@click.group()
def data_sharing() -> None:
    """Agreements without which two organisations share nothing."""


@data_sharing.command()
@click.argument("one")
@click.argument("other")
@click.option("--purpose", required=True)
@click.option("--from", "start", required=True, type=DAY)
@click.option("--to", "end", required=True, type=DAY, help="The day after its last.")
def add(one: str, other: str, purpose: str, start: datetime, end: datetime) -> None:
    """Let ONE and OTHER share objectives, feedback and search, in both directions."""

    async def work() -> None:
        async with opened() as now:
            await actions.agree_to_share(
                one,
                other,
                purpose=purpose,
                start=start.date(),
                end=end.date(),
                known=await known_codes(),
                caller=operator(),
                now=now,
            )
        click.echo(f"{one} and {other} share from {start.date()} to {end.date()}.")

    run(work())
