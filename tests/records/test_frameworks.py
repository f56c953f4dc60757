from datetime import date

import pytest
from pydantic import ValidationError

from service.errors import Unprocessable
from service.records import frameworks
from service.records.framework_parts import (
    Confidence,
    Distribution,
    Gate,
    LowerOfTwo,
    Method,
    Uncombined,
    Weighted,
)
from service.records.frameworks import load

PRESET_TABLE = {
    "uk-scs-2012",
    "uk-scs-2022",
    "uk-scs-2025",
    "uk-scs-2026",
    "uk-dg",
    "uk-permanent-secretary",
    "us-ses-2012",
    "us-ses-2026",
    "ca-ex",
    "au-aps-ses",
    "nz-ce",
    "vic-exec",
}
every_framework = pytest.mark.parametrize("code", sorted(PRESET_TABLE))


def test_every_preset_there_should_be_is_there() -> None:
    assert set(frameworks.codes()) == PRESET_TABLE
    assert list(frameworks.codes()) == sorted(PRESET_TABLE)


@every_framework
def test_a_preset_says_from_where_and_how_surely(code: str) -> None:
    framework = load(code)
    assert framework.code == code
    assert framework.version >= 1
    assert min(map(len, (framework.title, framework.source, framework.note))) > 10
    assert framework.confidence in Confidence
    assert framework.as_of >= date(2012, 1, 1)


@every_framework
def test_a_preset_keeps_the_limits_of_feedback(code: str) -> None:
    limits = load(code).feedback
    assert limits.minimum_exposure_days == 60
    assert limits.minimum_contact_months == 3
    assert limits.invitations_least == 3
    assert limits.invitations_aim == 10
    assert limits.invitations_most == 20
    assert limits.other_organisations == 2
    assert limits.outside_percent == 50
    assert limits.hr_raters == 5
    assert limits.hr_other_organisations == 2
    assert not limits.own_organisation_may_rate


@every_framework
def test_a_score_is_a_mean_by_default_and_its_parts_weigh_the_same(code: str) -> None:
    scoring = load(code).scoring
    assert scoring.method is Method.MEAN
    assert (scoring.feedback_weight, scoring.objectives_weight) == (50, 50)


def test_a_framework_is_read_once() -> None:
    assert load("uk-scs-2025") is load("uk-scs-2025")


def test_a_framework_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load("uk-scs-2025").version = 2  # type: ignore[misc]  # that it fails is the test


@pytest.mark.parametrize("code", ["uk-scs-1996", "", "../bank_holidays", "UK-DG"])
def test_an_unknown_framework_is_refused_with_those_there_are(code: str) -> None:
    with pytest.raises(frameworks.UnknownFramework) as refused:
        load(code)
    assert isinstance(refused.value, Unprocessable)
    assert refused.value.slug == "framework-unknown"
    assert all(known in str(refused.value) for known in PRESET_TABLE)


def test_2012_guided_a_quarter_to_the_top_and_a_tenth_to_the_bottom() -> None:
    ratings = load("uk-scs-2012").ratings
    assert ratings.distribution is Distribution.GUIDED
    assert [level.expected_percent for level in ratings.levels] == [25, 65, 10]


@pytest.mark.parametrize("code", ["uk-scs-2022", "uk-scs-2025"])
def test_about_one_in_twenty_is_expected_to_have_partially_met(code: str) -> None:
    ratings = load(code).ratings
    assert ratings.distribution is Distribution.EXPECTED
    assert [(level.title, level.expected_percent) for level in ratings.levels] == [
        ("Exceeding", None),
        ("High Performing", None),
        ("Achieving", None),
        ("Partially Met", 5),
    ]
    assert ratings.plan_after_quarters_at_lowest == 2


def test_2025_added_minimum_standards_that_are_a_gate() -> None:
    framework = load("uk-scs-2025")
    assert [standard.code for standard in framework.minimum_standards] == [
        "finance",
        "cross-system-leadership",
        "people",
    ]
    assert framework.combination == Gate(rule="gate", not_met_gives="partially-met")
    assert load("uk-scs-2022").minimum_standards == ()
    assert load("uk-scs-2022").combination == Uncombined()


def test_2026_is_a_copy_that_says_it_is_unverified() -> None:
    copy, original = load("uk-scs-2026"), load("uk-scs-2025")
    assert copy.confidence is Confidence.UNVERIFIED
    assert "unverified" in copy.title
    assert "unverified copy of 2025" in copy.note
    assert copy.as_of == date(2026, 5, 19)
    own = {"code", "extends"} | frameworks.OWN_TO_EACH_FILE
    assert copy.model_dump(exclude=own) == original.model_dump(exclude=own)


