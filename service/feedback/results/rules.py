"""What is shown of the feedback on one record: worked out once, in the act of release.

Pure. The law: a figure goes through `service.suppression`, and of those who answered
nothing follows from what is shown together that does not follow from any of it alone.
"""

import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Final, Protocol
from uuid import UUID

from service import suppression
from service.errors import Conflict, NotAllowed
from service.feedback.form.items import HIGHEST, LOWEST
from service.suppression import HIGH, LOW, NUMBER, WORDS, Average, Beyond, Verdict

EXAMPLE: Final = "example"
"""What an example is shown as; of which behaviour would tell an extreme answer."""
SLACK: Final = 2
"""So many more examples than extreme answers that follow from the averages."""
HALF: Final = Fraction(1, 20)
"""Of the last decimal that is shown."""
AMENDABLE: Final = timedelta(days=14)
"""For so long after it was first given a reply may be changed."""


class ReplyIsFinal(Conflict):
    """The reply to feedback can be changed for fourteen days, and no longer."""

    slug = "feedback-reply-final"


class NotYourReply(NotAllowed):
    """Only whom the feedback is about replies to it."""

    slug = "feedback-reply-not-yours"


class Category(StrEnum):
    """On what a colleague's feedback rests."""

    SHARED_OBJECTIVE = "shared_objective"
    OTHER_WORK = "other_work"


class Withheld(StrEnum):
    """Why a comment is not shown."""

    IDENTIFIES_RATER = "identifies_rater"
    IDENTIFIES_THIRD_PARTY = "identifies_third_party"
    ABUSIVE = "abusive"
    UNLAWFUL = "unlawful"
    OFF_TOPIC = "off_topic"
    NOT_MODERATED = "not_moderated"


class Given(Protocol):
    """One form that counts, as the door to raters lets it out."""

    @property
    def organisation(self) -> str:
        """The subject's."""

    @property
    def record(self) -> UUID:
        """Whose it is about."""

    @property
    def response(self) -> UUID:
        """Random; it names the form alone."""

    @property
    def rater_organisation(self) -> str:
        """Where the rater works."""

    @property
    def on_shared(self) -> bool:
        """Whether it rests on an objective that rater and subject share."""

    @property
    def answers(self) -> Mapping[str, int | None]:
        """By item; None: not observed."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One text or example, without its words."""

    id: UUID
    response: UUID
    field: str
    """What it is: `example`, or the box of a text."""
    withheld: Withheld | None
    """None: a moderator passed it."""


@dataclass(frozen=True, slots=True)
class Group:
    """What colleagues of some categories together say."""

    categories: tuple[Category, ...]
    average: Average


@dataclass(frozen=True, slots=True)
class Results:
    """What is shown of one record."""

    verdict: Verdict
    """On all who answered."""
    behaviours: Mapping[str, Average]
    groups: tuple[Group, ...]
    words: str | None
    """Why there are no comments; None: those there are may be shown."""
    comments: tuple[Comment, ...]


def results(
    forms: Sequence[Given], comments: Sequence[Comment], items: Sequence[str]
) -> Results:
    """Return what is shown of one record's forms and comments; `items` in order."""
    whole = _verdict(forms)
    behaviours = _behaviours(forms, items)
    words = suppression.verdict(len(forms), len(_others(forms)), WORDS)
    counting = {form.response for form in forms}
    ours = [each for each in comments if each.response in counting]
    observed = {item: len(_observed(forms, item)) for item in items}
    return Results(
        verdict=whole,
        behaviours=behaviours,
        groups=_groups(forms) if whole.may_show else (),
        words=words.reason,
        comments=_comments(ours, behaviours, observed) if words.may_show else (),
    )


def _verdict(forms: Collection[Given]) -> Verdict:
    return suppression.verdict(len(forms), len(_others(forms)), NUMBER)


def _others(forms: Collection[Given]) -> set[str]:
    return {f.rater_organisation for f in forms} - {f.organisation for f in forms}


