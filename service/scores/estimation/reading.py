"""A table of anybody's ratings, turned into forms that can be fitted, or refused.

Pure: columns in, forms out. The law: what cannot be told from the table is refused by
the name of what is in the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.scores.estimation.marks import Stage, inside_forms
from service.scores.estimation.model import (
    ROUNDING,
    Counts,
    Floats,
    People,
    UnusableForm,
)
from service.scores.estimation.order import numbered


@dataclass(frozen=True, slots=True)
class Ratings:
    """A table of ratings, a row each; the names of its columns serve refusals."""

    rating: Floats
    person: People
    rater: People
    item: People | None
    """Left out, each row is a form."""
    group: People | None
    fixed: Mapping[str, Floats | People]
    """Terms of the form: numbers as they are, names as categories."""


@dataclass(frozen=True, slots=True)
class Tabled:
    """Forms in order, with what is known of each."""

    people: People
    raters: People
    person: Counts
    rater: Counts
    cluster: Counts | None
    stage: Stage
    items: People
    """As terms; none where each row is a form."""
    shares: Floats
    """Forms by items: 1 over a form's items where it has one."""
    fixed: Floats
    terms: Sequence[str]


def tabled(ratings: Ratings) -> Tabled:
    """Return the forms of a table, in one order whatever order its rows have.

    With items, each (person, rater) is a form; without them each row is. Refuses an
    item of a form twice, and a table from which a variance cannot be told.
    """
    people, person = numbered(ratings.person)
    raters, rater = numbered(ratings.rater)
    fixed, terms = _fixed(ratings.fixed, len(person))
    cluster = None if ratings.group is None else _clusters(ratings, rater, raters)
    items, shares = np.zeros(0, dtype=np.str_), np.zeros((len(person), 0))
    if ratings.item is None:
        order = np.lexsort((ratings.rating, *fixed.T[:0:-1], rater, person))
        stage = _alone(ratings.rating[order])
        person, rater, fixed = person[order], rater[order], fixed[order]
    else:
        key = person * np.int64(len(raters)) + rater
        pairs, form = np.unique(key, return_inverse=True)
        items, answers = _answers(ratings, form, len(pairs))
        stage = inside_forms(answers)
        shares = ~np.isnan(answers) / stage.items[:, None]
        fixed = _of_forms(fixed, form, len(pairs), terms)
        person, rater = pairs // len(raters), pairs % len(raters)
    _refuse_dependent(fixed, terms)
    found = Tabled(
        people, raters, person, rater, cluster, stage, items, shares, fixed, terms
    )
    _refuse_hopeless(found)
    return found


def _alone(mark: Floats) -> Stage:
    """Return the stage of forms of one rating each."""
    return Stage(
        mark=mark,
        items=np.ones(len(mark), dtype=np.int64),
        effects=np.zeros(0),
        normal=np.zeros((0, 0)),
        variance=0.0,
    )


def _answers(ratings: Ratings, form: Counts, forms: int) -> tuple[People, Floats]:
    """Return the items, and forms by items; NaN where there is no rating."""
    assert ratings.item is not None  # noqa: S101 - asked for only where there are any
    items, item = numbered(ratings.item)
    key = form * np.int64(len(items)) + item
    order = np.argsort(key, kind="stable")
    again = order[1:][key[order][1:] == key[order][:-1]]
    if again.size:
        at = int(again.min())
        raise UnusableForm(
            f"{ratings.rater[at]} has rated {ratings.person[at]} on {ratings.item[at]}"
            " more than once; keep one rating of each."
        )
    answers = np.full((forms, len(items)), np.nan)
    answers[form, item] = ratings.rating
    return items, answers


def _of_forms(fixed: Floats, form: Counts, forms: int, terms: Sequence[str]) -> Floats:
    found = np.zeros((forms, fixed.shape[1]))
    found[form] = fixed
    odd = np.flatnonzero((found[form] != fixed).any(axis=0))
    if odd.size:
        name = terms[int(odd[0])]
        raise UnusableForm(
            f"{name} is not the same for all items of a form; leave it out."
        )
    return found


def _fixed(
    columns: Mapping[str, Floats | People], rows: int
) -> tuple[Floats, Sequence[str]]:
    """Return X and its terms; of a category, its first level stands for none."""
    found, terms = [np.ones(rows)], ["(Intercept)"]
    for name, values in columns.items():
        if values.dtype.kind == "f":
            found.append(np.asarray(values, dtype=np.float64))
            terms.append(name)
            continue
        levels, index = numbered(np.asarray(values, dtype=np.str_))
        for at, level in enumerate(levels.tolist()[1:], 1):
            found.append((index == at).astype(np.float64))
            terms.append(f"{name}{level}")
    return np.column_stack(found), terms


def _clusters(ratings: Ratings, rater: Counts, raters: People) -> Counts:
    assert ratings.group is not None  # noqa: S101 - asked for only where there are any
    groups, group = numbered(ratings.group)
    of_rater = np.zeros(len(raters), dtype=np.int64)
    of_rater[rater] = group
    odd = np.flatnonzero(of_rater[rater] != group)
    if odd.size:
        name = raters[rater[odd[0]]]
        raise UnusableForm(f"Rater {name} has several groups; give each rater one.")
    if len(groups) in (1, len(raters)):
        what = (
            "All raters are in one group"
            if len(groups) == 1
            else "No two raters share a group"
        )
        raise UnusableForm(f"{what}; leave the groups out.")
    return of_rater


def _refuse_dependent(fixed: Floats, terms: Sequence[str]) -> None:
    """Refuse a term that the others already say, such as one that is constant."""
    size = np.sqrt((fixed * fixed).sum(axis=0))
    scaled = fixed / np.maximum(size, ROUNDING)
    for last in range(1, len(terms)):
        some = scaled[:, : last + 1]
        products = np.einsum("ij,ik->jk", some, some)
        if np.linalg.matrix_rank(products, tol=1e-10, hermitian=True) <= last:
            raise UnusableForm(
                f"{terms[last]} says nothing that other columns do not; leave it out."
            )


def _refuse_hopeless(forms: Tabled) -> None:
    count = len(forms.person)
    sides = (("person", forms.people), ("rater", forms.raters))
    for name, names in sides:
        if len(names) == 1:
            raise UnusableForm(f"There is one {name}; two are needed at least.")
    for name, names in sides:
        if len(names) == count:
            raise UnusableForm(
                f"Each {name} has one form: what is theirs cannot be told from the"
                " rest. Some need two at least."
            )
    if count <= len(forms.terms) + 2:
        raise UnusableForm("There are too few ratings for so many columns.")
    if float(forms.stage.mark.var()) <= ROUNDING:
        raise UnusableForm("All ratings are equal; there is nothing to tell apart.")
