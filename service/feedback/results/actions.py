"""What the subject and their manager do with feedback: read it, and reply to it.

The law: before the release everybody who may ever read it is told the same, whatever
raters did; HR administrators and HR systems never read it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.auth.secret import derive
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import rules
from service.feedback.form.sealing import seal
from service.feedback.parts import part_in
from service.feedback.queries import WindowFact
from service.feedback.results.queries import (
    REPLY,
    ReplyFact,
    kept,
    reply_to,
)
from service.feedback.results.rules import (
    NotYourReply,
    Results,
    check_amendable,
    in_order,
)
from service.feedback.results.tables import FeedbackReply
from service.feedback.rules import Origin
from service.feedback.windows import open_window
from service.records.queries import RecordFact

LOCK_REPLY: Final = "SELECT FROM feedback_reply WHERE record = $1 FOR UPDATE"
Check = Callable[[int], None]
"""Refuses a subject who has not read this version of their reply."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one viewer sees of the feedback on a record."""

    results: Results
    order: list[UUID]
    """Of the comments that are shown, as this viewer sees them."""
    words: dict[UUID, str]
    reply: ReplyFact | None
    form_version: int


async def read(on: RecordFact, *, caller: SignedIn, now: datetime) -> Feedback:
    """Return the released feedback on a record to its subject or their line manager."""
    await part_in(on, caller, now)
    with within_reach(EVERYONE):
        async with transaction():
            found = await feedback_for(on, caller)
            await audit(
                caller,
                "read",
                "feedback",
                on.id,
                now=now,
                organisation=on.organisation,
            )
            return found


async def feedback_for(on: RecordFact, caller: SignedIn) -> Feedback:
    """Return what one viewer sees of the feedback on a record, once it is released.

    For whoever has made sure that it is the subject or their line manager, has it
    audited, and sees everyone's rows.
    """
    found = await kept(on.id)
    return Feedback(
        results=found.results,
        order=in_order(found.words, caller.id, on.cycle, derive("feedback order")),
        words=dict(found.words),
        reply=found.reply,
        form_version=found.form_version,
    )


async def _released(on: RecordFact) -> WindowFact:
    """Return the window of a record's feedback; refuse until it has been released."""
    window = await open_window(on.cycle)
    if window.released_at is None:
        raise rules.NotYetReleased(
            f"The feedback is released at {window.releases_at.isoformat()}."
        )
    return window


async def read_reply(
    on: RecordFact, *, caller: SignedIn, now: datetime
) -> ReplyFact | None:
    """Return the reply to the released feedback on a record to the same two."""
    await part_in(on, caller, now)
    with within_reach(EVERYONE):
        async with transaction():
            await _released(on)
            return await reply_to(on.id)


async def reply(
    on: RecordFact,
    text: str | None,
    *,
    check: Check,
    caller: SignedIn,
    now: datetime,
) -> ReplyFact:
    """Have the subject say that they have read their feedback, and what they reply.

    The same again changes nothing; `check` is asked about the version given before.
    """
    if await part_in(on, caller, now) != Origin.SUBJECT:
        raise NotYourReply("Only whom the feedback is about replies to it.")
    said = text.strip() if text and text.strip() else None
    with within_reach(EVERYONE):
        async with transaction():
            await _released(on)
            before = None if await _first(on, said, now) else await _locked(on)
            if before is not None:
                if before.text == said:
                    return before
                check(before.version)
                check_amendable(before.given_at, now)
                await _change(on, said, before, now)
            version = 1 if before is None else before.version + 1
            await audit(
                caller,
                "reply",
                "feedback",
                on.id,
                now=now,
                organisation=on.organisation,
                after={"version": version},
            )
            given_at = now if before is None else before.given_at
            return ReplyFact(said, version, given_at)


async def _first(on: RecordFact, said: str | None, now: datetime) -> bool:
    """Keep the first reply; return whether there was none before."""
    added = await FeedbackReply.insert(
        FeedbackReply(
            organisation=on.organisation,
            record=on.id,
            sealed=_sealed(on, said),
            version=1,
            given_at=now,
            changed_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    return bool(added)


def _sealed(on: RecordFact, said: str | None) -> bytes | None:
    return None if said is None else seal(said, on.id, REPLY)


async def _locked(on: RecordFact) -> ReplyFact | None:
    """Return the reply given before, which nobody else changes until the commit."""
    async with transaction() as connection:
        await connection.execute(LOCK_REPLY, on.id)
        return await reply_to(on.id)


async def _change(
    on: RecordFact, said: str | None, before: ReplyFact, now: datetime
) -> None:
    await FeedbackReply.update(
        {
            FeedbackReply.sealed: _sealed(on, said),
            FeedbackReply.version: before.version + 1,
            FeedbackReply.changed_at: now,
        }
    ).where(FeedbackReply.record == on.id, FeedbackReply.version == before.version)
