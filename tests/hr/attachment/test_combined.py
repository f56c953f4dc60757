"""What a record's own objectives combine to, through the rows that are stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from service.hr.attachment.queries import attachment
from service.hr.attachment.schemas import AttachmentOut, CombinedOut
from service.objectives import actions, queries
from service.objectives.rules import Kind
from service.records.actions import open_cycle
from service.records.combining import Attainment, Reason
from service.records.framework_parts import Weighted
from service.records.queries import RecordFact
from service.records.weights import Standing
from tests.conftest import ISSUER
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    YEAR,
    a_department,
    record_of,
    sharing,
)
from tests.objectives.assessing.assessed import (
    EXCEEDED,
    FAR_EXCEEDED,
    MET,
    NOT_MET,
    agreed,
    assess,
    assess_part,
    countersign,
    part_of,
)
from tests.objectives.joint import Joint, machine_of
from tests.records.parts import BY_RATING, US


@pytest.fixture
async def under(db: None, request: pytest.FixtureRequest) -> Joint:
    """Departments whose cycle has the framework of the test's parameter."""
    hmt, dft, moj = [await a_department(code, 2) for code in ("hmt", "dft", "moj")]
    await sharing("hmt", "dft")
    opened = await open_cycle(request.param, YEAR, caller=OPERATOR, now=IN_THE_YEAR)
    return Joint(hmt, dft, moj, await record_of(hmt.people[0], opened.id))


async def shown_on(on: RecordFact) -> AttachmentOut:
    hr = machine_of(on.organisation)
    return await attachment(on, hr, ISSUER, IN_THE_YEAR.date())


async def combined_on(on: RecordFact) -> CombinedOut:
    return (await shown_on(on)).combined


