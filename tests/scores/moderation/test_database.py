"""What the database itself refuses, whoever writes."""

from uuid import uuid4

import asyncpg
import pytest

from service.db import transaction
from tests.scores.moderation.sitting import WHY, YEAR_END, House, judged

JUDGED = """
INSERT INTO manager_judgement (organisation, id, record, stage, number, level, reason,
    subject, manager, judged_at)
VALUES ('hmt', $1, $2, 'end_year', $3, 'achieving', $4, $5, $6, $7)
"""


async def insert(
    house: House, *, number: int = 1, reason: str = WHY, manager: str = "s1"
) -> None:
    async with transaction() as connection:
        await connection.execute(
            JUDGED,
            uuid4(),
            house.records["p1"].id,
            number,
            reason,
            house.people["p1"],
            house.people[manager],
            YEAR_END,
        )


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"number": 0}, "manager_judgement_counts"),
        ({"reason": "  "}, "manager_judgement_says_why"),
        ({"manager": "p1"}, "manager_judgement_is_of_another"),
    ],
)
async def test_a_judgement_by_hand_keeps_the_rules(
    db: None, house: House, wrong: dict[str, str], rule: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await insert(house, **wrong)  # type: ignore[arg-type] # by name
    assert refused.value.constraint_name == rule


async def test_one_of_two_judgements_at_once_is_kept(db: None, house: House) -> None:
    await insert(house)
    with pytest.raises(asyncpg.UniqueViolationError):
        await insert(house)


@pytest.mark.parametrize(
    "sql", ["UPDATE manager_judgement SET level = 'x'", "DELETE FROM manager_judgement"]
)
async def test_what_was_judged_stands(db: None, house: House, sql: str) -> None:
    await judged(house, "p1", "achieving")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction() as connection:
            await connection.execute(sql)


async def test_an_overall_panel_is_of_no_part(db: None, house: House) -> None:
    for level, grade in (("overall", "SCS1"), ("local", None)):
        with pytest.raises(asyncpg.CheckViolationError) as refused:
            async with transaction() as connection:
                await connection.execute(
                    "INSERT INTO moderation_panel (organisation, id, cycle, level,"
                    " grade, opened_by, opened_at) VALUES ('hmt', $1, $2, $3, $4, $5,"
                    " $6)",
                    uuid4(),
                    house.cycle,
                    level,
                    grade,
                    house.people["hr"],
                    YEAR_END,
                )
        assert refused.value.constraint_name == "moderation_panel_overall_is_of_all"
