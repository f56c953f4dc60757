"""A method beside what was published: nothing moves, and few are never told apart."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.db.reach import NOBODY, within_reach
from service.scores import comparing, computing
from service.scores.actions import compute, publish
from service.scores.comparing import Comparison, compare, comparisons, rounded, share
from service.scores.estimate import MEAN, Estimates, Forms
from service.scores.rules import NotPublished, UnknownMethod
from service.scores.tables import Score, ScoreComparison
from tests.factories import CLOSED, OPERATOR, RELEASED
from tests.scoring import KEY, Scene


async def published(scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def compared(scene: Scene, version: int = 1) -> Comparison:
    return await compare(
        scene.cycle, "mean", version, key=KEY, caller=OPERATOR, now=RELEASED
    )


def backwards(forms: Forms) -> Estimates:
    """As method `mean`, with high and low changed about."""
    found = MEAN.estimate(forms)
    turned = 2 * found.cycle.mean - found.score
    return replace(found, score=turned, low=6 - found.high, high=6 - found.low)


def nobody(forms: Forms) -> Estimates:
    """As method `mean`, for which nobody is reliable enough."""
    found = MEAN.estimate(forms)
    return replace(found, reliability=np.zeros_like(found.reliability))


@pytest.fixture
async def others(db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published by version 1 of method `mean`; then there are 2 and 3."""
    await published(scene)
    methods = MappingProxyType(
        {
            ("mean", 1): MEAN,
            ("mean", 2): replace(MEAN, version=2, estimate=backwards),
            ("mean", 3): replace(MEAN, version=3, estimate=nobody),
        }
    )
    monkeypatch.setattr(computing, "METHODS", methods)


async def test_a_method_beside_itself_changes_nobody(db: None, scene: Scene) -> None:
    await published(scene)
    found = await compared(scene)
    assert found == Comparison(scene.cycle, "mean", 1, 15, None, None, RELEASED)


async def test_nothing_published_moves(scene: Scene, others: None) -> None:
    before = await Score.select().order_by(Score.id)
    await compared(scene, version=2)
    assert await Score.select().order_by(Score.id) == before


async def test_who_changed_is_counted_by_band_and_by_state(
    scene: Scene, others: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[int, int]] = []

    def count(changed: list[bool]) -> None:
        counted.append((sum(changed), len(changed)))

    monkeypatch.setattr(comparing, "share", count)
    for version in (1, 2, 3):
        await compared(scene, version)
    bands, states = counted[::2], counted[1::2]
    assert states == [(0, 17), (0, 17), (10, 17)]  # Eight numbers and two in words.
    assert bands[0] == (0, 8)
    assert bands[1][0] > 0
    assert bands[2] == (0, 0)  # Who has none by one of them has not changed theirs.


async def test_what_is_kept_is_what_is_told_and_anyone_may_read_it(
    scene: Scene, others: None
) -> None:
    first = await compared(scene, version=3)
    again = await compared(scene, version=3)
    assert first == again
    assert await ScoreComparison.count() == 2
    with within_reach(NOBODY):
        assert await comparisons("mean", 3, MEAN.digest) == [again]
        assert await comparisons("mean", 3, "0" * 64) == []
        assert await comparisons("mean", 2, MEAN.digest) == []


async def test_what_people_withheld_is_not_compared(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(scene)
    sizes: list[int] = []
    monkeypatch.setattr(comparing, "share", lambda changed: sizes.append(len(changed)))
    await compared(scene)
    sql = "state = 'withheld', value = NULL, low = NULL, high = NULL, raters = NULL,"
    await Score.raw(
        f"UPDATE score SET {sql} band = NULL, reliability = NULL, components = NULL,"  # noqa: S608 - ours
        " version = version + 1 WHERE record = {}",
        scene.records["hmt1"].id,
    )
    await compared(scene)
    assert sizes == [8, 17, 7, 16]


async def test_only_what_is_published_is_compared_with(db: None, scene: Scene) -> None:
    with pytest.raises(NotPublished, match="open"):
        await compared(scene)
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    with pytest.raises(NotPublished, match="open"):
        await compared(scene)


async def test_a_method_that_there_is_not_is_refused(db: None, scene: Scene) -> None:
    await published(scene)
    with pytest.raises(UnknownMethod, match="no method mean 9; use: "):
        await compared(scene, version=9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_share_rests_on_fewer_than_ten_people_either_way(
    changed: int, others: int
) -> None:
    found = share([True] * changed + [False] * others)
    assert (found is None) == (changed < 10 or others < 10)
    if found is not None:
        assert 0 < found <= 1
        assert found == round(rounded(changed) / rounded(changed + others), 3)


@given(st.integers(10, 3_000), st.integers(10, 3_000))
def test_a_share_is_near_the_truth(changed: int, others: int) -> None:
    found = share([True] * changed + [False] * others)
    assert found is not None
    assert abs(found - changed / (changed + others)) < 0.13


@pytest.mark.parametrize(
    ("people", "told"),
    [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (5_001, 5_000)],
)
def test_counts_of_people_are_rounded_to_five(people: int, told: int) -> None:
    assert rounded(people) == told
