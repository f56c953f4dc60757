"""The pool of a record: who worked with the subject, who is proposed, who is taken out.

The law: the pool is the subject's and the manager's to see and to change until the draw
and nobody's afterwards, and it looks the same before and after: it never tells whom the
draw took.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from asyncpg import Record

from service.audit.actions import record as audit
from service.auth.caller import Caller, Person
from service.db import Connection, transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback import queries, rules
from service.feedback.addresses import ADDRESS, REASON, sealed
from service.feedback.form.sealing import seal, unseal
from service.feedback.life import State, Step, after
from service.feedback.parts import part_in
from service.feedback.queries import WindowFact
from service.feedback.rules import Origin
from service.feedback.tables import Nomination
from service.feedback.windows import held_window
from service.objectives.collaborating import collaborators
from service.records.queries import RecordFact

LOCK_RECORD: Final = "SELECT FROM appraisal_record WHERE id = $1 FOR NO KEY UPDATE"
"""Whoever changes a pool and whoever draws from it wait for each other."""
ADD: Final = """
INSERT INTO feedback_nomination
    (organisation, id, "window", record, origin, state, person, objective, email,
        email_digest, email_domain)
SELECT $1, n.id, $2, $3, $4, 'proposed', n.person, n.objective, n.email, n.digest,
    n.domain
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::bytea[], $9::bytea[], $10::text[])
    AS n (id, person, objective, email, digest, domain)
ON CONFLICT DO NOTHING RETURNING id
"""
FORMER: Final = """
SELECT f.id, f.person, f.email FROM appraisal_record r
JOIN cycle c ON c.id = r.cycle
JOIN cycle last ON last.year = c.year - 1
JOIN appraisal_record s ON s.cycle = last.id AND s.organisation = r.organisation
    AND s.person = r.person
JOIN feedback_nomination f ON f.record = s.id
WHERE r.id = $1 AND f.state = 'proposed'
    AND f.origin IN ('subject', 'manager', 'carried')
    AND NOT EXISTS (SELECT FROM feedback_nomination here WHERE here.record = r.id
        AND (here.person = f.person OR here.email_digest = f.email_digest))
ORDER BY f.id
"""
"""Whom the subject and the manager proposed a year ago: not whom the draw took then."""
PROPOSED: Final = """
SELECT count(*) FROM feedback_nomination
WHERE record = $1 AND state = 'proposed' AND origin <> 'objective'
"""


TAKES_OUT: Final[Mapping[Step, Origin]] = {
    Step.VETO: Origin.MANAGER,
    Step.OBJECT: Origin.SUBJECT,
}


@dataclass(frozen=True, slots=True)
class Nominee:
    """Whom somebody proposes: a person, or an address until its owner is known."""

    person: UUID | None = None
    email: str | None = None
    objective: UUID | None = None
    """On which they worked with the subject, if it is a shared one."""


@dataclass(frozen=True, slots=True)
class NominationFact:
    """A proposal as it stands; it looks the same before and after the draw."""

    id: UUID
    origin: Origin
    state: State
    person: UUID | None
    email: str | None
    objective: UUID | None
    reason: str | None


async def nominate(
    on: RecordFact,
    nominees: Sequence[Nominee],
    origin: Origin,
    *,
    caller: Caller,
    now: datetime,
) -> list[UUID]:
    """Propose people; return the ids of the proposals that are new.

    The subject and the manager propose for themselves alone; a machine and an operator
    for whichever of them they say.
    """
    own = await part_in(on, caller, now)
    if own not in {None, origin}:
        raise rules.NotYourPart(f"You are the {own}: propose as that.")
    with within_reach(EVERYONE):  # Colleagues elsewhere stand in the pool.
        async with changing(on, now) as (connection, window):
            await fill(connection, on, window)
            added = await _add(connection, on, window, nominees, origin)
            limits = await queries.limits_of(on.cycle)
            proposed = await connection.fetchval(PROPOSED, on.id)
            if added:
                rules.check_room(proposed, limits)
            await audit(
                caller,
                "nominate",
                "record",
                on.id,
                now=now,
                organisation=on.organisation,
                after={"origin": origin, "people": len(added)},
            )
    return added


@asynccontextmanager
async def changing(
    on: RecordFact, now: datetime
) -> AsyncIterator[tuple[Connection, WindowFact]]:
    """Hold a record's pool while it is changed; refuse once it was drawn from."""
    async with transaction() as connection:
        window = await held_window(on.cycle)
        await connection.execute(LOCK_RECORD, on.id)
        if await queries.draw_of(on.id, window.id) is not None:
            raise rules.AlreadyDrawn(
                "The raters of this record have been drawn: the pool stays as it is."
            )
        if window.closed_at is not None or now >= window.closes_at:
            raise rules.closed(window.closes_at)
        yield connection, window


