"""Who may judge and moderate whom, and when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from service.records.frameworks import Stage, load, stage_instants
from service.scores.moderation import rules
from service.scores.moderation.rules import (
    JUDGED_WITHIN,
    MODERATED_WITHIN,
    TAKEN_WITHIN,
    JudgementStage,
    NotNow,
    PanelLevel,
    Standing,
    ViewKind,
)
from tests.refusing import refusal

STARTS = {str(s): at for s, at in stage_instants(load("uk-scs-2025"), 2026).items()}
SECOND = timedelta(seconds=1)
WINDOWS = [
    *JUDGED_WITHIN.values(),
    *MODERATED_WITHIN.values(),
    *TAKEN_WITHIN.values(),
]
FREE = Standing(is_subject=False, is_below=False, competes=False, judged=False)


@pytest.mark.parametrize("stages", WINDOWS)
def test_each_thing_is_done_from_one_stage_s_beginning_to_another_s(
    stages: tuple[Stage, Stage],
) -> None:
    begins, ends = (STARTS[stage] for stage in stages)
    rules.check_within(stages, STARTS, begins)
    rules.check_within(stages, STARTS, ends - SECOND)
    for outside in (begins - SECOND, ends):
        with pytest.raises(NotNow, match="from"):
            rules.check_within(stages, STARTS, outside)


def test_a_panel_never_sits_while_judgements_are_given_or_the_view_is_taken() -> None:
    local, overall = (MODERATED_WITHIN[level] for level in PanelLevel)
    assert JUDGED_WITHIN[JudgementStage.END_YEAR][1] == local[0]
    assert local[1] == overall[0]
    assert overall[1] == TAKEN_WITHIN[ViewKind.CROSS_GOVERNMENT][0]


@pytest.mark.parametrize("stage", JudgementStage)
def test_which_judgement_it_is_follows_from_the_day(stage: JudgementStage) -> None:
    begins, _ = JUDGED_WITHIN[stage]
    assert rules.stage_of_judgement(STARTS, STARTS[begins]) == stage


@pytest.mark.parametrize("now", [datetime(2026, 6, 1, tzinfo=UTC), STARTS["published"]])
def test_at_other_times_nobody_judges(now: datetime) -> None:
    with pytest.raises(NotNow, match="or"):
        rules.stage_of_judgement(STARTS, now)


@pytest.mark.parametrize("close", ["is_subject", "is_below", "competes", "judged"])
def test_whoever_is_too_close_in_any_way_moderates_nothing(close: str) -> None:
    facts = {"is_subject": False, "is_below": False, "competes": False, "judged": False}
    assert rules.may_moderate(FREE)
    assert not rules.may_moderate(Standing(**{**facts, close: True}))


REFUSED: list[tuple[Callable[[], None], type[Exception]]] = [
    (lambda: rules.check_level("good", (), "#/level"), rules.NoScale),
    (lambda: rules.check_level("good", ("fair",), "#/level"), rules.UnknownLevel),
    (lambda: rules.check_panel(1), rules.TooFew),
    (lambda: rules.check_before("fair", None), rules.NotJudged),
    (lambda: rules.check_before("fair", "good"), rules.Superseded),
    (
        lambda: rules.check_told(STARTS["published"], STARTS["published"] - SECOND),
        rules.NotYetTold,
    ),
]


@pytest.mark.parametrize(("asked", "refusal"), REFUSED)
def test_each_is_refused_by_its_name(
    asked: Callable[[], None], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        asked()


def test_what_is_in_order_is_let_pass() -> None:
    levels = ("fair", "good")
    assert refusal(rules.check_level, "good", levels, "#/level") is None
    assert refusal(rules.check_panel, 2) is None
    assert refusal(rules.check_before, "good", "good") is None
    now = STARTS["published"]
    assert refusal(rules.check_told, now, now) is None
