"""Looks for patterns in what forms say beyond their subject and their rater.

Pure: arrays in, who stands out of them. Each way is measured on simulated networks by
`tests.feedback.signals.simulate`, honest and gamed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.stats import binom, chi2, norm

from service.feedback.signals.estimate import (
    Fit,
    Floats,
    Forms,
    Truths,
    Variances,
    Whole,
)
from service.feedback.signals.rules import POLICY, Policy

LEVELS: Final = 20
"""Steps of equally many forms, by level, in each of which a base rate is taken."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who stands out, and among how many it was looked for."""

    members: Whole
    """People by number, in two columns for pairs; but the rows of hostile forms."""
    among: int


def mutual(forms: Forms) -> tuple[Whole, Whole]:
    """Return the rows of forms that two people gave on each other, once a pair."""
    key = forms.subject * np.int64(forms.people) + forms.rater
    back = forms.rater * np.int64(forms.people) + forms.subject
    order = np.argsort(key)
    place = np.minimum(np.searchsorted(key[order], back), len(key) - 1)
    other = order[place]
    pairs = np.flatnonzero((key[other] == back) & (forms.subject < forms.rater))
    return pairs, other[pairs]


def reciprocal_pairs(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return pairs whose marks for each other are both above what both explain.

    Colleagues who work well together like each other: what is common to mutual pairs is
    estimated, and taken off.
    """
    one, two = mutual(forms)
    if not len(one):
        return Found(np.empty((0, 2), dtype=np.int64), 0)
    a, b = fit.z[one], fit.z[two]
    common = float(np.clip((a.clip(-2, 2) * b.clip(-2, 2)).mean(), 0, 0.9))
    together = (a + b) / np.sqrt(2 * (1 + common))
    odd = (together > policy.pair) & (np.minimum(a, b) > policy.pair_each)
    pairs = np.stack([forms.subject[one[odd]], forms.rater[one[odd]]], axis=1)
    return Found(pairs, len(one))


def rings(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return members of groups that mark each other up, and are marked so by none else.

    A group hangs together by triangles of pairs that are each mildly favourable; it is
    a ring if its members' forms on each other are far above their forms by others.
    """
    one, two = mutual(forms)
    strong = np.minimum(fit.z[one], fit.z[two]) > policy.tie
    groups = _by_triangles(
        forms.people, forms.subject[one[strong]], forms.rater[one[strong]]
    )
    found = [
        group for group in groups if _contrast(forms, fit, group, policy) > policy.ring
    ]
    among = len(np.unique(np.concatenate([forms.subject, forms.rater])))
    members = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    return Found(members, among)


def _by_triangles(people: int, a: Whole, b: Whole) -> list[Whole]:
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    tied = sparse.csr_matrix((np.ones(2 * len(a)), ends), shape=(people, people))
    in_triangle = (tied @ tied).multiply(tied).tocsr()
    in_triangle.eliminate_zeros()
    if not in_triangle.nnz:
        return []
    count, label = csgraph.connected_components(in_triangle, directed=False)
    size = np.bincount(label, minlength=count)
    return [np.flatnonzero(label == each) for each in np.flatnonzero(size > 1)]


def _contrast(forms: Forms, fit: Fit, group: Whole, policy: Policy) -> float:
    """Return how far marks inside a group stand above those from outside it."""
    on = np.isin(forms.subject, group)
    by = np.isin(forms.rater, group)
    inside, outside = fit.z[on & by], fit.z[on & ~by]
    if min(len(inside), len(outside)) < policy.ring_forms:
        return 0.0
    spread = np.sqrt(1 / len(inside) + 1 / len(outside))
    return float((inside.mean() - outside.mean()) / spread)


def straight_lining(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return raters who give one answer to everything far more often than all do."""
    low, high = np.nanmin(forms.answers, axis=1), np.nanmax(forms.answers, axis=1)
    return _too_often(forms, fit, low == high, policy)


def extreme_only(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return raters who answer by the ends of the scale far more often than all do."""
    ends = np.isnan(forms.answers) | (forms.answers == 1) | (forms.answers == 5)  # noqa: PLR2004 - the form's scale
    return _too_often(forms, fit, ends.all(axis=1), policy)


def _too_often(forms: Forms, fit: Fit, such: Truths, policy: Policy) -> Found:
    """Return raters by whom more forms are such than chance would have.

    Chance is how often forms of the same level are such: good marks on good people are
    at the end of the scale in all honesty. Of a rater's chances the mean is taken: a
    binomial has the longer tail.
    """
    given = np.bincount(forms.rater, minlength=forms.people)
    judged = given >= policy.rater_forms
    often = np.bincount(forms.rater, such, forms.people)
    expected = np.bincount(forms.rater, _rate(such, fit.level), forms.people)
    chance = binom.sf(often - 1, given, expected / np.maximum(given, 1))
    return Found(np.flatnonzero(judged & (chance < policy.chance)), int(judged.sum()))


def _rate(such: Truths, level: Floats) -> Floats:
    """Return for each form the share of such among forms of about its level."""
    rank = np.argsort(np.argsort(level, kind="stable"), kind="stable")
    step = rank * LEVELS // len(level)
    return np.asarray((np.bincount(step, such) / np.bincount(step))[step])


def severity_outliers(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return raters far more severe or generous than raters differ."""
    given = np.bincount(forms.rater, minlength=forms.people)
    judged = given >= policy.severity_forms
    odd = judged & (np.abs(fit.severity) > policy.severity)
    return Found(np.flatnonzero(odd), int(judged.sum()))


def hostile_forms(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return the rows of forms far below what their subject and rater explain."""
    return Found(np.flatnonzero(fit.z < policy.hostile), len(forms.subject))


def late_bursts(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return subjects who had many forms, and favourable, on the window's last day.

    Fisher's combination of two chances: of so many, and of so favourable.
    """
    late = forms.late
    size = forms.people
    count = np.bincount(forms.subject, minlength=size)
    last = np.bincount(forms.subject, late, size)
    judged = (
        (count >= policy.burst_forms)
        & (last >= policy.burst_each)
        & (count - last >= policy.burst_each)
    )
    after = np.maximum(last, 1)
    before = np.maximum(count - last, 1)
    shift = (
        np.bincount(forms.subject, fit.z * late, size) / after
        - np.bincount(forms.subject, fit.z * ~late, size) / before
    ) / np.sqrt(1 / after + 1 / before)
    chances = np.stack([binom.sf(last - 1, count, late.mean()), norm.sf(shift)])
    together = -2 * np.log(np.clip(chances, 1e-300, 1)).sum(axis=0)
    odd = judged & (chi2.sf(together, 4) < policy.chance)
    return Found(np.flatnonzero(odd), int(judged.sum()))


def influenced(forms: Forms, fit: Fit, policy: Policy = POLICY) -> Found:
    """Return subjects, of those with a number, whose score one form moves too far."""
    moved = influence(forms.subject, forms.answers, fit.variances)
    given = np.bincount(forms.subject, minlength=forms.people)
    judged = given >= policy.influence_forms
    odd = np.zeros(forms.people, dtype=np.bool_)
    odd[forms.subject[moved > policy.influence]] = True
    return Found(np.flatnonzero(judged & odd), int(judged.sum()))


def influence(record: Whole, answers: Floats, variances: Variances) -> Floats:
    """Return by how many standard errors each form moves the score of its record.

    As method `mean` scores: left out, a form with residual e moves it by h·e/(1 - h),
    h = 1/(k + (1 - r)/r); SE² = s²p(1 - λ).
    """
    v = variances
    raw = np.nanmean(answers, axis=1)
    items = (~np.isnan(answers)).sum(axis=1)
    prior = (v.rater + v.form + float((v.item / items).mean())) / v.subject
    count = np.bincount(record)
    own = count / (count + prior)
    average = np.bincount(record, raw) / np.maximum(count, 1)
    mean = float(raw.mean())
    score = mean + own * (average - mean)
    share = (1 / (count + prior))[record]
    moved = share / (1 - share) * (raw - score[record])
    return np.asarray(np.abs(moved) / np.sqrt(v.subject * (1 - own))[record])
