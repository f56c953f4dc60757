"""What a rater's pages show of a request: only what its rater may know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.db.reach import EVERYONE, within_reach
from service.feedback import queries
from service.feedback.filling import Filled
from service.feedback.form.data import Words, form
from service.feedback.form.items import Language
from service.feedback.life import State
from service.feedback.own import Own
from service.feedback.presenting import hinted
from service.feedback.queries import Shared, Subject
from service.feedback.rules import HEAVY
from service.feedback.schemas import HintOut
from service.feedback.turns import is_small
from service.web.language import mark, say, spoken
from service.web.templating import until

NOT_STARTED: Final = mark("Not started")
SAVED: Final = mark("Draft saved")
SENT: Final = mark("Sent")
CHANGED: Final = mark("Changes not sent")


@dataclass(frozen=True, slots=True)
class Listed:
    """One request of a rater's list."""

    id: UUID
    subject: Subject
    until: str
    status: str
    waits: bool
    """Whether something is still to be done."""


async def listed(found: Sequence[Own], today: date) -> list[Listed]:
    """Return a rater's own requests as their list shows them."""
    with within_reach(EVERYONE):  # The subjects work elsewhere.
        subjects = await queries.subjects_on([own.subject for own in found], today)
    return [
        Listed(
            id=own.request,
            subject=subjects[own.subject],
            until=until(own.closes_at),
            status=say(_status(own)),
            waits=own.state != State.SUBMITTED or own.unsent,
        )
        for own in found
    ]


def _status(own: Own) -> str:
    if own.state == State.SUBMITTED:
        return CHANGED if own.unsent else SENT
    return SAVED if own.state == State.DRAFT else NOT_STARTED


def too_many(found: Iterable[Own]) -> int:
    """Return how many a rater is asked for in one window, if more than they should."""
    windows = [own.window for own in found]
    most = max((windows.count(window) for window in windows), default=0)
    return most if most > HEAVY else 0


def words_of(own: Own) -> Words:
    """Return the form of a request in the language spoken."""
    return form(own.form_version).in_language(spoken())


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form shows beside what was filled in."""

    subject: Subject
    words: Words
    small: bool
    """Whether few could have been asked."""
    objectives: Sequence[Shared]
    least_months: int
    until: str
    sent: bool
    unsent: bool


async def asked(own: Own, today: date) -> Asked:
    """Return what a request asks, in the language spoken."""
    with within_reach(EVERYONE):
        subjects = await queries.subjects_on([own.subject], today)
        shared = await queries.shared_by(own.cycle, own.subject, own.rater)
    return Asked(
        subject=subjects[own.subject],
        words=words_of(own),
        small=is_small(own.pool_size, own.drawn),
        objectives=shared,
        least_months=queries.limits_in(own.framework).minimum_contact_months,
        until=until(own.closes_at),
        sent=own.state == State.SUBMITTED,
        unsent=own.unsent,
    )


@dataclass(frozen=True, slots=True)
class Pointed:
    """One text with what in it may tell who wrote it."""

    asks: str
    parts: Sequence[tuple[str, bool]]
    """Each with whether it is pointed at."""
    says: Sequence[str]


async def pointed(own: Own, filled: Filled) -> list[Pointed]:
    """Return a rater's own texts in which words may tell who they are."""
    words, found = words_of(own), await hinted(own, filled, Language(spoken()))
    texts = [
        (f"#/examples/{each.code}", each.asks, filled.examples.get(each.code, ""))
        for each in words.behaviours
    ]
    texts += [
        (f"#/texts/{each.code}", each.label, filled.texts.get(each.code, ""))
        for each in words.texts
    ]
    return [
        _pointed(asks, text, here)
        for pointer, asks, text in texts
        if (here := [hint for hint in found if hint.pointer == pointer])
    ]


def _pointed(asks: str, text: str, hints: Sequence[HintOut]) -> Pointed:
    parts, done = [], 0
    for hint in hints:
        parts += [(text[done : hint.start], False), (text[hint.start : hint.end], True)]
        done = hint.end
    parts.append((text[done:], False))
    return Pointed(asks, parts, [*dict.fromkeys(hint.says for hint in hints)])