def _behaviours(forms: Sequence[Given], items: Sequence[str]) -> dict[str, Average]:
    found, raters = {}, {}
    for item in items:
        seen = _observed(forms, item)
        total = sum(form.answers[item] or 0 for form in seen)
        found[item] = suppression.average(total, len(seen), _verdict(seen))
        raters[item] = len(seen)
    return suppression.protected(found, raters)


def _observed(forms: Iterable[Given], item: str) -> list[Given]:
    return [form for form in forms if form.answers.get(item) is not None]


def _groups(forms: Sequence[Given]) -> tuple[Group, ...]:
    """Return the categories of rater that can be told apart; one alone is everybody."""
    sizes = Counter(_category(form).value for form in forms)
    parts = {
        ",".join(sorted(part)): [form for form in forms if _category(form) in part]
        for part in suppression.merged(sizes)
    }
    if len(parts) == 1:
        return ()
    found = {
        name: suppression.average(
            float(sum(map(_mark, some))), len(some), _verdict(some)
        )
        for name, some in parts.items()
    }
    shown = suppression.protected(found, {name: len(f) for name, f in parts.items()})
    return tuple(
        Group(tuple(map(Category, name.split(","))), shown[name])
        for name in sorted(shown)
    )


def _category(form: Given) -> Category:
    return Category.SHARED_OBJECTIVE if form.on_shared else Category.OTHER_WORK


def _mark(form: Given) -> Fraction:
    """Return the mean of what a form observed; a form that counts observed some."""
    seen = [value for value in form.answers.values() if value is not None]
    return Fraction(sum(seen), len(seen))


def _comments(
    ours: Sequence[Comment], shown: Mapping[str, Average], observed: Mapping[str, int]
) -> tuple[Comment, ...]:
    """Leave examples out where their number would tell how others answered.

    An extreme answer asks for one, so that too few of them say who answered between.
    They are left out whole and in silence: how many there were is what would tell.
    """
    examples = [each for each in ours if each.field == EXAMPLE]
    forced = sum(extremes(shown[item], observed[item]) for item in shown)
    raters = len({each.response for each in examples})
    if raters >= WORDS.raters and len(examples) >= forced + SLACK:
        return tuple(ours)
    return tuple(each for each in ours if each.field != EXAMPLE)


def extremes(shown: Average, raters: int) -> int:
    """Return how many answers of 1 or 5, at least, follow from an average shown."""
    if shown.reason is not None:
        return 0
    low, high = Fraction(LOWEST), Fraction(HIGHEST)
    if shown.beyond == Beyond.HIGH:
        low = Fraction(str(HIGH)) - HALF
    elif shown.beyond == Beyond.LOW:
        high = Fraction(str(LOW)) + HALF
    elif shown.figure is not None:
        low, high = Fraction(str(shown.figure)) - HALF, _up(shown.figure)
    least, most = ceil(low * raters), floor(high * raters)
    return max(0, least - (HIGHEST - 1) * raters, (LOWEST + 1) * raters - most)


def _up(figure: float) -> Fraction:
    return Fraction(str(figure)) + HALF


def in_order(
    comments: Iterable[UUID], viewer: UUID, cycle: UUID, key: bytes
) -> list[UUID]:
    """Return comments in the order in which one viewer sees them, always the same.

    By HMAC-SHA-256 of viewer, cycle and id under `key`: no two viewers see one order,
    and none of them tells in which order, or together with what, any was written.
    """
    seen = viewer.bytes + cycle.bytes
    return sorted(
        comments, key=lambda id_: hmac.digest(key, seen + id_.bytes, "sha256")
    )


def amendable_until(given_at: datetime) -> datetime:
    """Return until when a reply can be changed."""
    return given_at + AMENDABLE


def check_amendable(given_at: datetime, now: datetime) -> None:
    """Refuse to change a reply that has stood for as long as it may be changed."""
    until = amendable_until(given_at)
    if now >= until:
        raise ReplyIsFinal(f"The reply could be changed until {until.isoformat()}.")
