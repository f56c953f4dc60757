"""Indicators and readings: what is measured, what it says, and what is kept."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.access.rules import NotShared
from service.auth.caller import Person
from service.errors import NotFound
from service.objectives.measuring import BadIndicator, BadReading, Trend
from service.objectives.progress import queries
from service.objectives.progress.rules import CorrectedAlready
from service.objectives.progress.schemas import IndicatorOut
from service.objectives.queries import objective
from service.objectives.rules import NotYours
from service.objectives.stages import Stage, WrongStage
from tests.objectives.joint import Joint, machine_of, shared_no_more
from tests.objectives.progress.going import (
    TODAY,
    WHOLE,
    measured,
    read,
    restated,
    stands,
)


async def shown(id_: UUID) -> IndicatorOut:
    (found,) = (await stands(id_)).indicators
    return found


async def test_without_a_reading_there_is_neither_trend_nor_progress(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    await measured(fact.id, joint.machine)
    found = await shown(fact.id)
    assert (str(found.baseline), str(found.target)) == ("60", "30")
    assert (found.last_reading, found.trend, found.progress) == (None, None, None)


async def test_the_last_reading_says_how_far_it_is(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await read(fact.id, id_, Person(joint.partner), "52.5", note="In May.")
    found = await shown(fact.id)
    assert (found.trend, found.progress) == (Trend.IMPROVING, Decimal("0.25"))
    assert found.last_reading is not None
    assert str(found.last_reading.value) == "52.5"
    assert (found.last_reading.note, found.last_reading.organisation) == (
        "In May.",
        "dft",
    )
    assert found.last_reading.person is not None
    assert found.last_reading.person.id == joint.partner


async def test_progress_is_cut_so_that_nearly_there_is_not_there(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    for value, share in (("30.000001", "0.9999"), ("50", "0.3333"), ("70", "-0.3333")):
        await read(fact.id, id_, joint.machine, value)
        assert str((await shown(fact.id)).progress) == share


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        ({}, Trend.IMPROVING),
        ({"change_at": 10}, Trend.IMPROVING),
        ({"change_at": "10.000001"}, Trend.MAINTAINING),
        ({"compared_with": "previous"}, Trend.WORSENING),
        ({"compared_with": "previous", "change_at": 6}, Trend.MAINTAINING),
    ],
)
async def test_its_own_criterion_says_what_the_trend_is(
    joint: Joint, criterion: dict[str, Any], says: Trend
) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await read(fact.id, id_, joint.machine, 45, as_of=TODAY - timedelta(days=30))
    await read(fact.id, id_, joint.machine, 50)
    await restated(fact.id, id_, joint.machine, **criterion)
    assert (await shown(fact.id)).trend == says


async def test_the_last_reading_is_that_of_the_latest_day(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine, compared_with="previous")
    await read(fact.id, id_, joint.machine, 50)
    await read(fact.id, id_, joint.machine, 55, as_of=TODAY - timedelta(days=1))
    found = await shown(fact.id)
    assert found.last_reading is not None
    assert found.last_reading.value == 50
    assert found.trend == Trend.IMPROVING


async def test_a_correction_replaces_a_reading_and_both_are_kept(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine, compared_with="previous")
    first = await read(fact.id, id_, joint.machine, 45, as_of=date(2026, 5, 1))
    wrong = await read(fact.id, id_, joint.machine, 5)
    right = await read(fact.id, id_, Person(joint.subject), 50, corrects=wrong)

    found = await shown(fact.id)
    assert found.last_reading is not None
    assert (found.last_reading.id, found.trend) == (right, Trend.WORSENING)
    rows = await queries.readings(fact.id, id_, WHOLE)
    assert [(r.number, r.id, r.corrects, r.corrected_by) for r in rows] == [
        (1, first, None, None),
        (2, wrong, None, right),
        (3, right, wrong, None),
    ]
    with pytest.raises(CorrectedAlready, match="reading that replaced it"):
        await read(fact.id, id_, joint.machine, 51, corrects=wrong)
    await read(fact.id, id_, joint.machine, 51, corrects=right)


async def test_a_reading_corrects_one_of_its_own_indicator(joint: Joint) -> None:
    fact = await joint.agreed()
    one = await measured(fact.id, joint.machine)
    other = await measured(fact.id, joint.machine)
    theirs = await read(fact.id, one, joint.machine, 50)
    for wrong in (theirs, uuid4()):
        with pytest.raises(BadReading, match="no such reading") as refused:
            await read(fact.id, other, joint.machine, 50, corrects=wrong)
        assert [fault.pointer for fault in refused.value.faults] == ["#/corrects"]


async def test_what_is_to_come_has_not_been_read(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    with pytest.raises(BadReading, match="to come") as refused:
        await read(fact.id, id_, joint.machine, 50, as_of=TODAY + timedelta(days=1))
    assert [fault.pointer for fault in refused.value.faults] == ["#/as_of"]
    await read(fact.id, id_, joint.machine, 50, as_of=TODAY)


@pytest.mark.parametrize("value", ["1e400", "1e12", "0.0000001", "-1e-400"])
async def test_a_figure_that_cannot_be_kept_is_refused(
    joint: Joint, value: str
) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    with pytest.raises(BadReading):
        await read(fact.id, id_, joint.machine, value)
    for field in ("baseline", "target", "change_at"):
        with pytest.raises(BadIndicator):
            await measured(fact.id, joint.machine, **{field: value})
    with pytest.raises(BadIndicator):
        await restated(fact.id, id_, joint.machine, target=value)
    assert (await shown(fact.id)).last_reading is None


async def test_the_largest_and_the_finest_figure_come_back_whole(joint: Joint) -> None:
    fact = await joint.agreed()
    figure = "-999999999999.999999"
    id_ = await measured(fact.id, joint.machine, target=figure)
    await read(fact.id, id_, joint.machine, "1." + "0" * 40_000)
    await read(fact.id, id_, joint.machine, figure)
    found = await shown(fact.id)
    assert found.last_reading is not None
    assert str(found.target) == str(found.last_reading.value) == figure
    assert found.progress == 1


async def test_those_who_work_on_it_read_and_others_do_not(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, Person(joint.subject))
    for caller in (
        joint.machine,
        Person(joint.subject),
        Person(joint.hmt.head),
        Person(joint.partner),
    ):
        await read(fact.id, id_, caller, 50)
    for stranger in (Person(joint.dft.head), machine_of("dft")):
        with pytest.raises(NotYours):
            await read(fact.id, id_, stranger, 50)
    with pytest.raises(NotFound):
        await read(fact.id, id_, Person(joint.moj.head), 50)


async def test_a_contributor_sets_no_indicator(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    for caller in (Person(joint.partner), machine_of("dft")):
        with pytest.raises(NotYours):
            await measured(fact.id, caller)
        with pytest.raises(NotYours):
            await restated(fact.id, id_, caller, target=10)
    assert (await shown(fact.id)).target == 30


async def test_nothing_is_read_before_it_is_agreed(joint: Joint) -> None:
    fact = await joint.proposed()
    id_ = await measured(fact.id, joint.machine)
    with pytest.raises(WrongStage, match="from its agreement"):
        await read(fact.id, id_, joint.machine, 50)


async def test_a_target_that_moves_is_no_change_to_agree_to_and_stays_readable(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await restated(fact.id, id_, Person(joint.subject), target="20.50")

    after = await objective(fact.id)
    assert (after.stage, after.version) == (Stage.AGREED, fact.version)
    first, second = await queries.versions(fact.id, WHOLE, drafts=True, indicator=id_)
    assert first.says["target"] == "30"
    assert [(c.field, c.before, c.after) for c in second.changes] == [
        ("target", "30", "20.5")
    ]
    assert second.person is not None
    assert second.person.id == joint.subject


async def test_the_same_figures_written_otherwise_change_nothing(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await restated(fact.id, id_, joint.machine, target="30.000", baseline="6E+1")
    assert (await shown(fact.id)).version == 1


async def test_what_has_been_read_keeps_its_unit(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await restated(fact.id, id_, joint.machine, unit="weeks")
    await read(fact.id, id_, joint.machine, 50)
    with pytest.raises(BadIndicator, match="keep the unit") as refused:
        await restated(fact.id, id_, joint.machine, unit="days")
    assert [fault.pointer for fault in refused.value.faults] == ["#/unit"]
    await restated(fact.id, id_, joint.machine, unit="weeks", target=4)


async def test_an_indicator_of_another_objective_is_not_there(joint: Joint) -> None:
    one, other = await joint.agreed(), await joint.agreed()
    id_ = await measured(one.id, joint.machine)
    with pytest.raises(NotFound, match=f"no indicator {id_}"):
        await restated(other.id, id_, joint.machine)
    with pytest.raises(NotFound, match=f"no indicator {id_}"):
        await read(other.id, id_, joint.machine, 50)
    with pytest.raises(NotFound):
        await queries.readings(other.id, id_, WHOLE)


async def test_where_nothing_is_shared_any_more_nothing_is_read(joint: Joint) -> None:
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await shared_no_more()
    for caller in (joint.machine, Person(joint.partner)):
        with pytest.raises(NotShared, match="dft and hmt"):
            await read(fact.id, id_, caller, 50)
