from decimal import Decimal

import pytest

from service.objectives import measuring
from service.objectives.measuring import (
    BadIndicator,
    BadReading,
    ComparedWith,
    Direction,
    Indicator,
    Trend,
)
from tests.refusing import refusal

INCREASE, DECREASE, MAINTAIN = Direction
IMPROVING, MAINTAINING, WORSENING = Trend


def an_indicator(
    baseline: str = "60",
    target: str = "90",
    direction: Direction = INCREASE,
    change_at: str = "0",
    compared_with: ComparedWith = ComparedWith.BASELINE,
) -> Indicator:
    return Indicator(
        Decimal(baseline),
        Decimal(target),
        direction,
        "per cent",
        Decimal(change_at),
        compared_with,
    )


def decimals(*figures: str) -> list[Decimal]:
    return [Decimal(figure) for figure in figures]


# Trend.


def test_without_a_reading_there_is_no_trend() -> None:
    assert measuring.trend(an_indicator(), []) is None


@pytest.mark.parametrize(
    ("direction", "reading", "says"),
    [
        (INCREASE, "61", IMPROVING),
        (INCREASE, "59", WORSENING),
        (DECREASE, "59", IMPROVING),
        (DECREASE, "61", WORSENING),
        (INCREASE, "60", MAINTAINING),
        (DECREASE, "60.000", MAINTAINING),
    ],
)
def test_the_direction_says_which_way_is_better(
    direction: Direction, reading: str, says: Trend
) -> None:
    indicator = an_indicator("60", "60", direction)

    assert measuring.trend(indicator, decimals(reading)) == says


@pytest.mark.parametrize(
    ("reading", "says"),
    [
        ("61.499999", MAINTAINING),
        ("61.5", IMPROVING),
        ("58.500001", MAINTAINING),
        ("58.5", WORSENING),
    ],
)
def test_the_indicator_s_own_criterion_says_what_a_change_is(
    reading: str, says: Trend
) -> None:
    indicator = an_indicator(change_at="1.5")

    assert measuring.trend(indicator, decimals(reading)) == says


def test_by_default_any_difference_is_a_change() -> None:
    assert measuring.trend(an_indicator(), decimals("60.000001")) == IMPROVING


def test_a_difference_that_binary_fractions_would_lose_is_a_change() -> None:
    """0.3 - 0.2 is below 0.1 in floating point."""
    indicator = an_indicator("0.2", "1", change_at="0.1")

    assert measuring.trend(indicator, decimals("0.3")) == IMPROVING


def test_the_smallest_difference_of_the_largest_figures_is_a_change() -> None:
    indicator = an_indicator("-999999999999.999999", "999999999999.999999")

    latest = decimals("-999999999999.999998")
    assert measuring.trend(indicator, latest) == IMPROVING


def test_the_latest_reading_counts_against_the_baseline() -> None:
    assert measuring.trend(an_indicator(), decimals("80", "70")) == IMPROVING


def test_or_against_the_reading_before_where_the_indicator_says_so() -> None:
    indicator = an_indicator(compared_with=ComparedWith.PREVIOUS)

    assert measuring.trend(indicator, decimals("80", "70")) == WORSENING
    assert measuring.trend(indicator, decimals("80", "50", "55")) == IMPROVING


def test_a_first_reading_has_only_the_baseline_before_it() -> None:
    indicator = an_indicator(compared_with=ComparedWith.PREVIOUS)

    assert measuring.trend(indicator, decimals("50")) == WORSENING


@pytest.mark.parametrize(
    ("baseline", "reading", "says"),
    [
        ("100", "94", WORSENING),
        ("100", "106", WORSENING),
        ("100", "95.1", MAINTAINING),
        ("100", "105", WORSENING),
        ("90", "95", IMPROVING),
        ("110", "105", IMPROVING),
        ("90", "110", MAINTAINING),  # As far off as before, on the other side.
        ("90", "108", MAINTAINING),
        ("90", "116", WORSENING),
    ],
)
def test_what_is_to_be_maintained_worsens_away_from_its_target(
    baseline: str, reading: str, says: Trend
) -> None:
    indicator = an_indicator(baseline, "100", MAINTAIN, change_at="5")

    assert measuring.trend(indicator, decimals(reading)) == says


# Progress.


