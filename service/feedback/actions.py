"""What a rater does with a request: open it, save, submit and amend, or decline.

The law: nothing that anybody else can see moves when a rater acts. What they do is kept
behind the door of `confidentiality`; the audit, the feed and the notices hear nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.db import Connection, transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import asking, confidentiality, queries, rules
from service.feedback.filling import (
    Filled,
    as_text,
    check_savable,
    check_whole,
    from_text,
    words_of,
)
from service.feedback.form.items import Basis
from service.feedback.form.sealing import seal, unseal
from service.feedback.life import WAITING, State, Step, after
from service.feedback.moving import move_one
from service.feedback.own import Own
from service.feedback.queries import Judged
from service.feedback.tables import FeedbackRequest
from service.feedback.windows import open_window

Check = Callable[[int], None]
"""Refuses a rater who has not read this version of their draft."""
DRAFT: Final = "draft"
DECLINED: Final = "declined"
"""The fields that a draft, and a reason to decline, are sealed as."""
WRITE_ANSWERS: Final = """
WITH gone AS (
    DELETE FROM feedback_answer WHERE organisation = $1 AND response = $3 RETURNING 1)
INSERT INTO feedback_answer (organisation, record, response, item, value, id)
SELECT $1, $2, $3, item, value, id FROM (SELECT count(*) FROM gone) AS first,
    unnest($4::text[], $5::smallint[], $6::uuid[]) AS given (item, value, id)
"""
WRITE_WORDS: Final = """
WITH gone AS (
    DELETE FROM feedback_text WHERE organisation = $1 AND response = $3 RETURNING 1)
INSERT INTO feedback_text (organisation, record, response, field, sealed, id)
SELECT $1, $2, $3, field, sealed, id FROM (SELECT count(*) FROM gone) AS first,
    unnest($4::text[], $5::bytea[], $6::uuid[]) AS given (field, sealed, id)
"""


async def waiting(person: UUID, cycle: UUID) -> dict[UUID, UUID]:
    """Return the requests that wait for a rater, each to the record it is about."""
    with within_reach(EVERYONE):
        window = await open_window(cycle)
        return await confidentiality.requests_of(person, window.id, WAITING)


async def open_requests(caller: Person, now: datetime) -> list[Own]:
    """Return the caller's own requests that they can still act on, soonest first."""
    with within_reach(EVERYONE):
        return await confidentiality.open_to(caller.id, now)


async def look(request: UUID, *, caller: Person, now: datetime) -> Own:
    """Return the caller's own request; the first look opens it."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await confidentiality.own(request, caller.id)
            return await _opened(connection, own, now)


async def open_found(own: Own, now: datetime) -> Own:
    """Return a request that its rater was led to, as it is after their look."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            return await _opened(connection, own, now)


async def _opened(connection: Connection, own: Own, now: datetime) -> Own:
    if own.state != State.INVITED or own.is_over(now):
        return own
    own = await confidentiality.held(connection, own.request, own.rater)
    if own.state != State.INVITED:
        return own
    await move_one(Step.OPEN, own.state, _which(own))
    await confidentiality.note_act(connection, own.request, Step.OPEN, now)
    return replace(own, state=after(own.state, Step.OPEN))


def _which(own: Own) -> Any:  # noqa: ANN401 - Piccolo's comparison
    return FeedbackRequest.id == own.request


def drafted(own: Own) -> Filled | None:
    """Return what a rater has saved of their own request, if anything."""
    if own.draft is None:
        return None
    return from_text(unseal(own.draft, own.response, DRAFT))


async def save(
    request: UUID, filled: Filled, *, check: Check, caller: Person, now: datetime
) -> int:
    """Keep a draft, whole or not; return its version. The same again changes nothing.

    `check` is asked about the version kept before, if there is one.
    """
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await _acting(connection, request, caller, now)
            check_savable(filled, own.form_version)
            before = drafted(own)
            if before == filled:
                return own.version
            if before is not None:
                check(own.version)
            await _move(own, Step.SAVE, _draft(own, filled))
            if own.state != after(own.state, Step.SAVE):
                await confidentiality.note_act(connection, request, Step.SAVE, now)
    return own.version + 1


