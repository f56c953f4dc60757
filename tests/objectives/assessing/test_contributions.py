"""Each contribution, assessed by the contributor's own line manager."""

from datetime import date, timedelta

import pytest

from service.auth.caller import Person
from service.db import transaction
from service.directory.tables import Posting
from service.errors import NotFound
from service.objectives import actions
from service.objectives.agreement import disputing
from service.objectives.assessing.queries import assessments_of
from service.objectives.assessing.rules import AssessmentDisputed, TooEarlyToAssess
from service.objectives.presenting import Sight
from service.objectives.rules import Kind, NotYours
from service.objectives.stages import WrongStage
from service.records.combining import StandardIsNotRated
from service.records.exposure import working_days
from tests.factories import LONG_AGO, a_posting
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    BEGINS,
    EVERYTHING,
    EXCEEDED,
    MET,
    PARTLY_MET,
    agreed,
    assess,
    assess_part,
    countersign,
    listed,
    managed_by,
    part_of,
)
from tests.objectives.joint import Joint

FIRST, AFTER = date(2026, 4, 1), date(2027, 4, 1)


async def test_each_is_assessed_by_the_contributors_own_manager(joint: Joint) -> None:
    fact = await agreed(joint)
    lead, partner = part_of(fact, joint.subject), part_of(fact, joint.partner)
    await assess_part(fact, lead, joint.hmt.head, EXCEEDED)
    await assess_part(fact, partner, joint.dft.head, PARTLY_MET)

    found = (await listed(fact)).contributions
    assert [(each.organisation, each.attainment, each.current) for each in found] == [
        ("dft", PARTLY_MET, True),
        ("hmt", EXCEEDED, True),
    ]
    assert [each.person and each.person.id for each in found] == [
        joint.dft.head,
        joint.hmt.head,
    ]


async def test_nobody_else_assesses_it(joint: Joint) -> None:
    fact = await agreed(joint)
    partner = part_of(fact, joint.partner)
    for person in (joint.hmt.head, joint.subject, joint.partner):
        with pytest.raises(NotYours):
            await assess_part(fact, partner, person)
    with pytest.raises(NotFound):
        await assess_part(fact, partner, joint.moj.head)
    assert (await listed(fact)).contributions == []


async def test_a_contribution_of_another_objective_is_not_there(joint: Joint) -> None:
    one, other = await agreed(joint), await agreed(joint)
    with pytest.raises(NotFound, match="no contribution"):
        await assess_part(one, part_of(other, joint.partner), joint.dft.head)


