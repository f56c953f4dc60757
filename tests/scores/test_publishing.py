"""Publication batch by batch: what appeared is whole, what has not is unseen."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from service.changes.tables import ChangeLog
from service.db import transaction
from service.feedback.closing import release
from service.feedback.tables import FeedbackWindow
from service.hr import queries as hr
from service.records.queries import cycle_of
from service.records.tables import AppraisalRecord
from service.scores import publishing
from service.scores.actions import compute
from service.scores.publishing import publish
from service.scores.rules import AlreadyPublished, InputsChanged
from service.scores.saving import AT_ONCE
from service.scores.tables import Score, ScoreRun
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import EXPECTED, KEY, SIZES, Scene

ALL = len(EXPECTED)


class Stopped(Exception):
    """Stands for whatever ends the process between two batches."""


async def computed(scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)


async def publish_and_stop(scene: Scene, *, at: int) -> None:
    """Publish three rows at a time until `at` are published, then no further."""

    def stop(_: str, done: int, total: int) -> None:
        assert total == ALL
        if done >= at:
            raise Stopped

    with pytest.raises(Stopped):
        await publish(
            scene.cycle,
            key=KEY,
            caller=OPERATOR,
            now=RELEASED,
            at_once=3,
            progress=stop,
        )


async def told(type_: str) -> list[tuple[Any, ...]]:
    rows = await ChangeLog.select().where(ChangeLog.type == type_)
    assert {row["stream"] for row in rows} <= {"scores"}
    return [(r["organisation"], r["entity"], r["version"], r["op"]) for r in rows]


async def published(scene: Scene) -> list[tuple[Any, ...]]:
    rows = await Score.select().where(Score.published_at.is_not_null())
    return [(r["organisation"], r["id"], r["version"], "upsert") for r in rows]


async def state_of(scene: Scene) -> str:
    state: str = (await cycle_of(scene.cycle))["state"]
    return state


@pytest.mark.parametrize("at", [3, 6, 15, ALL])
async def test_a_row_and_its_row_in_the_feed_appear_together(
    db: None, scene: Scene, at: int
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=at)
    appeared = await published(scene)
    assert len(appeared) == at
    assert Counter(appeared) == Counter(await told("score"))


async def test_until_the_last_batch_the_cycle_is_publishing_and_no_feed_says_otherwise(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=ALL)
    assert await state_of(scene) == "publishing"
    assert await told("published") == []


async def test_what_has_not_appeared_is_seen_by_no_hr_system(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=6)
    seen = await hr.scores([*SIZES], "https://joinedup.example", limit=100)
    assert {each.id for each in seen} == {id_ for _, id_, *_ in await published(scene)}
    assert len(seen) == 6
    hidden = await Score.select(Score.id).where(Score.published_at.is_null())
    for row in hidden:
        asked = await hr.scores([*SIZES], "https://joinedup.example", score=row["id"])
        assert asked == []


async def test_feedback_is_released_before_the_first_score_appears(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=1)
    (window,) = await FeedbackWindow.select()
    assert window["released_at"] == RELEASED


@pytest.mark.parametrize("at", [1, 7, ALL])
async def test_what_was_stopped_goes_on_and_doubles_nothing(
    db: None, scene: Scene, at: int
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=at)
    before = await published(scene)
    later = RELEASED + timedelta(hours=1)

    counts = await publish(scene.cycle, key=KEY, caller=OPERATOR, now=later)

    assert sum(counts.values()) == ALL
    assert await state_of(scene) == "published"
    assert set(before) <= set(await published(scene))
    assert Counter(await told("score")) == Counter(await published(scene))
    (window,) = await FeedbackWindow.select()
    assert window["released_at"] == RELEASED
    kept = await Score.count().where(Score.published_at == RELEASED)
    assert kept == len(before)


async def test_one_event_for_each_organisation_closes_it(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    version = (await cycle_of(scene.cycle))["version"]
    assert sorted(await told("published")) == [
        (code, scene.cycle, version, "upsert") for code in sorted(SIZES)
    ]
    rows = await ChangeLog.select(ChangeLog.type).order_by(ChangeLog.id)
    assert [row["type"] for row in rows if row["type"] in {"score", "published"}] == [
        *["score"] * ALL,
        *["published"] * len(SIZES),
    ]


async def test_a_batch_that_fails_leaves_neither_rows_nor_feed(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=6)
    before = (await published(scene), await told("score"))

    async def fail(*_: object, **__: object) -> None:
        raise Stopped

    monkeypatch.setattr(publishing, "note", fail)
    with pytest.raises(Stopped):
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED, at_once=3)
    assert (await published(scene), await told("score")) == before


async def test_a_batch_without_its_feed_would_be_found(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin of publishing: it shows rows and tells nobody."""
    await computed(scene)

    async def forget(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr(publishing, "note", forget)
    await publish_and_stop(scene, at=6)
    assert Counter(await published(scene)) != Counter(await told("score"))


async def test_while_publishing_nothing_is_computed(db: None, scene: Scene) -> None:
    await computed(scene)
    await publish_and_stop(scene, at=3)
    before = (await Score.select().order_by(Score.id), await ScoreRun.count())
    with pytest.raises(AlreadyPublished, match="publishing"):
        await computed(scene)
    assert (await Score.select().order_by(Score.id), await ScoreRun.count()) == before


async def test_the_last_of_two_who_publish_at_once_does_no_harm(
    db: None, scene: Scene
) -> None:
    """As if the other had finished between our last batch and our closing."""
    await computed(scene)
    await publish_and_stop(scene, at=ALL)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    counts = await publishing._finish(scene.cycle, caller=OPERATOR, now=RELEASED)
    assert sum(counts.values()) == ALL
    assert len(await told("published")) == len(SIZES)


async def test_a_record_attached_since_is_computed_before_anything_is_published(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    on = scene.records["hmt1"]
    await AppraisalRecord.insert(
        AppraisalRecord(
            organisation="hmt",
            id=uuid4(),
            cycle=scene.cycle,
            person=on.person,
            source="sap",
            external_id="late",
            attached_at=CLOSED,
            version=1,
        )
    )
    with pytest.raises(InputsChanged, match="scores compute --cycle") as refused:
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    assert refused.value.status == 409
    assert await state_of(scene) == "open"
    await computed(scene)
    counts = await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    assert sum(counts.values()) == ALL + 1


LEAVES = """
UPDATE posting SET valid_to = '2027-01-01' WHERE person = $1 AND valid_to IS NULL
"""


async def test_a_rater_found_not_to_count_since_is_left_out_of_the_score_as_well(
    db: None, scene: Scene
) -> None:
    """What is released and what is scored rest on the same forms."""
    await computed(scene)
    async with transaction() as connection:
        await connection.execute(LEAVES, scene.people["dwp1"])
    with pytest.raises(InputsChanged):
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    (window,) = await FeedbackWindow.select()
    assert window["released_at"] is None
    await computed(scene)
    counts = await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    assert sum(counts.values()) == ALL


async def test_feedback_that_was_released_by_its_schedule_is_no_hindrance(
    db: None, scene: Scene
) -> None:
    await computed(scene)
    await release(scene.cycle, caller=OPERATOR, now=RELEASED)
    counts = await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    assert sum(counts.values()) == ALL


def test_a_batch_is_no_more_than_the_feed_takes_at_once() -> None:
    assert AT_ONCE == 500
