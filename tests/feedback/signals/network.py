"""Simulated networks of colleagues who rate each other, honest and gamed."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from service.feedback.signals.estimate import Floats, Forms, Whole

SHARES: Final = (0.22, 0.18, 0.35, 0.25)
"""Of variance: between subjects, raters, forms (halo), and the items of a form."""
SCALE: Final = 0.85
MEAN: Final = 3.7
SPREAD: Final = 0.15
"""Of the items' own effects, from easiest to hardest."""
NOT_OBSERVED: Final = 0.12
GROUP: Final = 30
BACK: Final = 0.2
"""Share of forms that are given back besides those that chance gives back."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is, and how much everybody is asked."""

    people: int = 2_500
    forms: float = 10
    """On each, at the mean."""
    items: int = 5


def honest(seed: int, shape: Shape = Shape()) -> Forms:
    """Forms of people in working groups across departments, as all of them think."""
    rng = np.random.default_rng(seed)
    subject, rater = _who(rng, shape)
    return _formed(rng, subject, rater, shape)


def _who(rng: np.random.Generator, shape: Shape) -> tuple[Whole, Whole]:
    n = shape.people
    department = rng.integers(max(8, min(60, n // 150)), size=n)
    groups = rng.permuted(np.tile(np.arange(n), (2, 1)), axis=1)
    group = [np.array_split(one, n // GROUP) for one in groups]
    of = np.empty((2, n), dtype=np.int64)
    for half in (0, 1):
        for number, members in enumerate(group[half]):
            of[half, members] = number
    count = np.clip(rng.poisson(shape.forms * 1.18, n), 3, int(3 * shape.forms))
    subject = np.repeat(np.arange(n), count)
    which = rng.integers(2, size=len(subject))
    near = rng.random(len(subject)) < 0.85
    rater = rng.integers(n, size=len(subject))
    for row in np.flatnonzero(near):
        among = group[which[row]][of[which[row], subject[row]]]
        rater[row] = among[rng.integers(len(among))]
    back = rng.random(len(subject)) < BACK
    subject, rater = (
        np.concatenate([subject, rater[back]]),
        np.concatenate([rater, subject[back]]),
    )
    apart = (subject != rater) & (department[subject] != department[rater])
    return _once(subject[apart], rater[apart], n)


def _once(subject: Whole, rater: Whole, n: int) -> tuple[Whole, Whole]:
    _, first = np.unique(subject * np.int64(n) + rater, return_index=True)
    return subject[first], rater[first]


def _formed(
    rng: np.random.Generator, subject: Whole, rater: Whole, shape: Shape
) -> Forms:
    n, forms = shape.people, len(subject)
    spread = SCALE * np.sqrt(SHARES)
    level = (
        MEAN
        + rng.normal(0, spread[0], n)[subject]
        + rng.normal(0, spread[1], n)[rater]
        + rng.normal(0, spread[2], forms)
    )
    items = np.linspace(SPREAD, -SPREAD, shape.items)
    noise = rng.normal(0, spread[3], (forms, shape.items))
    answers = np.clip(np.rint(level[:, None] + items + noise), 1, 5)
    unseen = rng.random(answers.shape) < NOT_OBSERVED
    unseen[:, :3] &= (~unseen).sum(1)[:, None] > 3  # Each form counts.
    answers[unseen] = np.nan
    late = rng.random(forms) < 0.2
    return Forms(n, subject, rater, answers, late)


def with_rings(forms: Forms, seed: int, size: int, count: int) -> tuple[Forms, Whole]:
    """Add rings whose members all mark each other at the top, nearly always."""
    rng = np.random.default_rng(seed)
    members = rng.choice(forms.people, (count, size), replace=False)
    pairs = [(a, b) for ring in members for a in ring for b in ring if a != b]
    subject, rater = np.array(pairs).T
    shape = (len(pairs), forms.answers.shape[1])
    top = np.where(rng.random(shape) < 0.85, 5.0, 4.0)
    return _added(forms, subject, rater, top, late=False), members


def _added(
    forms: Forms, subject: Whole, rater: Whole, answers: Floats, *, late: bool
) -> Forms:
    """Forms that stand in place of any that the same raters gave the same people."""
    subjects = np.concatenate([subject, forms.subject])
    raters = np.concatenate([rater, forms.rater])
    _, kept = np.unique(subjects * np.int64(forms.people) + raters, return_index=True)
    lates = np.concatenate([np.full(len(subject), late), forms.late])
    return Forms(
        forms.people,
        subjects[kept],
        raters[kept],
        np.concatenate([answers, forms.answers])[kept],
        lates[kept],
    )


def with_bursts(forms: Forms, seed: int, count: int, each: int) -> tuple[Forms, Whole]:
    """Add to some people forms at the top, all on the last day."""
    rng = np.random.default_rng(seed)
    people = rng.choice(forms.people, count, replace=False)
    subject = np.repeat(people, each)
    rater = rng.integers(forms.people, size=len(subject))
    answers = np.full((len(subject), forms.answers.shape[1]), 5.0)
    return _added(forms, subject, rater, answers, late=True), people


def with_straight_liners(forms: Forms, seed: int, count: int) -> tuple[Forms, Whole]:
    """Have some raters answer everything on a form as its first item."""
    raters = _busy(forms, seed, count)
    answers = forms.answers.copy()
    theirs = np.isin(forms.rater, raters)
    one = np.rint(np.nanmean(answers[theirs], axis=1))[:, None]
    answers[theirs] = np.where(np.isnan(answers[theirs]), np.nan, one)
    return replace(forms, answers=answers), raters


def with_extremes(forms: Forms, seed: int, count: int) -> tuple[Forms, Whole]:
    """Have some raters answer by the ends of the scale alone."""
    raters = _busy(forms, seed, count)
    answers = forms.answers.copy()
    theirs = np.isin(forms.rater, raters)
    ends = np.where(answers[theirs] >= MEAN, 5.0, 1.0)
    answers[theirs] = np.where(np.isnan(answers[theirs]), np.nan, ends)
    return replace(forms, answers=answers), raters


def with_severe(forms: Forms, seed: int, count: int) -> tuple[Forms, Whole]:
    """Have some raters mark everybody two points lower."""
    raters = _busy(forms, seed, count)
    shift = np.where(np.isin(forms.rater, raters), 2.0, 0.0)[:, None]
    return replace(forms, answers=np.clip(forms.answers - shift, 1, 5)), raters


def _busy(forms: Forms, seed: int, count: int) -> Whole:
    """Return raters of four forms and more."""
    rng = np.random.default_rng(seed)
    given = np.bincount(forms.rater, minlength=forms.people)
    return rng.choice(np.flatnonzero(given >= 4), count, replace=False)


def with_hostile(forms: Forms, seed: int, count: int) -> tuple[Forms, Whole]:
    """Have some forms answer 1 to everything; return their rows."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(forms.subject), count, replace=False)
    answers = forms.answers.copy()
    answers[rows] = np.where(np.isnan(answers[rows]), np.nan, 1.0)
    return replace(forms, answers=answers), rows


def with_pairs(forms: Forms, seed: int, count: int) -> tuple[Forms, Whole]:
    """Add pairs that answer 5 to everything on each other."""
    rng = np.random.default_rng(seed)
    pairs = rng.choice(forms.people, (count, 2), replace=False)
    subject, rater = np.concatenate([pairs, pairs[:, ::-1]]).T
    answers = np.full((len(subject), forms.answers.shape[1]), 5.0)
    return _added(forms, subject, rater, answers, late=False), np.sort(pairs, axis=1)
