from collections.abc import Sequence

import pytest

from service.records import combining
from service.records.combining import Part, Reason
from service.records.framework_parts import Weighted
from service.records.frameworks import Framework
from tests.records.parts import (
    AU,
    AU_WITH_A_SCALE,
    CA,
    ELEMENTS,
    EXCEEDED,
    FAR_EXCEEDED,
    MET,
    NOT_MET,
    PARTLY_MET,
    UK,
    US,
    WEIGHTS,
    all_rated,
    of_au,
    rated,
    standard,
)

# Weighted.


def test_the_example_that_the_us_published_comes_out() -> None:
    assert isinstance(US.combination, Weighted)
    example = US.combination.worked_example
    assert example is not None

    combined = combining.combine(US, rated(example.ratings, example.weights))

    assert (combined.score, combined.level) == (400, "L4")
    assert (example.score, example.level) == (400, "L4")
    assert (combined.assessed, combined.of, combined.reason) == (5, 5, None)


@pytest.mark.parametrize(
    ("weights", "ratings", "score", "level"),
    [
        ((5, 5, 5, 5, 80), (5, 5, 5, 5, 5), 500, "L5"),
        ((10, 10, 10, 10, 60), (2, 5, 5, 5, 5), 470, "L4"),
        ((25, 5, 5, 5, 60), (4, 5, 5, 5, 5), 475, "L5"),
        ((26, 5, 5, 5, 59), (4, 5, 5, 5, 5), 474, "L4"),
        ((10, 10, 10, 10, 60), (4, 4, 4, 4, 4), 400, "L4"),
        ((5, 5, 5, 5, 80), (3, 5, 4, 4, 4), 400, "L4"),
        ((6, 5, 5, 5, 79), (3, 5, 4, 4, 4), 399, "L3"),
        ((10, 10, 10, 10, 60), (3, 3, 3, 3, 3), 300, "L3"),
        ((6, 5, 5, 5, 79), (2, 4, 3, 3, 3), 299, "L2"),
        ((10, 10, 10, 10, 60), (2, 2, 2, 2, 2), 200, "L2"),
    ],
)
def test_a_band_begins_where_it_says_and_no_score_lies_between_two(
    weights: Sequence[int], ratings: Sequence[int], score: int, level: str
) -> None:
    each = dict(zip(ELEMENTS, weights, strict=True))
    combined = combining.combine(
        US, rated(dict(zip(ELEMENTS, ratings, strict=True)), each)
    )

    assert (combined.score, combined.level) == (score, level)
    assert combined.decided_by == ()


@pytest.mark.parametrize("element", ELEMENTS)
def test_one_element_at_the_lowest_rating_gives_the_lowest_level(element: str) -> None:
    ratings: dict[str, int | None] = dict.fromkeys(ELEMENTS, 5)
    combined = combining.combine(US, rated(ratings | {element: 1}))

    assert combined.level == "L1"
    assert combined.score == 500 - 4 * WEIGHTS[element]
    assert combined.decided_by == (element,)


def test_an_element_is_rated_by_the_weighted_mean_of_its_objectives() -> None:
    parts = [
        *all_rated(4, 4, 4, 4, 4)[:4],
        Part("results-driven", None, 45, EXCEEDED),
        Part("results-driven", None, 15, NOT_MET),
    ]

    combined = combining.combine(US, parts)

    assert combined.score == 4 * 40 + 4 * 45 + 1 * 15
    assert combined.level == "L3"  # The element has 3.25: not its lowest rating.
    assert combining.element_ratings(
        [
            combining.Rated("results-driven", 45, 4),
            combining.Rated("results-driven", 15, 1),
        ]
    ) == {"results-driven": 3.25}


