"""Who sees an objective, on which record it shows, and who worked with whom."""

from uuid import UUID, uuid4

import pytest

from service.directory.searching import Sight, search
from service.directory.tables import Posting
from service.errors import NotFound
from service.objectives import actions, queries
from service.objectives.collaborating import collaborators
from service.objectives.content import Contributed
from service.objectives.rules import ContributionRole
from service.objectives.tables import ObjectiveParty
from service.records.tables import AppraisalRecord
from tests.factories import (
    IN_THE_YEAR,
    YEAR,
    a_cycle,
    a_posting,
    record_of,
    sharing,
)
from tests.objectives.joint import Joint, agree


async def test_the_lead_and_every_contributor_are_party(joint: Joint) -> None:
    fact = await joint.drafted()
    rows = await ObjectiveParty.select().where(ObjectiveParty.objective == fact.id)
    assert sorted(row["organisation"] for row in rows) == ["dft", "hmt"]


async def test_the_records_department_stays_party_when_its_subject_has_moved(
    joint: Joint,
) -> None:
    today = IN_THE_YEAR.date()
    await Posting.update({Posting.valid_to: today}).where(
        Posting.person == joint.subject
    )
    await a_posting(joint.subject, "dft", since=today)
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    fact = await joint.proposed(
        [
            Contributed("dft", joint.subject, ContributionRole.LEAD, 60, "time"),
            Contributed("moj", joint.moj.people[0], ContributionRole.MAJOR, 40, "time"),
        ]
    )
    for organisation in ("hmt", "dft", "moj"):
        assert await queries.objective(fact.id, [organisation])


@pytest.mark.parametrize("organisations", [["hmt"], ["dft"], ["dft", "moj"], None])
async def test_a_party_sees_the_objective_whole(
    joint: Joint, organisations: list[str] | None
) -> None:
    fact = await joint.proposed()
    assert await queries.objective(fact.id, organisations) == fact


@pytest.mark.parametrize("organisations", [["moj"], [], ["DFT"], ["dft "]])
async def test_for_others_it_is_not_there(
    joint: Joint, organisations: list[str]
) -> None:
    fact = await joint.agreed()
    with pytest.raises(NotFound):
        await queries.objective(fact.id, organisations)
    assert await queries.objectives([fact.id], organisations) == []


async def of(person: UUID, cycle: UUID) -> list[UUID]:
    return await queries.ids_on_record((await record_of(person, cycle)).id)


async def test_it_shows_on_its_own_record_from_the_draft_on(joint: Joint) -> None:
    fact = await joint.drafted()
    assert await of(joint.subject, joint.on.cycle) == [fact.id]
    assert await of(joint.hmt.people[1], joint.on.cycle) == []


async def test_it_shows_on_a_contributors_record_once_it_is_agreed(
    joint: Joint,
) -> None:
    await joint.proposed()
    assert await of(joint.partner, joint.on.cycle) == []
    fact = await joint.agreed()
    assert await of(joint.partner, joint.on.cycle) == [fact.id]
    assert await of(joint.dft.people[1], joint.on.cycle) == []


async def test_it_shows_on_no_record_of_another_year(joint: Joint) -> None:
    await joint.agreed()
    following = (await a_cycle(YEAR + 1)).id
    await AppraisalRecord.insert(
        AppraisalRecord(
            organisation="dft",
            id=uuid4(),
            cycle=following,
            person=joint.partner,
            source="workday",
            external_id="next year",
            attached_at=IN_THE_YEAR,
            version=1,
        )
    )
    assert await of(joint.partner, following) == []
    assert await collaborators(following, [joint.subject]) == {}


async def test_contributors_to_an_agreed_objective_worked_with_each_other(
    joint: Joint,
) -> None:
    await joint.proposed()
    cycle, both = joint.on.cycle, [joint.subject, joint.partner]
    assert await collaborators(cycle, both) == {}

    fact = await joint.agreed()
    assert await collaborators(cycle, both) == {
        joint.subject: {joint.partner: fact.id},
        joint.partner: {joint.subject: fact.id},
    }
    assert await collaborators(cycle, [joint.dft.head]) == {}


async def test_partners_find_contributors_by_what_they_work_on(joint: Joint) -> None:
    """From the agreement on, by the parties alone; no more once it is withdrawn."""
    hmt = Sight(frozenset({"hmt"}), frozenset({"dft"}))
    moj = Sight(frozenset({"moj"}), frozenset({"dft"}))
    fact = await joint.proposed()
    assert await found("front door", hmt) == set()

    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(fact.id, person)
    assert {joint.subject, joint.partner} == await found("front door", hmt)
    assert await found("front door", moj) == set()

    await actions.withdraw(
        fact.id, reason="No need.", caller=joint.machine, now=IN_THE_YEAR
    )
    assert await found("front door", hmt) == set()


async def found(query: str, sight: Sight) -> set[UUID]:
    hits = await search(query, sight, IN_THE_YEAR.date(), limit=10)
    return {hit.person for hit in hits}
