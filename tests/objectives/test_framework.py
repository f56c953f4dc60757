"""Weights, elements and minimum standards, held to the framework of the cycle."""

from datetime import date
from typing import Any

import pytest

from service.objectives import queries
from service.objectives.drafting import BadEnd, UnknownStandard
from service.objectives.rules import BadKind, Kind
from service.records.tables import Cycle
from service.records.weights import (
    HeavierThanHeaviest,
    UnknownElement,
    WeightsOverWhole,
)
from tests.objectives.acting import withdraw
from tests.objectives.joint import Joint, propose

MOST, LEAST = "results-driven", "building-coalitions"


@pytest.fixture
async def weighed(joint: Joint) -> Joint:
    """The same year, under a framework whose elements weigh."""
    await Cycle.update({Cycle.framework: "us-ses-2012"}, force=True)
    return joint


async def test_weights_of_elements_sum_to_the_whole_of_the_record(
    weighed: Joint,
) -> None:
    first = await weighed.drafted(element=MOST, weight=60)
    await weighed.drafted(element=LEAST, weight=30)
    with pytest.raises(WeightsOverWhole, match="sum to 101") as refused:
        await weighed.drafted(element=LEAST, weight=11)
    assert refused.value.faults[0].pointer == "#/weight"
    await weighed.drafted(element=LEAST, weight=10)
    with pytest.raises(WeightsOverWhole):
        await weighed.changed(first, weight=61)
    changed = await weighed.changed(first, weight=55)  # Its own old weight is gone.
    assert changed.content.weight == 55
    weights = await queries.weights_on(weighed.on.id, without=None)
    assert {element: sorted(each) for element, each in weights.items()} == {
        MOST: [55],
        LEAST: [10, 30],
    }


async def test_what_was_withdrawn_weighs_nothing(weighed: Joint) -> None:
    first = await weighed.drafted(element=MOST, weight=90)
    with pytest.raises(WeightsOverWhole):
        await weighed.drafted(element=MOST, weight=11)
    await withdraw(first.id, weighed.hmt.head)
    assert await weighed.drafted(element=MOST, weight=100)


async def test_no_element_outweighs_the_heaviest(weighed: Joint) -> None:
    await weighed.drafted(element=MOST, weight=20)
    with pytest.raises(HeavierThanHeaviest):
        await weighed.drafted(element=LEAST, weight=21)


@pytest.mark.parametrize(
    "other",
    [
        {"element": "charm", "weight": 10},
        {"element": "charm"},  # Though it weighs nothing.
        {"weight": 10},  # Of which element?
    ],
)
async def test_an_element_that_the_framework_does_not_have_is_refused(
    weighed: Joint, other: dict[str, Any]
) -> None:
    with pytest.raises(UnknownElement) as refused:
        await weighed.drafted(**other)
    assert refused.value.faults[0].pointer == "#/element"


async def test_a_framework_without_elements_has_weights_all_the_same(
    joint: Joint,
) -> None:
    await joint.drafted(weight=60)
    with pytest.raises(WeightsOverWhole):
        await joint.drafted(weight=41)
    with pytest.raises(UnknownElement, match="leave the element out"):
        await joint.drafted(weight=10, element=MOST)


async def test_a_minimum_standard_is_one_of_the_frameworks_and_weighs_nothing(
    joint: Joint,
) -> None:
    gate = Kind.MINIMUM_STANDARD
    assert await joint.drafted(kind=gate, standard="cross-system-leadership")
    with pytest.raises(UnknownStandard, match="finance, cross-system-leadership") as no:
        await joint.drafted(kind=gate, standard="charm")
    assert no.value.faults[0].pointer == "#/standard"
    with pytest.raises(BadKind):
        await joint.drafted(kind=gate, standard="finance", weight=10)
    with pytest.raises(BadKind):
        await joint.drafted(standard="finance")


async def test_it_does_not_end_before_its_cycle_begins(joint: Joint) -> None:
    with pytest.raises(BadEnd, match="before the cycle begins on 2026-04-01"):
        await joint.drafted(ends_on=date(2026, 3, 31))
    outlives = await joint.drafted(ends_on=date(2029, 3, 31))
    assert (await propose(outlives.id, joint.machine)).content.ends_on
