"""A department thanks a contributor of another: once a quarter, on the record."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from service.access.rules import NotShared
from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.changes.tables import ChangeLog
from service.db import transaction
from service.db.reach import only, within_reach
from service.directory.rules import LineKind
from service.directory.tables import ReportingLine
from service.errors import NotFound
from service.objectives import actions
from service.objectives.content import Contributed
from service.objectives.presenting import Sight
from service.objectives.queries import objective
from service.objectives.recognition.actions import recognise
from service.objectives.recognition.rules import ThankedAlready, ThanksOwn
from service.objectives.rules import NotYours
from service.objectives.stages import WrongStage
from tests.factories import IN_THE_YEAR, LONG_AGO, sharing
from tests.objectives.assessing.assessed import (
    SUPPORTING,
    agreed,
    shared_out,
    told,
)
from tests.objectives.joint import Joint, shared_no_more
from tests.objectives.recognition.thanking import given, thank

NEXT = datetime(2026, 7, 1, 9, tzinfo=UTC)


async def test_a_department_thanks_a_contributor_of_another(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await thank(fact, joint.partner, joint.subject)

    (one,) = await given(fact)
    assert (one.id, one.organisation, one.contributor_organisation) == (
        new,
        "hmt",
        "dft",
    )
    assert one.contributor is not None
    assert one.person is not None
    assert (one.contributor.id, one.person.id) == (joint.partner, joint.subject)
    assert one.text == "The data came before we asked."
    assert await told("recognised") == {joint.partner}
    (entry,) = await AuditEntry.select().where(AuditEntry.entity_id == str(new))
    assert entry["action"] == "thank"
    assert "data came" not in str(entry)


async def test_every_party_hears_of_it_in_its_feed(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    now = await objective(fact.id)
    assert now.revision == fact.revision + 1
    rows = await ChangeLog.select().where(ChangeLog.version == now.revision)
    assert {row["organisation"] for row in rows} == {"hmt", "dft"}


@pytest.mark.parametrize("who", ["subject", "head"])
async def test_whoever_takes_part_or_manages_one_who_does_thanks(
    joint: Joint, who: str
) -> None:
    fact = await agreed(joint)
    people = {"subject": joint.subject, "head": joint.hmt.head}
    await thank(fact, joint.partner, people[who])
    assert len(await given(fact)) == 1


async def test_an_owner_who_contributes_nothing_thanks_too(joint: Joint) -> None:
    owner = joint.hmt.people[1]
    fact = await agreed(joint, owners=((owner,),))
    await thank(fact, joint.partner, owner)
    (one,) = await given(fact)
    assert one.organisation == "hmt"


async def test_the_partner_thanks_the_lead_as_well(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.subject, joint.dft.head)
    (one,) = await given(fact)
    assert (one.organisation, one.contributor_organisation) == ("dft", "hmt")


async def test_nobody_thanks_their_own_department(joint: Joint) -> None:
    fact = await agreed(joint)
    for person in (joint.partner, joint.dft.head):
        with pytest.raises(ThanksOwn):
            await thank(fact, joint.partner, person)
    assert await given(fact) == []


async def test_strangers_cannot_tell_that_it_exists(joint: Joint) -> None:
    fact = await agreed(joint)
    for stranger in (joint.moj.head, joint.hmt.people[1]):
        with pytest.raises(NotFound, match="No objective"):
            await thank(fact, joint.partner, stranger)
    with pytest.raises(NotFound, match="no contribution"):
        await recognise(
            fact.id,
            uuid4(),
            text="Thanks.",
            new=uuid4(),
            caller=Person(joint.subject),
            now=IN_THE_YEAR,
        )


async def test_a_functional_manager_sees_it_and_thanks_nobody(joint: Joint) -> None:
    fact = await agreed(joint)
    await ReportingLine.insert(
        ReportingLine(
            organisation="hmt",
            id=uuid4(),
            person=joint.subject,
            manager=joint.hmt.people[1],
            kind=LineKind.FUNCTIONAL,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )
    with pytest.raises(NotYours):
        await thank(fact, joint.partner, joint.hmt.people[1])


# Once a quarter.


async def test_a_department_thanks_once_a_quarter_whoever_asks(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    with pytest.raises(
        ThankedAlready, match=r"hmt .* 2026-04-01 to 2026-06-30.* from 2026-07-01"
    ):
        await thank(fact, joint.partner, joint.hmt.head)
    assert await told("recognised") == {joint.partner}

    await thank(fact, joint.partner, joint.hmt.head, at=NEXT)
    assert [each.quarter.month for each in await given(fact)] == [4, 7]


async def test_a_quarter_begins_at_midnight_in_london(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    before = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
    with pytest.raises(ThankedAlready):
        await thank(fact, joint.partner, joint.subject, at=before)
    await thank(fact, joint.partner, joint.subject, at=before.replace(hour=23))


async def test_another_department_another_contributor_and_another_objective_do_too(
    joint: Joint,
) -> None:
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    lawyer = joint.moj.people[0]
    third = Contributed("moj", lawyer, SUPPORTING, 10, "lawyers")
    fact = await agreed(joint, shared_out(joint, third))
    other = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    await thank(fact, joint.partner, lawyer)
    await thank(fact, lawyer, joint.subject)
    await thank(other, joint.partner, joint.subject)
    assert len(await given(fact)) == 3
    assert len(await given(other)) == 1


async def test_of_two_who_thank_at_once_one_does(committed: Joint) -> None:
    fact = await agreed(committed)
    ended = await asyncio.gather(
        thank(fact, committed.partner, committed.subject),
        thank(fact, committed.partner, committed.hmt.head),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in ended) == ["ThankedAlready", "UUID"]
    assert len(await given(fact)) == 1
    assert (await objective(fact.id)).revision == fact.revision + 1


# When, and among whom.


async def test_nobody_is_thanked_before_it_is_agreed_or_after_its_end(
    joint: Joint,
) -> None:
    early = await joint.proposed()
    with pytest.raises(WrongStage, match="proposed"):
        await thank(early, joint.partner, joint.subject)
    gone = await agreed(joint)
    await actions.withdraw(
        gone.id, reason="No need.", caller=joint.machine, now=IN_THE_YEAR
    )
    with pytest.raises(WrongStage, match="withdrawn"):
        await thank(gone, joint.partner, joint.subject)


async def test_while_nothing_is_shared_nobody_is_thanked(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    await shared_no_more()
    with pytest.raises(NotShared):
        await thank(fact, joint.subject, joint.dft.head)
    assert len(await given(fact)) == 1  # What was said stays readable.


async def test_another_organisations_machine_learns_of_nobody(joint: Joint) -> None:
    fact = await agreed(joint)
    await thank(fact, joint.partner, joint.subject)
    (one,) = await given(fact, Sight(frozenset({"hmt"}), {}))
    assert (one.contributor, one.text) == (None, None)
    assert one.person is not None
    (theirs,) = await given(fact, Sight(frozenset({"dft"}), {}))
    assert (theirs.person, theirs.text) == (None, "The data came before we asked.")
    assert theirs.contributor is not None


@pytest.mark.parametrize(("code", "rows"), [("hmt", 1), ("dft", 1), ("moj", 0)])
async def test_who_is_no_party_has_no_row(joint: Joint, code: str, rows: int) -> None:
    await thank(await agreed(joint), joint.partner, joint.subject)
    with within_reach(only([code])):
        async with transaction() as connection:
            found = await connection.fetch("SELECT FROM objective_recognition")
    assert len(found) == rows