@pytest.mark.parametrize(
    ("baseline", "target", "reading", "share"),
    [
        ("60", "90", "60", "0"),
        ("60", "90", "75", "0.5"),
        ("60", "90", "90", "1"),
        ("60", "90", "120", "2"),
        ("60", "90", "45", "-0.5"),
        ("18", "12", "15", "0.5"),
        ("18", "12", "21", "-0.5"),
    ],
)
def test_progress_is_the_share_of_the_way_from_baseline_to_target(
    baseline: str, target: str, reading: str, share: str
) -> None:
    indicator = an_indicator(baseline, target)

    assert measuring.progress(indicator, Decimal(reading)) == Decimal(share)


def test_where_there_is_no_way_to_go_there_is_no_progress() -> None:
    indicator = an_indicator("100", "100.0", MAINTAIN)

    assert measuring.progress(indicator, Decimal(99)) is None


def test_no_progress_is_not_a_negative_zero() -> None:
    share = measuring.progress(an_indicator("18", "12", DECREASE), Decimal(18))

    assert str(share) == "0"


# What is refused.


@pytest.mark.parametrize(
    ("direction", "target", "other"),
    [(INCREASE, "59.999999", "decrease"), (DECREASE, "60.000001", "increase")],
)
def test_a_target_on_the_wrong_side_of_the_baseline_is_refused(
    direction: Direction, target: str, other: str
) -> None:
    with pytest.raises(BadIndicator, match=f"make the direction {other}") as refused:
        measuring.check_indicator(an_indicator("60", target, direction))

    assert [fault.pointer for fault in refused.value.faults] == ["#/target"]


@pytest.mark.parametrize(
    ("direction", "target"),
    [
        (INCREASE, "60"),
        (INCREASE, "60.000001"),
        (DECREASE, "60"),
        (DECREASE, "-60"),
        (MAINTAIN, "59"),
        (MAINTAIN, "61"),
    ],
)
def test_a_target_on_no_wrong_side_is_accepted(
    direction: Direction, target: str
) -> None:
    indicator = an_indicator("60", target, direction)
    assert refusal(measuring.check_indicator, indicator) is None


UNKEEPABLE = [
    ("NaN", "not a number"),
    ("sNaN", "not a number"),
    ("Infinity", "not a number"),
    ("-Infinity", "not a number"),
    ("1000000000000", "12 digits before"),
    ("-1000000000000.5", "12 digits before"),
    ("1E+400", "12 digits before"),
    ("0.0000001", "6 digits after"),
    ("1E-400", "6 digits after"),
    ("999999999999.99999999999999999999999999", "6 digits after"),
]
KEEPABLE = ["0", "-0", "999999999999.999999", "-999999999999.999999", "1.50000000"]


@pytest.mark.parametrize(("figure", "why"), UNKEEPABLE)
@pytest.mark.parametrize("field", ["baseline", "target", "change_at"])
def test_an_indicator_s_figure_that_cannot_be_kept_is_refused(
    field: str, figure: str, why: str
) -> None:
    figures = {"baseline": "60", "target": "90", "change_at": "0"} | {field: figure}
    indicator = an_indicator(
        figures["baseline"], figures["target"], MAINTAIN, figures["change_at"]
    )

    with pytest.raises(BadIndicator, match=f"The {field} .*{why}.*: ") as refused:
        measuring.check_indicator(indicator)

    assert [fault.pointer for fault in refused.value.faults] == [f"#/{field}"]


@pytest.mark.parametrize(("figure", "why"), UNKEEPABLE)
def test_a_reading_that_cannot_be_kept_is_refused(figure: str, why: str) -> None:
    with pytest.raises(BadReading, match=why) as refused:
        measuring.check_reading(Decimal(figure))

    assert [fault.pointer for fault in refused.value.faults] == ["#/value"]


@pytest.mark.parametrize("figure", KEEPABLE)
def test_a_figure_that_can_be_kept_is_accepted(figure: str) -> None:
    assert refusal(measuring.check_reading, Decimal(figure)) is None


def test_a_change_is_told_by_a_size() -> None:
    with pytest.raises(BadIndicator, match="as 0 or more") as refused:
        measuring.check_indicator(an_indicator(change_at="-0.5"))

    assert [fault.pointer for fault in refused.value.faults] == ["#/change_at"]


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("60.000000", "60"),
        ("6E+1", "60"),
        ("1.500000", "1.5"),
        ("-0.000000", "0"),
        ("999999999999.999999", "999999999999.999999"),
        ("-100000000000.000000", "-100000000000"),
        ("0.000001", "0.000001"),
    ],
)
def test_a_figure_is_shown_as_people_write_it(kept: str, shown: str) -> None:
    assert f"{measuring.plain_figure(Decimal(kept)):f}" == shown
