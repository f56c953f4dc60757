"""Method `crossed`: what it finds, what it refuses, and what it says when it cannot."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.scores.estimate import (
    CROSSED,
    MEAN,
    METHODS,
    WHY_NOT_TITLES,
    Method,
    for_release,
)
from service.scores.estimation import crossed
from service.scores.estimation.crossed import estimate_crossed
from service.scores.estimation.model import (
    Estimates,
    Floats,
    Forms,
    NoForms,
    UnusableForm,
    WhyNot,
)
from tests.scores.estimation.forms import of, shuffled, simulated

COLUMNS = [f.name for f in dataclasses.fields(Estimates) if f.name != "cycle"]
FIGURES = [name for name in COLUMNS if name not in {"person", "comparable"}]


def same(one: Estimates, other: Estimates) -> bool:
    return one.cycle == other.cycle and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in COLUMNS
    )


def unsound(found: Estimates) -> list[str]:
    """What does not hold of an estimate, and must of every one whatsoever."""
    cycle, released = found.cycle, for_release(found)
    parts = cycle.mean + found.pull * (found.raw - cycle.mean - found.severity)
    holds = {
        "figures": all(np.isfinite(getattr(found, name)).all() for name in FIGURES),
        "variances": all(np.isfinite(value) for value in cycle.variances.values()),
        "parts": np.abs(parts - found.score).max() < 1e-9,
        "interval": ((found.low <= found.score) & (found.score <= found.high)).all(),
        "scale": ((found.low >= 1) & (found.high <= 5)).all(),
        "pull": ((found.pull >= 0) & (found.pull <= 1)).all(),
        "reliability": ((found.reliability >= 0) & (found.reliability < 1)).all(),
        "why not": cycle.estimable
        or (
            cycle.why_not in WHY_NOT_TITLES
            and not found.reliability.any()
            and cycle.person_variance == 0
        ),
        "released": all(np.isfinite(each).all() for each in released),
    }
    return [law for law, held in holds.items() if not held]


@pytest.mark.parametrize("dense", [0, 1_500])
def test_the_same_forms_in_any_order_give_the_same_bytes(
    dense: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossed, "DENSE", dense)
    forms = simulated(1, 300).forms
    first = estimate_crossed(forms)
    assert first.cycle.details["solver"] == ("dense" if dense else "pcg")
    assert same(first, estimate_crossed(shuffled(forms, 2)))


def test_other_names_give_the_same_figures() -> None:
    """Names order the equations, and so rounding; nothing else follows from them."""
    forms = simulated(3, 150).forms
    turned = np.array([name[::-1] + "x" for name in forms.person.tolist()])
    raters = np.array([name[::-1] for name in forms.rater.tolist()])
    groups = np.array([name[::-1] for name in forms.group.tolist()])
    first = estimate_crossed(forms)
    other = estimate_crossed(Forms(turned, raters, groups, forms.answers))
    place = {name: at for at, name in enumerate(other.person.tolist())}
    order = [place[name[::-1] + "x"] for name in first.person.tolist()]
    for name in ("score", "standard_error", "severity", "influence"):
        theirs = getattr(other, name)[order]
        assert getattr(first, name) == pytest.approx(theirs, abs=1e-6)


@given(st.floats(0.2, 1), st.floats(0, 1))
@settings(max_examples=5)
def test_answers_shifted_and_scaled_shift_and_scale_the_scores(
    scale: float, place: float
) -> None:
    forms = simulated(4, 60).forms
    shift = 1 + place * 4 * (1 - scale)
    turned = dataclasses.replace(forms, answers=shift + scale * (forms.answers - 1))
    first, other = estimate_crossed(forms), estimate_crossed(turned)
    assert other.score == pytest.approx(shift + scale * (first.score - 1), abs=1e-6)
    assert other.standard_error == pytest.approx(scale * first.standard_error, rel=1e-6)
    assert other.reliability == pytest.approx(first.reliability, abs=1e-6)


def test_the_equations_solved_in_full_or_in_steps_give_the_same_scores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forms = simulated(5, 1_100, each=6).forms
    dense = estimate_crossed(forms)
    monkeypatch.setattr(crossed, "DENSE", 0)
    steps = estimate_crossed(forms)
    assert (dense.cycle.details["solver"], steps.cycle.details["solver"]) == (
        "dense",
        "pcg",
    )
    for name, value in dense.cycle.variances.items():
        assert steps.cycle.variances[name] == pytest.approx(value, rel=2e-3)
    assert steps.score == pytest.approx(dense.score, abs=1e-3)


def test_severe_raters_cost_nothing_that_others_would_not_give() -> None:
    """Where raters differ much, scores agree with the truth better than averages."""
    truth = simulated(6, 600, rater=0.7, group=0.3)
    gain = np.corrcoef(estimate_crossed(truth.forms).score, truth.person)[0, 1]
    plain = np.corrcoef(MEAN.estimate(truth.forms).score, truth.person)[0, 1]
    assert gain > plain + 0.05


def test_intervals_cover_nine_in_ten_true_values() -> None:
    truth = simulated(7, 1_000)
    found = estimate_crossed(truth.forms)
    off = found.score - found.cycle.mean - truth.person
    assert 0.87 <= np.mean(np.abs(off) <= found.half_width) <= 0.93
    assert unsound(found) == []


def test_one_hostile_form_moves_a_score_less_than_half_as_far_as_an_average() -> None:
    """Five raters, one of whom gives 1s, against the same one giving what others do."""
    forms = simulated(8, 400, each=6).forms
    people, first, count = np.unique(
        forms.person, return_index=True, return_counts=True
    )
    of_five = people[count == 5]
    hostile = first[count == 5][::20]
    answers = forms.answers.copy()
    answers[hostile] = np.where(np.isnan(answers[hostile]), np.nan, 1.0)
    turned = dataclasses.replace(forms, answers=answers)
    at = np.isin(people, of_five[::20])
    moved = (estimate_crossed(turned).score - estimate_crossed(forms).score)[at].mean()
    raw = (MEAN.estimate(turned).raw - MEAN.estimate(forms).raw)[at].mean()
    assert -0.25 < moved < 0
    assert abs(moved) < 0.5 * abs(raw)


def test_leaving_out_the_most_telling_form_moves_the_score_as_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A score of marks as they were given; winsorised, it moves less."""
    monkeypatch.setattr(crossed, "PASSES", 0)
    forms = simulated(9, 200).forms
    found = estimate_crossed(forms)
    person = found.person[int(found.influence.argmax())]
    shifts = []
    for form in np.flatnonzero(forms.person == person):
        rest = np.arange(len(forms.person)) != form
        less = estimate_crossed(
            Forms(
                forms.person[rest],
                forms.rater[rest],
                forms.group[rest],
                forms.answers[rest],
            )
        )
        at = less.person == person
        shifts.append(abs(less.score[at] - found.score[found.person == person])[0])
    said = found.influence.max() * found.standard_error[found.influence.argmax()]
    assert max(shifts) == pytest.approx(said, rel=0.25)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda m: m.name)
