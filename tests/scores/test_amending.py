"""A published score changes only when three raters did: never by one form."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from service.changes.tables import ChangeLog
from service.db import transaction
from service.feedback.tables import Answer
from service.scores import computing
from service.scores.actions import compute, publish
from service.scores.amending import amend
from service.scores.estimate import MEAN
from service.scores.rules import MethodChanged, NotPublished
from service.scores.tables import Score, ScoreRun
from service.scores.traces import amends, changed_raters
from service.scores.verifying import verify
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import EXPECTED, KEY, Scene

LATER = RELEASED + timedelta(days=30)
GIVEN = """
SELECT DISTINCT response FROM feedback_answer WHERE record = $1 ORDER BY response
"""
LEAVE = """
UPDATE posting SET valid_to = '2027-01-01' WHERE person = ANY ($1) AND valid_to IS NULL
"""


async def published(scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def amended(scene: Scene, now: datetime = LATER, **changes: Any) -> int:
    return await amend(scene.cycle, key=KEY, caller=OPERATOR, now=now, **changes)


async def change(scene: Scene, name: str, *places: int) -> None:
    """Change the forms in these places on somebody, as no route can."""
    on = scene.records[name].id
    async with transaction() as connection:
        forms = [row["response"] for row in await connection.fetch(GIVEN, on)]
    await Answer.update({Answer.value: 1}).where(
        Answer.response.is_in([forms[place] for place in places])
    )


async def leave(scene: Scene, raters: Collection[str]) -> None:
    """Have it found out that these had left before they were asked."""
    async with transaction() as connection:
        await connection.execute(LEAVE, [scene.people[name] for name in raters])


async def rows(scene: Scene) -> dict[str, dict[str, Any]]:
    return {scene.name_of(row["person"]): row for row in await Score.select()}


async def feed() -> list[tuple[UUID, int]]:
    found = await ChangeLog.select().where(ChangeLog.type == "score")
    return [(row["entity"], row["version"]) for row in found]


@pytest.mark.parametrize("places", [(0,), (5,), (1, 4)])
async def test_one_or_two_forms_change_nothing_that_anybody_sees(
    db: None, scene: Scene, places: tuple[int, ...]
) -> None:
    await published(scene)
    before = await rows(scene), await feed(), await ScoreRun.count()
    await change(scene, "hmt1", *places)
    assert await amended(scene) == 0
    assert (await rows(scene), await feed(), await ScoreRun.count()) == before


async def test_three_forms_make_a_new_version_of_that_score_alone(
    db: None, scene: Scene
) -> None:
    await published(scene)
    before = await rows(scene)
    await change(scene, "hmt3", 0, 2, 4)
    assert await amended(scene) == 1
    after = await rows(scene)
    mine = after.pop("hmt3")
    was = before.pop("hmt3")
    assert after == before
    assert mine["version"] == was["version"] + 1
    assert mine["value"] < was["value"]
    assert (mine["id"], mine["published_at"]) == (was["id"], RELEASED)
    assert mine["changed_at"] == LATER
    assert (mine["id"], mine["version"]) in await feed()
    assert len(await feed()) == len(EXPECTED) + 1


async def test_what_was_amended_comes_out_again(db: None, scene: Scene) -> None:
    """So does what was not, of the forms that it came from."""
    await published(scene)
    await leave(scene, ["dwp1", "dwp2", "moj1"])
    assert await amended(scene) > 0
    assert await ScoreRun.count() == 2
    assert (await verify(scene.cycle, key=KEY)).holds


async def test_amended_again_nothing_changes(db: None, scene: Scene) -> None:
    await published(scene)
    await change(scene, "hmt3", 0, 2, 4)
    await amended(scene)
    before = await rows(scene), await feed()
    assert await amended(scene, LATER + timedelta(days=1)) == 0
    assert (await rows(scene), await feed()) == before


async def test_changes_add_up_until_three_raters_changed_since_what_is_seen(
    db: None, scene: Scene
) -> None:
    await published(scene)
    await change(scene, "hmt3", 0)
    assert await amended(scene) == 0
    await change(scene, "hmt3", 0, 1)
    assert await amended(scene) == 0
    await change(scene, "hmt3", 5)
    assert await amended(scene) == 1
    await change(scene, "hmt3", 2, 3)  # Counted from the version seen by now.
    assert await amended(scene) == 0


async def test_raters_who_never_could_are_taken_out_when_they_are_three(
    db: None, scene: Scene
) -> None:
    await published(scene)
    await leave(scene, ["dwp1", "dwp2"])
    assert await amended(scene) == 0
    await leave(scene, ["moj1"])
    assert await amended(scene) == 5  # The newcomer's, with no number, reads the same.
    after = await rows(scene)
    changed = {name for name, row in after.items() if row["version"] == 2}
    assert changed == {"hmt1", "hmt2", "hmt3", "hmt4", "hmt5"}
    assert after["hmt1"]["state"] == "indicative"
    assert after["hmt1"]["reason"] == "below_minimum_raters"
    assert after["hmt1"]["value"] is None


async def test_who_did_not_count_when_it_was_published_never_counts_later(
    db: None, scene: Scene
) -> None:
    """Three forms too many: the day on which they were given is forgotten by then."""
    await leave(scene, ["dwp1", "dwp2", "moj1"])
    await published(scene)
    before = await rows(scene)
    async with transaction() as connection:
        await connection.execute(
            "UPDATE posting SET valid_to = NULL WHERE valid_to = '2027-01-01'"
        )
    assert await amended(scene) == 0
    assert await rows(scene) == before


async def test_stopped_between_two_batches_the_others_follow(
    db: None, scene: Scene
) -> None:
    """A batch that was committed has nothing left to change."""
    await published(scene)
    await leave(scene, ["dwp1", "dwp2", "moj1"])
    assert await amended(scene, at_once=2) == 5
    versions = [version for _, version in await feed()]
    assert versions.count(2) == 5
    assert await amended(scene) == 0


async def test_what_people_withheld_stays_withheld(db: None, scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO feedback_score_review VALUES ('hmt', $1, 'withhold', 'One.',"
            " 'tests', $2)",
            scene.records["hmt3"].id,
            CLOSED,
        )
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    before = (await rows(scene))["hmt3"]
    await change(scene, "hmt3", 0, 2, 4)
    assert await amended(scene) == 0
    assert (await rows(scene))["hmt3"] == before


async def test_before_it_is_published_there_is_nothing_to_amend(
    db: None, scene: Scene
) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    with pytest.raises(NotPublished, match="open"):
        await amended(scene)


async def test_another_formula_amends_nothing(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(scene)
    await change(scene, "hmt3", 0, 2, 4)
    before = await rows(scene)
    other = MappingProxyType({("mean", 1): replace(MEAN, digest="0" * 64)})
    monkeypatch.setattr(computing, "METHODS", other)
    with pytest.raises(MethodChanged, match="mean 1"):
        await amended(scene)
    assert await rows(scene) == before


ONE, TWO, SIX = (bytes([n]) * 16 for n in (1, 2, 6))


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ([], [], 0),
        ([ONE + TWO], [ONE + TWO], 0),
        ([ONE + TWO], [ONE + SIX], 1),
        ([ONE + TWO], [], 1),
        ([ONE + TWO], [TWO + TWO], 2),
        ([ONE + TWO, TWO + TWO], [SIX + TWO], 3),
        ([ONE + TWO, TWO + TWO, SIX + SIX], [ONE + ONE, TWO + ONE, SIX + ONE], 3),
    ],
)
def test_raters_are_counted_once_whether_theirs_came_went_or_changed(
    before: list[bytes], after: list[bytes], changed: int
) -> None:
    assert changed_raters(before, after) == changed_raters(after, before) == changed
    assert amends(before, after) == (changed >= 3)
