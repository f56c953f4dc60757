"""What reviewers, auditors and the central team read of signals, and what they decide.

The law: a reviewer stands outside the subject's organisation, line and pool, as a text
moderator does, and learns neither subject nor rater; they pass a score or withhold it,
and change none. Before the window closes there is nothing to read, and before the
release nothing for anybody but reviewers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.auth.secret import derive
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback.outsiders import outside
from service.feedback.results.rules import in_order
from service.feedback.rules import NotYetReleased
from service.feedback.signals import queries, rules
from service.feedback.signals.actions import keep_decision
from service.feedback.signals.queries import LookFact, ReviewFact, ToReviewFact
from service.feedback.signals.rules import Decision
from service.feedback.signals.tables import ScoreReview
from service.feedback.windows import held_window

ORDER: Final = "feedback score review order"
"""What a key is derived for."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The scores that wait for a reviewer, and what was found in their cycles."""

    waiting: Sequence[ToReviewFact]
    looks: Sequence[LookFact]


async def queue(*, caller: SignedIn, now: datetime) -> Queue:
    """Return what waits for the caller, in an order of their own."""
    with within_reach(EVERYONE):  # It is always about other organisations.
        async with transaction():
            looks = await queries.in_review(caller.organisation, now.date())
            found = await queries.undecided([look.cycle for look in looks])
            may = await outside(
                caller.organisation, now.date(), [each.record for each in found]
            )
            await _audit("score_review_queue", caller.organisation, caller, now)
    by_id = {each.id: each for each in found if each.record in may}
    order = [
        id_
        for look in looks
        for id_ in in_order(
            [each.id for each in by_id.values() if each.cycle == look.cycle],
            caller.id,
            look.cycle,
            derive(ORDER),
        )
    ]
    return Queue([by_id[id_] for id_ in order], looks)


async def _audit(
    entity: str, entity_id: object, caller: SignedIn, now: datetime
) -> None:
    """Keep that somebody read; decisions have a table of their own."""
    await audit(
        caller, "read", entity, entity_id, now=now, organisation=caller.organisation
    )


async def review(
    id_: UUID, decision: Decision, reason: str, *, caller: SignedIn, now: datetime
) -> None:
    """Pass a score or withhold it, once; the same again changes nothing.

    The window cannot be released while it is decided, nor a decision come after.
    """
    rules.check_reason(reason)
    with within_reach(EVERYONE):
        async with transaction():
            found = await queries.to_review(id_)
            if found is None or not await outside(
                caller.organisation, now.date(), [found.record]
            ):
                raise NotFound(f"No score {id_} waits for you.")
            window = await held_window(found.cycle)
            rules.check_unreleased(window.released_at)
            said = reason.strip()
            kept = found.organisation, found.record, decision, said, caller, now
            if not await keep_decision(*kept):
                await _check_same(found.record, decision, said, caller)


async def _check_same(
    record: UUID, decision: Decision, reason: str, caller: SignedIn
) -> None:
    """Refuse another decision than the one that stands, or another reviewer's."""
    (kept,) = await ScoreReview.select().where(ScoreReview.record == record)
    made = (kept["decided_by"], kept["decision"], kept["reason"])
    if made != (caller.key, decision, reason):
        raise rules.ReviewedAlready(
            "The first decision stands: read the queue again for what still waits."
        )


async def signals_of(cycle: UUID, *, caller: SignedIn, now: datetime) -> LookFact:
    """Return what was found in a cycle, once it is released."""
    with within_reach(EVERYONE):
        async with transaction():
            look = await _released(cycle)
            await _audit("feedback_signals", cycle, caller, now)
    return look


async def _released(cycle: UUID) -> LookFact:
    look = await queries.look_of(cycle)
    if look is None:
        raise NotFound(f"No feedback has been asked for in cycle {cycle}.")
    if look.released_at is None:
        raise NotYetReleased(
            f"The feedback is released at {look.releases_at.isoformat()}."
        )
    return look


async def reviews_of(
    cycle: UUID, *, caller: SignedIn, now: datetime
) -> list[ReviewFact]:
    """Return what was decided about scores of the caller's organisation's people.

    Once it is released: before, it would tell how many answered.
    """
    with within_reach(EVERYONE):
        async with transaction():
            await _released(cycle)
            found = await queries.reviewed(cycle, caller.organisation)
            await _audit("score_reviews", cycle, caller, now)
    return found
