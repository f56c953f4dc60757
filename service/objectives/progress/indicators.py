"""Indicators and their readings: what is measured, and what it stood at on a day.

The law: a target may move, and what it was stays readable; a reading never changes, and
a correction is a reading that names the one it replaces.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from service.auth.caller import Caller
from service.errors import Fault, NotFound
from service.objectives.changing import Checked, Work, audited, changing, person_of
from service.objectives.measuring import (
    FINEST,
    BadReading,
    check_indicator,
    check_reading,
    plain_figure,
)
from service.objectives.progress import rules
from service.objectives.progress.capacities import (
    acting_for,
    check_plans,
    check_works,
)
from service.objectives.progress.keeping import keep
from service.objectives.progress.schemas import IndicatorIn, ReadingIn
from service.objectives.progress.tables import IndicatorRow, Reading
from service.objectives.stages import WrongStage, check_under_way


async def add_indicator(
    objective: UUID, wanted: IndicatorIn, *, id_: UUID, caller: Caller, now: datetime
) -> None:
    """Add an indicator of how an objective gets on."""
    async with changing(objective, caller=caller, now=now) as work:
        check_plans(work)
        rules.check_not_over(work.stage)
        check_indicator(wanted.indicator())
        await IndicatorRow.insert(
            IndicatorRow(
                {
                    IndicatorRow.organisation: work.fact.organisation,
                    IndicatorRow.id: id_,
                    IndicatorRow.objective: objective,
                    IndicatorRow.version: 1,
                    **_columns(wanted),
                }
            )
        )
        says = _says(wanted)
        await keep(work, 1, says, indicator=id_)
        _audit(work, "add", id_, None, says)


def _columns(wanted: IndicatorIn) -> dict[Any, Any]:
    return {
        IndicatorRow.title: wanted.title,
        IndicatorRow.unit: wanted.unit,
        IndicatorRow.baseline: wanted.baseline.quantize(FINEST),
        IndicatorRow.target: wanted.target.quantize(FINEST),
        IndicatorRow.direction: wanted.direction,
        IndicatorRow.change_at: wanted.change_at.quantize(FINEST),
        IndicatorRow.compared_with: wanted.compared_with,
    }


def _says(indicator: IndicatorIn | IndicatorRow) -> dict[str, str]:
    return {
        "title": indicator.title,
        "unit": indicator.unit,
        "baseline": str(plain_figure(indicator.baseline)),
        "target": str(plain_figure(indicator.target)),
        "direction": indicator.direction,
        "change_at": str(plain_figure(indicator.change_at)),
        "compared_with": indicator.compared_with,
    }


async def change_indicator(
    objective: UUID,
    id_: UUID,
    wanted: IndicatorIn,
    *,
    caller: Caller,
    now: datetime,
    checked: Checked,
) -> None:
    """Have an indicator say something else: a report, to which nobody agrees.

    The same again changes nothing.
    """
    async with changing(objective, caller=caller, now=now) as work:
        was = await _indicator(objective, id_)
        check_plans(work)
        checked(was.version)
        rules.check_not_over(work.stage)
        check_indicator(wanted.indicator())
        before, after = _says(was), _says(wanted)
        if before == after:
            return
        rules.check_unit(was.unit, wanted.unit, readings=await _readings(id_))
        await _save(was, wanted)
        await keep(work, was.version + 1, after, indicator=id_)
        _audit(work, "change", id_, before, after)


async def _indicator(objective: UUID, id_: UUID) -> IndicatorRow:
    found = await IndicatorRow.objects().where(
        IndicatorRow.objective == objective, IndicatorRow.id == id_
    )
    if not found:
        raise NotFound(f"The objective has no indicator {id_}.")
    return found[0]


async def _readings(indicator: UUID) -> int:
    found: int = await Reading.count().where(Reading.indicator == indicator)
    return found


async def _save(was: IndicatorRow, wanted: IndicatorIn) -> None:
    saved = (
        await IndicatorRow.update(
            {**_columns(wanted), IndicatorRow.version: was.version + 1}
        )
        .where(IndicatorRow.id == was.id, IndicatorRow.version == was.version)
        .returning(IndicatorRow.id)
    )
    if not saved:
        raise WrongStage("Somebody else changed the indicator just now.")


def _audit(
    work: Work,
    action: str,
    id_: UUID,
    before: dict[str, str] | None,
    after: dict[str, str],
) -> None:
    """Leave an entry of the figures; the versions hold the texts."""
    figures = ("baseline", "target", "direction", "change_at", "compared_with")
    audited(
        work,
        action,
        entity="indicator",
        entity_id=id_,
        before=before and {name: before[name] for name in figures},
        after={name: after[name] for name in figures},
    )


async def add_reading(
    objective: UUID,
    indicator: UUID,
    wanted: ReadingIn,
    *,
    id_: UUID,
    caller: Caller,
    now: datetime,
) -> None:
    """Add what an indicator stood at on a day, or a correction of that."""
    async with changing(objective, caller=caller, now=now) as work:
        await _indicator(objective, indicator)
        check_works(work)
        check_under_way(work.stage)
        check_reading(wanted.value)
        rules.check_as_of(wanted.as_of, now.date())
        if wanted.corrects is not None:
            await _check_corrects(indicator, wanted.corrects)
        await Reading.insert(
            Reading(
                organisation=acting_for(work),
                id=id_,
                objective=objective,
                indicator=indicator,
                number=await _readings(indicator) + 1,
                value=wanted.value.quantize(FINEST),
                as_of=wanted.as_of,
                note=wanted.note,
                corrects=wanted.corrects,
                actor=caller.key,
                person=person_of(caller),
                read_at=now,
            )
        )
        after = {"indicator": indicator, **wanted.model_dump(exclude={"note"})}
        audited(work, "read", entity="reading", entity_id=id_, after=after)


async def _check_corrects(indicator: UUID, corrected: UUID) -> None:
    """Refuse to correct what is no reading of the indicator, or corrected already."""
    if not await Reading.exists().where(
        Reading.indicator == indicator, Reading.id == corrected
    ):
        detail = "The indicator has no such reading: see its readings."
        raise BadReading(detail, faults=[Fault(detail, pointer="#/corrects")])
    if await Reading.exists().where(
        Reading.indicator == indicator, Reading.corrects == corrected
    ):
        raise rules.CorrectedAlready(
            "It has been corrected: correct the reading that replaced it."
        )
