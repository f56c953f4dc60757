"""Objectives at the end of their year, and those who assess them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.db import transaction
from service.directory.tables import ReportingLine
from service.jobs.tables import StoredNotice
from service.objectives import actions
from service.objectives.assessing import actions as assessing
from service.objectives.assessing.queries import assessments_of
from service.objectives.assessing.schemas import (
    AssessmentIn,
    AssessmentOut,
    AssessmentsOut,
    EvidenceIn,
)
from service.objectives.audience import needed_for, standing_of
from service.objectives.content import Contributed
from service.objectives.presenting import Sight
from service.objectives.queries import ContributionFact, ObjectiveFact, objective
from service.objectives.rules import ContributionRole
from service.records.combining import Attainment
from tests.factories import IN_THE_YEAR, a_line
from tests.objectives.joint import Joint, agree

BEGINS = datetime(2027, 3, 31, 23, tzinfo=UTC)
"""The end-year stage of the cycle: midnight of 1 April in London."""
AT_THE_END = datetime(2027, 4, 12, 9, tzinfo=UTC)
EVERYTHING = Sight(None, {})
NOT_MET, PARTLY_MET, MET, EXCEEDED, FAR_EXCEEDED = Attainment
LEAD, MAJOR, SUPPORTING = ContributionRole


async def agreed(
    joint: Joint, parts: Sequence[Contributed] = (), **other: Any
) -> ObjectiveFact:
    """An objective to which everybody has agreed, whoever that is."""
    made = await joint.drafted(parts, **other)
    fact = await actions.propose(made.id, caller=joint.machine, now=IN_THE_YEAR)
    standing = await standing_of([fact], IN_THE_YEAR.date())
    for person in {*needed_for(fact, standing).values()}:
        assert person is not None
        fact = await agree(fact.id, person)
    assert fact.stage == "agreed"
    return fact


async def assess(
    fact: ObjectiveFact,
    person: UUID,
    attainment: Attainment = MET,
    *,
    at: datetime = AT_THE_END,
    evidence: Sequence[EvidenceIn] = (),
) -> UUID:
    new = uuid4()
    await assessing.assess(
        fact.id,
        AssessmentIn(
            attainment=attainment,
            reasons="Forms are asked for once.",
            evidence=tuple(evidence),
        ),
        new=new,
        caller=Person(person),
        now=at,
    )
    return new


async def countersign(
    fact: ObjectiveFact, assessment: UUID, person: UUID, *, at: datetime = AT_THE_END
) -> None:
    await assessing.countersign(
        fact.id, assessment, comment="So it is.", caller=Person(person), now=at
    )


async def object_to(fact: ObjectiveFact, assessment: UUID, person: UUID) -> None:
    await assessing.object_to(
        fact.id,
        assessment,
        reason="Ours were asked for twice.",
        caller=Person(person),
        now=AT_THE_END,
    )


async def assess_part(
    fact: ObjectiveFact,
    part: ContributionFact,
    person: UUID,
    attainment: Attainment = MET,
    *,
    at: datetime = AT_THE_END,
) -> UUID:
    new = uuid4()
    await assessing.assess_contribution(
        fact.id,
        part.id,
        AssessmentIn(attainment=attainment, reasons="The data came in time."),
        new=new,
        caller=Person(person),
        now=at,
    )
    return new


def part_of(fact: ObjectiveFact, person: UUID) -> ContributionFact:
    (found,) = [part for part in fact.contributions if part.person == person]
    return found


async def listed(fact: ObjectiveFact, sight: Sight = EVERYTHING) -> AssessmentsOut:
    return (await assessments_of([fact.id], sight))[fact.id]


async def outcomes(fact: ObjectiveFact) -> list[AssessmentOut]:
    return (await listed(fact)).outcome


async def stage_of(fact: ObjectiveFact) -> str:
    return (await objective(fact.id)).stage


async def managed_by(
    person: UUID, manager: UUID, organisation: str, *, since: date
) -> None:
    """Give somebody another line manager from a day on."""
    await ReportingLine.update({ReportingLine.valid_to: since}).where(
        ReportingLine.person == person, ReportingLine.valid_to.is_null()
    )
    await a_line(person, manager, organisation, since=since)


async def told(kind: str) -> set[UUID]:
    """Who was told of one kind of thing."""
    people: list[UUID] = (
        await StoredNotice.select(StoredNotice.person)
        .where(StoredNotice.kind == kind)
        .output(as_list=True)
    )
    return {*people}


def shared_out(joint: Joint, *more: Contributed) -> list[Contributed]:
    """The two usual contributions and more, which take from the lead's share."""
    lead, partner = joint.parts()
    rest = lead.share - sum(part.share for part in more)
    return [replace(lead, share=rest), partner, *more]


async def statements(sql: str, *arguments: object) -> None:
    """Run SQL as the service's own role would, past every rule in Python."""
    async with transaction() as connection:
        await connection.execute(sql, *arguments)
