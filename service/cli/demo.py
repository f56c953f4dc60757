"""`joinedup demo`: the whole job, end to end."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from service.cli.serving import called_by_make, serve
from service.cli.session import configured, run
from service.demo.joint import Told
from service.demo.plan import Plan
from service.demo.present import Present
from service.demo.run import Result
from service.demo.run import run as run_demo
from service.demo.steps import Progress as Hears
from service.demo.visiting import Busy, Visitor
from service.records.frameworks import LONDON

HERE: Final = "http://127.0.0.1:8000"
SHOWN: Final = 12
"""Rows of the table that ends the demo."""
WHY: Final = {
    "below_minimum_exposure": "too short in post",
    "below_minimum_organisations": "too few organisations",
    "below_minimum_raters": "too few raters",
    "low_reliability": "too uncertain",
}
SCREEN: Final = 96
"""Characters of a line of that table, at least."""
WIDTH: Final = 16
"""Characters of an HR system's person id that the table shows."""


@click.command()
@click.option(
    "--people", default=300, show_default=True, type=click.IntRange(100, 7000)
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Real input instead of a sample: holds hr/ and organogram/.",
)
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--reset", is_flag=True, help="Begin again, forgetting this demo's data.")
@click.option("--serve", "then_serve", is_flag=True, help="Serve the data afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def demo(
    context: click.Context,
    people: int,
    data: Path | None,
    seed: int,
    *,
    reset: bool,
    then_serve: bool,
    as_json: bool,
) -> None:
    """Import, share objectives, give feedback, score, publish, and pull as HR does."""
    chosen = configured()
    wanted = Plan(people, seed, None if data is None else str(data.resolve()))
    with _progress() as hears:
        result = run(run_demo(wanted, settings=chosen, reset=reset, progress=hears))
    if as_json:
        click.echo(json.dumps(_as_json(result)))
    else:
        _show(result)
    if then_serve:
        context.invoke(serve)


