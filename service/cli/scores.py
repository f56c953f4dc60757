"""`joinedup scores`."""

import json
import secrets
import sys
from dataclasses import asdict
from uuid import UUID

import click
from rich.progress import MofNCompleteColumn

from service.auth.secret import derive
from service.cli.bars import Hears, progress
from service.cli.fitting import fit
from service.cli.session import REFUSED, opened, operator, run
from service.feedback.signals.actions import Report, decide, find
from service.feedback.signals.rules import FEWEST_TOLD, Decision
from service.scores import actions
from service.scores.amending import amend as amend_scores
from service.scores.comparing import Comparison
from service.scores.comparing import compare as compare_methods
from service.scores.verifying import Report as Verified
from service.scores.verifying import verify as verify_scores

CYCLE = click.option(
    "--cycle", required=True, type=click.UUID, help="As `cycles list` shows it."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def scores() -> None:
    """Scores of a cycle: computed after its window closes, published once."""


scores.add_command(fit)


@scores.command()
@CYCLE
@click.option("--method", help="Such as mean or crossed; left out, the cycle's own.")
@AS_JSON
def compute(cycle: UUID, method: str | None, *, as_json: bool) -> None:
    """Compute the scores of a cycle whose feedback window has closed."""

    async def work(hears: Hears) -> dict[str, int]:
        async with opened() as now:
            return await actions.compute(
                cycle,
                method=method,
                key=_pseudonyms(),
                caller=operator(),
                now=now,
                progress=hears,
            )

    with progress(MofNCompleteColumn()) as hears:
        counts = run(work(hears))
    _show(counts, as_json=as_json)


def _pseudonyms() -> bytes:
    """Return the key of the raters' pseudonyms."""
    return derive("rater-pseudonym")


@scores.command()
@CYCLE
@AS_JSON
def publish(cycle: UUID, *, as_json: bool) -> None:
    """Release the feedback and publish the computed scores, once.

    Scores appear batch by batch. If it is stopped, run it again: it goes on where it
    was.
    """

    async def work(hears: Hears) -> dict[str, int]:
        async with opened() as now:
            return await actions.publish(
                cycle,
                key=_pseudonyms(),
                caller=operator(),
                now=now,
                progress=hears,
            )

    with progress(MofNCompleteColumn()) as hears:
        counts = run(work(hears))
    _show(counts, as_json=as_json)


@scores.command()
@CYCLE
@AS_JSON
def verify(cycle: UUID, *, as_json: bool) -> None:
    """Work the scores out again from the stored forms; exit with 1 if any differs."""

    async def work() -> Verified:
        async with opened():
            return await verify_scores(cycle, key=_pseudonyms())

    found = run(work())
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
    else:
        click.echo(f"{found.rows} scores, {len(found.differing)} of them differ.")
        for fault in found.faults:
            click.echo(fault)
        for each in found.differing:
            click.echo(f"{each.score}  {each.organisation}  {', '.join(each.columns)}")
    if not found.holds:
        sys.exit(REFUSED)


@scores.command()
@CYCLE
@AS_JSON
def amend(cycle: UUID, *, as_json: bool) -> None:
    """Publish new versions of scores behind which three raters or more changed.

    Fewer change nothing that is seen: the difference would be somebody's form.
    """

    async def work() -> int:
        async with opened() as now:
            return await amend_scores(
                cycle, key=_pseudonyms(), caller=operator(), now=now
            )

    amended = run(work())
    click.echo(json.dumps({"amended": amended}) if as_json else f"{amended} amended.")


@scores.command()
@CYCLE
@click.option("--method", required=True, help="The one to run beside the cycle's own.")
@click.option("--version", required=True, type=int, help="Of that method.")
@AS_JSON
def compare(cycle: UUID, method: str, version: int, *, as_json: bool) -> None:
    """Run a method beside what a published cycle has, and keep what would change.

    Nothing published moves. Whoever asks for the method is shown the shares.
    """

    async def work() -> Comparison:
        async with opened() as now:
            return await compare_methods(
                cycle, method, version, key=_pseudonyms(), caller=operator(), now=now
            )

    found = run(work())
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    click.echo(
        f"{method} {version} beside {found.against} {found.against_version}:"
        f" {found.people or 'too few'} people"
    )
    for name, share in (
        ("changed bands", found.changed_bands),
        ("changed states", found.changed_states),
    ):
        told = "too few to say" if share is None else f"{share:.1%}"
        click.echo(f"{name:15} {told:>15}")


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
