"""A service of departments whose people rate each other, made up from a seed.

What people are like is known here, so an estimate can be held against the truth. The
truth is what a person's answers would be on average if everybody in the service had
been asked, on the scale as it is answered: whole numbers that stop at 1 and 5.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import ndtr

from service.scores.estimate import Counts, Floats, Forms, Truths

SPREAD: Final = 0.85
"""Standard deviation of an answer as it is meant."""
MEAN: Final = 3.7
EASY: Final = (0.15, 0.05, 0.0, -0.05, -0.15)
"""The items' own effects."""
ANSWERING: Final = 0.8
"""Share of those who are asked that answer, about."""
LOW: Final = 3.0
"""Below this an answer may be kept back, and a form."""
GROUP: Final = 30
"""People of a working group."""
NEAR: Final = 0.85
"""Share of raters who are of a working group of the subject's."""


DRAWN: Final = 6
"""Times as many raters as are asked: a draw may be of one's own department."""


@dataclass(frozen=True, slots=True)
class World:
    """How large a service is, and what its answers come from."""

    people: int = 2_000
    raters: float = 8
    """Of each person, on average."""
    person: float = 0.22
    """Share of an answer's variance, as are the next four; they sum to 1 or less."""
    rater: float = 0.18
    department: float = 0.0
    """Leniency that a rater's department has in common."""
    halo: float = 0.35
    """What a form says of all items beyond subject and rater."""
    item: float = 0.25
    unseen: float = 0.12
    """Share of answers that raters cannot give."""
    unseen_low: float = 0.0
    """Share of answers below 3 that they do not give besides."""
    silent_low: float = 0.0
    """Share of forms of a mark below 3 that raters never hand in."""
    islands: int = 1
    """Parts of the service whose people never rate those of another."""
    friends: bool = False
    """Whether half the people are rated by the friendlier half of who could."""
    heavy: bool = False
    """Whether forms stray as Student's t of 4 degrees does, not as a normal."""


@dataclass(frozen=True, slots=True)
class Made:
    """Forms, and the truth of everybody they are about, in order of `person`."""

    forms: Forms
    subject: Counts
    """Each form's, as a place in the columns below."""
    rater: Counts
    """Each form's, as a number among all people."""
    truth: Floats
    quality: Floats
    """p, as it is meant: without bounds or rounding."""
    favoured: Truths
    """Whose raters were chosen by friendliness."""
    island: Counts


