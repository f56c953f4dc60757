import math
from enum import StrEnum
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import suppression
from service.suppression import NUMBER, WORDS, Thresholds, shown, verdict

COUNTS = st.integers(0, 10_000)


class Because(StrEnum):
    LOW_RELIABILITY = "low_reliability"


@pytest.mark.parametrize(
    ("raters", "organisations", "reason"),
    [
        (0, 0, "below_minimum_organisations"),
        (5, 1, "below_minimum_organisations"),
        (4, 1, "below_minimum_organisations"),
        (4, 2, "below_minimum_raters"),
        (2, 2, "below_minimum_raters"),
        (5, 2, None),
        (40, 9, None),
    ],
)
def test_a_number_needs_five_raters_of_two_other_organisations(
    raters: int, organisations: int, reason: str | None
) -> None:
    assert verdict(raters, organisations).reason == reason


def test_words_need_three_raters_of_two_other_organisations() -> None:
    assert not verdict(2, 2, WORDS).may_show
    assert not verdict(3, 1, WORDS).may_show
    assert verdict(3, 2, WORDS).may_show


@given(COUNTS, COUNTS, st.integers(0, 20), st.integers(0, 5))
def test_any_thresholds_hold_in_both_counts(
    raters: int, organisations: int, least: int, least_organisations: int
) -> None:
    found = verdict(raters, organisations, Thresholds(least, least_organisations))
    assert found.may_show == (raters >= least and organisations >= least_organisations)


@given(COUNTS, COUNTS, st.floats(-100, 100))
def test_below_the_thresholds_there_is_never_a_number_nor_a_count(
    raters: int, organisations: int, figure: float
) -> None:
    found = verdict(raters, organisations)
    if raters >= NUMBER.raters and organisations >= NUMBER.organisations:
        assert shown(figure, found) == pytest.approx(figure, abs=0.05 + 1e-9)
        assert found.raters is not None
        assert found.organisations is not None
    else:
        assert shown(figure, found) is None
        assert found.raters is None
        assert found.organisations is None


@given(COUNTS, COUNTS)
def test_a_reason_of_the_callers_own_suppresses_whatever_the_counts(
    raters: int, organisations: int
) -> None:
    found = verdict(raters, organisations, because=Because.LOW_RELIABILITY)
    assert found == suppression.Verdict("low_reliability", None, None)
    assert shown(50.0, found) is None


@pytest.mark.parametrize(
    ("raters", "organisations", "bands"),
    [
        (5, 2, ("5-7", "2-3")),
        (7, 3, ("5-7", "2-3")),
        (8, 4, ("8-12", "4+")),
        (12, 9, ("8-12", "4+")),
        (13, 5, ("13+", "4+")),
        (400, 40, ("13+", "4+")),
    ],
)
def test_counts_leave_as_bands(
    raters: int, organisations: int, bands: tuple[str, str]
) -> None:
    found = verdict(raters, organisations)
    assert (found.raters, found.organisations) == bands


def test_words_from_three_or_four_say_so_in_a_band() -> None:
    assert verdict(3, 2, WORDS).raters == verdict(4, 2, WORDS).raters == "3-4"
    assert verdict(2, 1, Thresholds(0, 0)).raters == "0-2"
    assert verdict(2, 1, Thresholds(0, 0)).organisations == "0-1"


@given(st.integers(0, 10_000))
def test_the_fewest_of_a_band_is_in_that_band_and_one_fewer_is_not(raters: int) -> None:
    def band(count: int) -> str | None:
        return verdict(count, 2, Thresholds(0, 0)).raters

    fewest = suppression.fewest(raters)
    assert fewest <= raters
    assert band(fewest) == band(raters)
    assert fewest == 0 or band(fewest - 1) != band(raters)


def test_every_band_of_raters_but_the_last_holds_at_least_two_counts() -> None:
    assert all(b - a >= 2 for a, b in pairwise(suppression.RATER_BANDS))
    assert all(b - a >= 2 for a, b in pairwise(suppression.ORGANISATION_BANDS))


@given(st.floats(-1000, 1000))
def test_a_figure_has_at_most_one_decimal_and_no_signed_zero(figure: float) -> None:
    found = shown(figure, verdict(5, 2))
    assert found is not None
    assert float(f"{found:.1f}") == found
    assert math.copysign(1, found) == 1 or found != 0


@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("raters", [0, 5])
def test_what_is_not_a_figure_is_refused_and_never_becomes_zero(
    missing: float, raters: int
) -> None:
    with pytest.raises(ValueError, match="not a figure"):
        shown(missing, verdict(raters, 2))


@pytest.mark.parametrize("counts", [(-1, 2), (5, -1)])
def test_a_negative_count_is_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        verdict(*counts)
