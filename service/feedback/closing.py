"""When the window has closed: what counts, and its release.

The law: exactly what was accepted is counted, and exactly that is released.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Final, Protocol, TypeVar
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.errors import NotFound
from service.feedback import confidentiality, queries, rules
from service.feedback.confidentiality import Eligible
from service.feedback.forms import Counted, Form, Tie
from service.feedback.queries import Judged
from service.feedback.results.preparing import prepare
from service.feedback.results.telling import tell_released
from service.feedback.tables import FeedbackWindow
from service.feedback.windows import close, locked_window

AT_ONCE: Final = 10_000
"""So many eligibilities are judged in one statement."""
Answered = TypeVar("Answered", Form, Tie, Counted)


class Door(Protocol[Answered]):
    """How forms are read, by what they are seen as."""

    async def __call__(
        self, window: UUID, *, least_months: int, eligible: Eligible
    ) -> list[Answered]:
        """Return the forms of a window that count."""


async def closed_forms(
    cycle: UUID, *, key: bytes, now: datetime, as_released: bool = False
) -> list[Form]:
    """Return the forms that count, once the window has closed, under pseudonyms.

    Eligibility is judged again on the postings of the days on which each rater was
    invited and, until the release forgets it, answered, as they are known by now: never
    on a later organisation chart. What did not count when it was released never does;
    `as_released`, what did always does, or the difference would be somebody's form.
    """
    door = partial(confidentiality.forms, key=key, as_released=as_released)
    return await _read(door, cycle, now)


async def closed_ties(cycle: UUID, *, key: bytes, now: datetime) -> list[Tie]:
    """Return the same forms as who rates whom, both ends under pseudonyms of `key`."""
    return await _read(partial(confidentiality.ties, key=key), cycle, now)


async def closed_counted(cycle: UUID, *, now: datetime) -> list[Counted]:
    """Return the same forms, by nobody."""
    return await _read(confidentiality.counted, cycle, now)


async def _read(door: Door[Answered], cycle: UUID, now: datetime) -> list[Answered]:
    async with transaction():
        window = await close(cycle, now)
        limits = await queries.limits_of(cycle)

        async def eligible(asked: Collection[Judged]) -> set[Judged]:
            return await _eligible(asked, limits)

        found = await door(
            window.id,
            least_months=limits.minimum_contact_months,
            eligible=eligible,
        )
    return [form for form in found if rules.is_valid_form(form.answers)]


async def _eligible(asked: Collection[Judged], limits: rules.Limits) -> set[Judged]:
    found: set[Judged] = set()
    everyone = sorted(asked)
    for start in range(0, len(everyone), AT_ONCE):
        async with transaction() as connection:
            judged = await queries.grounds(
                connection, everyone[start : start + AT_ONCE]
            )
        found |= {
            each for each, stand in judged if rules.is_eligible(stand, limits, each.day)
        }
    return found


async def release(cycle: UUID, *, caller: Caller, now: datetime) -> None:
    """Release a window's feedback, all together and once; again changes nothing."""
    async with transaction():
        try:
            window = await locked_window(cycle)
        except NotFound:
            return  # Nothing was asked, so there is nothing to release.
        if window.released_at is not None:
            return
        if now < window.releases_at:
            raise rules.NotYetReleased(
                f"The feedback is released at {window.releases_at.isoformat()}."
            )
        forms = await closed_counted(cycle, now=now)
        await prepare(window, forms)
        await confidentiality.write_anew(window.id, [f.response for f in forms])
        await FeedbackWindow.update({FeedbackWindow.released_at: now}).where(
            FeedbackWindow.id == window.id
        )
        await tell_released(window.id, now)
        await audit(caller, "release", "feedback_window", window.id, now=now)