@pytest.mark.parametrize("code", ["uk-dg", "uk-permanent-secretary"])
def test_the_most_senior_have_own_criteria_and_evidence_of_ministers(code: str) -> None:
    overlay, base = load(code), load("uk-scs-2025")
    assert overlay.has_own_criteria
    assert [role.code for role in overlay.evidence_roles] == ["minister"]
    assert overlay.extends == "uk-scs-2025"
    assert overlay.ratings == base.ratings
    assert overlay.minimum_standards == base.minimum_standards
    assert not base.has_own_criteria
    assert base.evidence_roles == ()


def level_of(score: int, weighted: Weighted) -> str:
    return next(band.level for band in weighted.bands if score >= band.at_least)


def weighted(code: str) -> Weighted:
    combination = load(code).combination
    assert isinstance(combination, Weighted)
    return combination


def test_the_published_example_of_2012_comes_out_of_its_own_bands() -> None:
    example = weighted("us-ses-2012").worked_example
    assert example is not None
    assert list(example.weights.values()) == [10, 10, 10, 10, 60]
    assert list(example.ratings.values()) == [4, 5, 3, 4, 4]
    assert sum(example.weights.values()) == 100
    score = sum(
        example.ratings[code] * example.weights[code] for code in example.weights
    )
    assert score == example.score == 400
    assert level_of(score, weighted("us-ses-2012")) == example.level == "L4"


@pytest.mark.parametrize(
    ("score", "level"),
    [
        *((500, "L5"), (475, "L5"), (474, "L4"), (400, "L4")),
        *((399, "L3"), (300, "L3"), (299, "L2"), (200, "L2")),
    ],
)
def test_the_bands_of_2012_meet_without_a_gap(score: int, level: str) -> None:
    assert level_of(score, weighted("us-ses-2012")) == level


def test_the_lowest_rating_of_any_element_gives_the_lowest_level() -> None:
    combination = weighted("us-ses-2012")
    assert (combination.lowest_rating, combination.lowest_rating_gives) == (1, "L1")


def test_results_weigh_most_in_2012() -> None:
    elements = load("us-ses-2012").elements
    assert {element.code: element.minimum_weight for element in elements} == {
        "leading-change": 5,
        "leading-people": 5,
        "business-acumen": 5,
        "building-coalitions": 5,
        "results-driven": 20,
    }
    assert [element.code for element in elements if element.is_heaviest] == [
        "results-driven"
    ]


def test_the_american_rules_of_2026_dropped_building_coalitions() -> None:
    framework = load("us-ses-2026")
    weights = [element.minimum_weight for element in framework.elements]
    assert weights == [25, 15, 15, 15, 15]
    assert "building-coalitions" not in {e.code for e in framework.elements}
    assert framework.confidence is Confidence.UNVERIFIED
    assert "bands" in framework.note


def test_the_american_rules_of_2026_cap_the_two_upper_levels() -> None:
    ratings = load("us-ses-2026").ratings
    assert ratings.distribution is Distribution.FORCED
    assert ratings.ceiling is not None
    assert ratings.ceiling.levels == ("L5", "L4")
    assert ratings.ceiling.at_most_percent == 30
    assert ratings.ceiling.from_people == 5


def test_canada_rates_commitments_on_five_levels() -> None:
    framework = load("ca-ex")
    assert len(framework.ratings.levels) == 5
    assert [element.code for element in framework.elements] == [
        "corporate-commitments",
        "departmental-commitments",
        "individual-commitments",
        "learning-plan",
    ]
    assert {element.minimum_weight for element in framework.elements} == {None}
    assert framework.confidence is Confidence.UNVERIFIED


def test_in_australia_outcomes_do_not_make_up_for_behaviours() -> None:
    assert load("au-aps-ses").combination == LowerOfTwo(
        rule="lower-of-two", elements=("outcomes", "behaviours")
    )


def test_new_zealand_has_an_individual_and_a_collective_part() -> None:
    elements = load("nz-ce").elements
    assert [element.code for element in elements] == ["individual", "collective"]


def test_victoria_has_four_levels() -> None:
    levels = load("vic-exec").ratings.levels
    assert [level.code for level in levels] == [
        "exceeds",
        "meets-all",
        "meets-most",
        "does-not-meet",
    ]
