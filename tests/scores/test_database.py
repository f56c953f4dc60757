"""What the database itself refuses, whoever writes."""

import asyncpg
import pytest

from service.db import transaction
from service.scores.actions import compute, publish
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import KEY, Scene

NUMBER = "value = 50, low = 40, high = 60, raters = '5-7', reliability = 0.7"


async def write(sql: str, scene: Scene, name: str) -> str:
    async with transaction() as connection:
        return await connection.execute(sql, scene.people[name])


async def computed(scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)


@pytest.mark.parametrize("name", ["hmt5", "hmt6", "newcomer"])
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (f"{NUMBER}, reason = NULL", "score_number_only_when_published"),
        ("value = 0", "score_number_only_when_published"),
        ("raters = '3-4'", "score_number_only_when_published"),
        ("reliability = 0.5", "score_number_only_when_published"),
        ("reason = NULL", "score_reason_when_no_number"),
        ("state = 'published'", "score_number_only_when_published"),
        ("state = 'splendid'", "score_state_is_known"),
        ("reason = 'because'", "score_reason_is_known"),
    ],
)
async def test_who_has_no_number_is_given_none_by_hand(
    db: None, scene: Scene, name: str, change: str, rule: str
) -> None:
    await computed(scene)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await write(f"UPDATE score SET {change} WHERE person = $1", scene, name)  # noqa: S608 - ours
    assert refused.value.constraint_name == rule


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("value = NULL, components = NULL", "score_number_only_when_published"),
        ("low = NULL", "score_number_only_when_published"),
        ("high = value - 1", "score_within_scale"),
        ("low = value + 1", "score_within_scale"),
        ("high = 101", "score_within_scale"),
        ("low = -1", "score_within_scale"),
        ("reason = 'low_reliability'", "score_reason_when_no_number"),
        ("state = 'insufficient'", "score_number_only_when_published"),
        ("band = 'excellent'", "score_band_is_known"),
        ("confidence = 'sure'", "score_confidence_is_known"),
    ],
)
async def test_a_number_stands_whole_within_its_interval(
    db: None, scene: Scene, change: str, rule: str
) -> None:
    await computed(scene)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await write(f"UPDATE score SET {change} WHERE person = $1", scene, "hmt2")  # noqa: S608 - ours
    assert refused.value.constraint_name == rule


PUBLISHED_ROW = [
    "UPDATE score SET value = value + 0.1 WHERE person = $1",
    "UPDATE score SET published_at = NULL, version = version + 1 WHERE person = $1",
    "UPDATE score SET id = gen_random_uuid(), version = version + 1 WHERE person = $1",
    "UPDATE score SET version = version - 1 WHERE person = $1",
    "DELETE FROM score WHERE person = $1",
]


@pytest.mark.parametrize("sql", PUBLISHED_ROW)
async def test_a_published_row_is_neither_changed_nor_deleted(
    db: None, scene: Scene, sql: str
) -> None:
    await computed(scene)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await write(sql, scene, "hmt2")
    assert refused.value.constraint_name == "score_published_once"


async def test_a_published_row_changes_as_a_new_version(db: None, scene: Scene) -> None:
    await computed(scene)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    sql = "UPDATE score SET value = low, version = version + 1 WHERE person = $1"
    assert await write(sql, scene, "hmt2") == "UPDATE 1"


@pytest.mark.parametrize(
    "sql", ["UPDATE score_run SET parameters = '{}'", "DELETE FROM score_run"]
)
async def test_a_run_stays_as_it_was(db: None, scene: Scene, sql: str) -> None:
    await computed(scene)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction() as connection:
            await connection.execute(sql)
