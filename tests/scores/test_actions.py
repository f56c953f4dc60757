"""Computing a cycle's scores once its window has closed, and publishing them once."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from service.db import transaction
from service.feedback.rules import NotOpen, NotYetReleased
from service.feedback.tables import Answer, FeedbackRequest, FeedbackWindow
from service.records.queries import cycle_of, instants
from service.scores import actions, computing
from service.scores.actions import AlreadyPublished, NotComputed, UnknownMethod
from service.scores.composing.method import COMPOSITE
from service.scores.estimate import MEAN, Estimates, Forms
from service.scores.tables import Score, ScoreRun
from service.scores.verifying import Report, verify
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import EXPECTED, KEY, REPLIES, Scene

TICK = timedelta(microseconds=1)
COUNTS = {"indicative": 2, "insufficient": 6, "not_eligible": 1, "published": 8}
FIGURES = ("value", "low", "high", "band", "reliability", "confidence", "raters")


async def compute(scene: Scene, **changes: Any) -> dict[str, int]:
    asked = {"method": None, "key": KEY, "caller": OPERATOR, "now": CLOSED, **changes}
    return await actions.compute(scene.cycle, **asked)


async def publish(scene: Scene, now: datetime = RELEASED) -> dict[str, int]:
    return await actions.publish(scene.cycle, key=KEY, caller=OPERATOR, now=now)


async def rows(scene: Scene) -> dict[str, dict[str, Any]]:
    return {scene.name_of(row["person"]): row for row in await Score.select()}


def told(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows without what names the run itself."""
    own = {"id", "run", "changed_at"}
    return {
        name: {key: value for key, value in row.items() if key not in own}
        for name, row in found.items()
    }


async def test_nothing_is_computed_before_the_window_closes(
    db: None, scene: Scene
) -> None:
    closes_at = (await instants(scene.cycle))["feedback_closes"]
    with pytest.raises(NotOpen) as refused:
        await compute(scene, now=closes_at - TICK)
    assert refused.value.status == 409
    assert closes_at.isoformat() in str(refused.value)
    assert (await Score.count(), await ScoreRun.count()) == (0, 0)
    assert await compute(scene, now=closes_at) == COUNTS


async def test_everybody_stands_where_their_forms_put_them(
    db: None, scene: Scene
) -> None:
    assert await compute(scene) == COUNTS
    found = await rows(scene)
    assert {n: (row["state"], row["reason"]) for n, row in found.items()} == EXPECTED


async def test_missing_is_never_zero(db: None, scene: Scene) -> None:
    await compute(scene)
    for row in (await rows(scene)).values():
        figures = [row[name] for name in (*FIGURES, "explanation")]
        if row["state"] == "published":
            assert None not in figures
        else:
            assert figures == [None] * 8


async def test_who_is_rated_higher_stands_higher(db: None, scene: Scene) -> None:
    """hmt1, hmt2 and hmt3 have the same raters, a point apart."""
    await compute(scene)
    found = await rows(scene)
    low, middle, high = (found[name]["value"] for name in ("hmt1", "hmt2", "hmt3"))
    assert low + 20 < middle < high - 20


