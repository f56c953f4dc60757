"""Forms in one order, whatever order they came in, with names as numbers.

Pure. The law: the order follows from the names alone.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from service.scores.estimation.model import Counts, Floats, Forms, People

SLICE: Final = 100_000
"""Names turned at once: Python's strings take more room than numpy's."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Forms in order of person and rater; each number is a place in its names."""

    people: People
    raters: People
    groups: People
    person: Counts
    rater: Counts
    answers: Floats
    count: Counts
    """Forms of each person."""
    group: Counts
    """Each rater's group: where one has several, the commonest, then the first."""
    home: Counts | None
    """Each person's, by number, in the same way."""
    digest: str
    """SHA-256 (hex) of all of it."""


def ordered(forms: Forms) -> Ordered:
    """Return the forms in order."""
    people, person = numbered(forms.person)
    raters, rater = numbered(forms.rater)
    groups, group = numbered(forms.group)
    order = np.lexsort((rater, person))
    person, rater, group = person[order], rater[order], group[order]
    answers = forms.answers[order]
    digest = hashlib.sha256()
    for names in (people, raters, groups):
        digest.update("\0".join(names.tolist()).encode() + b"\0\0")
    for values in (person, rater, group, answers):
        digest.update(np.ascontiguousarray(values).data)
    home = None
    if forms.home is not None:
        homes, at = numbered(forms.home)
        home = commonest(person, at[order], len(homes))
    return Ordered(
        people,
        raters,
        groups,
        person,
        rater,
        answers,
        np.bincount(person, minlength=len(people)),
        commonest(rater, group, len(groups)),
        home,
        digest.hexdigest(),
    )


def numbered(names: People) -> tuple[People, Counts]:
    """Return the different names in order, and each one's place among them."""
    found = np.unique(names)
    place = {name: at for at, name in enumerate(found.tolist())}
    index = np.empty(len(names), dtype=np.int64)
    for at in range(0, len(names), SLICE):
        part = names[at : at + SLICE].tolist()
        index[at : at + len(part)] = [place[name] for name in part]
    return found, index


def commonest(level: Counts, group: Counts, groups: int) -> Counts:
    """Return the group that each level is in most often; of several, the first."""
    both, often = np.unique(level * np.int64(groups) + group, return_counts=True)
    levels = both // groups
    order = np.lexsort((-often, levels))
    first = np.flatnonzero(np.diff(levels[order], prepend=-1))
    return np.asarray(both[order][first] % groups)
