"""Who may be compared: parts that nobody joins, and homes that raters hardly link."""

import dataclasses

import numpy as np

from service.scores.estimation.crossed import estimate_crossed
from service.scores.estimation.model import Forms
from service.scores.estimation.network import components, linking
from tests.scores.estimation.forms import simulated


def renamed(forms: Forms, mark: str) -> Forms:
    def turned(names: np.ndarray) -> np.ndarray:
        return np.array([mark + name for name in names.tolist()])

    home = None if forms.home is None else turned(forms.home)
    return Forms(
        turned(forms.person),
        turned(forms.rater),
        turned(forms.group),
        forms.answers,
        home,
    )


def together(*several: Forms) -> Forms:
    return Forms(
        *(
            np.concatenate([getattr(each, name) for each in several])
            for name in ("person", "rater", "group", "answers", "home")
        )
    )


def test_parts_are_numbered_from_the_largest() -> None:
    person = np.array([0, 1, 2, 3, 4, 4])
    rater = np.array([0, 1, 1, 2, 3, 1])
    assert components(person, rater).tolist() == [1, 0, 0, 2, 0]


def test_linking_is_the_share_of_forms_by_raters_who_also_rate_elsewhere() -> None:
    person = np.array([0, 1, 2, 0, 1])
    rater = np.array([0, 0, 0, 1, 1])
    assert linking(person, rater, np.array([0, 0, 1])).tolist() == [0.5, 1.0]


def test_people_whom_no_rater_joins_are_never_compared() -> None:
    larger, smaller = simulated(1, 120).forms, simulated(2, 60).forms
    found = estimate_crossed(together(renamed(larger, "a"), renamed(smaller, "b")))
    cut_off = np.char.startswith(found.person, "b")
    assert found.cycle.estimable
    assert (found.component == cut_off).all()
    assert (found.comparable == ~cut_off).all()


def test_a_home_that_one_rater_links_is_comparable_within_itself_only() -> None:
    """Joined, but by so little that its level and its raters' cannot be told apart."""
    forms = together(
        renamed(simulated(3, 120, group=0.4).forms, "a"),
        renamed(simulated(4, 60, group=0.4).forms, "b"),
    )
    first, last = forms.person == "ap00000", forms.rater == "bp00001"
    link = np.flatnonzero(last)[:1]
    joined = Forms(
        np.append(forms.person, forms.person[first][:1]),
        np.append(forms.rater, forms.rater[link]),
        np.append(forms.group, forms.group[link]),
        np.vstack([forms.answers, forms.answers[link]]),
        np.where(np.char.startswith(np.append(forms.person, "a"), "b"), "one", "rest"),
    )
    found = estimate_crossed(joined)
    linked = np.char.startswith(found.person, "b")
    assert not found.component.any()
    assert not found.comparable[linked].any()


def test_homes_that_raters_link_well_are_comparable() -> None:
    forms = simulated(5, 240).forms
    assert estimate_crossed(forms).comparable.all()
    assert estimate_crossed(dataclasses.replace(forms, home=None)).comparable.all()
