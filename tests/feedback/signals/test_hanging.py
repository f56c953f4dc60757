"""What hangs on one form by the method of the score itself waits for reviewers."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from service.db import transaction
from service.feedback.signals import rules
from service.feedback.signals.actions import Moved, Report, decide, find, hangs
from service.feedback.signals.queries import unseen
from service.feedback.signals.rules import Decision
from service.feedback.signals.tables import Look, ScoreReview, ToReview
from service.feedback.tables import Answer, FeedbackWindow
from service.feedback.windows import close
from service.scores import actions as scores
from service.scores import computing
from service.scores.actions import publish
from service.scores.estimate import METHODS, Estimates, Forms
from service.scores.tables import Score
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import KEY, Scene

ONCE = b"once" * 8


@pytest.fixture
async def closed(db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The scene's window has closed, and its forms are enough to look at."""
    monkeypatch.setattr(rules, "FEWEST_FORMS", 10)
    await close(scene.cycle, CLOSED)
    return scene


def moved(scene: Scene, **by: float) -> list[Moved]:
    """So far one form moves the scores of these."""
    return [
        Moved(scene.records[name].organisation, scene.records[name].id, "5-7", far)
        for name, far in by.items()
    ]


async def waiting(scene: Scene) -> dict[str, dict[str, Any]]:
    names = {on.id: name for name, on in scene.records.items()}
    return {names[row["record"]]: row for row in await ToReview.select()}


async def looked(scene: Scene) -> Report:
    return await find(scene.cycle, chance=ONCE, caller=OPERATOR, now=CLOSED)


async def decided(scene: Scene, name: str) -> None:
    await decide(
        scene.cycle, scene.records[name].id, Decision.WITHHOLD, "One form differs.",
        chance=ONCE, caller=OPERATOR, now=CLOSED,
    )  # fmt: skip


async def turned(scene: Scene, name: str) -> UUID:
    """Have one form on a record say 5 to everything; return the record."""
    on = scene.records[name].id
    row = await Answer.select(Answer.response).where(Answer.record == on).first()
    assert row is not None
    await Answer.update({Answer.value: 5}).where(Answer.response == row["response"])
    return on


async def compute(scene: Scene, method: str) -> None:
    await scores.compute(
        scene.cycle, method=method, key=KEY, caller=OPERATOR, now=CLOSED
    )


async def test_more_than_one_standard_error_is_kept_as_one_or_two(
    closed: Scene,
) -> None:
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=1.0, hmt2=1.01, moj1=7.5))
    found = await waiting(closed)
    assert {name: row["standard_errors"] for name, row in found.items()} == {
        "hmt2": 1,
        "moj1": 2,
    }
    assert found["moj1"]["organisation"] == "moj"
    ours = {str(each) for on in closed.records.values() for each in (on.id, on.person)}
    assert not {str(row["id"]) for row in found.values()} & ours


async def test_again_it_keeps_its_names_and_loses_what_hangs_no_more(
    closed: Scene,
) -> None:
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=1.5, hmt2=1.5))
    before = await waiting(closed)
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=1.5, hmt2=1.5))
    assert await waiting(closed) == before
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=2.5))
    after = await waiting(closed)
    assert after == {"hmt1": {**before["hmt1"], "standard_errors": 2}}


async def test_what_was_decided_stays(closed: Scene) -> None:
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=1.5, hmt2=1.5))
    await decided(closed, "hmt1")
    await hangs(closed.cycle, "crossed", [])
    assert set(await waiting(closed)) == {"hmt1"}
    assert await ScoreReview.count() == 1


async def test_looking_again_leaves_what_the_score_says(closed: Scene) -> None:
    """By `mean` hmt1 hangs on one form; by the score's own method hmt2 does."""
    on = await turned(closed, "hmt1")
    assert on in (await looked(closed)).to_review
    await hangs(closed.cycle, "crossed", moved(closed, hmt2=1.5))
    report = await looked(closed)
    assert set(report.to_review) == {closed.records["hmt2"].id}
    assert set(await waiting(closed)) == {"hmt2"}
    with pytest.raises(rules.NotForReview):
        await decided(closed, "hmt1")
    await decided(closed, "hmt2")


async def test_computed_by_mean_nothing_differs_from_what_looking_found(
    closed: Scene,
) -> None:
    await turned(closed, "hmt1")
    await looked(closed)
    before = await waiting(closed), await Look.select()
    await compute(closed, "mean")
    assert (await waiting(closed), await Look.select()) == before
    assert "hmt1" in before[0]


async def test_computed_by_mean_after_another_it_is_looked_at_again(
    closed: Scene,
) -> None:
    await turned(closed, "hmt1")
    found = (await looked(closed)).to_review
    await hangs(closed.cycle, "crossed", moved(closed, hmt2=1.5))
    assert await unseen() == []
    await compute(closed, "mean")
    assert await unseen() == [closed.cycle]
    assert (await looked(closed)).to_review == found
    assert {closed.records[name].id for name in await waiting(closed)} == set(found)


async def test_after_the_release_nothing_changes(closed: Scene) -> None:
    await compute(closed, "mean")
    await publish(closed.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    before = await FeedbackWindow.select()
    await hangs(closed.cycle, "crossed", moved(closed, hmt1=1.5))
    assert (await waiting(closed), await FeedbackWindow.select()) == ({}, before)


@pytest.fixture
def everybody_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """By method `crossed` one form moves every score by three standard errors."""
    crossed = METHODS["crossed", 1]

    def estimate(forms: Forms) -> Estimates:
        found = METHODS["mean", 1].estimate(forms)
        return replace(found, influence=np.full(len(found.person), 3.0))

    made_up = replace(crossed, estimate=estimate)
    monkeypatch.setattr(computing, "METHODS", {("crossed", 1): made_up})


async def test_every_number_that_hangs_by_its_own_method_waits_and_no_other(
    closed: Scene, everybody_hangs: None
) -> None:
    await compute(closed, "crossed")
    first = await waiting(closed)
    numbers = {
        closed.name_of(row["person"]): row["raters"]
        for row in await Score.select()
        if row["state"] == "published"
    }
    assert {name: row["raters"] for name, row in first.items()} == numbers
    assert len(numbers) == 8
    await compute(closed, "crossed")
    assert await waiting(closed) == first


async def test_what_is_withheld_then_is_published_without_a_figure(
    closed: Scene, everybody_hangs: None
) -> None:
    await compute(closed, "crossed")
    await decided(closed, "moj1")
    await publish(closed.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    async with transaction() as connection:
        withheld = await connection.fetch(
            "SELECT person FROM score WHERE state = 'withheld' AND value IS NULL"
        )
    assert [closed.name_of(row["person"]) for row in withheld] == ["moj1"]
