"""What holds for every record, whatever its parts."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from service.records import combining
from service.records.combining import RATINGS, Attainment, Part
from service.records.frameworks import Framework
from tests.records.parts import AU, AU_WITH_A_SCALE, CA, ELEMENTS, UK, US

FRAMEWORKS = [US, UK, AU, AU_WITH_A_SCALE, CA]
ATTAINMENTS = st.none() | st.sampled_from(Attainment)
ANY_PART = st.builds(
    Part,
    st.none() | st.sampled_from([*ELEMENTS, "outcomes", "behaviours", "other"]),
    st.none() | st.sampled_from(["finance", "people", "other"]),
    st.none() | st.integers(1, 100),
    ATTAINMENTS,
)


@st.composite
def whole_records(draw: st.DrawFn) -> list[Part]:
    """Every element of the US has one to three objectives; the weights sum to 100."""
    counts = [draw(st.integers(1, 3)) for _ in ELEMENTS]
    cuts = draw(
        st.sets(st.integers(1, 99), min_size=sum(counts) - 1, max_size=sum(counts) - 1)
    )
    places = [0, *sorted(cuts), 100]
    weights = (after - before for before, after in pairwise(places))
    return [
        Part(element, None, next(weights), draw(st.sampled_from(Attainment)))
        for element, count in zip(ELEMENTS, counts, strict=True)
        for _ in range(count)
    ]


@given(
    st.sampled_from(FRAMEWORKS),
    st.lists(ANY_PART, max_size=7),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_parts_does_not_matter(
    framework: Framework, parts: list[Part], random: Random
) -> None:
    shuffled = random.sample(parts, len(parts))

    assert combining.combine(framework, shuffled) == combining.combine(framework, parts)


@given(st.sampled_from(FRAMEWORKS), st.lists(ANY_PART))
def test_there_is_a_level_or_a_reason_and_never_both(
    framework: Framework, parts: list[Part]
) -> None:
    combined = combining.combine(framework, parts)

    assert (combined.level is None) == (combined.reason is not None)
    assert combined.level in {None, *(each.code for each in framework.ratings.levels)}
    assert 0 <= combined.assessed <= combined.of
    if any(part.attainment is None for part in parts):
        assert (combined.score, combined.level) == (None, None)
        assert combined.missing


BANDS = {"L5": (475, 500), "L4": (400, 474), "L3": (300, 399), "L2": (200, 299)}


@given(whole_records())
def test_a_score_lies_within_the_band_of_its_level(parts: list[Part]) -> None:
    combined = combining.combine(US, parts)

    assert combined.score is not None
    assert combined.level is not None
    low, high = BANDS.get(combined.level, (100, 500))
    assert low <= combined.score <= high
    if combined.level == "L1":
        assert combined.decided_by or combined.score < 200


@given(whole_records(), st.data())
def test_a_better_attainment_never_lowers_the_result(
    parts: list[Part], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(parts) - 1))
    part = parts[number]
    assert part.attainment
    better = data.draw(st.sampled_from([*Attainment][RATINGS[part.attainment] - 1 :]))
    raised = [
        *parts[:number],
        Part(part.element, None, part.weight, better),
        *parts[number + 1 :],
    ]

    before, after = combining.combine(US, parts), combining.combine(US, raised)

    assert before.score is not None
    assert after.score is not None
    assert after.score >= before.score
    assert str(after.level) >= str(before.level)


@given(whole_records(), st.data())
def test_whichever_part_is_missing_there_is_no_result(
    parts: list[Part], data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(parts) - 1))
    element, weight = parts[number].element, parts[number].weight
    parts[number] = Part(element, None, weight, None)

    combined = combining.combine(US, parts)

    assert (combined.score, combined.level) == (None, None)
    assert combined.missing == (element,)
    assert combined.assessed == combined.of - 1