async def fill(connection: Connection, on: RecordFact, window: WindowFact) -> None:
    """Add who shares an objective with the subject, and whom last year's pool had.

    Of the latter as many as may still be proposed; who was taken out stays out.
    """
    worked = (await collaborators(on.cycle, [on.person])).get(on.person, {})
    if worked:
        shared = [Nominee(person, objective=o) for person, o in worked.items()]
        await _add(connection, on, window, shared, Origin.OBJECTIVE)
    former = await connection.fetch(FORMER, on.id)
    if former:
        limits = await queries.limits_of(on.cycle)
        room = limits.most - await connection.fetchval(PROPOSED, on.id)
        carried = [Nominee(row["person"], _address(row)) for row in former]
        await _add(connection, on, window, carried[: max(0, room)], Origin.CARRIED)


async def _add(
    connection: Connection,
    on: RecordFact,
    window: WindowFact,
    nominees: Sequence[Nominee],
    origin: Origin,
) -> list[UUID]:
    ids = [uuid4() for _ in nominees]
    kept = [
        each.email and sealed(each.email, id_)
        for id_, each in zip(ids, nominees, strict=True)
    ]
    rows = await connection.fetch(
        ADD,
        on.organisation,
        window.id,
        on.id,
        origin,
        ids,
        [each.person for each in nominees],
        [each.objective for each in nominees],
        [each.cell if each else None for each in kept],
        [each.digest if each else None for each in kept],
        [each.domain if each else None for each in kept],
    )
    return [row["id"] for row in rows]


def _address(row: Mapping[str, Any] | Record) -> str | None:
    return None if row["email"] is None else unseal(row["email"], row["id"], ADDRESS)


async def pool_of(
    on: RecordFact, *, caller: Person, now: datetime
) -> list[NominationFact]:
    """Return the pool to the subject or their manager, in the order of random ids."""
    await part_in(on, caller, now)
    with within_reach(EVERYONE):
        with suppress(rules.AlreadyDrawn, rules.NotOpen):
            async with changing(on, now) as (connection, window):
                await fill(connection, on, window)
        return await nominations(on, None)


async def nominations(
    on: RecordFact, ids: Collection[UUID] | None
) -> list[NominationFact]:
    """Return the proposals on a record, or these of them, in the order of their ids."""
    rows = (
        await Nomination.select()
        .where(Nomination.record == on.id)
        .order_by(Nomination.id)
    )
    return [fact_from(row) for row in rows if ids is None or row["id"] in ids]


def fact_from(row: Mapping[str, Any] | Record) -> NominationFact:
    """Return a proposal from its row."""
    return NominationFact(
        id=row["id"],
        origin=Origin(row["origin"]),
        state=State(row["state"]),
        person=row["person"],
        email=_address(row),
        objective=row["objective"],
        reason=row["reason"] and unseal(row["reason"], row["id"], REASON),
    )


async def take_out(
    on: RecordFact,
    nomination: UUID,
    step: Step,
    *,
    reason: str,
    caller: Person,
    now: datetime,
) -> NominationFact:
    """Take a proposal out of the pool: the manager by a veto, the subject by objecting.

    Every proposal may be vetoed; the subject objects to one.
    """
    part = await part_in(on, caller, now)
    if part != TAKES_OUT[step]:
        raise rules.NotYourPart(
            f"It is for the {TAKES_OUT[step]} to {step} a proposal."
        )
    rules.check_reason(reason)
    with within_reach(EVERYONE):
        async with changing(on, now):
            found = await nominations(on, [nomination])
            if not found:
                raise NotFound(f"No nomination {nomination}.")
            state = after(found[0].state, step)
            await _mark(found[0], state, reason)
            await audit(
                caller,
                step.name.lower(),
                "feedback_nomination",
                nomination,
                now=now,
                organisation=on.organisation,
            )
            (taken,) = await nominations(on, [nomination])
    return taken


async def _mark(found: NominationFact, state: State, reason: str) -> None:
    kept = seal(reason, found.id, REASON)
    try:
        async with transaction():
            await Nomination.update(
                {Nomination.state: state, Nomination.reason: kept}
            ).where(Nomination.id == found.id, Nomination.state == found.state)
    except asyncpg.UniqueViolationError:
        raise rules.ObjectedAlready(
            "You have objected to a colleague already: ask your manager about others."
        ) from None
