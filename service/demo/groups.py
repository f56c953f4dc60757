"""Who works with whom in the demo, and what they say of each other. Pure, by seed."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.demo.names import EFFORTS, OUTCOMES
from service.feedback.filling import Filled
from service.feedback.form.items import (
    BEHAVIOURS,
    EXTREMES,
    HIGHEST,
    LOWEST,
    Basis,
    ContactFrequency,
)

ORGANISATIONS_A_GROUP: Final = 4
EXAMPLE: Final = "It showed in how the work on our joint objective was shared."
SMALLEST: Final = 2
LARGEST: Final = 4
"""People of one organisation in a group."""
OF_EACH: Final = 2
"""Members, and helpers, that a circle has of each organisation."""
MOST_GROUPS: Final = 60
OBSERVED: Final = 0.94
DECLINES: Final = 0.06
ANSWERS: Final = 0.72


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can share an objective: by person, and by name for the seed."""

    person: UUID
    name: str
    """Organisation and the HR system's id: the same in every run."""
    organisation: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who share one objective; the first leads it."""

    id: UUID
    title: str
    members: tuple[Colleague, ...]
    shares: tuple[int, ...]
    commitments: tuple[str, ...]


def groups(colleagues: Iterable[Colleague], seed: int) -> list[Group]:
    """Share out about half of the colleagues, each in at most one group."""
    chance = random.Random(f"{seed} groups")  # noqa: S311 - repeatable on purpose
    waiting: dict[str, list[Colleague]] = {}
    everyone = sorted(colleagues, key=lambda colleague: colleague.name)
    for colleague in everyone:
        waiting.setdefault(colleague.organisation, []).append(colleague)
    for people in waiting.values():
        chance.shuffle(people)
    made: list[Group] = []
    left = len(everyone) // 2
    while len(made) < MOST_GROUPS and left > 0:
        ready = [o for o, people in sorted(waiting.items()) if len(people) >= LARGEST]
        if len(ready) < ORGANISATIONS_A_GROUP:
            break
        members: list[Colleague] = []
        for organisation in chance.sample(ready, ORGANISATIONS_A_GROUP):
            for _ in range(chance.randint(SMALLEST, LARGEST)):
                members.append(waiting[organisation].pop())  # noqa: PERF401 - pops
        made.append(_group(len(made), members, chance))
        left -= len(members)
    return made


def _group(place: int, members: Sequence[Colleague], chance: random.Random) -> Group:
    extra = [chance.randint(1, 6) for _ in members]
    shares = [max(1, 100 * part // sum(extra)) for part in extra]
    shares[0] += 100 - sum(shares)
    return Group(
        id=UUID(int=chance.getrandbits(128), version=4),
        title=f"{OUTCOMES[place % len(OUTCOMES)]} ({place + 1})",
        members=tuple(members),
        shares=tuple(shares),
        commitments=tuple(chance.choice(EFFORTS) for _ in members),
    )


@dataclass(frozen=True, slots=True)
class Circle:
    """Who works together this year; nobody in it manages another."""

    members: tuple[Colleague, ...]
    """They share an objective; the first leads it."""
    helpers: tuple[Colleague, ...]
    """They know the members' work: of each organisation as many."""


def circle(
    colleagues: Mapping[Colleague, UUID], home: str, first: UUID | None, seed: int
) -> Circle | None:
    """Choose people of `home` and three more organisations; None where there are none.

    `colleagues` are told with their line managers; `first` leads, where they can.
    """
    chance = random.Random(f"{seed} circle")  # noqa: S311 - repeatable on purpose
    everyone = sorted(colleagues, key=lambda colleague: colleague.name)
    chance.shuffle(everyone)
    everyone.sort(key=lambda colleague: colleague.person != first)
    free = _apart(everyone, colleagues)
    ready = sorted(o for o, people in free.items() if len(people) == 2 * OF_EACH)
    others = [organisation for organisation in ready if organisation != home]
    if home not in ready or len(others) < ORGANISATIONS_A_GROUP - 1:
        return None
    chosen = [home, *chance.sample(others, ORGANISATIONS_A_GROUP - 1)]
    return Circle(
        tuple(each for o in chosen for each in free[o][:OF_EACH]),
        tuple(each for o in chosen for each in free[o][OF_EACH:]),
    )


def _apart(
    people: Iterable[Colleague], managers: Mapping[Colleague, UUID]
) -> dict[str, list[Colleague]]:
    """Return the first of each organisation of whom none manages another."""
    free: dict[str, list[Colleague]] = {}
    taken: set[UUID] = set()
    manage: set[UUID] = set()
    for each in people:
        there = free.setdefault(each.organisation, [])
        in_line = each.person in manage or managers[each] in taken
        if len(there) < 2 * OF_EACH and not in_line:
            there.append(each)
            taken.add(each.person)
            manage.add(managers[each])
    return free


def replies(rater: str, subject: str, seed: int) -> str:
    """Return what a rater does with a request: `answer`, `decline` or `nothing`."""
    drawn = random.Random(f"{seed} reply {rater} {subject}").random()  # noqa: S311 - as above
    if drawn < DECLINES:
        return "decline"
    return "answer" if drawn < DECLINES + ANSWERS else "nothing"


def filled(rater: str, subject: str, seed: int) -> Filled:
    """Return the form as a rater fills it in, with an example where it asks for one."""
    given = answers(rater, subject, seed)
    return Filled(
        given,
        examples={item: EXAMPLE for item, value in given.items() if value in EXTREMES},
        months=9,
        frequency=ContactFrequency.MOST_MONTHS,
        basis=Basis.GENERAL,
    )


def answers(rater: str, subject: str, seed: int) -> dict[str, int | None]:
    """Return a rater's answers on a subject: quality, severity, halo and noise."""
    quality = random.Random(f"{seed} quality {subject}").gauss(3.7, 0.55)  # noqa: S311 - as above
    severity = random.Random(f"{seed} severity {rater}").gauss(0, 0.2)  # noqa: S311 - as above
    chance = random.Random(f"{seed} form {rater} {subject}")  # noqa: S311 - as above
    halo = chance.gauss(0, 0.3)
    return {item: _answer(quality + severity + halo, chance) for item in BEHAVIOURS}


def _answer(level: float, chance: random.Random) -> int | None:
    value = min(HIGHEST, max(LOWEST, round(level + chance.gauss(0, 0.6))))
    return value if chance.random() < OBSERVED else None