@contextmanager
def _progress() -> Iterator[Hears]:
    """Show a bar for each step on standard error, if that is a terminal."""
    bars = Progress(
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    known: dict[str, Any] = {}
    with bars:

        def hears(step: str, done: int, total: int) -> None:
            if step not in known:
                known[step] = bars.add_task(step, total=total)
            bars.update(known[step], completed=done, total=total)

        yield hears


def _as_json(result: Result) -> dict[str, Any]:
    return {
        "organisations": result.organisations,
        "people": result.people,
        "records": result.records,
        "objectives_agreed": result.objectives_agreed,
        "joint_objective": result.joint and _joint(result.joint),
        "responses": result.responses,
        "scores": result.scores,
        "pulled": len(result.pulled),
        "seconds": result.seconds,
        "cycle": result.cycle,
        "organisation": result.organisation,
        "client_id": result.client_id,
        "sign_in": [asdict(each) for each in result.visitors],
        "this_year": result.present and _this_year(result, result.present),
    }


def _this_year(result: Result, present: Present) -> dict[str, Any]:
    return {
        "cycle": str(present.cycle),
        "feedback_closes": present.closes_at.isoformat(),
        "sign_in": [asdict(each) for each in result.busy],
    }


def _joint(told: Told) -> dict[str, Any]:
    return {
        "id": str(told.id),
        "record": told.record,
        "title": told.title,
        "shares": told.shares,
        "stage": told.stage,
        "versions": told.versions,
    }


def _show(result: Result) -> None:
    click.echo(
        f"{result.organisations} organisations, {result.people} people,"
        f" {result.records} appraisal records, {result.objectives_agreed} objectives"
        f" agreed, {result.responses} colleagues' forms."
    )
    if result.joint:
        _show_joint(result.joint)
    states = ", ".join(f"{count} {state}" for state, count in result.scores.items())
    click.echo(f"Scores: {states}.\n")
    _show_pulled(result)
    click.echo(
        "\nServe this data, and let a browser on this machine sign in as anybody:\n\n"
        f"  {how_to_serve()}\n\n"
        "While it is served, ask in another window for a token and the scores:\n\n"
        "  TOKEN=$(curl -s http://127.0.0.1:8000/oauth/token \\\n"
        f"    -u {result.client_id}:{result.client_secret} \\\n"
        "    -d grant_type=client_credentials -d scope=scores:read \\\n"
        "    | python3 -c 'import json, sys; print(json.load(sys.stdin)"
        '["access_token"])\')\n\n'
        '  curl -s -H "Authorization: Bearer $TOKEN"'
        " 'http://127.0.0.1:8000/v1/scores?limit=5'"
    )
    if result.present:
        _show_present(result.present)
    for line in people_to_be(result.busy, result.visitors):
        click.echo(line)


def _show_joint(told: Told) -> None:
    shares = ", ".join(f"{code} {share} %" for code, share in told.shares.items())
    click.echo(
        f"One more is lived through whole: {told.title!r}, shared by {shares};"
        f" disputed, changed and agreed again in {told.versions} versions, and now"
        f" {told.stage}. It is on the record {told.record}."
    )


def _show_pulled(result: Result) -> None:
    table = Table(
        box=None,
        title_justify="left",
        title=f"What the HR system of {result.organisation} pulled:"
        f" {len(result.pulled)} scores",
    )
    for column in ("Person", "State", "Score", "90 % interval", "Raters", "Why none"):
        table.add_column(column, no_wrap=True)
    numbered = [row for row in result.pulled if row["value"] is not None]
    others = [row for row in result.pulled if row["value"] is None]
    for row in [*numbered[: SHOWN - 4], *others[:4]]:
        table.add_row(*_cells(row))
    if len(result.pulled) > SHOWN:
        table.add_row(f"and {len(result.pulled) - SHOWN} more")
    wide = max(SCREEN, Console().width)
    Console(width=wide).print(table)


def _show_present(present: Present) -> None:
    closes = present.closes_at.astimezone(LONDON) - timedelta(minutes=1)
    day = f"{closes.day} {closes:%B %Y}"
    if present.rater is None:
        click.echo(
            f"\nFeedback on this year was asked for until {day}, and waits for nobody"
            f" now.\n`{_command()} demo --reset` begins again, from today."
        )
    else:
        click.echo(
            f"\nThis year is under way, and colleagues are asked for feedback until"
            f" {day}."
        )


def people_to_be(busy: Sequence[Busy], others: Sequence[Visitor]) -> Iterator[str]:
    """Give lines that name each once, those first who find work of this year."""
    named = {(each.name, each.organisation) for each in busy}
    rest = [each for each in others if (each.name, each.organisation) not in named]
    for heading, people in (
        ("These find this year's work:", busy),
        ("And these can look around:", rest),
    ):
        if people:
            yield f"\n{heading}"
        for each in people:
            asks = {"search": f"{each.name} {each.organisation}", "to": each.path}
            yield f"\n  {each.name}, {each.organisation}, {each.seen_as}"
            if isinstance(each, Busy):
                yield f"    {each.finds}"
            yield f"    {HERE}/sign-in/development?{urlencode(asks)}"


def how_to_serve() -> str:
    """Return how to serve it for development, as whoever called this calls things."""
    if called_by_make():
        return "make run"
    return f"JOINEDUP_DEV_SIGN_IN=true {_command()} serve"


def _command() -> str:
    """Return how this command was called, to be copied."""
    called = Path(sys.argv[0])
    return "python -m service" if called.name == "__main__.py" else str(called)


def _cells(row: dict[str, Any]) -> list[str]:
    interval = row["interval"]
    return [
        row["person"]["external_id"][:WIDTH],
        row["state"],
        "" if row["value"] is None else f"{row['value']:.1f}",
        "" if interval is None else f"{interval['low']:.1f} to {interval['high']:.1f}",
        "" if row["raters"] is None else row["raters"]["band"],
        WHY.get(row["reason"], row["reason"] or ""),
    ]
