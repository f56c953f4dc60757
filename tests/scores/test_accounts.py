"""How scores add up, as it is kept: exactly, and out of sight."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.db import transaction
from service.db.reach import only, within_reach
from service.scores import actions
from service.scores.explained.tables import ScoreAccount
from service.scores.tables import Score, ScoreRun
from tests.factories import CLOSED, OPERATOR
from tests.scoring import EXPECTED, KEY, Scene, undone

LINES = ("service_average", "own_average", "rater_severity", "limited_evidence")
ADD = """
INSERT INTO score_account (run, record, service_average, own_average, rater_severity,
    limited_evidence, score, band)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def compute(scene: Scene, method: str = "mean") -> None:
    await actions.compute(
        scene.cycle, method=method, key=KEY, caller=OPERATOR, now=CLOSED
    )


async def kept(scene: Scene) -> dict[str, dict[str, Any]]:
    names = {on.id: name for name, on in scene.records.items()}
    return {names[row["record"]]: row for row in await ScoreAccount.select()}


@pytest.mark.parametrize("method", ["mean", "crossed"])
async def test_the_lines_of_everybody_with_a_number_sum_to_their_score(
    db: None, scene: Scene, method: str
) -> None:
    await compute(scene, method)
    names = {on.id: name for name, on in scene.records.items()}
    rows = {names[row["record"]]: row for row in await Score.select()}
    found = await kept(scene)
    for name, score in rows.items():
        if score["state"] == "published":
            row = found.pop(name)
            assert sum(row[line] for line in LINES) == pytest.approx(
                row["score"], abs=1e-9
            )
            assert float(score["value"]) == pytest.approx(
                25 * (row["score"] - 1), abs=0.05 + 1e-9
            )
            assert row["band"] is None
        elif score["state"] == "indicative":
            row = found.pop(name)
            assert [row[line] for line in LINES] == [None] * 4
            assert row["score"] is None
            assert row["band"] is not None
    assert found == {}
    assert {name: score["state"] for name, score in rows.items()} == {
        name: state for name, (state, _) in EXPECTED.items()
    }


async def test_computed_again_it_is_of_the_scores_that_stand(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    first = await kept(scene)
    await compute(scene)
    standing = {row["run"] for row in await Score.select()}
    rows = await ScoreAccount.select().where(ScoreAccount.run.is_in([*standing]))
    names = {on.id: name for name, on in scene.records.items()}
    again = {names[row["record"]]: row for row in rows}
    assert again.keys() == first.keys()
    for name, row in again.items():
        assert {**row, "run": None} == {**first[name], "run": None}


async def test_no_machine_sees_it(db: None, scene: Scene) -> None:
    await compute(scene)
    assert await ScoreAccount.count() > 0
    async with undone():
        with within_reach(only(scene.departments)):
            async with transaction() as connection:
                counted = await connection.fetchval("SELECT count(*) FROM score")
                seen = await connection.fetchval("SELECT count(*) FROM score_account")
    assert (counted > 0, seen) == (True, 0)


@pytest.mark.parametrize(
    ("account", "rule"),
    [
        ((3.5, 0.5, -0.1, -0.2, 3.70000001, None), "score_account_adds_up"),
        ((3.5, 0.5, -0.1, -0.2, float("nan"), None), "score_account_adds_up"),
        ((3.5, 0.5, -0.1, None, 3.9, None), "score_account_is_of_lines_or_a_band"),
        ((None,) * 6, "score_account_is_of_lines_or_a_band"),
        (
            (3.5, 0.5, -0.1, -0.2, 3.7, "clearly_above"),
            "score_account_is_of_lines_or_a_band",
        ),
    ],
)
async def test_the_database_refuses_what_does_not_add_up(
    db: None, scene: Scene, account: tuple[Any, ...], rule: str
) -> None:
    await compute(scene)
    run: UUID = (await ScoreRun.select())[0]["id"]
    nobody = scene.records["hmt-head"].id
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        async with transaction() as connection:
            await connection.execute(ADD, run, nobody, *account)
    assert refused.value.constraint_name == rule


@pytest.mark.parametrize(
    "statement",
    ["UPDATE score_account SET score = score", "DELETE FROM score_account"],
)
async def test_what_is_kept_is_never_changed(
    db: None, scene: Scene, statement: str
) -> None:
    await compute(scene)
    with pytest.raises(asyncpg.PostgresError):
        async with transaction() as connection:
            await connection.execute(statement)