def test_a_score_below_every_band_has_the_lowest_level() -> None:
    halves = [
        Part(element, None, WEIGHTS[element] // 2, attainment)
        for element in ELEMENTS
        for attainment in (NOT_MET, PARTLY_MET)
    ]

    combined = combining.combine(US, halves)

    assert (combined.score, combined.level) == (150, "L1")


# What is missing.


def test_a_missing_part_is_not_averaged_as_zero() -> None:
    """Two 5s and a part that nobody assessed once became 3.33."""
    combined = combining.combine(US, all_rated(5, 5, None, None, None))

    assert (combined.score, combined.level) == (None, None)
    assert combined.reason is Reason.NOT_ASSESSED
    assert (combined.assessed, combined.of) == (2, 5)
    assert combined.missing == (
        "building-coalitions",
        "business-acumen",
        "results-driven",
    )


def test_nor_is_the_rest_weighed_up_to_fill_its_place() -> None:
    alone = Part("results-driven", None, 100, FAR_EXCEEDED)

    combined = combining.combine(US, [alone])

    assert (combined.score, combined.level) == (None, None)
    assert combined.reason is Reason.NOT_ASSESSED
    assert (combined.assessed, combined.of) == (1, 5)
    assert combined.missing == tuple(sorted(set(ELEMENTS) - {"results-driven"}))


def test_a_missing_part_is_called_by_its_name() -> None:
    parts = [
        *all_rated(4, 4, 4, 4, 4)[:4],
        Part("results-driven", None, 30, MET),
        Part("results-driven", None, 30, None, "Shorter queues at the border"),
    ]

    combined = combining.combine(US, parts)

    assert combined.missing == ("Shorter queues at the border",)
    assert (combined.assessed, combined.of) == (5, 6)


@pytest.mark.parametrize("framework", [US, UK, AU, CA], ids=lambda each: each.code)
def test_of_nothing_there_is_no_result(framework: Framework) -> None:
    combined = combining.combine(framework, [])

    assert combined.reason is Reason.NOTHING_TO_COMBINE
    assert (combined.score, combined.level, combined.assessed) == (None, None, 0)


@pytest.mark.parametrize("framework", [US, UK, AU_WITH_A_SCALE, CA])
def test_one_objective_that_nobody_assessed_leaves_no_level(
    framework: Framework,
) -> None:
    parts = [
        *all_rated(5, 5, 5, 5, 5),
        *of_au(MET, MET),
        standard("finance", NOT_MET),
        Part(None, None, None, None),
    ]

    combined = combining.combine(framework, parts)

    assert (combined.score, combined.level) == (None, None)
    assert combined.reason is Reason.NOT_ASSESSED
    assert combined.missing == ("an objective of no element",)


@pytest.mark.parametrize("weight", [None, 59, 61])
def test_weights_that_do_not_make_one_whole_give_no_score(weight: int | None) -> None:
    parts = [
        *all_rated(4, 4, 4, 4, 4)[:4],
        Part("results-driven", None, weight, EXCEEDED),
    ]

    combined = combining.combine(US, parts)

    assert (combined.score, combined.level) == (None, None)
    assert combined.reason is Reason.WEIGHTS_INCOMPLETE


def test_an_objective_without_a_weight_is_not_left_out_of_the_sum() -> None:
    parts = [*all_rated(4, 4, 4, 4, 4), Part("results-driven", None, None, NOT_MET)]

    combined = combining.combine(US, parts)

    assert combined.reason is Reason.WEIGHTS_INCOMPLETE


def test_a_minimum_standard_is_no_part_of_the_sum() -> None:
    both = US.model_copy(update={"minimum_standards": UK.minimum_standards})
    finance = Part("results-driven", "finance", None, MET)

    combined = combining.combine(both, [*all_rated(4, 4, 4, 4, 4), finance])

    assert (combined.score, combined.level) == (400, "L4")


@pytest.mark.parametrize(
    ("framework", "part"),
    [
        (US, Part(None, None, 10, MET, "it")),
        (US, Part("outcomes", None, 10, MET, "it")),
        (US, Part(None, "finance", None, MET, "it")),
        (UK, Part("outcomes", None, None, MET, "it")),
        (UK, Part(None, "punctuality", None, NOT_MET, "it")),
        (AU, Part("leading-change", None, None, MET, "it")),
        (CA, Part("outcomes", None, None, MET, "it")),
    ],
)
def test_what_the_framework_has_no_place_for_is_not_left_out_silently(
    framework: Framework, part: Part
) -> None:
    own = {
        "us-ses-2012": all_rated(4, 4, 4, 4, 4),
        "au-aps-ses": of_au(MET, MET),
    }.get(framework.code, [])

    combined = combining.combine(framework, [*own, part])

    assert combined.reason is Reason.OUTSIDE_THE_FRAMEWORK
    assert combined.outside == ("it",)
    assert (combined.score, combined.level) == (None, None)
