"""The rules that are no sum: gate, lower of two, and none."""

import pytest

from service.records import combining
from service.records.combining import (
    Attainment,
    Combined,
    Part,
    Reason,
    StandardIsNotRated,
)
from service.records.frameworks import load
from tests.records.parts import (
    AU,
    AU_WITH_A_SCALE,
    CA,
    EXCEEDED,
    FAR_EXCEEDED,
    MET,
    NOT_MET,
    PARTLY_MET,
    UK,
    of_au,
    standard,
)
from tests.refusing import refusal

# Gate.


@pytest.mark.parametrize("code", ["uk-scs-2025", "uk-scs-2026", "uk-dg"])
def test_a_minimum_standard_that_is_not_met_decides(code: str) -> None:
    combined = combining.combine(
        load(code),
        [
            standard("finance", MET),
            standard("cross-system-leadership", NOT_MET),
            Part(None, None, None, FAR_EXCEEDED),
        ],
    )

    assert (combined.level, combined.score) == ("partially-met", None)
    assert combined.decided_by == ("cross-system-leadership",)
    assert combined.reason is None


def test_where_every_standard_is_met_a_named_human_judges() -> None:
    combined = combining.combine(
        UK, [standard("finance", MET), Part(None, None, None, NOT_MET)]
    )

    assert combined.level is None
    assert combined.reason is Reason.A_NAMED_HUMAN_JUDGES
    assert (combined.assessed, combined.of, combined.missing) == (2, 2, ())


@pytest.mark.parametrize("attainment", [PARTLY_MET, EXCEEDED, FAR_EXCEEDED])
def test_a_minimum_standard_is_met_or_not_met_and_never_rated(
    attainment: Attainment,
) -> None:
    with pytest.raises(StandardIsNotRated, match="say met or not_met") as refused:
        combining.check_attainment(attainment, is_standard=True)
    assert [fault.pointer for fault in refused.value.faults] == ["#/attainment"]

    combining.check_attainment(attainment, is_standard=False)


@pytest.mark.parametrize("attainment", [MET, NOT_MET])
def test_a_minimum_standard_may_be_met_or_not(attainment: Attainment) -> None:
    check = combining.check_attainment
    assert refusal(check, attainment, is_standard=True) is None


# Lower of two.


@pytest.mark.parametrize(
    ("outcomes", "behaviours", "lower", "level", "decided_by"),
    [
        (FAR_EXCEEDED, NOT_MET, NOT_MET, "L1", ("behaviours",)),
        (PARTLY_MET, FAR_EXCEEDED, PARTLY_MET, "L2", ("outcomes",)),
        (EXCEEDED, MET, MET, "L3", ("behaviours",)),
        (FAR_EXCEEDED, EXCEEDED, EXCEEDED, "L4", ("behaviours",)),
        (FAR_EXCEEDED, FAR_EXCEEDED, FAR_EXCEEDED, "L5", ("behaviours", "outcomes")),
    ],
)
def test_neither_of_two_elements_makes_up_for_the_other(
    outcomes: Attainment,
    behaviours: Attainment,
    lower: Attainment,
    level: str,
    decided_by: tuple[str, ...],
) -> None:
    combined = combining.combine(AU_WITH_A_SCALE, of_au(outcomes, behaviours))

    assert (combined.attainment, combined.level) == (lower, level)
    assert (combined.decided_by, combined.reason) == (decided_by, None)


def test_a_framework_without_a_scale_gives_the_lower_element_and_no_level() -> None:
    combined = combining.combine(AU, of_au(EXCEEDED, PARTLY_MET))

    assert (combined.attainment, combined.level) == (PARTLY_MET, None)
    assert combined.decided_by == ("behaviours",)
    assert combined.reason is Reason.NO_SCALE


def test_the_lower_of_one_element_is_not_taken() -> None:
    combined = combining.combine(AU, [Part("outcomes", None, None, MET)])

    assert (combined.attainment, combined.missing) == (None, ("behaviours",))
    assert combined.reason is Reason.NOT_ASSESSED


def test_a_level_is_reached_whole_or_not_at_all() -> None:
    half_more = Part("behaviours", None, None, EXCEEDED)

    combined = combining.combine(AU_WITH_A_SCALE, of_au(EXCEEDED, MET, half_more))

    assert (combined.attainment, combined.level) == (MET, "L3")


def test_objectives_of_which_some_have_a_weight_cannot_be_averaged() -> None:
    weighted = Part("behaviours", None, 50, EXCEEDED)

    combined = combining.combine(AU_WITH_A_SCALE, of_au(EXCEEDED, MET, weighted))

    assert (combined.attainment, combined.level) == (None, None)
    assert combined.reason is Reason.WEIGHTS_INCOMPLETE


# No arithmetic.


def test_where_no_arithmetic_is_published_a_named_human_judges() -> None:
    parts = [Part("learning-plan", None, None, FAR_EXCEEDED)]

    assert combining.combine(CA, parts) == Combined(
        rule="none", assessed=1, of=1, reason=Reason.A_NAMED_HUMAN_JUDGES
    )
