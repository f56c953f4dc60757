"""What a text moderator does: read what waits, and pass or withhold it.

The law: a moderator sees neither rater nor answer, and what they do moves nothing that
anybody else can see before the release: it is kept in a table of its own and in no
audit, where it would tell that somebody wrote. That they read the queue is audited.
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
from service.feedback.form.sealing import unseal
from service.feedback.moderation import rules
from service.feedback.moderation.queries import Pending, comment_for, pending
from service.feedback.moderation.rules import Code, Decision
from service.feedback.moderation.tables import Moderation
from service.feedback.results.rules import EXAMPLE, in_order
from service.feedback.windows import held_window

DIGESTS: Final = "feedback comment digest"
LABELS: Final = "feedback comment label"
ORDER: Final = "feedback comment order"
"""What keys are derived for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One comment as a moderator sees it."""

    id: UUID
    organisation: str
    label: str
    """Stands for the subject, for this moderator alone."""
    field: str
    text: str
    decide_by: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a moderator, the first of it with its words."""

    waiting: int
    first: list[Waiting]


async def queue(*, limit: int, caller: SignedIn, now: datetime) -> Queue:
    """Return what waits for the caller, in an order of their own."""
    with within_reach(EVERYONE):  # It is always about other organisations.
        async with transaction():
            found = await pending(caller.organisation, now.date())
            await _audit_reading(caller, now)
    return Queue(len(found), [_shown(e, caller) for e in _first(found, limit, caller)])


async def waiting(comment: UUID, *, caller: SignedIn, now: datetime) -> Waiting:
    """Return one comment that waits for the caller's decision."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await comment_for(caller.organisation, now.date(), comment)
            decided = await Moderation.exists().where(Moderation.comment == comment)
            if found is None or decided or found.released_at is not None:
                raise NotFound(f"No comment {comment} waits for you.")
            await _audit_reading(caller, now)
    return _shown(found, caller)


async def _audit_reading(caller: SignedIn, now: datetime) -> None:
    await audit(
        caller,
        "read",
        "moderation_queue",
        caller.organisation,
        now=now,
        organisation=caller.organisation,
    )


def _first(found: Sequence[Pending], limit: int, caller: SignedIn) -> list[Pending]:
    """Return the first by release, then cycle, then an order that tells nothing."""
    by_id = {each.id: each for each in found}
    cycles = sorted({(each.releases_at, each.cycle) for each in found})
    order = [
        id_
        for _, cycle in cycles
        for id_ in in_order(
            [each.id for each in found if each.cycle == cycle],
            caller.id,
            cycle,
            derive(ORDER),
        )
    ]
    return [by_id[id_] for id_ in order[:limit]]


def _shown(each: Pending, caller: SignedIn) -> Waiting:
    kind, _, name = each.field.partition(":")
    return Waiting(
        id=each.id,
        organisation=each.organisation,
        label=rules.label(each.record, caller.id, derive(LABELS)),
        # Of which behaviour an example is would hint at an answer.
        field=EXAMPLE if kind == EXAMPLE else name,
        text=unseal(each.sealed, each.response, each.field),
        decide_by=each.releases_at,
    )


async def decide(
    comment: UUID,
    decision: Decision,
    reason: Code | None,
    *,
    caller: SignedIn,
    now: datetime,
) -> None:
    """Pass or withhold a comment, once; the same again changes nothing.

    The window cannot be released while it is decided, nor a decision come after.
    """
    with within_reach(EVERYONE):
        async with transaction():
            found = await comment_for(caller.organisation, now.date(), comment)
            if found is None:
                raise NotFound(f"No comment {comment} waits for you.")
            window = await held_window(found.cycle)
            rules.check_undecided(
                window.closed_at, window.releases_at, window.released_at
            )
            if not await _keep(found, decision, reason, caller, now):
                await _check_same(comment, decision, reason, caller)


async def _keep(
    found: Pending,
    decision: Decision,
    reason: Code | None,
    caller: SignedIn,
    now: datetime,
) -> bool:
    """Keep a decision; return whether there was none before."""
    text = unseal(found.sealed, found.response, found.field)
    added = await Moderation.insert(
        Moderation(
            organisation=found.organisation,
            comment=found.id,
            record=found.record,
            decision=decision,
            reason=reason,
            digest=rules.digest(text, derive(DIGESTS)),
            moderator=caller.id,
            decided_at=now,
        )
    ).on_conflict(action="DO NOTHING")
    return bool(added)


async def _check_same(
    comment: UUID, decision: Decision, reason: Code | None, caller: SignedIn
) -> None:
    """Refuse another decision than the one that stands, or another moderator's."""
    (kept,) = await Moderation.select().where(Moderation.comment == comment)
    made = (kept["moderator"], kept["decision"], kept["reason"])
    if made != (caller.id, decision, reason):
        raise rules.DecidedAlready(
            "It has been decided on: read the queue again for what still waits."
        )
