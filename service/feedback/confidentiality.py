"""Who the rater is: the one room that knows, and the one door to it.

The law: nothing here tells a rater to anyone but that rater. What leaves for the score
is a form under a pseudonym that differs in every cycle, and what a rater did is kept
here and in no audit. No other module touches `feedback_rater` or `feedback_act`:
import-linter and a test hold it.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID, uuid4

from asyncpg import Record

from service.db import Connection, transaction
from service.directory.queries import postings_on
from service.errors import NotFound
from service.feedback import raters
from service.feedback.filling import Filled
from service.feedback.forms import Counted, Form, Tie, pseudonym
from service.feedback.life import OPEN, State, Step
from service.feedback.own import Own
from service.feedback.queries import Judged
from service.feedback.raters import RaterIdentity
from service.feedback.turns import Candidate
from service.jobs.outbox import tell as tell_all
from service.jobs.rules import Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request from which nothing has come yet; for whoever sees to it by rule."""

    id: UUID
    record: UUID
    draw: UUID
    state: State
    rater: UUID
    rater_organisation: str


Eligible: TypeAlias = Callable[[Collection[Judged]], Awaitable[Collection[Judged]]]
"""Asked which raters may count, on the day each was invited and on the day each
answered; it runs inside this domain and gets raters for that alone."""


async def remember(
    record: UUID, drawn: Sequence[tuple[UUID, Candidate]], day: date
) -> None:
    """Keep who each request went to: (request, rater); each gets a random response."""
    await RaterIdentity.insert(
        *(
            RaterIdentity(
                request=request,
                record=record,
                rater=rater.person,
                rater_organisation=rater.organisation,
                response=uuid4(),
                invited_on=day,
            )
            for request, rater in drawn
        )
    )


async def already_asked(record: UUID) -> set[UUID]:
    """Return who has been asked about a record, so that nobody is asked twice."""
    rows: list[UUID] = (
        await RaterIdentity.select(RaterIdentity.rater)
        .where(RaterIdentity.record == record)
        .output(as_list=True)
    )
    return set(rows)


async def requests_of(
    rater: UUID, window: UUID, states: Collection[State]
) -> dict[UUID, UUID]:
    """Return a rater's own requests, each to the record it is about."""
    async with transaction() as connection:
        rows = await connection.fetch(
            raters.MINE, rater, window, [str(s) for s in states]
        )
    return {row["id"]: row["record"] for row in rows}


async def open_to(rater: UUID, now: datetime) -> list[Own]:
    """Return the rater's own requests that they can still act on, soonest first."""
    async with transaction() as connection:
        rows = await connection.fetch(
            raters.OPEN_TO, rater, [str(s) for s in OPEN], now
        )
    return [_own(row) for row in rows]


async def own(request: UUID, rater: UUID) -> Own:
    """Return a rater's own request; for everyone else it is not there."""
    async with transaction() as connection:
        return _own(await connection.fetchrow(raters.LOOKED_AT, request, rater))


async def held(connection: Connection, request: UUID, rater: UUID) -> Own:
    """Return a rater's own request as `own` does, with its window held open for them.

    Until the transaction ends the window neither closes nor moves, and none of the
    rater's other devices acts on the request.
    """
    return _own(await connection.fetchrow(raters.HELD, request, rater))


async def reached(request: UUID) -> Own:
    """Return a request whoever's it is, for what goes to its rater alone."""
    async with transaction() as connection:
        return _own(await connection.fetchrow(raters.REACHED, request))


def _own(row: Record | None) -> Own:
    if row is None:
        raise NotFound("No such feedback request.")
    return Own(**{**dict(row), "state": State(row["state"])})


async def note_act(
    connection: Connection, request: UUID, step: Step, now: datetime
) -> None:
    """Keep that a rater did something, for break-glass alone."""
    await connection.execute(raters.ACT, uuid4(), request, step.value, now)


async def note_answer(
    connection: Connection, request: UUID, filled: Filled, now: datetime
) -> None:
    """Keep that a rater answered, and how rater and subject worked together."""
    said = filled.months, filled.frequency, filled.objective
    await connection.execute(
        raters.ANSWERED, request, uuid4(), Step.SUBMIT.value, now, *said, now.date()
    )


async def note_decline(request: UUID, reason: bytes) -> None:
    """Keep why a rater declined, sealed."""
    await RaterIdentity.update({RaterIdentity.declined: reason}).where(
        RaterIdentity.request == request
    )


