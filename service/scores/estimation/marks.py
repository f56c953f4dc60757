"""From answers to one mark a form; a missing answer is never a low one.

Pure: arrays in, arrays out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.scores.estimation.model import (
    HIGHEST,
    LOWEST,
    Counts,
    Floats,
    Forms,
    NoForms,
    People,
    UnusableForm,
)

LEAST_ITEMS: Final = 3
SLICE: Final = 250_000
"""Forms looked at at once, so that a copy of the whole is never made."""


def refuse_none(forms: Forms) -> None:
    """Refuse a cycle without forms."""
    if len(forms.person) == 0:
        raise NoForms("There is no valid form yet; estimate once there is one.")


def refuse_twice(people: People, raters: People, person: Counts, rater: Counts) -> None:
    """Refuse a rater's second form on one person; forms are given by number."""
    key = person * np.int64(len(raters)) + rater
    key.sort()
    again = key[1:][key[1:] == key[:-1]]
    if again.size:
        whom, who = divmod(int(again[0]), len(raters))
        raise UnusableForm(
            f"{raters[who]} has rated {people[whom]} more than once; keep one form of"
            " each pair."
        )


def form_marks(answers: Floats) -> Floats:
    """Return each form's mean of its observed items.

    `answers` has a row a form and a column an item, NaN where not observed. Refuses a
    form with fewer than 3 observed items, or an answer off the scale.
    """
    observed = ~np.isnan(answers)
    items = observed.sum(axis=1)
    if short := int((items < LEAST_ITEMS).sum()):
        raise UnusableForm(
            f"{short} forms have fewer than {LEAST_ITEMS} observed items;"
            " leave them out."
        )
    refuse_off_scale(answers[observed])
    return np.asarray(np.where(observed, answers, 0.0).sum(axis=1) / items)


def refuse_off_scale(values: Floats) -> None:
    """Refuse an answer that no form can hold; NaN is one."""
    if not bool(((values >= LOWEST) & (values <= HIGHEST)).all()):
        raise UnusableForm(
            f"An answer is not between {LOWEST:g} and {HIGHEST:g}; correct it."
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """What forms say by themselves, before people are compared."""

    mark: Floats
    """Each form's mean over its observed items of answer - item effect."""
    items: Counts
    """Observed items of each form."""
    effects: Floats
    """b: each item's effect; of those ever observed, they sum to 0."""
    normal: Floats
    """Of the least squares: items by items."""
    variance: float
    """s²e, of one answer about its form's mark and its item's effect."""


def inside_forms(answers: Floats) -> Stage:
    """Return stage A: item effects and s²e, by least squares inside forms.

    `answers` has a row a form and a column an item, NaN where not observed; each form
    has one item at least. The items of a form share its subject, its rater and its halo
    and so are not independent: nothing but b and s²e is estimated from them.
    """
    forms, width = answers.shape
    normal, right = np.zeros((width, width)), np.zeros(width)
    items = np.zeros(forms, dtype=np.int64)
    for at in range(0, forms, SLICE):
        seen, values, count = _observed(answers[at : at + SLICE])
        items[at : at + SLICE] = count
        share = seen / count[:, None]
        normal += np.diag(seen.sum(0)) - np.einsum("fi,fj->ij", share, seen)
        right += values.sum(0) - (share * values.sum(1)[:, None]).sum(0)
    found, _, rank, _ = np.linalg.lstsq(normal, right, rcond=1e-9)
    effects = found.astype(np.float64)
    known = np.diagonal(normal) > 0
    effects[known] -= effects[known].mean() if known.any() else 0.0
    mark, squares = np.zeros(forms), 0.0
    for at in range(0, forms, SLICE):
        seen, values, count = _observed(answers[at : at + SLICE])
        values -= seen * effects
        mark[at : at + SLICE] = values.sum(1) / count
        rest = seen * (values - mark[at : at + SLICE, None])
        squares += float((rest * rest).sum())
    freedom = int(items.sum()) - forms - int(rank)
    return Stage(mark, items, effects, normal, squares / max(freedom, 1))


def _observed(answers: Floats) -> tuple[Floats, Floats, Counts]:
    seen = ~np.isnan(answers)
    return seen.astype(np.float64), np.where(seen, answers, 0.0), seen.sum(axis=1)
