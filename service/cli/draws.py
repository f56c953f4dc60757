"""`joinedup draws`."""

import sys
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import click

from service.cli.printing import AS_JSON, print_json
from service.cli.session import REFUSED, opened, operator, run
from service.feedback import asking
from service.feedback.drawing import Checked, Finding
from service.records.queries import record_named

SAYS = {
    Finding.DIFFERS: "differs from what was recorded: {parts}",
    Finding.NOT_FROZEN: "was made before what it was made from was frozen, and cannot"
    " be checked",
    Finding.NOT_OPENED: "does not open: JOINEDUP_SECRET_KEY (embedded: the file"
    " secret-key) is not what it was, or the row was altered",
}


@click.group()
def draws() -> None:
    """Draws of raters: made once, by a recorded seed."""


@draws.command()
@click.option("--cycle", type=click.UUID, help="As `cycles list` shows it.")
@click.option(
    "--record", metavar="ID", help="Its id, or source:external_record_id; of it alone."
)
@AS_JSON
def verify(cycle: UUID | None, record: str | None, *, as_json: bool) -> None:
    """Repeat recorded draws from what was frozen with them, and compare.

    Who was drawn is not said. It can be done before the release and after it, for as
    long as the draws are kept and the service's secret key is what it was when they
    were made. Exit code 1: a draw differs, or cannot be checked.
    """
    if (cycle is None) == (record is None):
        raise click.UsageError("Give --cycle or --record.")

    async def work() -> list[Checked]:
        async with opened() as now:
            if cycle is not None:
                return await asking.verify(cycle, caller=operator(), now=now)
            on = await record_named(record or "", None)
            return await asking.verify(on.cycle, only=on.id, caller=operator(), now=now)

    found = run(work())
    if as_json:
        print_json(_summed(found))
    else:
        _tell(found)
    if any(each.finding is not Finding.MATCHES for each in found):
        sys.exit(REFUSED)


def _summed(found: Sequence[Checked]) -> dict[str, object]:
    counts = Counter(each.finding for each in found)
    return {
        "draws": len(found),
        **{finding: counts[finding] for finding in Finding},
        "asked_not_kept": sum(not each.asked_kept for each in found),
        "not_matching": [
            {
                "record": str(each.record),
                "finding": each.finding,
                "differs": [*each.differs],
            }
            for each in found
            if each.finding is not Finding.MATCHES
        ],
    }


def _tell(found: Sequence[Checked]) -> None:
    for each in found:
        if each.finding is not Finding.MATCHES:
            says = SAYS[each.finding].format(parts=", ".join(each.differs))
            click.echo(f"{each.record} {says}")
    matching = sum(each.finding is Finding.MATCHES for each in found)
    click.echo(f"{matching} of {len(found)} draws match.")
    if bare := sum(not each.asked_kept for each in found):
        click.echo(f"Of {bare} it is not kept any more who was asked.")
