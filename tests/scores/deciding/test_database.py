"""What the database itself holds, whoever writes."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.db import Connection, transaction
from service.db.reach import only, within_reach
from tests.factories import RELEASED
from tests.scores.deciding.scored import ABOVE, MANAGER, SUBJECT, Callers, Scored
from tests.scoring import undone

DECIDE = """
INSERT INTO score_decision (organisation, id, score, run, number, subject, outcome,
    reason, band, note, decided_by, works_in, capacity, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'hmt', $12, $13)
"""
APPEAL = """
INSERT INTO score_appeal (organisation, id, score, run, number, subject, decision,
    reason, lodged_at, due_at, state)
VALUES ('hmt', $1, $2, $3, $4, $3, $5, 'Why.', $6::timestamptz,
    $6::timestamptz + interval '1 day', 'open')
"""


@pytest.fixture
async def connection(db: None) -> AsyncIterator[Connection]:
    async with transaction() as opened:
        yield opened


async def decide(connection: Connection, scored: Scored, **other: Any) -> UUID:
    """Write a decision as it could be; `other` makes it one that could not."""
    says: dict[str, Any] = {
        "organisation": "dwp",  # The database puts this right, and the next two.
        "id": uuid4(),
        "score": scored.scores[SUBJECT],
        "run": uuid4(),
        "number": 1,
        "subject": scored.people[MANAGER],
        "outcome": "accept",
        "reason": None,
        "band": None,
        "note": None,
        "decided_by": scored.people[MANAGER],
        "capacity": "line_manager",
        "decided_at": RELEASED,
    } | other
    async with undone() if other else transaction():
        await connection.execute(DECIDE, *says.values())
    return UUID(str(says["id"]))


async def test_it_knows_itself_whose_score_is_decided_on(
    connection: Connection, scored: Scored
) -> None:
    await decide(connection, scored)
    row = await connection.fetchrow("SELECT * FROM score_decision")
    score = await connection.fetchrow(
        "SELECT * FROM score WHERE id = $1", scored.scores[SUBJECT]
    )
    assert row is not None
    assert score is not None
    assert row["organisation"] == "hmt"
    assert (row["subject"], row["run"]) == (score["person"], score["run"])


@pytest.mark.parametrize(
    ("other", "held"),
    [
        ({"outcome": "raise", "reason": "So."}, "score_decision_outcome_is_known"),
        ({"outcome": "reject"}, "score_decision_has_reason"),
        ({"reason": "  "}, "score_decision_says_why"),
        ({"outcome": "amend", "reason": "Low."}, "score_decision_amends_in_words"),
        ({"note": "Higher."}, "score_decision_amends_in_words"),
        ({"capacity": "hr_administrator"}, "score_decision_capacity_is_known"),
        ({"number": 0}, "score_decision_counts"),
    ],
)
async def test_it_refuses_a_decision_that_could_not_be(
    connection: Connection, scored: Scored, other: dict[str, Any], held: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await decide(connection, scored, **other)
    assert refused.value.constraint_name == held


async def test_it_refuses_a_subject_who_decides(
    connection: Connection, scored: Scored
) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="is_another_s"):
        await decide(connection, scored, decided_by=scored.people[SUBJECT])


async def test_it_refuses_a_decision_on_what_is_not_published(
    connection: Connection, scored: Scored
) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        await decide(connection, scored, score=scored.scores["hmt4"])


@pytest.mark.parametrize(
    "verb", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
async def test_a_decision_is_never_changed(
    connection: Connection, scored: Scored, verb: str
) -> None:
    await decide(connection, scored)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with undone():
            await connection.execute(verb.format("score_decision"))


async def appeal(
    connection: Connection, scored: Scored, *, decision: UUID | None, number: int = 1
) -> UUID:
    new = uuid4()
    score, other = scored.scores[SUBJECT], scored.people[MANAGER]
    await connection.execute(APPEAL, new, score, other, number, decision, RELEASED)
    return new


async def test_whoever_decided_cannot_settle_in_the_database_either(
    connection: Connection, scored: Scored
) -> None:
    made = await decide(connection, scored)
    await appeal(connection, scored, decision=made)
    for name in (MANAGER, SUBJECT):
        with pytest.raises(asyncpg.CheckViolationError, match="settled_by_another"):
            async with undone():
                await settle(connection, scored.people[name])
    await settle(connection, scored.people[ABOVE])
    assert await connection.fetchval("SELECT state FROM score_appeal") == "upheld"


async def settle(connection: Connection, person: UUID) -> None:
    await connection.execute(
        "UPDATE score_appeal SET state = 'upheld', settled_by = $1, works_in = 'dwp',"
        " capacity = 'next_above', answer = 'Yes.', ended_at = $2",
        person,
        RELEASED,
    )


@pytest.mark.parametrize(
    "change",
    [
        "state = 'upheld', ended_at = lodged_at",
        "state = 'withdrawn'",
        "ended_at = lodged_at",
        "answer = 'Yes.'",
    ],
)
async def test_an_appeal_ends_whole_or_not_at_all(
    connection: Connection, scored: Scored, change: str
) -> None:
    await appeal(connection, scored, decision=None)
    with pytest.raises(asyncpg.CheckViolationError):
        async with undone():
            await connection.execute(f"UPDATE score_appeal SET {change}")  # noqa: S608 - our own


@pytest.mark.parametrize(
    "change",
    ["reason = 'Other.'", "due_at = due_at + interval '1 day'", "decision = id"],
)
async def test_what_an_appeal_says_is_never_changed(
    connection: Connection, scored: Scored, change: str
) -> None:
    await appeal(connection, scored, decision=None)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
        async with undone():
            await connection.execute(f"UPDATE score_appeal SET {change}")  # noqa: S608 - our own


async def test_an_appeal_that_has_ended_ends_not_again(
    connection: Connection, scored: Scored
) -> None:
    await appeal(connection, scored, decision=None)
    await settle(connection, scored.people[ABOVE])
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="ends once"):
        async with undone():
            await settle(connection, scored.people[ABOVE])


async def test_one_appeal_is_open_at_a_time_in_the_database_too(
    connection: Connection, scored: Scored
) -> None:
    await appeal(connection, scored, decision=None)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_is_open"):
        async with undone():
            await appeal(connection, scored, decision=None, number=2)


@pytest.mark.parametrize(("code", "seen"), [("hmt", 1), ("dwp", 0)])
async def test_an_hr_system_s_transaction_sees_its_own_organisation_s(
    callers: Callers, code: str, seen: int
) -> None:
    await callers.decided()
    await callers.appealed()
    with within_reach(only([code])):
        async with transaction() as connection:
            for table in ("score_decision", "score_appeal"):
                count = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own
                assert await connection.fetchval(count) == seen
