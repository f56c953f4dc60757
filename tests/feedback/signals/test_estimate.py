"""The crossed model against the whole of its equations, and against known truth."""

import numpy as np
import pytest

from service.feedback.signals.estimate import Fit, Floats, Forms, fit
from tests.feedback.signals.network import Shape, honest

SMALL = Shape(people=120, forms=6, items=8)


def fitted(forms: Forms) -> Fit:
    found = fit(forms)
    assert found is not None
    return found


def dense(forms: Forms, found: Fit) -> tuple[Floats, Floats, Floats]:
    """Each form's residual, its variance, and each rater's severity: the definition.

    Henderson's equations inverted whole, with the variances that were found.
    """
    v = found.variances
    answers = forms.answers - found.easy
    items = (~np.isnan(answers)).sum(axis=1)
    noise = v.form + v.item / items
    n, rows = forms.people, np.arange(len(noise))
    design = np.zeros((len(noise), 1 + 2 * n))
    design[:, 0] = 1
    design[rows, 1 + forms.subject] = 1
    design[rows, 1 + n + forms.rater] = 1
    weighed = design.T / noise
    prior = np.repeat([0, 1 / v.subject, 1 / v.rater], [1, n, n])
    inverse = np.linalg.inv(weighed @ design + np.diag(prior))
    mark = np.nanmean(answers, axis=1)
    effects = inverse @ (weighed @ mark)
    known = noise - np.einsum("fi,ij,fj->f", design, inverse, design)
    pev = np.diag(inverse)[1 + n :]
    severity = effects[1 + n :] / np.sqrt(np.maximum(v.rater - pev, 1e-12))
    return mark - design @ effects, known, severity


def test_residuals_are_those_of_the_whole_equations() -> None:
    """Within 0.05 of a standard deviation: their variance is in closed form."""
    forms = honest(1, SMALL)
    found = fitted(forms)
    residual, known, severity = dense(forms, found)
    assert found.z == pytest.approx(residual / np.sqrt(known), abs=0.05)
    given = np.bincount(forms.rater, minlength=forms.people) >= 3
    assert found.severity[given] == pytest.approx(severity[given], abs=0.2)
    assert np.abs(found.severity[given] - severity[given]).mean() < 0.03


def test_a_fitted_mark_is_that_of_the_whole_equations() -> None:
    forms = honest(2, SMALL)
    found = fitted(forms)
    residual, _, _ = dense(forms, found)
    marks = np.nanmean(forms.answers - found.easy, axis=1)
    assert found.level == pytest.approx(marks - residual, abs=1e-5)


def test_the_variances_that_made_the_forms_are_found() -> None:
    """Within 12 % each, on answers that are neither rounded nor cut off."""
    who = honest(3, Shape(people=2_500, forms=10, items=5))
    rng = np.random.default_rng(3)
    level = (
        rng.normal(0, 0.4, who.people)[who.subject]
        + rng.normal(0, 0.35, who.people)[who.rater]
        + rng.normal(0, 0.5, len(who.subject))
    )
    answers = level[:, None] + np.linspace(-1, 1, 5)
    answers = answers + rng.normal(0, 0.45, answers.shape)
    answers[np.isnan(who.answers)] = np.nan
    forms = Forms(who.people, who.subject, who.rater, answers, who.late)
    v = fitted(forms).variances
    found = [v.subject, v.rater, v.form, v.item]
    assert found == pytest.approx([0.16, 0.1225, 0.25, 0.2025], rel=0.12)


def test_an_item_that_was_not_observed_moves_no_residual() -> None:
    """Whoever saw only the hard items is not taken for severe."""
    forms = honest(4, SMALL)
    hard = np.linspace(1, -1, 8)
    answers = np.repeat((3 + np.arange(len(forms.subject)) % 2)[:, None], 8, axis=1)
    every = fitted(
        Forms(forms.people, forms.subject, forms.rater, answers + hard, forms.late)
    )
    some = answers + hard
    some[::3, :5] = np.nan
    part = fitted(Forms(forms.people, forms.subject, forms.rater, some, forms.late))
    assert part.easy == pytest.approx(hard, abs=1e-9)
    assert part.z == pytest.approx(every.z, abs=1e-6)


@pytest.mark.parametrize(
    ("subject", "rater"),
    [
        ([0, 1, 2, 3], [4, 5, 6, 7]),  # One form each.
        ([0, 1, 2, 3], [4, 4, 4, 4]),  # One rater.
        ([0, 0, 0, 0], [4, 5, 6, 7]),  # One subject.
    ],
)
def test_forms_that_cannot_tell_people_apart_say_nothing(
    subject: list[int], rater: list[int]
) -> None:
    answers = np.array([[1, 2, 3], [2, 3, 4], [3, 4, 4], [5, 5, 4]], dtype=float)
    late = np.zeros(4, dtype=bool)
    assert fit(Forms(8, np.array(subject), np.array(rater), answers, late)) is None


def test_forms_that_are_all_the_same_say_nothing() -> None:
    forms = honest(5, SMALL)
    same = np.full_like(forms.answers, 4.0)
    assert (
        fit(Forms(forms.people, forms.subject, forms.rater, same, forms.late)) is None
    )
