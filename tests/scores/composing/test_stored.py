"""What a computation stores of the parts, and that the database could not be told."""

import json
from typing import Any

from service.db import transaction
from service.scores.actions import compute
from service.scores.tables import Score
from tests.factories import CLOSED, OPERATOR
from tests.scoring import KEY, Scene

BETRAYS = """
SELECT count(*) FROM score WHERE value IS NULL AND jsonb_path_exists(components,
    '$[*] ? (@.name != "objectives" && (@.value != null || @.level != null))')
"""


async def test_every_row_has_its_parts_and_none_says_more_than_the_row(
    scene: Scene, db: None
) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    rows = await Score.select().where(Score.cycle == scene.cycle)
    assert len(rows) == len(scene.people)
    for row in rows:
        feedback, objectives, both = parts = _parts(row)
        assert [each["name"] for each in parts] == [
            "feedback",
            "objectives",
            "composite",
        ]
        for name in ("value", "low", "high"):
            shown = row[name] if row[name] is None else float(row[name])
            assert feedback[name] == shown
        assert (objectives["value"], objectives["coverage"]) == (None, 0.0)
        assert (both["value"], both["reason"]) == (None, "part_missing")
        assert both["coverage"] == (0.0 if row["value"] is None else 0.5)
    reasons = {scene.name_of(row["person"]): _parts(row)[1]["reason"] for row in rows}
    assert reasons["hmt1"] == "not_assessed"
    assert reasons["hmt-head"] == "no_objectives"
    async with transaction() as connection:
        assert await connection.fetchval(BETRAYS) == 0


def _parts(row: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(row["components"])
    return found
