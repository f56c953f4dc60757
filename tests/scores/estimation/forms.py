"""Forms to estimate from: simulated networks, and small ones by hand."""

from dataclasses import dataclass

import numpy as np

from service.scores.estimation.model import Floats, Forms


@dataclass(frozen=True, slots=True)
class Truth:
    """Forms, and what they were made from."""

    forms: Forms
    person: Floats
    """True effect of each person, in order of name."""


def simulated(
    seed: int,
    people: int,
    each: int = 8,
    *,
    items: int = 5,
    person: float = 0.4,
    rater: float = 0.36,
    group: float = 0.0,
    halo: float = 0.5,
) -> Truth:
    """Forms of people rated by those of other organisations; standard deviations.

    Answers are whole numbers from 1 to 5, one in twelve left out.
    """
    rng = np.random.default_rng(seed)
    organisations = max(4, people // 60)
    home = rng.integers(0, organisations, people)
    subject = np.repeat(np.arange(people), each)
    by = rng.integers(0, people, len(subject))
    fine = home[by] != home[subject]
    subject, by = np.divmod(np.unique(subject[fine] * people + by[fine]), people)
    quality = rng.normal(0, person, people)
    level = (
        3.5
        + quality[subject]
        + rng.normal(0, rater, people)[by]
        + rng.normal(0, group, organisations)[home[by]]
        + rng.normal(0, halo, len(by))
    )
    easy = np.linspace(-0.2, 0.2, items)
    answers = level[:, None] + easy + rng.normal(0, 0.5, (len(by), items))
    answers = np.clip(np.rint(answers), 1, 5)
    answers[:, 3:][rng.random((len(by), items - 3)) < 0.2] = np.nan
    names = np.array([f"p{number:05}" for number in range(people)])
    places = np.array([f"o{number:03}" for number in range(organisations)])
    forms = Forms(
        names[subject], names[by], places[home[by]], answers, places[home[subject]]
    )
    return Truth(forms, quality[np.unique(subject)])


def shuffled(forms: Forms, seed: int) -> Forms:
    """The same forms in another order."""
    order = np.random.default_rng(seed).permutation(len(forms.person))
    return Forms(
        forms.person[order],
        forms.rater[order],
        forms.group[order],
        forms.answers[order],
        None if forms.home is None else forms.home[order],
    )


def of(rows: list[tuple[str, str, float]], *, items: int = 3) -> Forms:
    """Forms of equal answers: (person, rater, answer); a rater is their own group."""
    person, rater, answers = zip(*rows, strict=True)
    return Forms(
        np.array(person),
        np.array(rater),
        np.array(rater),
        np.repeat(np.array(answers, dtype=float)[:, None], items, axis=1),
    )