async def _acting(
    connection: Connection, request: UUID, caller: Person, now: datetime
) -> Own:
    """Return the caller's own request, and hold its window open until the commit."""
    own = await confidentiality.held(connection, request, caller.id)
    rules.check_open(own.opens_at, own.closes_at, now)
    if own.closed_at is not None:
        raise rules.closed(own.closes_at)
    return own


def _draft(own: Own, filled: Filled) -> dict[Any, Any]:
    return {
        FeedbackRequest.draft: seal(as_text(filled), own.response, DRAFT),
        FeedbackRequest.version: own.version + 1,
    }


async def _move(own: Own, step: Step, changes: Mapping[Any, Any]) -> None:
    await move_one(step, own.state, _which(own), changes)


async def submit(
    request: UUID,
    filled: Filled,
    *,
    check: Check = lambda _: None,
    caller: Person,
    now: datetime,
) -> None:
    """Save and submit at once; while the window is open, again amends.

    `check` is asked as of `save`.
    """
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await _acting(connection, request, caller, now)
            before = drafted(own)
            changes = {FeedbackRequest.sent_version: own.version}
            if before != filled:
                if before is not None:
                    check(own.version)
                changes = _draft(own, filled)
                changes[FeedbackRequest.sent_version] = own.version + 1
            await _submit(connection, own, filled, changes, now)


async def submit_saved(
    request: UUID, *, check: Check, caller: Person, now: datetime
) -> None:
    """Submit the draft as it was saved last; again changes nothing."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await _acting(connection, request, caller, now)
            filled = drafted(own)
            if filled is None:
                raise rules.BadAnswers("Nothing has been saved: save the form first.")
            check(own.version)
            changes = {FeedbackRequest.sent_version: own.version}
            await _submit(connection, own, filled, changes, now)


async def check_sendable(
    request: UUID, filled: Filled, *, caller: Person, now: datetime
) -> None:
    """Refuse what `submit` would refuse of a form; nothing is kept."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await _acting(connection, request, caller, now)
            await _check(connection, own, filled, now)


async def _submit(
    connection: Connection,
    own: Own,
    filled: Filled,
    changes: Mapping[Any, Any],
    now: datetime,
) -> None:
    await _check(connection, own, filled, now)
    await _move(own, Step.SUBMIT, changes)
    await confidentiality.note_answer(connection, own.request, filled, now)
    await _write(connection, own, filled)


async def _check(
    connection: Connection, own: Own, filled: Filled, now: datetime
) -> None:
    after(own.state, Step.SUBMIT)
    limits = queries.limits_in(own.framework)
    shared: list[UUID] = []
    if filled.basis == Basis.SHARED_OBJECTIVE:
        found = await queries.shared_by(own.cycle, own.subject, own.rater)
        shared = [each.id for each in found]
    check_whole(filled, own.form_version, limits, shared)
    asked = Judged(own.record, own.rater, now.date())
    ((_, stand),) = await queries.grounds(connection, [asked])
    rules.check_eligible(stand, limits, now.date())


async def _write(connection: Connection, own: Own, filled: Filled) -> None:
    """Write answers and words under their random id, in place of earlier ones."""
    place = own.organisation, own.record, own.response
    answers = filled.answers
    await connection.execute(
        WRITE_ANSWERS,
        *place,
        [*answers],
        [*answers.values()],
        [uuid4() for _ in answers],
    )
    words = words_of(filled)
    if words or own.state == State.SUBMITTED:
        await connection.execute(
            WRITE_WORDS,
            *place,
            [*words],
            [seal(text, own.response, name) for name, text in words.items()],
            [uuid4() for _ in words],
        )


async def decline(
    request: UUID,
    *,
    reason: str,
    caller: Person,
    now: datetime,
    key: bytes | None = None,
) -> None:
    """Decline, with a reason kept beside the rater; the next in turn is invited.

    What was declined before stays so, with its first reason. `key` is that of the
    draw; left out, the service's own.
    """
    with within_reach(EVERYONE):
        async with transaction() as connection:
            own = await _acting(connection, request, caller, now)
            rules.check_reason(reason)
            if own.state == State.DECLINED:
                return
            sealed = seal(reason.strip(), own.response, DECLINED)
            await _move(own, Step.DECLINE, {FeedbackRequest.draft: None})
            await confidentiality.note_decline(request, sealed)
            await confidentiality.note_act(connection, request, Step.DECLINE, now)
            await asking.replace(own.draw, own.rater_organisation, now, key)