def test_a_raters_second_form_on_one_person_is_refused_by_name(method: Method) -> None:
    with pytest.raises(UnusableForm, match="r1 has rated ann more than once"):
        method.estimate(
            of([("ann", "r1", 3), ("bob", "r1", 4), ("ann", "r2", 2), ("ann", "r1", 5)])
        )


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda m: m.name)
def test_no_form_and_unusable_forms_are_refused(method: Method) -> None:
    nothing = np.array([], dtype=np.str_)
    with pytest.raises(NoForms):
        method.estimate(Forms(nothing, nothing, nothing, np.zeros((0, 3))))
    with pytest.raises(UnusableForm, match="fewer than 3"):
        method.estimate(of([("ann", "r1", 3), ("bob", "r1", 4)], items=2))
    with pytest.raises(UnusableForm, match="between 1 and 5"):
        method.estimate(of([("ann", "r1", 3), ("bob", "r1", 6)]))


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("a", "x", 3)], WhyNot.ONE_PERSON),
        ([("a", "x", 3), ("a", "y", 4)], WhyNot.ONE_PERSON),
        ([("a", "x", 3), ("b", "x", 4), ("c", "x", 5)], WhyNot.ONE_RATER),
        ([("a", "x", 3), ("b", "y", 4), ("c", "x", 5)], WhyNot.ONE_FORM_EACH),
        ([(p, r, 4) for p in "abc" for r in "xyz"], WhyNot.PEOPLE_DO_NOT_DIFFER),
        (
            [("a", "x", 3), ("a", "y", 4), ("b", "x", 4), ("b", "y", 3)],
            WhyNot.PEOPLE_DO_NOT_DIFFER,
        ),
        (
            [("a", "x", 3), ("a", "y", 4), ("b", "x", 4), ("b", "y", 4.5)],
            WhyNot.DIFFERENCES_NOT_CERTAIN,
        ),
    ],
)
def test_forms_that_tell_nobody_apart_say_why(
    rows: list[tuple[str, str, float]], why: WhyNot
) -> None:
    found = estimate_crossed(of(rows))
    assert found.cycle.why_not is why
    assert set(found.score) == {found.cycle.mean}
    assert unsound(found) == []