def made(world: World, seed: int) -> Made:
    """Make the forms of a cycle; the same seed makes the same again."""
    rng = np.random.default_rng(seed)
    department, island = _departments(rng, world)
    favoured = np.zeros(world.people, dtype=np.bool_)
    if world.friends:
        favoured[rng.permutation(world.people)[: world.people // 2]] = True
    asked = np.where(favoured, 2.0, 1.0) * world.raters
    subject, rater = _asked(rng, department, island, asked)
    shares = (world.person, world.rater, world.department, world.halo, world.item)
    person_sd, rater_sd, department_sd, halo_sd, item_sd = SPREAD * np.sqrt(shares)
    quality = rng.normal(0, person_sd, world.people)
    lenient = rng.normal(0, department_sd, department.max() + 1)
    lenient -= lenient[department[rater]].mean()  # μ is of the raters there are.
    severity = rng.normal(0, rater_sd, world.people) + lenient[department]
    halo = _stray(rng, world, len(subject)) * halo_sd
    said = severity[rater] + halo
    if world.friends:
        half = np.bincount(subject, minlength=world.people) // 2
        kept = ~favoured[subject] | _highest(subject, said, half)
        subject, rater, said = subject[kept], rater[kept], said[kept]
    answers = _answered(rng, world, quality[subject] + said, item_sd)
    low = np.nanmean(answers, axis=1) < LOW
    given = ~low | (rng.random(len(low)) >= world.silent_low)
    subject, rater, answers = subject[given], rater[given], answers[given]
    names = np.array([f"p{number:07}" for number in range(world.people)])
    places = np.array([f"o{number:04}" for number in range(department.max() + 1)])
    of_all = np.sqrt(rater_sd**2 + department_sd**2 + halo_sd**2 + item_sd**2)
    about, row = np.unique(subject, return_inverse=True)
    return Made(
        Forms(
            names[subject],
            names[rater],
            places[department[rater]],
            answers,
            places[department[subject]],
        ),
        row,
        rater,
        _truth(quality[about], float(of_all)),
        quality[about],
        favoured[about],
        island[about],
    )


def _departments(rng: np.random.Generator, world: World) -> tuple[Counts, Counts]:
    """Return each person's department and island; departments lie in one island."""
    number = max(8, min(60, world.people // 150))
    size = 0.5 * rng.dirichlet(np.full(number, 0.8)) + 0.5 / number
    department = np.sort(rng.choice(number, world.people, p=size / size.sum()))
    return department, department * world.islands // number


def _asked(
    rng: np.random.Generator, department: Counts, island: Counts, asked: Floats
) -> tuple[Counts, Counts]:
    """Return subjects and raters, a pair once, of two departments of one island.

    Raters are of the subject's two working groups, which are of neighbouring
    departments, or of anywhere in the island.
    """
    n = len(department)
    drawn = np.ceil(asked / ANSWERING).astype(np.int64)
    count = np.maximum(rng.binomial(drawn, asked / drawn), 2)
    subject = np.repeat(np.arange(n), count * DRAWN)
    reach = max(2 * GROUP, n // 3)  # People stand by department: neighbours are near.
    groups = []
    for _ in range(2):
        order = np.argsort(np.arange(n) + rng.uniform(0, reach, n), kind="stable")
        place = np.empty(n, dtype=np.int64)
        place[order] = np.arange(n)
        first = place[subject] // GROUP * GROUP
        within = np.minimum(first + rng.integers(GROUP, size=len(subject)), n - 1)
        groups.append(order[within])
    rater = np.where(rng.random(len(subject)) < 0.5, *groups)
    far = rng.random(len(subject)) > NEAR
    rater[far] = rng.integers(n, size=int(far.sum()))
    fine = (department[subject] != department[rater]) & (
        island[subject] == island[rater]
    )
    pair = np.unique(subject[fine] * np.int64(n) + rater[fine])
    subject, rater = pair // n, pair % n
    answering = _highest(subject, rng.random(len(subject)), count)
    return subject[answering], rater[answering]


def _stray(rng: np.random.Generator, world: World, forms: int) -> Floats:
    if world.heavy:
        return np.asarray(rng.standard_t(4, forms) / 2**0.5)  # Of variance 1.
    return rng.normal(0, 1, forms)


def _highest(subject: Counts, by: Floats, count: Counts) -> Truths:
    """Return which forms are among so many of each subject that stand highest."""
    order = np.lexsort((-by, subject))
    number = np.bincount(subject, minlength=len(count))
    place = np.arange(len(subject)) - (np.cumsum(number) - number)[subject[order]]
    found = np.empty(len(subject), dtype=np.bool_)
    found[order] = place < count[subject[order]]
    return found


def _answered(
    rng: np.random.Generator, world: World, level: Floats, item_sd: float
) -> Floats:
    """Return whole answers from 1 to 5 on each item, at least three seen of a form."""
    shape = (len(level), len(EASY))
    meant = MEAN + level[:, None] + np.array(EASY) + rng.normal(0, item_sd, shape)
    answers: Floats = np.clip(np.rint(meant), 1, 5)
    unseen = rng.random(shape) < world.unseen + world.unseen_low * (answers < LOW)
    for row in np.flatnonzero(unseen.sum(axis=1) > len(EASY) - 3):
        unseen[row, rng.permutation(np.flatnonzero(unseen[row]))[2:]] = False
    answers[unseen] = np.nan
    return answers


def _truth(quality: Floats, spread: float) -> Floats:
    """Return the mean answer to be expected: 1 + Σ P(answer > t), over all items."""
    meant = MEAN + quality[:, None, None] + np.array(EASY)[:, None]
    above = ndtr((meant - np.array([1.5, 2.5, 3.5, 4.5])) / spread)
    return np.asarray(1 + above.sum(axis=2).mean(axis=1))


def with_hostile(one: Made, seed: int, forms: int, people: int) -> tuple[Made, Counts]:
    """Have some people who have so many forms be given 1 on all of one of them.

    Return them as places in order of `person`.
    """
    rng = np.random.default_rng(seed)
    such = np.flatnonzero(np.bincount(one.subject) == forms)
    hit = rng.choice(such, people, replace=False)
    answers = one.forms.answers.copy()
    for person in hit:
        row = rng.choice(np.flatnonzero(one.subject == person))
        answers[row] = np.where(np.isnan(answers[row]), np.nan, 1.0)
    return replace(one, forms=replace(one.forms, answers=answers)), hit