async def tell(
    window: UUID, kind: NoticeKind, *, about: UUID, key: str, now: datetime
) -> None:
    """Tell each rater of a window who can still act in it, once, and nobody else.

    They are told in the organisation they work in by now; mails are `inviting`'s.
    """
    async with transaction() as connection:
        rows = await connection.fetch(
            raters.TOLD, window, [str(state) for state in OPEN]
        )
    drawn = {row["rater"]: row["rater_organisation"] for row in rows}
    held = await postings_on(drawn, now.date())
    await tell_all(
        [
            Notice(
                person=rater,
                organisation=held[rater].organisation if rater in held else before,
                kind=kind,
                about=about,
                key=key,
            )
            for rater, before in drawn.items()
        ],
        now=now,
        mailed=False,
    )


async def waiting_in(window: UUID, states: Collection[State]) -> list[Waiting]:
    """Return the requests of a window that stand in these states."""
    async with transaction() as connection:
        rows = await connection.fetch(raters.WAITING, window, [str(s) for s in states])
    return [Waiting(**{**dict(row), "state": State(row["state"])}) for row in rows]


async def forms(
    window: UUID,
    *,
    key: bytes,
    least_months: int,
    eligible: Eligible,
    as_released: bool = False,
) -> list[Form]:
    """Return the submitted forms of a window, in an order that tells nothing.

    `as_released`: once it was released, those that were, whatever is known since.
    """
    found = [
        Form(
            organisation=row["organisation"],
            record=row["record"],
            rater=pseudonym(row["rater"], window, key),
            rater_organisation=row["rater_organisation"],
            answers=json.loads(row["answers"]),
        )
        for row in await _counting(
            window, least_months, eligible, as_released=as_released
        )
    ]
    return sorted(found, key=lambda form: (form.record, form.rater))


async def counted(
    window: UUID, *, least_months: int, eligible: Eligible
) -> list[Counted]:
    """Return the same forms for their release, by their random names alone."""
    found = [
        Counted(
            organisation=row["organisation"],
            record=row["record"],
            response=row["response"],
            rater_organisation=row["rater_organisation"],
            on_shared=row["on_shared"],
            answers=json.loads(row["answers"]),
        )
        for row in await _counting(window, least_months, eligible)
    ]
    return sorted(found, key=lambda form: (form.record, form.response))


async def ties(
    window: UUID, *, key: bytes, least_months: int, eligible: Eligible
) -> list[Tie]:
    """Return the same forms as who rates whom, in an order that tells nothing.

    Under a key that nobody keeps, neither end can be joined to a form or a person.
    """
    found = [
        Tie(
            subject=pseudonym(row["subject"], window, key),
            rater=pseudonym(row["rater"], window, key),
            answers=json.loads(row["answers"]),
            on_last_day=bool(row["on_last_day"]),
        )
        for row in await _counting(window, least_months, eligible)
    ]
    return sorted(found, key=lambda tie: (tie.subject, tie.rater))


async def _counting(
    window: UUID, least_months: int, eligible: Eligible, *, as_released: bool = False
) -> list[Record]:
    async with transaction() as connection:
        rows = await connection.fetch(raters.FORMS, window)
    if as_released and any(row["counted"] is not None for row in rows):
        return [row for row in rows if row["counted"]]
    counting = await eligible({day for row in rows for day in _days(row)})
    return [
        row
        for row in rows
        # What did not count when it was released never does.
        if row["counted"] is not False
        and row["contact_months"] >= least_months
        and all(day in counting for day in _days(row))
    ]


def _days(row: Record) -> list[Judged]:
    return [
        Judged(row["record"], row["rater"], row[name])
        for name in ("invited_on", "answered_on")
        if row[name] is not None
    ]


async def write_anew(window: UUID, counting: Collection[UUID]) -> None:
    """Write a window's rows again, so that nothing PostgreSQL keeps joins them.

    Of the responses `counting` is kept that they counted, of all others that they did
    not: on which day they were given, which was judged, is forgotten. Until then
    whoever reads the database itself could join a request to its answers by the
    transaction that wrote both; copies made before still can.
    """
    async with transaction() as connection:
        for statement in raters.WRITE_ANEW:
            await connection.execute(statement, window)
        await connection.execute(raters.FORGET_DAYS, window, counting)


async def asked_about(record: UUID) -> list[tuple[UUID, str, State]]:
    """Return who was asked about a record, where from, and how far it went.

    For break-glass alone, which two people open. Which answers are whose is not said:
    that is not what anybody is let in for.
    """
    async with transaction() as connection:
        rows = await connection.fetch(raters.ASKED, record)
    return [
        (row["rater"], row["rater_organisation"], State(row["state"])) for row in rows
    ]