def test_each_person_twice_by_raters_of_their_own_is_no_crash() -> None:
    forms = of([(p, p + r, 2 + i) for i, p in enumerate("abc") for r in "xy"])
    assert unsound(estimate_crossed(forms)) == []


@st.composite
def few_forms(draw: st.DrawFn) -> Forms:
    """Any few forms: cut off from each other, equal, perfectly in line, anything."""
    pair = st.tuples(st.integers(0, 5), st.integers(0, 5))
    pairs = np.array(draw(st.lists(pair, min_size=1, max_size=20, unique=True)))
    person, rater = pairs.T
    seed = draw(st.integers(0, 99))
    kind = draw(st.sampled_from(["any", "people", "raters", "both"]))
    rng = np.random.default_rng(seed)
    level: Floats = np.full(len(pairs), 3.0)
    if kind in {"people", "both"}:
        level = level + rng.integers(-1, 2, 6)[person]
    if kind in {"raters", "both"}:
        level = level + rng.integers(-1, 2, 6)[rater]
    answers = np.repeat(level[:, None], 4, axis=1)
    if kind == "any":
        answers = rng.integers(1, 6, answers.shape).astype(float)
    answers[rng.random(len(pairs)) < 0.3, 3] = np.nan
    home = (person % 3).astype(np.str_) if draw(st.booleans()) else None
    names = (person.astype(np.str_), rater.astype(np.str_))
    return Forms(*names, (rater % 4).astype(np.str_), answers, home)


@given(few_forms())
@settings(max_examples=60)
def test_any_few_forms_give_a_state_and_a_reason_and_never_a_crash(
    forms: Forms,
) -> None:
    for method in METHODS.values():
        assert unsound(method.estimate(forms)) == []


def test_a_cycle_whose_differences_are_chance_has_no_numbers() -> None:
    found = estimate_crossed(simulated(10, 40, each=3, person=0.0).forms)
    assert found.cycle.why_not in {
        WhyNot.PEOPLE_DO_NOT_DIFFER,
        WhyNot.DIFFERENCES_NOT_CERTAIN,
    }


def test_parameters_of_the_method_are_those_it_uses() -> None:
    assert CROSSED.parameters["winsor"] == crossed.WINSOR == 1.5
    assert CROSSED.parameters["passes"] == crossed.PASSES == 4
    assert CROSSED.parameters["certain"] == crossed.CERTAIN == 2.0
