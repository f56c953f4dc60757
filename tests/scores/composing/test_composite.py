"""Both parts together: what there is of it, what there is not, and what it betrays."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records.combining import Attainment
from service.records.framework_parts import Weighted, WorkedExample
from service.records.frameworks import Framework, load
from service.scores.composing.composite import Name, Why, components, lower, weighed
from service.scores.composing.objective import Assessed, Standing
from service.scores.outcome import Outcome
from tests.scores.composing.people import (
    AU,
    EXCEEDED,
    FAR_EXCEEDED,
    MET,
    NOT_MET,
    OTHERS,
    SCALE,
    SOMEBODY,
    UK,
    UNCOMBINED,
    US,
    a_standard,
    an_objective,
    as_elements,
    composed,
    heard,
    unheard,
)

FRAMEWORKS = [UNCOMBINED, UK, US, AU]
ATTAINED = st.lists(
    st.none() | st.sampled_from([NOT_MET, MET, EXCEEDED, FAR_EXCEEDED]), max_size=3
)
HEARD = st.builds(
    heard, st.integers(0, 1000).map(lambda v: v / 10), st.sampled_from((0.6, 0.8))
)


def test_it_is_the_sum_of_both_parts_in_standard_deviations() -> None:
    feedback, objectives, both = composed(
        [an_objective(MET), an_objective(EXCEEDED)], heard(65.0, 0.8)
    )
    assert [part.name for part in (feedback, objectives, both)] == [*Name]
    assert (feedback.value, feedback.low, feedback.high) == (65.0, 57.0, 73.0)
    assert [part.weight for part in (feedback, objectives, both)] == [0.5, 0.5, 1.0]
    assert [part.coverage for part in (feedback, objectives, both)] == [1.0, 1.0, 1.0]
    assert objectives.value is not None
    assert both.value is not None
    assert both.low is not None
    assert both.high is not None
    found, low, high = weighed(
        [(Standing(1.0, 0.2), 0.5), (Standing(0.4, 0.3), 0.5)], 0.9
    )
    assert found == pytest.approx(0.7)
    assert (high - low) / 2 == pytest.approx(1.6449 * 0.25**0.5 * 0.5**0.5, abs=1e-4)
    assert both.low < both.value < both.high


@given(ATTAINED, HEARD | st.just(unheard()), st.sampled_from(FRAMEWORKS))
def test_a_missing_part_gives_no_composite_and_the_other_is_published(
    attained: list[Attainment | None], outcome: Outcome, framework: Framework
) -> None:
    objectives = [an_objective(each) for each in attained]
    first, second, both = composed(objectives, outcome, framework)
    is_heard = outcome.value is not None
    has_all = bool(attained) and None not in attained
    assert (first.value is not None) == is_heard
    assert (second.value is not None) == has_all
    assert both.coverage == (is_heard + has_all) / 2
    if not (is_heard and has_all):
        assert (both.value, both.low, both.high) == (None, None, None)
        assert (both.points, both.level, both.reason) == (None, None, Why.PART_MISSING)
    assert (both.value is None) == (both.reason is not None)
    for part in (first, second, both):
        assert (part.value is None) == (part.low is None) == (part.high is None)
        if part.value is not None and part.low is not None and part.high is not None:
            assert 0 <= part.low <= part.value <= part.high <= 100
            assert part.value == round(part.value, 1)


@pytest.mark.parametrize(
    ("objectives", "coverage", "reason"),
    [
        ([], 0.0, Why.NO_OBJECTIVES),
        ([an_objective(None)], 0.0, Why.NOT_ASSESSED),
        ([an_objective(MET), an_objective(None)], 0.5, Why.NOT_ASSESSED),
        ([a_standard(MET)], 0.0, Why.NO_OBJECTIVES),
    ],
)
def test_coverage_says_how_much_is_missing(
    objectives: list[Assessed], coverage: float, reason: Why
) -> None:
    _, part, both = composed(objectives, heard())
    assert (part.value, part.coverage, part.reason) == (None, coverage, reason)
    assert (both.value, both.coverage, both.reason) == (None, 0.5, Why.PART_MISSING)


def test_without_a_figure_from_feedback_nothing_leads_back_to_one() -> None:
    """Four raters or none: all that is said is the same."""
    four, none = [composed([an_objective(MET)], unheard(raters)) for raters in (4, 3)]
    assert four == none
    feedback, objectives, both = four
    assert (feedback.value, feedback.low, feedback.high) == (None, None, None)
    assert objectives.value is not None
    assert (both.value, both.low, both.high, both.level) == (None, None, None, None)


def test_a_figure_that_was_withheld_since_composes_nothing() -> None:
    """The estimates still know it; the outcome does not let it out."""
    withheld = replace(heard(), value=None, low=None, high=None, reliability=None)
    _, _, both = composed([an_objective(MET)], withheld)
    assert (both.value, both.reason) == (None, Why.PART_MISSING)


@given(HEARD)
def test_it_depends_on_feedback_through_its_published_figures_alone(
    outcome: Outcome,
) -> None:
    """Not on the words, the band, the interval, nor on anything exact."""
    same = replace(outcome, low=0.0, high=100.0, band="clearly_above", explanation={})
    both = [composed([an_objective(MET)], each)[2] for each in (outcome, same)]
    assert both[0] == both[1]


def test_a_composite_is_held_against_ten_people_at_least() -> None:
    """Of fewer, mean and spread of the cycle would be as good as their figures."""
    mine = [an_objective(MET)]
    for others, people, reason in (
        (OTHERS[:8], 40, Why.TOO_FEW_PEOPLE),
        (OTHERS[:9], 40, None),
        (OTHERS, 9, Why.TOO_FEW_PEOPLE),
        (OTHERS, 10, None),
    ):
        scale = replace(SCALE, people=people)
        _, part, both = composed(mine, heard(), scale=scale, others=others)
        assert part.value is not None
        assert both.reason == reason


def test_people_who_do_not_differ_have_no_figure_from_objectives() -> None:
    _, part, both = composed([an_objective(MET)], heard(), others=[(MET, MET)] * 12)
    assert (part.value, part.reason) == (None, Why.CYCLE_NOT_ESTIMABLE)
    assert (part.coverage, both.reason) == (1.0, Why.PART_MISSING)


def test_where_there_is_no_form_at_all_objectives_stand_alone() -> None:
    _, part, both = composed([an_objective(MET)], unheard(0), scale=None)
    assert part.value is not None
    assert both.reason == Why.PART_MISSING


def test_weights_are_the_frameworks() -> None:
    mine = [an_objective(FAR_EXCEEDED), an_objective(FAR_EXCEEDED)]
    scoring = UNCOMBINED.scoring.model_copy(
        update={"feedback_weight": 80, "objectives_weight": 20}
    )
    other = UNCOMBINED.model_copy(update={"scoring": scoring})
    even, uneven = [composed(mine, heard(40.0), each) for each in (UNCOMBINED, other)]
    assert [part.weight for part in uneven] == [0.8, 0.2, 1.0]
    assert uneven[:2] == (
        replace(even[0], weight=0.8),
        replace(even[1], weight=0.2),
    )
    assert even[2].value is not None
    assert uneven[2].value is not None
    assert uneven[2].value < even[2].value


# What a framework's own rule says beside it.


def the_example() -> WorkedExample:
    assert isinstance(US.combination, Weighted)
    assert US.combination.worked_example is not None
    return US.combination.worked_example


def test_the_worked_example_of_the_us_gives_400_and_level_4() -> None:
    example = the_example()
    mine = as_elements(example.ratings, example.weights)

    _, part, both = composed(mine, heard(), US)

    assert (both.points, both.level) == (400, "L4")
    assert (both.points, both.level) == (example.score, example.level)
    assert both.value is not None
    assert part.coverage == 1.0


@pytest.mark.parametrize("missing", ["feedback", "objectives"])
def test_with_one_part_missing_there_is_no_level_either(missing: str) -> None:
    example = the_example()
    mine = as_elements(example.ratings, example.weights)
    if missing == "objectives":
        mine[0] = replace(mine[0], attainment=None)
    outcome = unheard() if missing == "feedback" else heard()
    feedback, objectives, both = composed(mine, outcome, US)
    assert (both.points, both.level, both.value) == (None, None, None)
    assert [part.value is None for part in (feedback, objectives)] == [
        missing == "feedback",
        missing == "objectives",
    ]


def test_weights_that_do_not_make_one_whole_give_the_sum_and_no_level() -> None:
    mine = [an_objective(MET, element="results-driven", weight=60)]
    _, _, both = composed(mine, heard(), US)
    assert (both.points, both.level) == (None, None)
    assert both.value is not None


def test_a_standard_that_is_not_met_closes_the_gate() -> None:
    mine = [an_objective(FAR_EXCEEDED), a_standard(NOT_MET)]
    _, part, both = composed(mine, heard(95.0), UK)
    assert part.value is not None
    assert (both.value, both.level) == (None, "partially-met")
    assert both.reason == Why.STANDARD_NOT_MET


@pytest.mark.parametrize("met", [[a_standard(MET)], []])
def test_through_an_open_gate_comes_the_sum(met: list[Assessed]) -> None:
    mine = [an_objective(FAR_EXCEEDED)]
    _, _, both = composed([*mine, *met], heard(), UK)
    _, _, plain = composed(mine, heard(), UNCOMBINED)
    assert (both.value, both.level) == (plain.value, None)


def test_nobody_knows_yet_whether_the_gate_is_open() -> None:
    _, _, both = composed([an_objective(MET), a_standard(None)], heard(), UK)
    assert (both.value, both.level, both.reason) == (None, None, Why.NOT_ASSESSED)


def test_nor_does_a_standard_that_somebody_else_answers_for_close_it() -> None:
    theirs = replace(a_standard(NOT_MET), is_own=False)
    _, _, both = composed([an_objective(MET), theirs], heard(), UK)
    assert both.value is not None


@pytest.mark.parametrize("value", [30.0, 55.0, 90.0])
def test_neither_part_makes_up_for_the_other_where_the_lower_counts(
    value: float,
) -> None:
    mine = [an_objective(FAR_EXCEEDED)] * 3
    _, _, both = composed(mine, heard(value), AU)
    _, _, more = composed(mine, heard(value + 2), AU)
    assert both.value is not None
    assert more.value is not None
    lowest = 50 + 10 * (value - SCALE.mean) / SCALE.deviation
    assert both.value == min(both.value, round(lowest, 1))
    assert (more.value > both.value) == (both.value == lowest)


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(0, 1), st.floats(0, 1))
def test_the_interval_of_the_lower_holds_it_and_lies_below(
    one: float, other: float, variance: float, another: float
) -> None:
    both = Standing(one, variance), Standing(other, another)
    value, low, high = lower(both, 0.9)
    assert value == min(one, other)
    assert low - 1e-6 <= value <= high + 1e-6
    for part in both:
        _, alone_low, alone_high = lower([part], 0.9)
        assert low <= alone_low + 1e-6
        assert high <= alone_high + 1e-6


def test_every_framework_composes_somebody() -> None:
    for code in ("uk-scs-2026", "uk-dg", "us-ses-2026", "nz-ce", "vic-exec"):
        parts = composed([an_objective(MET)], heard(), load(code))
        assert [part.name for part in parts] == [*Name]


def test_a_record_that_nothing_is_known_of_has_its_components_all_the_same() -> None:
    (parts,) = components({}, {SOMEBODY: unheard(0)}, None, UK).values()
    assert [part.value for part in parts] == [None, None, None]
    assert [part.coverage for part in parts] == [0.0, 0.0, 0.0]


def test_it_is_stored_as_json_knows_it() -> None:
    _, _, both = composed([an_objective(MET)], unheard())
    assert both.stored() == {
        "name": "composite",
        "weight": 1.0,
        "coverage": 0.5,
        "value": None,
        "low": None,
        "high": None,
        "reason": "part_missing",
        "points": None,
        "level": None,
    }
