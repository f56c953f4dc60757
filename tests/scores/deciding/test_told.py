"""Who is told that something waits for them, once, and by when."""

from datetime import date

import pytest

from service.jobs.rules import NoticeKind
from service.jobs.tables import StoredNotice
from service.scores.deciding.telling import ask_for_decisions
from tests.factories import RELEASED
from tests.scores.deciding.scored import (
    ABOVE,
    COUNTERSIGNS,
    HR,
    MANAGER,
    REJECTED,
    REPORT,
    SUBJECT,
    Callers,
    Scored,
)

SETTLE = {ABOVE, COUNTERSIGNS, HR, REPORT}
"""`report` is told since they administer HR, and is refused should they try."""


async def told(scored: Scored, kind: NoticeKind) -> list[str]:
    names = {person: name for name, person in scored.people.items()}
    rows = await StoredNotice.select().where(StoredNotice.kind == kind)
    assert {row["about"] for row in rows} <= {*scored.scores.values()}
    return sorted(names[row["person"]] for row in rows)


async def test_the_manager_is_told_of_each_number_to_decide_on_once(
    db: None, scored: Scored
) -> None:
    for _ in range(2):
        await ask_for_decisions(scored.cycle, now=RELEASED)
    assert await told(scored, NoticeKind.SCORE_DECISION_WANTED) == [MANAGER]
    (row,) = await StoredNotice.select().where(
        StoredNotice.person == scored.people[MANAGER]
    )
    assert row["about"] == scored.scores[SUBJECT]  # Of those with a number, published.


async def test_who_has_decided_is_not_asked_again(callers: Callers) -> None:
    await callers.decided()
    await ask_for_decisions(callers.scored.cycle, now=RELEASED)
    assert await told(callers.scored, NoticeKind.SCORE_DECISION_WANTED) == []


async def test_the_subject_is_told_of_every_decision(callers: Callers) -> None:
    await callers.decided()
    await callers.decided(**REJECTED)
    await callers.decided(**REJECTED)
    assert await told(callers.scored, NoticeKind.SCORE_DECIDED) == [SUBJECT] * 2


async def test_whoever_may_settle_an_appeal_is_told_by_when(callers: Callers) -> None:
    await callers.decided()
    await callers.appealed()
    assert await told(callers.scored, NoticeKind.SCORE_APPEALED) == sorted(SETTLE)
    rows = await StoredNotice.select().where(
        StoredNotice.kind == NoticeKind.SCORE_APPEALED
    )
    assert {row["due_on"] for row in rows} == {date(2027, 4, 29)}
    work = {row["person"]: row["organisation"] for row in rows}
    people = callers.scored.people
    assert work[people[ABOVE]] == "dwp"
    assert work[people[HR]] == "hmt"


@pytest.mark.parametrize("outcome", ["uphold", "partly_uphold", "dismiss"])
async def test_both_are_told_what_came_of_it(callers: Callers, outcome: str) -> None:
    await callers.decided()
    await callers.settled(await callers.appealed(), outcome)
    found = await told(callers.scored, NoticeKind.SCORE_APPEAL_SETTLED)
    assert found == sorted([MANAGER, SUBJECT])
    wanted = await told(callers.scored, NoticeKind.SCORE_DECISION_WANTED)
    assert wanted == ([] if outcome == "dismiss" else [MANAGER])


async def test_those_who_waited_to_settle_are_told_that_it_was_withdrawn(
    callers: Callers,
) -> None:
    await callers.settled(await callers.appealed(), "withdraw")
    found = await told(callers.scored, NoticeKind.SCORE_APPEAL_WITHDRAWN)
    assert found == sorted(SETTLE)
