"""What the directory holds to be true of organisations, posts and people.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from service.errors import Conflict, NotFound, Unprocessable

EMPLOYEE_NUMBER: Final = "employee_number"
"""Source of an organisation's own employee numbers; no HR system may be named so."""
WHOLE: Final = 1
"""The most full-time equivalent one human can work."""

Node = TypeVar("Node", bound=Hashable)


class NameKind(StrEnum):
    """What an organisation is called."""

    OFFICIAL = "official"
    ALSO_KNOWN_AS = "also_known_as"


class Succession(StrEnum):
    """How one organisation became another."""

    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"


class Occupancy(StrEnum):
    """Whether somebody holds a post. Stands in order: the livest first."""

    FILLED = "filled"
    WITHHELD = "withheld"
    VACANT = "vacant"
    ELIMINATED = "eliminated"


class PostingKind(StrEnum):
    """On what footing a person holds a posting."""

    SUBSTANTIVE = "substantive"
    TEMPORARY_PROMOTION = "temporary_promotion"
    LOAN = "loan"
    SECONDMENT = "secondment"
    JOB_SHARE = "job_share"


class LineKind(StrEnum):
    """What a manager answers for."""

    LINE = "line"
    FUNCTIONAL = "functional"
    COUNTERSIGNING = "countersigning"


PLACEHOLDERS: Final[Mapping[str, Occupancy]] = MappingProxyType(
    {
        "": Occupancy.WITHHELD,
        "n/d": Occupancy.WITHHELD,
        "nd": Occupancy.WITHHELD,
        "vacant": Occupancy.VACANT,
        "eliminated": Occupancy.ELIMINATED,
    }
)
"""What organograms print where a name would stand."""
STRAY_MARKS: Final = "' \N{RIGHT SINGLE QUOTATION MARK}"
NOBODY: Final = frozenset({"", "xx"})
"""What organograms print for a post that reports to nobody."""
NUMBERED_GRADE: Final = re.compile(r"(?:SCS|OF-)\d[A-Z]?", re.IGNORECASE)


class UnknownOrganisation(NotFound):
    """There is no organisation with this code."""

    slug = "organisation-unknown"


class WrongSuccession(Unprocessable):
    """One organisation cannot become the other in this way."""

    slug = "organisation-wrong-succession"


class AmbiguousIdentifier(Conflict):
    """The identifier names people in two organisations."""

    slug = "ambiguous-identifier"


class UnknownPerson(NotFound):
    """Nobody is known by this identifier."""

    slug = "person-unknown"


def squeezed(text: str) -> str:
    """Return text without spaces at its ends or more than one within."""
    return " ".join(text.split())


def alike(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return squeezed(name).casefold()


def grade(text: str) -> str:
    """Return a grade as it is compared: `SCS1a` and `SCS1A` are one."""
    grade = squeezed(text)
    return grade.upper() if NUMBERED_GRADE.fullmatch(grade) else grade


def occupancy(name: str) -> Occupancy:
    """Tell from the name beside a post whether somebody holds it."""
    return PLACEHOLDERS.get(alike(name.strip(STRAY_MARKS)), Occupancy.FILLED)


def reports_to_nobody(reference: str) -> bool:
    """Tell whether an organogram's reference stands for no post at all."""
    return alike(reference) in NOBODY


def loops(above: Mapping[Node, Node]) -> list[list[Node]]:
    """Return each loop among those who each have at most one above them."""
    found: list[list[Node]] = []
    done: set[Node] = set()
    for start in above:
        path: dict[Node, None] = {}
        here = start
        while here in above and here not in done and here not in path:
            path[here] = None
            here = above[here]
        if here in path:
            walked = list(path)
            found.append(walked[walked.index(here) :])
        done.update(path)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A post somebody holds: two people share a job when both do so in one post."""

    organisation: str
    reference: str | None
    shares_job: bool


class TakesEffect(NamedTuple):
    """On which day the old row ends and on which the new one begins."""

    closes: date
    opens: date


def begins(stated: date, *, ended: date | None, today: date) -> date:
    """Return when a first posting begins, never inside one that has `ended`."""
    return stated if ended is None or ended <= stated else today


def takes_effect(
    stated: date, before: date, *, since: date, ended: date | None, today: date
) -> TakesEffect:
    """Date a change to a posting.

    `stated` and `before` are the start dates that HR states now and stated before,
    `since` the day the old row was opened from, `ended` when the person's last closed
    posting ended. A start date moved later dates the change; one moved earlier corrects
    a posting that is the person's first; otherwise the change is today's.
    """
    if stated > before:
        day = max(stated, since)
        return TakesEffect(day, day)
    if stated < before == since and ended is None:
        return TakesEffect(since, stated)
    day = max(today, since)
    return TakesEffect(day, day)


def check_succession(
    old: str, new: str, successors: Mapping[str, frozenset[str]]
) -> None:
    """Refuse a lineage that leads back to where it began, or is there already.

    `successors` holds, for each organisation, those it became.
    """
    if old == new:
        raise WrongSuccession(f"{old} cannot succeed itself: name two organisations.")
    if new in successors.get(old, frozenset()):
        raise WrongSuccession(f"{new} succeeds {old} already: there is nothing to do.")
    reached, ahead = {new}, [new]
    while ahead:
        further = successors.get(ahead.pop(), frozenset()) - reached
        reached |= further
        ahead += further
    if old in reached:
        raise WrongSuccession(
            f"{old} came from {new}: swap the two, or give {old} a code of its own."
        )
