"""`joinedup scores`."""

import json
import secrets
from dataclasses import asdict
from uuid import UUID

import click

from service.auth.secret import derive
from service.cli.session import opened, operator, run
from service.feedback.signals.actions import Report, decide, find
from service.feedback.signals.rules import FEWEST_TOLD, Decision
from service.scores import actions

CYCLE = click.option(
    "--cycle", required=True, type=click.UUID, help="As `cycles list` shows it."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def scores() -> None:
    """Scores of a cycle: computed after its window closes, published once."""


@scores.command()
@CYCLE
@click.option("--method", help="Left out, the cycle's own.")
@AS_JSON
def compute(cycle: UUID, method: str | None, *, as_json: bool) -> None:
    """Compute the scores of a cycle whose feedback window has closed."""

    async def work() -> dict[str, int]:
        async with opened() as now:
            return await actions.compute(
                cycle,
                method=method,
                key=derive("rater-pseudonym"),
                caller=operator(),
                now=now,
            )

    _show(run(work()), as_json=as_json)


@scores.command()
@CYCLE
@AS_JSON
def publish(cycle: UUID, *, as_json: bool) -> None:
    """Release the feedback and publish the computed scores, once."""

    async def work() -> dict[str, int]:
        async with opened() as now:
            return await actions.publish(cycle, caller=operator(), now=now)

    _show(run(work()), as_json=as_json)


@scores.command()
@CYCLE
@AS_JSON
def signals(cycle: UUID, *, as_json: bool) -> None:
    """Look for signs of gaming in the sealed forms, beside what chance would give.

    They are for people to look into, and change no score.
    """

    async def work() -> Report:
        async with opened() as now:
            chance = secrets.token_bytes(32)
            return await find(cycle, chance=chance, caller=operator(), now=now)

    report = run(work())
    if as_json:
        shown = asdict(report)
        shown["to_review"] = {str(record): d for record, d in report.to_review.items()}
        click.echo(json.dumps(shown))
    else:
        _tell(report)


def _tell(report: Report) -> None:
    if not report.signals:
        click.echo(f"{report.forms} forms: too few to tell gaming from chance.")
        return
    click.echo(f"{'':18} {'found':>12} {'by chance':>10} {'among':>8}")
    for signal in report.signals:
        few = f"fewer than {FEWEST_TOLD}"
        found = few if signal.found is None else str(signal.found)
        click.echo(
            f"{signal.kind:18} {found:>12} {signal.by_chance:>10} {signal.among:>8}"
        )
    for record, decision in report.to_review.items():
        click.echo(f"{record} hangs on one form: {decision or 'not reviewed'}")


@scores.command()
@CYCLE
@click.option(
    "--record", required=True, type=click.UUID, help="As `scores signals` shows it."
)
@click.option(
    "--decision",
    required=True,
    type=click.Choice([str(decision) for decision in Decision]),
)
@click.option("--reason", required=True, help="Kept with the decision, which stands.")
def review(cycle: UUID, record: UUID, decision: str, reason: str) -> None:
    """Decide before the release whether a score that hangs on one form is shown."""

    async def work() -> None:
        async with opened() as now:
            await decide(
                cycle,
                record,
                Decision(decision),
                reason,
                chance=secrets.token_bytes(32),
                caller=operator(),
                now=now,
            )

    run(work())
    click.echo(f"{record}: {decision}")


def _show(counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
    for state, count in {} if as_json else counts.items():
        click.echo(f"{state:15} {count:6}")
