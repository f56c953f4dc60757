"""`joinedup portals`: HR portals whose pages may frame an organisation's cards."""

from typing import Any

import click

from service.audit.actions import record
from service.cli.printing import AS_JSON, print_json
from service.cli.session import opened, operator, run
from service.hr.cards import actions
from service.hr.cards.tables import Portal

ORGANISATION = click.option(
    "--organisation", required=True, metavar="CODE", help="Whose cards."
)
ORIGIN = click.option(
    "--origin", required=True, metavar="URL", help="As https://HOST, nothing behind it."
)


@click.group()
def portals() -> None:
    """HR portals whose pages may show a record's card in a frame."""


@portals.command()
@ORGANISATION
@ORIGIN
def add(organisation: str, origin: str) -> None:
    """Let a portal frame the organisation's cards."""

    async def work() -> bool:
        async with opened() as now:
            return await actions.register(
                organisation, origin, caller=operator(), now=now
            )

    new = run(work())
    click.echo(f"{origin} may frame {organisation}'s cards{'' if new else ' already'}.")


@portals.command()
@ORGANISATION
@ORIGIN
def remove(organisation: str, origin: str) -> None:
    """Let a portal frame them no more."""

    async def work() -> None:
        async with opened() as now:
            await actions.remove(organisation, origin, caller=operator(), now=now)

    run(work())
    click.echo(f"{origin} may frame {organisation}'s cards no more.")


@portals.command("list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every organisation's portals."""

    async def work() -> list[dict[str, Any]]:
        async with opened() as now:
            await record(operator(), "portal.list", "portal", "*", now=now)
            return await Portal.select(Portal.organisation, Portal.origin).order_by(
                Portal.organisation, Portal.origin
            )

    found = run(work())
    if as_json:
        print_json(found)
        return
    for each in found:
        click.echo(f"{each['organisation']:10}  {each['origin']}")
