"""What holds for every indicator, whatever its figures."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from service.objectives import measuring
from service.objectives.measuring import ComparedWith, Direction, Indicator, Trend

INCREASE, DECREASE, MAINTAIN = Direction
IMPROVING, MAINTAINING, WORSENING = Trend
OPPOSITE = {INCREASE: DECREASE, DECREASE: INCREASE, MAINTAIN: MAINTAIN}
FIGURES = st.decimals(-1_000_000, 1_000_000, places=3)
SIZES = st.decimals(0, 1_000, places=3)


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    baseline, target = draw(FIGURES), draw(FIGURES)
    direction = draw(st.sampled_from(Direction))
    if direction is not MAINTAIN:
        baseline, target = sorted((baseline, target), reverse=direction is DECREASE)
    compared_with = draw(st.sampled_from(ComparedWith))
    return Indicator(baseline, target, direction, "days", draw(SIZES), compared_with)


READINGS = st.lists(FIGURES, min_size=1, max_size=4)


def times(indicator: Indicator, unit: Decimal) -> Indicator:
    return replace(
        indicator,
        baseline=indicator.baseline * unit,
        target=indicator.target * unit,
        change_at=indicator.change_at * abs(unit),
    )


@given(indicators(), READINGS)
def test_a_valid_indicator_is_accepted_and_says_one_of_three(
    indicator: Indicator, readings: list[Decimal]
) -> None:
    measuring.check_indicator(indicator)

    assert measuring.trend(indicator, readings) in [*Trend]


@given(indicators(), READINGS, st.decimals("0.001", 1_000, places=3))
def test_the_unit_does_not_matter(
    indicator: Indicator, readings: list[Decimal], unit: Decimal
) -> None:
    scaled = [reading * unit for reading in readings]

    assert measuring.trend(times(indicator, unit), scaled) == measuring.trend(
        indicator, readings
    )


@given(indicators(), READINGS)
def test_the_opposite_of_what_is_measured_tells_the_same(
    indicator: Indicator, readings: list[Decimal]
) -> None:
    mirrored = replace(
        times(indicator, Decimal(-1)), direction=OPPOSITE[indicator.direction]
    )

    measuring.check_indicator(mirrored)
    assert measuring.trend(mirrored, [-each for each in readings]) == measuring.trend(
        indicator, readings
    )


@given(indicators(), st.integers(1, 4))
def test_readings_that_do_not_move_are_maintaining(
    indicator: Indicator, times_read: int
) -> None:
    readings = [indicator.baseline] * times_read

    assert measuring.trend(indicator, readings) == MAINTAINING


@given(indicators(), READINGS)
def test_a_stricter_criterion_never_turns_a_change_round(
    indicator: Indicator, readings: list[Decimal]
) -> None:
    strictest = replace(indicator, change_at=Decimal(10_000_000))
    loosest = measuring.trend(replace(indicator, change_at=Decimal(0)), readings)

    assert measuring.trend(indicator, readings) in {loosest, MAINTAINING}
    assert measuring.trend(strictest, readings) == MAINTAINING


@given(indicators(), FIGURES, FIGURES)
def test_a_step_and_the_same_step_back_tell_the_opposite(
    indicator: Indicator, one: Decimal, other: Decimal
) -> None:
    compared = replace(indicator, compared_with=ComparedWith.PREVIOUS)
    there, back = (
        measuring.trend(compared, readings) for readings in ([one, other], [other, one])
    )

    opposite = {IMPROVING: WORSENING, WORSENING: IMPROVING, MAINTAINING: MAINTAINING}
    assert there is not None
    assert back == opposite[there]


@given(indicators(), FIGURES)
def test_progress_grows_towards_the_target_alone(
    indicator: Indicator, reading: Decimal
) -> None:
    assume(indicator.baseline != indicator.target)
    way = indicator.target - indicator.baseline
    share = measuring.progress(indicator, reading)

    assert share is not None
    assert (share > 0) == ((reading - indicator.baseline) * way > 0)
    assert (share >= 1) == ((reading - indicator.target) * way >= 0)
