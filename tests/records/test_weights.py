import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.records import weights
from service.records.framework_parts import Element
from service.records.frameworks import Framework, load
from service.records.weights import (
    BadWeight,
    HeavierThanHeaviest,
    Standing,
    UnknownElement,
    WeightOverMaximum,
    WeightsOverWhole,
)
from tests.refusing import refusal

US = load("us-ses-2012")
UK = load("uk-scs-2025")
CAPPED = US.model_copy(
    update={
        "elements": (
            Element(code="own", title="Own work", minimum_weight=10, maximum_weight=40),
            Element(code="joint", title="Joint work"),
        )
    }
)
BELOW, WITHIN, ABOVE = Standing


@pytest.mark.parametrize(
    ("framework", "given_weights"),
    [
        (US, {}),
        (US, {"leading-change": [10]}),  # The heaviest has no objective yet.
        (US, {"results-driven": [20], "leading-change": [20]}),
        (US, {"results-driven": [15, 15], "leading-change": [10, 20]}),
        (US, {"results-driven": [1]}),  # Below its minimum: said, not refused.
        (US, {"results-driven": [60, 40]}),
        (CAPPED, {"own": [20, 20], "joint": [60]}),
        (UK, {}),
    ],
)
def test_weights_that_can_still_come_right_are_accepted(
    framework: Framework, given_weights: dict[str, list[int]]
) -> None:
    assert refusal(weights.check_weights, framework, given_weights) is None


def test_an_element_that_the_framework_does_not_have_is_refused() -> None:
    with pytest.raises(UnknownElement, match="it has leading-change") as refused:
        weights.check_weights(US, {"outcomes": [10]})

    assert [fault.pointer for fault in refused.value.faults] == ["#/element"]


def test_a_framework_without_elements_says_to_leave_it_out() -> None:
    with pytest.raises(UnknownElement, match="leave the element out"):
        weights.check_weights(UK, {"outcomes": [10]})


@pytest.mark.parametrize("weight", [-10, 0, 101])
def test_a_weight_that_is_no_percentage_is_refused(weight: int) -> None:
    with pytest.raises(BadWeight, match=f"{weight} is none.*1 to 100") as refused:
        weights.check_weights(US, {"results-driven": [50, weight]})

    assert [fault.pointer for fault in refused.value.faults] == ["#/weight"]


def test_weights_of_more_than_a_whole_are_refused() -> None:
    with pytest.raises(
        WeightsOverWhole, match="sum to 101: take at least 1"
    ) as refused:
        weights.check_weights(US, {"results-driven": [60], "leading-change": [40, 1]})

    assert [fault.pointer for fault in refused.value.faults] == ["#/weight"]


def test_an_element_over_its_maximum_is_refused() -> None:
    with pytest.raises(
        WeightOverMaximum, match="Own work would weigh 41: give it at most 40"
    ) as refused:
        weights.check_weights(CAPPED, {"own": [20, 21]})

    assert [fault.pointer for fault in refused.value.faults] == ["#/weight"]


def test_an_element_heavier_than_the_heaviest_is_refused() -> None:
    with pytest.raises(
        HeavierThanHeaviest, match="leading-change would weigh 31 and results-driven 30"
    ) as refused:
        weights.check_weights(US, {"results-driven": [30], "leading-change": [11, 20]})

    assert [fault.pointer for fault in refused.value.faults] == ["#/weight"]


def test_below_the_minimum_is_a_standing_and_no_refusal() -> None:
    given_weights = {"leading-change": [4], "leading-people": [2, 3]}

    weights.check_weights(US, given_weights)
    assert weights.standing(US, given_weights) == {
        "leading-change": BELOW,
        "leading-people": WITHIN,
        "business-acumen": BELOW,
        "building-coalitions": BELOW,
        "results-driven": BELOW,
    }


def test_the_published_example_stands_within_every_limit() -> None:
    example = {element.code: [10] for element in US.elements} | {"results-driven": [60]}

    assert set(weights.standing(US, example).values()) == {WITHIN}


def test_the_heaviest_is_below_while_another_outweighs_it() -> None:
    outweighed = {element.code: [5] for element in US.elements} | {
        "results-driven": [30],
        "leading-change": [31],
    }

    assert weights.standing(US, outweighed)["results-driven"] is BELOW


def test_over_the_maximum_is_above() -> None:
    assert weights.standing(CAPPED, {"own": [41]}) == {"own": ABOVE, "joint": WITHIN}


def test_a_framework_without_elements_has_nothing_to_stand() -> None:
    assert weights.standing(UK, {}) == {}


CODES = [element.code for element in US.elements]


@given(
    st.dictionaries(
        st.sampled_from(CODES), st.lists(st.integers(1, 40), min_size=1, max_size=3)
    )
)
def test_what_is_accepted_stays_within_a_whole_and_under_the_heaviest(
    given_weights: dict[str, list[int]],
) -> None:
    totals = {code: sum(each) for code, each in given_weights.items()}
    heaviest = totals.get("results-driven")
    fits = sum(totals.values()) <= 100 and (
        heaviest is None or heaviest == max(totals.values())
    )
    if fits:
        weights.check_weights(US, given_weights)
        return
    with pytest.raises((WeightsOverWhole, HeavierThanHeaviest)):
        weights.check_weights(US, given_weights)