def framework(code: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("under", [code], indirect=True)


async def assessed(joint: Joint, attainment: Attainment | None, **says: Any) -> UUID:
    """An objective on the record, agreed, and assessed unless there is no rating."""
    fact = await agreed(joint, **says)
    if attainment is not None:
        new = await assess(fact, joint.hmt.head, attainment)
        await countersign(fact, new, joint.dft.head)
    return fact.id


async def rated(
    joint: Joint, weights: Mapping[str, int], ratings: Mapping[str, int | None]
) -> None:
    """One objective for each element; the heaviest comes first, as it must."""
    for element in sorted(weights, key=lambda each: -weights[each]):
        rating = ratings[element]
        await assessed(
            joint,
            BY_RATING[rating] if rating else None,
            element=element,
            weight=weights[element],
        )


assert isinstance(US.combination, Weighted)
assert US.combination.worked_example is not None
WEIGHTS = US.combination.worked_example.weights
RATINGS: dict[str, int | None] = {**US.combination.worked_example.ratings}


@framework("us-ses-2012")
async def test_the_example_that_the_us_published_comes_out_of_stored_objectives(
    under: Joint,
) -> None:
    await rated(under, WEIGHTS, RATINGS)
    combined = await combined_on(under.on)
    assert (combined.score, combined.level) == (400, "L4")
    assert (combined.assessed, combined.of, combined.reason) == (5, 5, None)


@framework("us-ses-2012")
async def test_each_element_says_what_it_weighs_and_how_it_stands(under: Joint) -> None:
    await rated(under, WEIGHTS, dict.fromkeys(WEIGHTS))
    elements = (await shown_on(under.on)).elements
    assert {each.element: each.weight for each in elements} == WEIGHTS
    assert {each.standing for each in elements} == {Standing.WITHIN}
    assert {each.minimum for each in elements} == {5, 20}


@framework("us-ses-2012")
async def test_an_element_without_an_objective_is_below(under: Joint) -> None:
    heavy, *rest = sorted(WEIGHTS, key=lambda each: -WEIGHTS[each])
    await rated(under, {heavy: WEIGHTS[heavy]}, {heavy: None})
    elements = {each.element: each for each in (await shown_on(under.on)).elements}
    assert elements[heavy].weight == WEIGHTS[heavy]
    assert {elements[name].weight for name in rest} == {0}
    assert {elements[name].standing for name in rest} == {Standing.BELOW}


@framework("us-ses-2012")
async def test_two_fives_and_a_missing_part_do_not_become_3_33(under: Joint) -> None:
    heavy, light, *_ = sorted(WEIGHTS, key=lambda each: -WEIGHTS[each])
    await rated(under, WEIGHTS, dict.fromkeys(WEIGHTS) | {heavy: 5, light: 5})
    combined = await combined_on(under.on)
    assert (combined.score, combined.level) == (None, None)
    assert combined.reason is Reason.NOT_ASSESSED
    assert (combined.assessed, combined.of) == (2, 5)


@framework("us-ses-2012")
async def test_nothing_counts_before_it_is_countersigned(under: Joint) -> None:
    await rated(under, WEIGHTS, RATINGS | {"leading-change": None})
    (waiting,) = [
        fact for fact in await all_on(under) if fact.content.element == "leading-change"
    ]
    await assess(waiting, under.hmt.head, BY_RATING[4])
    combined = await combined_on(under.on)
    assert (combined.score, combined.reason) == (None, Reason.NOT_ASSESSED)
    assert combined.missing == ["One front door"]


async def all_on(joint: Joint) -> list[queries.ObjectiveFact]:
    ids = await queries.ids_on_record(joint.on.id)
    return await queries.objectives(ids, None)


@framework("uk-scs-2025")
async def test_a_standard_not_met_is_a_gate(under: Joint) -> None:
    await assessed(under, FAR_EXCEEDED)
    await assessed(under, NOT_MET, kind=Kind.MINIMUM_STANDARD, standard="finance")
    combined = await combined_on(under.on)
    assert combined.decided_by == ["finance"]
    assert combined.level == "partially-met"


@framework("uk-scs-2025")
async def test_past_the_gate_a_named_human_judges(under: Joint) -> None:
    await assessed(under, FAR_EXCEEDED)
    await assessed(under, MET, kind=Kind.MINIMUM_STANDARD, standard="finance")
    combined = await combined_on(under.on)
    assert (combined.level, combined.reason) == (None, Reason.A_NAMED_HUMAN_JUDGES)


@framework("au-aps-ses")
async def test_of_two_elements_the_lower_decides(under: Joint) -> None:
    await assessed(under, FAR_EXCEEDED, element="outcomes")
    await assessed(under, MET, element="behaviours")
    combined = await combined_on(under.on)
    assert (combined.attainment, combined.decided_by) == (MET, ["behaviours"])


@framework("au-aps-ses")
async def test_one_of_the_two_alone_decides_nothing(under: Joint) -> None:
    await assessed(under, EXCEEDED, element="outcomes")
    combined = await combined_on(under.on)
    assert (combined.attainment, combined.reason) == (None, Reason.NOT_ASSESSED)
    assert combined.missing == ["behaviours"]


@framework("uk-scs-2025")
async def test_only_the_records_own_objectives_count(under: Joint) -> None:
    fact = await agreed(under)
    new = await assess(fact, under.hmt.head, FAR_EXCEEDED)
    await countersign(fact, new, under.dft.head)
    await assess_part(fact, part_of(fact, under.partner), under.dft.head, NOT_MET)

    theirs = await record_of(under.partner, fact.cycle)
    assert (await combined_on(theirs)).reason is Reason.NOTHING_TO_COMBINE
    assert (await combined_on(under.on)).assessed == 1


@framework("uk-scs-2025")
async def test_a_draft_is_the_managers_alone_and_what_is_withdrawn_is_gone(
    under: Joint,
) -> None:
    await assessed(under, MET)
    await under.drafted(title="A secret plan")
    gone = await agreed(under)
    await actions.withdraw(
        gone.id, reason="No need.", caller=under.machine, now=IN_THE_YEAR
    )
    combined = await combined_on(under.on)
    assert (combined.assessed, combined.of, combined.missing) == (1, 1, [])
