"""Each signal finds those who game, and seldom those who do not."""

from dataclasses import replace

import numpy as np
import pytest

from service.feedback.signals.chance import ROUNDS, WAYS, expected, look
from service.feedback.signals.detect import (
    hostile_forms,
    influence,
    late_bursts,
    mutual,
    reciprocal_pairs,
)
from service.feedback.signals.estimate import Fit, Forms, Variances, fit
from service.feedback.signals.rules import Kind
from tests.feedback.signals import network
from tests.feedback.signals.network import Shape, honest
from tests.feedback.signals.simulate import SHAPES, false_alarms, power
from tests.sizes import FULL, SIZES

SEEDS = range(20 if SIZES is FULL else 2)
FALSE_ALARMS = {
    Kind.RECIPROCAL_PAIR: 0.0009,  # The design's 0.03 % of pairs, and three times that.
    Kind.RING: 0.001,
    Kind.STRAIGHT_LINING: 0.001,
    Kind.EXTREME_ONLY: 0.001,
    Kind.SEVERITY_OUTLIER: 0.002,
    Kind.HOSTILE_FORM: 0.00075,
    Kind.LATE_BURST: 0.003,
    Kind.INFLUENCE: 0.03,
}
"""The largest share of those looked at that may stand out in all honesty."""
POWER = {
    "pairs": 0.45,
    "rings of 3": 0.45,
    "rings of 5": 0.85,
    "rings of 8": 0.90,
    "straight lines": 0.90,
    "extremes": 0.90,
    "severe": 0.75,
    "hostile": 0.80,
    "bursts": 0.45,
}
"""The least share of those who game that must be found."""


def fitted(forms: Forms) -> Fit:
    found = fit(forms)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_honest_seldom_stand_out(shape: Shape) -> None:
    found = false_alarms(SEEDS, shape)
    assert {
        kind: share for kind, share in found.items() if share > FALSE_ALARMS[kind]
    } == {}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("game", POWER)
def test_those_who_game_are_found(game: str, shape: Shape) -> None:
    assert power(game, SEEDS, shape) >= POWER[game]


@pytest.mark.slow
def test_what_is_told_as_chance_is_what_honesty_gives() -> None:
    """On four networks together, within four standard deviations of counting."""
    shape = Shape(people=1_500, forms=6, items=8)
    found = dict.fromkeys(WAYS, 0)
    by_chance = dict.fromkeys(WAYS, 0.0)
    for seed in range(4):
        forms = honest(seed, shape)
        for kind, each in look(forms, fitted(forms)).items():
            found[kind] += len(each.members)
        for kind, each_by_chance in expected(forms, fitted(forms), seed).items():
            by_chance[kind] += each_by_chance
    for kind, count in found.items():
        spread = np.sqrt(by_chance[kind] * (1 + 1 / ROUNDS) + 1)
        assert abs(count - by_chance[kind]) <= 4 * spread, kind


def test_a_ring_does_not_draw_in_those_around_it() -> None:
    forms, members = network.with_rings(honest(7), 8, size=8, count=10)
    found = look(forms, fitted(forms))[Kind.RING].members
    assert len(np.setdiff1d(found, members)) <= 0.001 * forms.people


def test_a_pair_is_two_people_who_each_gave_a_form_on_the_other() -> None:
    forms = honest(1, Shape(people=300))
    one, two = mutual(forms)
    assert len(one) > 50
    assert (forms.subject[one] == forms.rater[two]).all()
    assert (forms.rater[one] == forms.subject[two]).all()
    given = set(zip(forms.subject.tolist(), forms.rater.tolist(), strict=True))
    back = {(a, b) for a, b in given if (b, a) in given and a < b}
    assert len(one) == len(back)


def test_one_who_marks_up_another_and_is_not_marked_up_is_no_pair() -> None:
    forms, pairs = network.with_pairs(honest(2), 3, count=30)
    answers = forms.answers.copy()
    for a, b in pairs.tolist():
        answers[(forms.subject == a) & (forms.rater == b)] = 3.0
    forms = replace(forms, answers=answers)
    found = set(map(tuple, reciprocal_pairs(forms, fitted(forms)).members.tolist()))
    assert not found & set(map(tuple, pairs.tolist()))


def test_colleagues_who_like_each_other_are_no_pair() -> None:
    """What mutual pairs have in common is taken off, however much it is."""
    forms = honest(4, Shape(people=2_500, forms=6, items=8))
    one, two = mutual(forms)
    rng = np.random.default_rng(4)
    both = rng.normal(0, 0.6, len(one))[:, None]
    answers = forms.answers.copy()
    answers[one] += both
    answers[two] += both
    forms = replace(forms, answers=np.clip(np.rint(answers), 1, 5))
    found = reciprocal_pairs(forms, fitted(forms))
    assert len(found.members) <= 4 * FALSE_ALARMS[Kind.RECIPROCAL_PAIR] * found.among


def test_forms_at_the_top_are_no_burst_unless_they_come_last() -> None:
    forms, people = network.with_bursts(honest(5), 6, count=30, each=4)
    scattered = replace(forms, late=np.random.default_rng(6).permutation(forms.late))
    found = late_bursts(scattered, fitted(forms)).members
    assert np.isin(people, found).mean() < 0.05
    assert np.isin(people, late_bursts(forms, fitted(forms)).members).mean() > 0.4


def test_without_days_no_burst_is_looked_for() -> None:
    forms = honest(6, Shape(people=300))
    unknown = replace(forms, late=np.zeros_like(forms.late))
    found = late_bursts(unknown, fitted(forms))
    assert (len(found.members), found.among) == (0, 0)


def test_a_low_form_of_a_severe_rater_is_not_hostile() -> None:
    forms, severe = network.with_severe(honest(8), 9, count=40)
    found = hostile_forms(forms, fitted(forms)).members
    assert np.isin(forms.rater[found], severe).mean() < 0.25


def test_influence_is_what_the_score_moves_by_without_the_form() -> None:
    """Against leaving each form out, the cycle's mean and variances as they were."""
    answers = np.array(
        [[3, 4, 4], [5, 5, 5], [4, 4, np.nan], [2, 3, 2], [1, 1, 1], [4, 5, 4]]
    )
    record = np.array([0, 0, 0, 1, 1, 1])
    v = Variances(subject=0.2, rater=0.15, form=0.3, item=0.25)
    moved = influence(record, answers, v)
    raw = np.nanmean(answers, axis=1)
    prior = (
        0.15 + 0.3 + 0.25 * np.mean([1 / 3, 1 / 3, 1 / 2, 1 / 3, 1 / 3, 1 / 3])
    ) / 0.2
    for row in range(6):
        theirs = record == record[row]
        others = theirs & (np.arange(6) != row)
        whole, without = (
            (k := each.sum()) / (k + prior) * (raw[each].mean() - raw.mean())
            for each in (theirs, others)
        )
        error = np.sqrt(0.2 * (1 - 3 / (3 + prior)))
        assert moved[row] == pytest.approx(abs(whole - without) / error, abs=1e-9)
