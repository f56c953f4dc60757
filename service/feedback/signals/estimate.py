"""What each form says beyond its subject and its rater: arrays in, residuals out.

Pure. A form's mark is y = μ + p(subject) + r(rater) + d, by the crossed model of the
score's design; residuals are compared, and nobody's score comes from here.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
Truths: TypeAlias = npt.NDArray[np.bool_]

FLOOR: Final = 1e-3
"""The least share of all variance that any part of it is taken to be."""
CLOSE: Final = 1e-7
"""On the scale of answers: effects that move less have settled."""
SWEEPS: Final = 500


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a cycle, a row each; people are numbered, whatever their part."""

    people: int
    subject: Whole
    rater: Whole
    answers: Floats
    """Forms by items; NaN where not observed."""
    late: Truths
    """Whether it was last sent on the window's last day."""


@dataclass(frozen=True, slots=True)
class Variances:
    """Of a form's mark, by where they come from."""

    subject: float
    rater: float
    form: float
    item: float
    """Of one answer inside a form."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What the crossed model makes of the forms; a row a form, or a person."""

    variances: Variances
    mean: float
    """μ."""
    easy: Floats
    """Each item's own effect."""
    level: Floats
    """What subject and rater make each form's mark, without what it says beyond."""
    z: Floats
    """Each form's residual in its own standard deviations."""
    severity: Floats
    """Each person's effect as a rater, in its own standard deviations."""


def fit(forms: Forms) -> Fit | None:
    """Fit the crossed model, or return None where forms cannot tell people apart."""
    mark, items, easy, item_variance = _marks(forms.answers)
    variances = _variances(forms, mark, items, item_variance)
    if variances is None:
        return None
    noise = variances.form + variances.item / items
    mean, level, rater = _effects(forms, mark, noise, variances)
    residual, known = _uncertain(forms, noise, variances)
    z = (mark - level) / np.sqrt(residual)
    return Fit(variances, mean, easy, level, z, rater / np.sqrt(known))


def _marks(answers: Floats) -> tuple[Floats, Whole, Floats, float]:
    """Return each form's mean without the items' effects, and its items; those effects.

    And the variance of one answer about both: by least squares inside forms.
    """
    seen = ~np.isnan(answers)
    observed = seen.astype(np.float64)
    values = np.where(seen, answers, 0.0)
    items = seen.sum(axis=1)
    share = observed / items[:, None]
    normal = np.diag(observed.sum(0)) - np.einsum("fi,fj->ij", share, observed)
    right = values.sum(0) - np.einsum("fi,f->i", share, values.sum(1))
    easy = np.linalg.lstsq(normal, right, rcond=1e-9)[0]
    easy -= easy.mean()
    values -= observed * easy
    mark = values.sum(1) / items
    squares = float((observed * (values - mark[:, None]) ** 2).sum())
    freedom = int(items.sum()) - len(items) - (answers.shape[1] - 1)
    return mark, items, easy, squares / max(freedom, 1)


def _variances(
    forms: Forms, mark: Floats, items: Whole, item_variance: float
) -> Variances | None:
    """Return the variances by their moments: three sums of squares as expected.

    About the mean of all, of each subject, and of each rater (Henderson's method I).
    """
    n = len(mark)
    everyone = np.zeros(n, dtype=np.int64)
    left, right = np.zeros((3, 3)), np.zeros(3)
    for row, group in enumerate((everyone, forms.subject, forms.rater)):
        size = np.bincount(group)
        about = mark - (np.bincount(group, mark) / np.maximum(size, 1))[group]
        within = item_variance / items * (1 - 1 / size[group])
        right[row] = (about**2).sum() - within.sum()
        left[row] = n - (size > 0).sum()
    for column, group in enumerate((forms.subject, forms.rater)):
        left[0, column] = n - (np.bincount(group) ** 2).sum() / n
        left[column + 1, column] = 0  # Within one subject, subjects do not differ.
    if (left[1, 1], left[2, 0]) < (1, 1) or abs(np.linalg.det(left)) < 1:
        return None
    total = right[0] / left[0, 2]
    if total <= 0:
        return None
    subject, rater, form = np.maximum(np.linalg.solve(left, right), FLOOR * total)
    return Variances(float(subject), float(rater), float(form), item_variance)


def _effects(
    forms: Forms, mark: Floats, noise: Floats, variances: Variances
) -> tuple[float, Floats, Floats]:
    """Return μ, each form's fitted mark and each person's effect as a rater.

    The best linear unbiased predictions, found in turns until they settle.
    """
    weight = 1 / noise
    size = forms.people
    held = [
        np.bincount(group, weight, size) + 1 / variance
        for group, variance in (
            (forms.subject, variances.subject),
            (forms.rater, variances.rater),
        )
    ]
    subject, rater, mean = np.zeros(size), np.zeros(size), 0.0
    for _ in range(SWEEPS):
        left = mark - subject[forms.subject] - rater[forms.rater]
        mean = float((weight * left).sum() / weight.sum())
        rest = weight * (mark - mean - rater[forms.rater])
        subject = np.bincount(forms.subject, rest, size) / held[0]
        rest = weight * (mark - mean - subject[forms.subject])
        before, rater = rater, np.bincount(forms.rater, rest, size) / held[1]
        if float(np.abs(rater - before).max()) < CLOSE:
            break
    return mean, mean + subject[forms.subject] + rater[forms.rater], rater


def _uncertain(
    forms: Forms, noise: Floats, variances: Variances
) -> tuple[Floats, Floats]:
    """Return the variance of each form's residual, and of each rater's effect.

    In closed form, from each one's own forms and how well their other ends are known:
    within a few per cent of the inverse of the whole.
    """
    weight = 1 / noise
    size = forms.people
    groups = (forms.subject, forms.rater)
    prior = (1 / variances.subject, 1 / variances.rater)
    full = [
        np.bincount(group, weight, size) + one
        for group, one in zip(groups, prior, strict=True)
    ]
    lost = [weight**2 / full[other][groups[other]] for other in (1, 0)]
    known = [full[at] - np.bincount(groups[at], lost[at], size) for at in (0, 1)]
    own = [known[at][groups[at]] + lost[at] for at in (0, 1)]
    fitted = (own[0] + own[1] - 2 * weight) / (own[0] * own[1] - weight**2)
    return (
        np.maximum(noise - fitted, FLOOR * noise),
        np.maximum(variances.rater - 1 / known[1], FLOOR * variances.rater),
    )
