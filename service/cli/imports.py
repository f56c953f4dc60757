"""`joinedup import` and `joinedup organisations`."""

import json
import sys
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.progress import TaskProgressColumn

from service.cli.bars import Hears, progress
from service.cli.session import REFUSED, opened, operator, run
from service.directory import actions, queries
from service.directory.actions import ImportRefused, Report
from service.directory.rules import Succession
from service.objectives.assigning.importing import import_objectives
from service.records.actions import attach_imported

FILE = click.Path(path_type=Path)
FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
PARTIAL = click.option(
    "--partial", is_flag=True, help="Import the good rows and report the rest."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
DAY = click.DateTime(["%Y-%m-%d"])
PATIENCE: Final = 2.0
"""Seconds before anything is shown of an import that is still running."""


@click.group("import")
def import_() -> None:
    """CSV files in: organisations first, then organograms, people and objectives.

    A file is imported whole or not at all; exit code 1 and a list of every bad row say
    that nothing was imported.
    """


@import_.command("organisations")
@click.argument("file", type=FILE)
@PARTIAL
@AS_JSON
def import_organisations(file: Path, *, partial: bool, as_json: bool) -> None:
    """Organisations: their names, parents, HR systems and e-mail domains."""

    async def work(now: datetime, hears: Hears) -> Report:
        return await actions.import_organisations(
            [file], caller=operator(), now=now, partial=partial, progress=hears
        )

    _import(work, as_json=as_json)


@import_.command()
@FILES
@PARTIAL
@AS_JSON
def organogram(files: Sequence[Path], *, partial: bool, as_json: bool) -> None:
    """Organograms of senior posts: posts and whom they report to, never people."""

    async def work(now: datetime, hears: Hears) -> Report:
        return await actions.import_organogram(
            files, caller=operator(), now=now, partial=partial, progress=hears
        )

    _import(work, as_json=as_json)


@import_.command()
@FILES
@PARTIAL
@click.option(
    "--complete",
    multiple=True,
    metavar="ORGANISATION",
    help="The files hold everybody of it: close who is missing. May be repeated.",
)
@AS_JSON
def people(
    files: Sequence[Path], complete: Sequence[str], *, partial: bool, as_json: bool
) -> None:
    """HR systems' extracts: people, postings, managers and appraisal records."""

    async def work(now: datetime, hears: Hears) -> Report:
        async def attach(_: Collection[str]) -> None:
            await attach_imported(caller=operator(), now=now)

        return await actions.import_people(
            files,
            caller=operator(),
            now=now,
            partial=partial,
            complete=complete,
            followed_by=attach,
            progress=hears,
        )

    _import(work, as_json=as_json)


@import_.command()
@FILES
@PARTIAL
@AS_JSON
def objectives(files: Sequence[Path], *, partial: bool, as_json: bool) -> None:
    """Shared objectives, one row for each contribution: new ones, and drafts anew."""

    async def work(now: datetime, hears: Hears) -> Report:
        return await import_objectives(
            files, caller=operator(), now=now, partial=partial, progress=hears
        )

    _import(work, as_json=as_json)


def _import(
    work: Callable[[datetime, Hears], Coroutine[Any, Any, Report]], *, as_json: bool
) -> None:
    """Run an import, print its report, and end with 1 if nothing was imported."""

    async def attempt() -> tuple[Report, bool]:
        async with opened() as now:
            try:
                return await work(now, hears), True
            except ImportRefused as refused:
                return refused.report, False

    with progress(TaskProgressColumn(), patience=PATIENCE) as hears:
        report, done = run(attempt())
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _show(report, done=done)
    if not done:
        sys.exit(REFUSED)


def _show(report: Report, *, done: bool) -> None:
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    for rejected in report.rejected:
        click.echo(f"rejected: {rejected}", err=True)
    counts = (
        f"read {report.read}, created {report.created}, changed {report.changed},"
        f" unchanged {report.unchanged}, rejected {len(report.rejected)}"
    )
    click.echo(counts if done else f"Nothing was imported: {counts}")


@click.group()
def organisations() -> None:
    """Organisations that appraise their people."""


@organisations.command(name="list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every organisation, by its code."""

    async def work() -> list[dict[str, Any]]:
        async with opened():
            return await queries.organisations()

    rows = run(work())
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
    for row in [] if as_json else rows:
        ended = f"  ended {row['valid_to']}" if row["valid_to"] else ""
        click.echo(f"{row['code']:20}  {row['hr_system']:10}  {row['name']}{ended}")


@organisations.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--kind", required=True, type=click.Choice([kind.value for kind in Succession])
)
@click.option("--on", required=True, type=DAY, help="The first day of the new one.")
def succeed(old: str, new: str, kind: str, on: datetime) -> None:
    """Record that OLD became NEW, or by a split that part of it did."""

    async def work() -> None:
        async with opened() as now:
            await actions.succeed(
                old,
                new,
                Succession(kind),
                on=on.date(),
                caller=operator(),
                now=now,
            )

    run(work())
    click.echo(f"{old} became {new} on {on.date()} ({kind}).")
