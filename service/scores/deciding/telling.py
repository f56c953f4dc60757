"""Tell those who wait: for a score to decide on, for a decision, for an answer.

The law: a notice says what waits for somebody, and never who did what, or why.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access.queries import grants
from service.access.rules import Role
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_managers_on, postings_on
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind
from service.scores.deciding.case import Case

UNDECIDED: Final = """
SELECT s.id, s.run, s.person FROM score s
WHERE s.cycle = $1 AND s.published_at IS NOT NULL AND s.state = 'published'
    AND NOT EXISTS (SELECT FROM score_decision d
        WHERE d.score = s.id AND d.run = s.run)
ORDER BY s.id
"""


async def ask_for_decisions(cycle: UUID, *, now: datetime) -> None:
    """Tell line managers of the published numbers they are to decide on, once each."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(UNDECIDED, cycle)
            managers = await line_managers_on([r["person"] for r in rows], now.date())
            working = await _working(set(managers.values()), now.date())
            wanted = [
                (managers[row["person"]], row["id"], f"{row['id']}:{row['run']}")
                for row in rows
                if managers.get(row["person"]) in working
            ]
            kind = NoticeKind.SCORE_DECISION_WANTED
            await tell(
                [
                    Notice(manager, working[manager], kind, score, key)
                    for manager, score, key in wanted
                ],
                now=now,
            )


async def _working(people: Collection[UUID], day: date) -> dict[UUID, str]:
    """Return where people work, of those who are in post."""
    held = await postings_on(people, day)
    return {person: posting.organisation for person, posting in held.items()}


async def tell_people(
    case: Case,
    people: Collection[UUID | None],
    kind: NoticeKind,
    key: str,
    *,
    due_on: date | None = None,
) -> None:
    """Add a notice for each of these who is in post, but not for whoever acts."""
    wanted = {person for person in people if person} - {case.caller.id}
    case.notices += [
        Notice(person, organisation, kind, case.fact.id, key, due_on=due_on)
        for person, organisation in (await _working(wanted, case.day)).items()
    ]


async def tell_settlers(
    case: Case, kind: NoticeKind, key: str, *, due_on: date | None = None
) -> None:
    """Add a notice for everybody who may settle an appeal.

    HR administrators are told where they are that, wherever they are in post.
    """
    managers = case.around.settlers
    await tell_people(case, managers, kind, key, due_on=due_on)
    here = case.fact.organisation
    administrators = {
        grant["person"]
        for grant in await grants(case.day)
        if (grant["organisation"], grant["role"]) == (here, Role.HR_ADMINISTRATOR)
    }
    case.notices += [
        Notice(person, here, kind, case.fact.id, key, due_on=due_on)
        for person in administrators - case.around.barred - managers
    ]
