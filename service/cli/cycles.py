"""`joinedup cycles`."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from service.cli.session import opened, operator, run
from service.feedback import windows
from service.records import actions
from service.records.queries import cycles as cycles_of
from service.records.rules import BadDates


@click.group()
def cycles() -> None:
    """Appraisal years of organisations under one framework."""


@cycles.command()
@click.option("--framework", required=True, metavar="CODE", help="Such as uk-scs-2025.")
@click.option(
    "--year", required=True, type=click.IntRange(2000, 2100), help="It begins in."
)
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="CODE",
    help="May be repeated; left out, all take part.",
)
@click.option(
    "--dates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML or JSON: stage = instant, for those that differ from the framework's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(
    framework: str,
    year: int,
    organisations: tuple[str, ...],
    dates: Path | None,
    *,
    as_json: bool,
) -> None:
    """Open a cycle and attach every imported appraisal record of its organisations."""

    async def work() -> None:
        wanted = {} if dates is None else _instants(dates)
        async with opened() as now:
            cycle = await actions.open_cycle(
                framework,
                year,
                organisations=organisations,
                dates=wanted,
                caller=operator(),
                now=now,
            )
        if as_json:
            shown = {
                "id": str(cycle.id),
                "organisations": list(cycle.organisations),
                "records": cycle.records,
            }
            click.echo(json.dumps(shown))
        else:
            click.echo(
                f"Opened cycle {cycle.id}: {framework} {year},"
                f" {len(cycle.organisations)} organisations, {cycle.records} records."
            )

    run(work())


def _instants(path: Path) -> dict[str, datetime]:
    """Read stage names and instants; both formats, told apart by how they begin."""
    try:
        text = path.read_text(encoding="utf-8")
        values: Mapping[str, Any] = (
            json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        )
        return {
            stage: at if isinstance(at, datetime) else datetime.fromisoformat(at)
            for stage, at in values.items()
        }
    except (OSError, ValueError, TypeError) as error:
        raise BadDates(
            f"{path} cannot be read ({error}): write lines such as"
            " feedback_opens = 2027-02-01T09:00:00Z."
        ) from None


@cycles.command(name="extend-feedback")
@click.argument("cycle", type=click.UUID)
@click.option("--closes", required=True, metavar="RFC3339", help="The later instant.")
@click.option(
    "--releases",
    metavar="RFC3339",
    help="Left out, as long after closing as the framework says.",
)
def extend_feedback(cycle: UUID, closes: str, releases: str | None) -> None:
    """Have the feedback window of CYCLE close later; every rater is told."""

    async def work() -> None:
        async with opened() as now:
            window = await windows.extend(
                cycle,
                closes_at=_instant("--closes", closes),
                releases_at=None
                if releases is None
                else _instant("--releases", releases),
                caller=operator(),
                now=now,
            )
        click.echo(
            f"Feedback closes at {window.closes_at.isoformat()} and is released at"
            f" {window.releases_at.isoformat()}."
        )

    run(work())


def _instant(option: str, text: str) -> datetime:
    """Read an instant, which says how far from UTC it is meant."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadDates(
            f"{option} {text}: write an instant with its offset, such as"
            " 2027-03-08T00:00:00Z."
        )
    return at


@cycles.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the cycles there are."""

    async def work() -> None:
        async with opened():
            found = await cycles_of(None)
        if as_json:
            for row in found:
                row["stages"] = json.loads(row["stages"])
            click.echo(json.dumps(found, default=str, indent=2))
        for row in [] if as_json else found:
            click.echo(
                f"{row['id']}  {row['framework']}  {row['year']}  {row['state']}"
                f"  {', '.join(row['organisations'])}"
            )

    run(work())
