"""What every record's objectives were at an instant, whatever happened since."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID, uuid4

import numpy as np
import pytest

from service.auth.caller import Person
from service.objectives import actions
from service.objectives.agreement import actions as agreement
from service.objectives.content import Contributed
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Kind, OwnershipModel
from service.records.frameworks import load
from service.records.queries import RecordFact
from service.scores.composing.composite import Why, components
from service.scores.composing.loading import COARSE, assessed, compose, scale_of
from service.scores.composing.objective import Assessed
from service.scores.estimate import MEAN, Estimates, Forms
from tests.factories import (
    IN_THE_YEAR,
    a_cycle,
    a_department,
    record_of,
    sharing,
)
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    EXCEEDED,
    LEAD,
    MAJOR,
    MET,
    NOT_MET,
    SUPPORTING,
    agreed,
    assess,
    assess_part,
    countersign,
    object_to,
    part_of,
    shared_out,
)
from tests.objectives.joint import Joint, agree, change, stated
from tests.scores.composing.people import heard, unheard

LATER = AT_THE_END + timedelta(days=1)
FREE = OwnershipModel.VOLUNTARY_COORDINATION


async def of(joint: Joint, person: UUID, at: datetime = LATER) -> list[Assessed]:
    on = await record_of(person, joint.on.cycle)
    found = await assessed([on], at)
    return found[on.id]


async def signed(joint: Joint, fact: ObjectiveFact) -> None:
    new = await assess(fact, joint.hmt.head, EXCEEDED)
    await countersign(fact, new, joint.dft.head)


async def test_it_counts_on_the_record_of_everybody_who_takes_part(
    joint: Joint,
) -> None:
    fact = await agreed(joint, weight=40)
    await signed(joint, fact)
    (lead,), (major,) = [await of(joint, p) for p in (joint.subject, joint.partner)]
    assert (lead.objective, lead.title) == (fact.id, "One front door")
    assert (lead.role, major.role) == (LEAD, MAJOR)
    assert (lead.is_own, major.is_own) == (True, False)
    for each in (lead, major):
        assert each.counts
        assert (each.attainment, each.weight) == (EXCEEDED, 40)
        assert each.kind == Kind.DELIVERY_OBJECTIVE
    assert await of(joint, joint.dft.people[1]) == []
    assert await of(joint, joint.hmt.head) == []


async def test_attainment_stands_once_it_is_countersigned(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head, EXCEEDED)
    (waiting,) = await of(joint, joint.subject)
    assert (waiting.attainment, waiting.counts) == (None, True)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head, NOT_MET)
    (still,) = await of(joint, joint.partner)
    assert still.attainment is None
    await countersign(fact, new, joint.dft.head)
    (stands,) = await of(joint, joint.partner)
    assert stands.attainment == EXCEEDED


async def test_what_a_partner_objected_to_is_no_attainment(joint: Joint) -> None:
    fact = await agreed(joint)
    await object_to(fact, await assess(fact, joint.hmt.head), joint.dft.head)
    assert [e.attainment for e in await of(joint, joint.subject)] == [None]
    await signed(joint, fact)
    assert [e.attainment for e in await of(joint, joint.subject)] == [EXCEEDED]


async def test_an_earlier_instant_gives_what_there_was_then(joint: Joint) -> None:
    fact = await agreed(joint)
    before = await of(joint, joint.subject, AT_THE_END - timedelta(hours=1))
    await signed(joint, fact)
    assert await of(joint, joint.subject, AT_THE_END - timedelta(hours=1)) == before
    assert [each.attainment for each in before] == [None]
    assert [e.attainment for e in await of(joint, joint.subject)] == [EXCEEDED]
    assert await of(joint, joint.subject, IN_THE_YEAR - timedelta(hours=1)) == []


async def test_what_was_changed_since_is_not_read_back(joint: Joint) -> None:
    fact = await agreed(joint, weight=40)
    before = await of(joint, joint.partner, AT_THE_END)
    await actions.change(
        fact.id,
        stated(replace(fact.content, weight=80), fact.owning),
        reason="",
        caller=Person(joint.hmt.head),
        now=LATER,
        checked=None,
    )
    assert [each.weight for each in before] == [40]
    assert await of(joint, joint.partner, AT_THE_END) == before
    assert [each.weight for each in await of(joint, joint.partner, LATER)] == [80]


async def test_a_change_to_be_agreed_anew_does_not_take_it_off(joint: Joint) -> None:
    """Whoever fears an assessment could otherwise have it changed just before."""
    fact = await agreed(joint)
    fact = await change(fact, Person(joint.hmt.head), outcome="Something easier")
    assert fact.stage == "proposed"
    for person in (joint.subject, joint.partner):
        (each,) = await of(joint, person)
        assert (each.counts, each.attainment) == (True, None)


async def test_what_nobody_has_agreed_to_does_not_count(joint: Joint) -> None:
    await joint.drafted()
    assert await of(joint, joint.subject) == []
    await joint.proposed()
    (own,) = await of(joint, joint.subject)
    (theirs,) = await of(joint, joint.partner)
    assert (own.counts, theirs.counts) == (False, False)


async def test_whoever_is_asked_to_join_has_it_once_they_have_accepted(
    joint: Joint,
) -> None:
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    third = joint.moj.people[0]
    fact = await agreed(joint)
    parts = shared_out(joint, Contributed("moj", third, SUPPORTING, 10, "a court"))
    fact = await change(fact, Person(joint.hmt.head), contributions=tuple(parts))
    assert [each.counts for each in await of(joint, third)] == [False]
    assert [each.counts for each in await of(joint, joint.partner)] == [True]
    for person in (joint.subject, joint.hmt.head, joint.dft.head, joint.moj.head):
        fact = await agree(fact.id, person)
    assert fact.stage == "agreed"
    assert [each.counts for each in await of(joint, third)] == [True]


async def test_nor_does_what_was_withdrawn_or_left(joint: Joint) -> None:
    fact = await agreed(joint, ownership_model=FREE)
    part = part_of(fact, joint.partner)
    await agreement.leave(
        fact.id, part.id, reason="x", caller=Person(joint.dft.head), now=AT_THE_END
    )
    assert await of(joint, joint.partner) == []
    (own,) = await of(joint, joint.subject)
    assert own.counts
    (then,) = await of(joint, joint.partner, IN_THE_YEAR)
    assert then.counts
    await actions.withdraw(
        fact.id, reason="x", caller=Person(joint.hmt.head), now=AT_THE_END
    )
    assert await of(joint, joint.subject) == []
    assert len(await of(joint, joint.subject, IN_THE_YEAR)) == 1


async def test_an_owner_without_a_contribution_answers_for_it_all_the_same(
    joint: Joint,
) -> None:
    other = joint.dft.people[1]
    await agreed(
        joint,
        ownership_model=OwnershipModel.COLLECTIVE_ACCOUNTABILITY,
        owners=((joint.subject,), (other,)),
    )
    (each,) = await of(joint, other)
    assert (each.role, each.is_own, each.counts) == (None, False, True)


async def test_a_record_of_another_cycle_or_organisation_has_none_of_it(
    joint: Joint,
) -> None:
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    third = Contributed("moj", joint.moj.people[0], SUPPORTING, 10, "a court")
    fact = await agreed(joint, shared_out(joint, third))
    (each,) = await of(joint, joint.moj.people[0])
    assert (each.role, each.objective) == (SUPPORTING, fact.id)
    assert await of(joint, joint.moj.people[1]) == []
    assert await assessed([], LATER) == {}


ATTAINED = (MET, NOT_MET, EXCEEDED, MET, NOT_MET, EXCEEDED, MET, MET, EXCEEDED, NOT_MET)


async def ten_people() -> list[Joint]:
    """Each of ten leads an objective of their own with the same partner."""
    hmt = await a_department("hmt", len(ATTAINED))
    dft, moj = [await a_department(code, 1) for code in ("dft", "moj")]
    await sharing("hmt", "dft")
    opened = await a_cycle()
    found = []
    for person in hmt.people:
        one = replace(hmt, people=(person,))
        found.append(Joint(one, dft, moj, await record_of(person, opened.id)))
    return found


def forms_on(people: Sequence[RecordFact]) -> Estimates:
    """Three forms on each, of marks that differ between people."""
    marks = [2.0 + number / 5 for number in range(len(people)) for _ in range(3)]
    answers = [
        [mark + aside / 5] * 3
        for mark, aside in zip(marks, cycle((-1, 0, 1)), strict=False)
    ]
    return MEAN.estimate(
        Forms(
            person=np.array([str(on.id) for on in people for _ in range(3)]),
            rater=np.array([f"rater {number}" for number in range(len(marks))]),
            group=np.array(["dft"] * len(marks)),
            answers=np.array(answers),
        )
    )


async def test_both_are_composed_from_what_is_stored(
    at_the_end: None, db: None
) -> None:
    for joint, attainment in zip(found := await ten_people(), ATTAINED, strict=True):
        for each in (attainment, NOT_MET if attainment == NOT_MET else MET):
            fact = await agreed(joint)
            new = await assess(fact, joint.hmt.head, each)
            await countersign(fact, new, joint.dft.head)
    people = [joint.on for joint in found]
    estimates = forms_on(people)
    decided = {on.id: heard(50.0) for on in people} | {people[0].id: unheard()}
    framework = load("uk-scs-2025")

    everybody = {**decided, uuid4(): heard(50.0)}  # A tenth with a figure.

    composed = await compose(people, estimates, everybody, framework, LATER)

    mine = await assessed(people, LATER)
    scale = scale_of(estimates, everybody.values())
    assert composed == components(mine, decided, scale, framework)
    first, *others = [composed[on.id] for on in people]
    assert [part.value is None for part in first] == [True, False, True]
    assert first[2].reason == Why.PART_MISSING
    for feedback, objectives, both in others:
        assert feedback.value == 50.0
        assert objectives.value is not None
        assert both.value is not None
    values = {on.id: composed[on.id][1].value or 0 for on in people}
    of_met, of_not_met, of_exceeded = [values[on.id] for on in people[:3]]
    assert of_not_met < of_met < of_exceeded
    without = await compose(people, None, decided, framework, LATER)
    assert {parts[2].reason for parts in without.values()} == {Why.PART_MISSING}


def test_the_scale_is_of_the_whole_cycle() -> None:
    chance = np.random.default_rng(2)
    estimates = MEAN.estimate(
        Forms(
            person=np.repeat([f"{number:02}" for number in range(12)], 4),
            rater=np.array([f"rater {number}" for number in range(48)]),
            group=np.array(["dft"] * 48),
            answers=np.repeat(chance.uniform(1, 5, (12, 1)), 4, axis=0).clip(1, 4.5)
            + chance.uniform(0, 0.5, (48, 3)),
        )
    )
    scale = scale_of(estimates, [*[heard(50.0)] * 11, unheard()])
    assert scale.people == 11  # Who is shown a figure: nobody else is counted.
    assert scale.mean % COARSE == 0
    assert scale.mean == pytest.approx(25 * (estimates.cycle.mean - 1), abs=COARSE / 2)
    assert scale.deviation == pytest.approx(25 * estimates.cycle.person_variance**0.5)