async def test_it_is_replaced_until_the_objective_is_closed_and_all_are_kept(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    partner = part_of(fact, joint.partner)
    await assess_part(fact, partner, joint.dft.head, PARTLY_MET)
    await countersign(fact, await assess(fact, joint.hmt.head), joint.dft.head)
    await assess_part(fact, partner, joint.dft.head, MET)

    await actions.close(fact.id, caller=joint.machine, now=AT_THE_END)
    with pytest.raises(WrongStage, match="closed"):
        await assess_part(fact, partner, joint.dft.head, EXCEEDED)

    found = (await listed(fact)).contributions
    assert [(each.number, each.attainment, each.current) for each in found] == [
        (1, PARTLY_MET, False),
        (2, MET, True),
    ]


async def test_a_new_manager_replaces_it_and_the_old_ones_words_stay_theirs(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    partner = part_of(fact, joint.partner)
    await assess_part(fact, partner, joint.dft.head, PARTLY_MET)
    today = AT_THE_END.date()
    await managed_by(joint.partner, joint.dft.people[1], "dft", since=today)
    await assess_part(fact, partner, joint.dft.people[1], MET)

    found = (await listed(fact)).contributions
    assert [each.person and each.person.id for each in found] == [
        joint.dft.head,
        joint.dft.people[1],
    ]


async def test_it_waits_for_the_years_end_too(joint: Joint) -> None:
    fact = await agreed(joint)
    early = BEGINS - timedelta(seconds=1)
    with pytest.raises(TooEarlyToAssess):
        await assess_part(fact, part_of(fact, joint.partner), joint.dft.head, at=early)


async def test_it_waits_for_a_dispute_to_be_settled(joint: Joint) -> None:
    fact = await agreed(joint)
    await disputing.dispute(
        fact.id,
        reason="Not ours.",
        contribution=None,
        caller=Person(joint.subject),
        now=AT_THE_END,
    )
    with pytest.raises(AssessmentDisputed):
        await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)


async def test_a_contribution_to_a_standard_is_not_rated(joint: Joint) -> None:
    fact = await agreed(joint, kind=Kind.MINIMUM_STANDARD, standard="finance")
    with pytest.raises(StandardIsNotRated):
        await assess_part(fact, part_of(fact, joint.partner), joint.dft.head, EXCEEDED)


# Exposure.


async def moved(joint: Joint, on: date) -> None:
    """The partner goes from dft to moj."""
    await Posting.update({Posting.valid_to: on}).where(Posting.person == joint.partner)
    await a_posting(joint.partner, "moj", since=on)


async def test_who_moved_in_mid_year_has_an_episode_for_each_posting(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    on = date(2026, 11, 23)
    await moved(joint, on)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)

    (found,) = (await listed(fact)).contributions
    assert found.episodes is not None
    assert [(e.organisation, e.start, e.end) for e in found.episodes] == [
        ("dft", FIRST, on),
        ("moj", on, AFTER),
    ]
    assert [e.working_days for e in found.episodes] == [
        working_days(FIRST, on),
        working_days(on, AFTER),
    ]
    assert found.exposure_days == 261


async def test_two_postings_at_once_count_once(joint: Joint) -> None:
    fact = await agreed(joint)
    await a_posting(joint.partner, "moj", since=LONG_AGO, fte="0.5")
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    (found,) = (await listed(fact)).contributions
    assert found.episodes is not None
    assert len(found.episodes) == 2
    assert found.exposure_days == 261


async def test_exposure_stays_as_it_was_when_the_postings_are_corrected(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    before = await listed(fact)
    await moved(joint, date(2026, 11, 23))
    assert await listed(fact) == before


async def test_days_to_come_are_no_exposure(joint: Joint) -> None:
    last = date(2026, 7, 31)
    fact = await agreed(joint, ends_on=last)
    at = AT_THE_END.replace(year=2026, month=8, day=3)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head, at=at)

    (found,) = (await listed(fact)).contributions
    assert found.exposure_days == working_days(FIRST, date(2026, 8, 4))


# Who reads it.


async def test_what_tells_of_a_person_is_not_shown_to_another_organisation(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)

    (theirs,) = (await listed(fact, Sight(frozenset({"hmt"}), {}))).contributions
    assert (theirs.organisation, theirs.capacity) == ("dft", "contributor_manager")
    hidden = (theirs.person, theirs.reasons, theirs.evidence, theirs.episodes)
    assert hidden == (None, None, None, None)
    assert (theirs.attainment, theirs.exposure_days) == (None, None)

    (own,) = (await listed(fact, Sight(frozenset({"dft"}), {}))).contributions
    assert own.person is not None
    assert (own.person.id, own.reasons) == (joint.dft.head, "The data came in time.")
    assert (own.attainment, own.exposure_days) == (MET, 261)
    assert own.episodes


async def test_many_objectives_are_read_in_one_statement(joint: Joint) -> None:
    facts = [await agreed(joint) for _ in range(3)]
    for fact in facts:
        await countersign(fact, await assess(fact, joint.hmt.head), joint.dft.head)
        await assess_part(fact, part_of(fact, joint.partner), joint.dft.head)
    for some in (facts[:1], facts):
        said: list[str] = []
        async with transaction() as connection:
            with connection.query_logger(lambda one, said=said: said.append(one.query)):
                found = await assessments_of([each.id for each in some], EVERYTHING)
        assert [len(each.contributions) for each in found.values()] == [1] * len(some)
        assert sum("SELECT" in each for each in said) == 1
