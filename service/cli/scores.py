"""`joinedup scores`."""

import json
from uuid import UUID

import click

from service.auth.secret import derive
from service.cli.session import opened, operator, run
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


def _show(counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
    for state, count in {} if as_json else counts.items():
        click.echo(f"{state:15} {count:6}")
