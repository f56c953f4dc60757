"""What people do with an objective, what becomes of people, and what is left of it."""

from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.changes.tables import ChangeLog
from service.db import transaction
from service.directory.rules import LineKind, PostingKind
from service.directory.tables import Posting, ReportingLine
from service.jobs.rules import NoticeKind
from service.jobs.tables import StoredNotice
from service.objectives import actions
from service.objectives.agreement import actions as agreement
from service.objectives.agreement import disputing
from service.objectives.queries import ObjectiveFact
from service.objectives.stages import Outcome
from tests.factories import IN_THE_YEAR, LONG_AGO, a_line

TODAY = IN_THE_YEAR.date()


async def send_back(id_: UUID, person: UUID) -> ObjectiveFact:
    return await agreement.send_back(
        id_, reason="Too much.", caller=Person(person), now=IN_THE_YEAR
    )


async def dispute(id_: UUID, person: UUID, about: UUID | None = None) -> ObjectiveFact:
    return await disputing.dispute(
        id_,
        reason="Not ours.",
        contribution=about,
        caller=Person(person),
        now=IN_THE_YEAR,
    )


async def settle(
    id_: UUID, raised: UUID, person: UUID, outcome: Literal["kept", "dropped"]
) -> ObjectiveFact:
    return await disputing.settle(
        id_,
        raised,
        outcome=Outcome(outcome),
        reply="As we said.",
        caller=Person(person),
        now=IN_THE_YEAR,
    )


async def decline(id_: UUID, contribution: UUID, person: UUID) -> ObjectiveFact:
    return await agreement.decline(
        id_, contribution, reason="No room.", caller=Person(person), now=IN_THE_YEAR
    )


async def leave(id_: UUID, contribution: UUID, person: UUID) -> ObjectiveFact:
    return await agreement.leave(
        id_, contribution, reason="We move on.", caller=Person(person), now=IN_THE_YEAR
    )


async def withdraw(id_: UUID, person: UUID) -> ObjectiveFact:
    return await actions.withdraw(
        id_, reason="Overtaken.", caller=Person(person), now=IN_THE_YEAR
    )


async def a_functional_manager(person: UUID, manager: UUID, organisation: str) -> None:
    await ReportingLine.insert(
        ReportingLine(
            organisation=organisation,
            id=uuid4(),
            person=person,
            manager=manager,
            kind=LineKind.FUNCTIONAL,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )


async def a_new_manager(person: UUID, manager: UUID, organisation: str) -> None:
    """From today on somebody else is a person's line manager."""
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == person, ReportingLine.kind == LineKind.LINE
    )
    await a_line(person, manager, organisation, since=TODAY)


async def a_job_share(post: str, organisation: str, *people: UUID) -> None:
    """People who hold half of one post each, beside what they hold."""
    for person in people:
        await Posting.insert(
            Posting(
                organisation=organisation,
                id=uuid4(),
                person=person,
                grade="SCS2",
                title="Director",
                unit="Delivery",
                post_reference=post,
                fte=Decimal("0.5"),
                kind=PostingKind.JOB_SHARE,
                started_on=TODAY,
                valid_from=TODAY,
                valid_to=None,
            )
        )


async def left_yesterday(person: UUID) -> None:
    await Posting.update({Posting.valid_to: TODAY}).where(Posting.person == person)


async def feed_of(organisation: str) -> list[tuple[int, str]]:
    """The revision and the kind of each row in a department's feed of objectives."""
    rows = (
        await ChangeLog.select()
        .where(ChangeLog.organisation == organisation, ChangeLog.stream == "objectives")
        .order_by(ChangeLog.id)
    )
    return [(row["version"], row["op"]) for row in rows]


async def told_of(kind: NoticeKind) -> set[UUID]:
    """The people who were ever told this."""
    rows = await StoredNotice.select(StoredNotice.person).where(
        StoredNotice.kind == kind
    )
    return {row["person"] for row in rows}


async def execute(*statements: str) -> None:
    """Run SQL as the service's own role and check what is checked at commit."""
    async with transaction() as connection:
        for statement in (*statements, "SET CONSTRAINTS ALL IMMEDIATE"):
            await connection.execute(statement)
