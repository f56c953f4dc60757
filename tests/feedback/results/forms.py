"""Forms as the door to raters lets them out, and what is drawn up from them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from service.feedback.form.items import BEHAVIOURS, EXTREMES
from service.feedback.results.rules import EXAMPLE, Comment, Results, results

SUBJECT = UUID(int=1)


@dataclass(frozen=True)
class AForm:
    answers: Mapping[str, int | None]
    rater_organisation: str
    response: UUID
    on_shared: bool = False
    organisation: str = "hmt"
    record: UUID = SUBJECT


def forms(
    *answers: Sequence[int | None], at: str = "dwp moj dft", shared: int = 0
) -> list[AForm]:
    """One form for each list of answers; organisations in turn; `shared` come first."""
    places = at.split()
    return [
        AForm(
            dict(zip(BEHAVIOURS, given, strict=False)),
            places[number % len(places)],
            UUID(int=number + 10),
            on_shared=number < shared,
        )
        for number, given in enumerate(answers)
    ]


def seeded(seed: int) -> random.Random:
    """Chance that can be had again."""
    return random.Random(seed)  # noqa: S311 - repeatable on purpose


def alike(value: int | None, times: int) -> list[list[int | None]]:
    """So many forms with the same answer to everything."""
    return [[value] * len(BEHAVIOURS) for _ in range(times)]


def examples(given: Sequence[AForm], chance: random.Random) -> list[Comment]:
    """The examples that these forms need, and sometimes a few more, all passed."""
    more = chance.choice([0, 0.05])
    return [
        Comment(
            UUID(int=chance.getrandbits(128), version=4), form.response, EXAMPLE, None
        )
        for form in given
        for value in form.answers.values()
        if value is not None and (value in EXTREMES or chance.random() < more)
    ]


def shown(given: Sequence[AForm], comments: Sequence[Comment] = ()) -> Results:
    return results(given, comments, BEHAVIOURS)
