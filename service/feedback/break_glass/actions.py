"""Ask for break-glass, approve it, read by it: load, ask the rules, save.

The law: what is read is audited and told to the data protection officers in one
transaction, which commits before the first byte leaves.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from service.access.queries import grants
from service.access.rules import Role
from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of, emails_of, line_above
from service.errors import NotFound
from service.feedback import confidentiality
from service.feedback.break_glass import rules
from service.feedback.break_glass.tables import BreakGlass
from service.feedback.life import State
from service.feedback.rules import check_reason
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind
from service.records.queries import RecordFact, records_by_id

LISTED: Final = 100
"""How many of an organisation's are listed."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was asked for, and how far it has come."""

    organisation: str
    """The one that keeps the record."""
    id: UUID
    record: UUID
    reason: str
    asked_by: UUID
    asked_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class AskedRater:
    """Somebody who was asked about the record."""

    person: UUID
    name: str | None
    organisation: str
    """Where they worked when they were drawn."""
    state: State


async def ask(
    on: RecordFact, reason: str, *, caller: SignedIn, now: datetime
) -> Opening:
    """Ask to learn who was asked about a record of the caller's own organisation."""
    with within_reach(EVERYONE):
        async with transaction():
            if on.organisation != caller.organisation:
                raise NotFound(f"No record {on.id}.")
            await _check_may_act(on, caller, now)
            check_reason(reason)
            row = BreakGlass(
                organisation=on.organisation,
                id=uuid4(),
                record=on.id,
                reason=reason.strip(),
                asked_by=caller.id,
                asked_at=now,
                approved_by=None,
                approved_at=None,
            )
            await BreakGlass.insert(row)
            found = await opening(row.id, caller)
            await _audit(found, "ask", caller, now)
            await _tell(found, NoticeKind.BREAK_GLASS_WANTED, str(found.id), now)
            return found


async def _check_may_act(on: RecordFact, caller: SignedIn, now: datetime) -> None:
    above = await line_above(on.person, now.date())
    rules.check_may_act(caller.id, caller.roles, on.person, above)


async def opening(id_: UUID, caller: SignedIn) -> Opening:
    """Return what was asked for in the caller's own organisation."""
    with within_reach(EVERYONE):
        row = (
            await BreakGlass.select()
            .where(BreakGlass.id == id_, BreakGlass.organisation == caller.organisation)
            .first()
        )
    if row is None:
        raise NotFound(f"No break-glass {id_}.")
    return Opening(**row)


async def openings(caller: SignedIn) -> list[Opening]:
    """Return what was asked for in the caller's own organisation, the latest first."""
    with within_reach(EVERYONE):
        rows = (
            await BreakGlass.select()
            .where(BreakGlass.organisation == caller.organisation)
            .order_by(BreakGlass.asked_at, ascending=False)
            .limit(LISTED)
        )
    return [Opening(**row) for row in rows]


async def _audit(found: Opening, action: str, caller: SignedIn, now: datetime) -> None:
    await audit(
        caller,
        action,
        "break_glass",
        found.id,
        now=now,
        organisation=found.organisation,
        reason=found.reason,
        after={"record": found.record},
    )


async def _tell(found: Opening, kind: NoticeKind, key: str, now: datetime) -> None:
    """Tell the data protection officers of the organisation, and whoever approved."""
    officers = await _officers(found.organisation, now.date())
    if found.approved_by is not None:
        officers.add(found.approved_by)
    await tell(
        [
            Notice(
                person=officer,
                organisation=found.organisation,
                kind=kind,
                about=found.id,
                key=key,
            )
            for officer in officers
        ],
        now=now,
    )


async def _officers(organisation: str, today: date) -> set[UUID]:
    return {
        grant["person"]
        for grant in await grants(today)
        if grant["organisation"] == organisation
        and grant["role"] == Role.DATA_PROTECTION_OFFICER
    }


async def approve(id_: UUID, *, caller: SignedIn, now: datetime) -> Opening:
    """Approve, as a data protection officer; from now on it can be read for an hour."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await opening(id_, caller)
            (on,) = await records_by_id([found.record])
            await _check_may_act(on, caller, now)
            emails = await emails_of([found.asked_by, caller.id])
            rules.check_two(
                found.asked_by,
                emails.get(found.asked_by),
                caller.id,
                emails.get(caller.id),
            )
            if not await _approve(id_, caller, now):
                raise rules.ApprovedAlready(
                    "It was approved before: whoever asked can ask again."
                )
            approved = await opening(id_, caller)
            await _audit(approved, "approve", caller, now)
            return approved


async def _approve(id_: UUID, caller: SignedIn, now: datetime) -> bool:
    changed = (
        await BreakGlass.update(
            {BreakGlass.approved_by: caller.id, BreakGlass.approved_at: now}
        )
        .where(BreakGlass.id == id_, BreakGlass.approved_by.is_null())
        .returning(BreakGlass.id)
    )
    return bool(changed)


async def read(id_: UUID, *, caller: SignedIn, now: datetime) -> list[AskedRater]:
    """Return who was asked about the record and who answered, to whoever asked."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await opening(id_, caller)
            if found.asked_by != caller.id:
                raise NotFound(f"No break-glass {id_}.")
            (on,) = await records_by_id([found.record])
            await _check_may_act(on, caller, now)
            rules.check_open(found.approved_at, now)
            await _audit(found, "read", caller, now)
            await _tell(found, NoticeKind.BREAK_GLASS_USED, str(uuid4()), now)
            asked = await confidentiality.asked_about(found.record)
            names = await details_of([person for person, _, _ in asked])
    return [
        AskedRater(
            person=person,
            name=f"{names[person].given_name} {names[person].family_name}"
            if person in names
            else None,
            organisation=organisation,
            state=state,
        )
        for person, organisation, state in asked
    ]