async def test_the_same_answers_in_another_order_give_the_same_rows_and_digest(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    first, digests = await rows(scene), [await _digest()]
    async with transaction() as connection:
        for table in ("feedback_answer", "feedback_rater"):
            await connection.execute(
                f"CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM {table};"  # noqa: S608 - ours
                f"DELETE FROM {table};"
                f"INSERT INTO {table} SELECT * FROM kept ORDER BY md5(kept::text);"
                "DROP TABLE kept"
            )
    await compute(scene, now=CLOSED + TICK)
    second, digests = await rows(scene), [*digests, await _digest()]
    assert told(first) == told(second)
    assert digests[0] == digests[1]


async def _digest() -> str:
    run = await ScoreRun.select().order_by(ScoreRun.computed_at, ascending=False)
    digest: str = run[0]["inputs_digest"]
    return digest


async def test_a_pseudonym_decides_no_score(db: None, scene: Scene) -> None:
    await compute(scene)
    first = await rows(scene)
    await compute(scene, key=b"another key", now=CLOSED + TICK)
    assert told(first) == told(await rows(scene))


async def test_computing_again_before_publication_replaces(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    before = await rows(scene)
    await Answer.update({Answer.value: 5}).where(
        Answer.record == scene.records["hmt1"].id
    )
    await compute(scene, now=CLOSED + TICK)
    after = await rows(scene)
    assert len(after) == len(EXPECTED)
    assert after["hmt1"]["value"] > before["hmt1"]["value"] + 20
    assert {n: row["id"] for n, row in after.items()} == {
        n: row["id"] for n, row in before.items()
    }
    assert len({row["run"] for row in after.values()}) == 1
    assert await ScoreRun.count() == 2


@pytest.mark.parametrize("times", range(4))
async def test_what_is_computed_twice_at_one_instant_can_be_published(
    db: None, scene: Scene, times: int
) -> None:
    """As with JOINEDUP_NOW; runs have random ids, so chance is tried four times."""
    await compute(scene)
    await compute(scene)
    assert await publish(scene) == COUNTS


async def test_a_computation_keeps_all_it_was_made_with(db: None, scene: Scene) -> None:
    await compute(scene)
    (run,) = await ScoreRun.select()
    assert (run["method"], run["method_version"]) == ("mean", 1)
    assert run["method_digest"] == MEAN.digest
    parameters = json.loads(run["parameters"])
    composite = parameters.pop("composite")
    assert parameters == json.loads(json.dumps({**MEAN.parameters}))
    assert (composite["version"], composite["digest"]) == (1, COMPOSITE.digest)
    found = json.loads(run["estimates"])
    assert found["mean"] == pytest.approx(3.1, abs=0.5)
    assert set(found["variances"]) == {"person", "residual"}
    assert found["severity_share"] is None  # Only `crossed` tells raters apart.
    assert (found["people"], found["forms"]) == (
        13,
        sum(map(len, REPLIES.values())) - 1,
    )
    assert (found["components"], found["not_comparable"]) == (1, 0)


async def test_the_other_method_can_be_asked_for_and_comes_out_again(
    db: None, scene: Scene
) -> None:
    counts = await compute(scene, method="crossed")
    assert sum(counts.values()) == len(EXPECTED)
    (run,) = await ScoreRun.select()
    assert (run["method"], run["method_version"]) == ("crossed", 1)
    found = json.loads(run["estimates"])
    assert set(found["variances"]) == {
        "person", "rater", "rater_group", "form", "residual",
    }  # fmt: skip
    assert await verify(scene.cycle, key=KEY) == Report(len(EXPECTED), [], [])
    again = await compute(scene, method="crossed", now=CLOSED + TICK)
    assert (again, await ScoreRun.count()) == (counts, 1)


async def test_a_method_that_knows_too_little_gives_a_reason_and_no_number(
    db: None, scene: Scene
) -> None:
    """One form a person: nobody's severity can be told from anybody's merit."""
    async with transaction() as connection:
        await connection.execute(
            "DELETE FROM feedback_answer a WHERE response <> (SELECT min(b.response"
            "::text)::uuid FROM feedback_answer b WHERE b.record = a.record)"
        )
    await compute(scene, method="crossed")
    for row in (await rows(scene)).values():
        assert [row[name] for name in (*FIGURES, "explanation")] == [None] * 8
        assert row["reason"] is not None


class Disconnected:
    """Method `mean`, for which the first person may not be set beside the others."""

    def __init__(self) -> None:
        self.person = ""

    def __call__(self, forms: Forms) -> Estimates:
        found = MEAN.estimate(forms)
        self.person = str(found.person[found.forms >= 5][0])
        return replace(found, comparable=found.person != self.person)


async def test_who_is_not_connected_has_no_number_and_the_reason(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = Disconnected()
    methods = MappingProxyType({("mean", 1): replace(MEAN, estimate=apart)})
    monkeypatch.setattr(computing, "METHODS", methods)
    await compute(scene)
    for name, row in (await rows(scene)).items():
        alone = str(row["record"]) == apart.person
        if EXPECTED[name] == ("published", None):
            expected = (
                ("insufficient", "not_connected") if alone else ("published", None)
            )
            assert (row["state"], row["reason"]) == expected
            assert (row["value"] is None) == alone


async def test_an_unknown_method_is_refused_with_those_there_are(
    db: None, scene: Scene
) -> None:
    with pytest.raises(UnknownMethod, match="use: crossed 1, mean 1"):
        await compute(scene, method="median")
    assert await compute(scene, method="mean") == COUNTS


async def test_without_any_feedback_nobody_has_a_number(db: None, scene: Scene) -> None:
    await Answer.delete(force=True)
    assert await compute(scene) == {"insufficient": 16, "not_eligible": 1}
    assert await publish(scene) == {"insufficient": 16, "not_eligible": 1}


async def everything(scene: Scene) -> list[Any]:
    return [
        (await cycle_of(scene.cycle))["state"],
        await FeedbackWindow.select(),
        await FeedbackRequest.select().order_by(FeedbackRequest.id),
        await Score.select().order_by(Score.id),
    ]


async def test_nothing_is_published_before_its_instant(db: None, scene: Scene) -> None:
    await compute(scene)
    before = await everything(scene)
    releases_at = (await instants(scene.cycle))["feedback_releases"]
    with pytest.raises(NotYetReleased) as refused:
        await publish(scene, releases_at - TICK)
    assert releases_at.isoformat() in str(refused.value)
    assert await everything(scene) == before
    assert await publish(scene, releases_at) == COUNTS


async def test_what_was_not_computed_is_not_published_and_nothing_is_released(
    db: None, scene: Scene
) -> None:
    before = await everything(scene)
    with pytest.raises(NotComputed, match="scores compute --cycle"):
        await publish(scene)
    assert await everything(scene) == before


async def test_publication_releases_feedback_and_shows_every_row(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    assert await publish(scene) == COUNTS
    assert {row["published_at"] for row in (await rows(scene)).values()} == {RELEASED}
    (window,) = await FeedbackWindow.select()
    assert window["released_at"] == RELEASED
    assert (await cycle_of(scene.cycle))["state"] == "published"


async def test_a_cycle_is_published_once_and_never_computed_again(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    await publish(scene)
    before = await everything(scene)
    for again in (publish, compute):
        with pytest.raises(AlreadyPublished) as refused:
            await again(scene)
        assert refused.value.status == 409
    assert await everything(scene) == before


async def test_a_rater_does_not_stand_in_anything_a_computation_keeps(
    db: None, scene: Scene
) -> None:
    await compute(scene)
    kept = str(await ScoreRun.select()) + str(await Score.select(Score.explanation))
    assert not [id_ for id_ in scene.people.values() if str(id_) in kept]
    responses: list[UUID] = await Answer.select(Answer.response).output(as_list=True)
    assert not [id_ for id_ in responses if str(id_) in kept]
