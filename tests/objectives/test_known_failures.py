"""What existing systems get wrong about objectives, by the names of their failures.

"A parent goal that must belong to the same employee" is in test_alignment, "group goals
with exactly one owner" in test_owning.
"""

from service.auth.caller import Person
from service.objectives import queries
from service.objectives.collaborating import collaborators
from service.objectives.queries import ObjectiveFact
from service.objectives.stages import ContributionState, Stage
from service.objectives.tables import Agreement, Dispute, Version
from tests.factories import record_of
from tests.objectives.acting import a_new_manager, decline, dispute
from tests.objectives.asking import People
from tests.objectives.joint import Joint, agree, change


async def test_a_manager_change_that_silently_declines(joint: Joint) -> None:
    """Nothing that was asked, agreed or disputed is lost when managers change."""
    asked, agreed = await joint.proposed(), await joint.agreed()
    disputed = await dispute((await joint.agreed()).id, joint.dft.head)
    before = [await everything(fact) for fact in (asked, agreed, disputed)]
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")
    await a_new_manager(joint.subject, joint.hmt.people[1], "hmt")

    assert [await everything(fact) for fact in (asked, agreed, disputed)] == before
    for person in (joint.subject, joint.hmt.people[1], joint.dft.people[1]):
        asked = await agree(asked.id, person)
    assert asked.stage == Stage.AGREED


async def everything(fact: ObjectiveFact) -> list[object]:
    return [
        await queries.objective(fact.id),
        await Agreement.select().where(Agreement.objective == fact.id),
        await Dispute.select().where(Dispute.objective == fact.id),
    ]


async def test_a_colleague_means_the_same_department(joint: Joint) -> None:
    """Who worked with whom crosses departments, whatever the organisation chart."""
    await joint.agreed()
    found = await collaborators(joint.on.cycle, [joint.subject])
    assert {*found[joint.subject]} == {joint.partner}


async def test_missing_from_their_own_list_of_what_to_do(
    people: People, joint: Joint
) -> None:
    """Those of other departments find what waits for them on their own list."""
    fact = await joint.proposed()
    who = (joint.dft.head, "dft")
    waiting = await people.ask(who, "GET", "/v1/objectives?waiting=true")
    assert [each["id"] for each in waiting.json()] == [str(fact.id)]
    await agree(fact.id, joint.dft.head)
    waiting = await people.ask(who, "GET", "/v1/objectives?waiting=true")
    assert waiting.json() == []


async def test_no_decline(joint: Joint) -> None:
    """What somebody is asked to contribute can be declined, and then is not theirs."""
    fact = await joint.proposed()
    (theirs,) = [p for p in fact.contributions if p.organisation == "dft"]
    fact = await decline(fact.id, theirs.id, joint.dft.head)
    assert [p.state for p in fact.contributions if p.id == theirs.id] == [
        ContributionState.DECLINED
    ]
    record = await record_of(joint.partner, joint.on.cycle)
    assert await queries.ids_on_record(record.id) == []


async def test_an_agreement_that_outlives_what_was_agreed(joint: Joint) -> None:
    """What was agreed to is kept word for word, and stands for nothing else."""
    fact = await joint.agreed()
    fact = await change(fact, Person(joint.hmt.head), outcome="Something else")
    assert not any(part.agreed for part in fact.contributions)
    rows = await Agreement.select()
    said = {
        row["version"]: row["digest"]
        for row in await Version.select().where(Version.objective == fact.id)
    }
    assert {(row["objective_version"], row["digest"]) for row in rows} == {(1, said[1])}
    assert said[1] != said[2]
