"""Read a record with all that is attached to it; who was told is written down.

The law: nothing leaves before it is on the audit, or is a disclosure.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from service.audit.actions import disclose
from service.audit.actions import record as audit
from service.auth.caller import Machine, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.hr.attachment.about import About
from service.hr.attachment.queries import attachment, shown_on_page
from service.hr.attachment.schemas import AttachmentOut
from service.objectives.presenting import PersonOut
from service.records.whose import record_for

PURPOSE: Final = "appraisal record"


async def read(
    record: str,
    organisation: str | None,
    *,
    caller: Machine | SignedIn,
    issuer: str,
    now: datetime,
) -> AttachmentOut:
    """Return a record by either of its names, to whoever may look at it."""
    async with transaction():
        on = await record_for(record, caller, organisation, now.date())
        # Who answers for partners' people is looked up; the reach changes but once.
        with within_reach(EVERYONE):
            async with transaction():
                found = await attachment(on, caller, issuer, now.date())
                await _told_of(found, caller, now)
    return found


async def read_page(
    record: UUID, *, caller: SignedIn, issuer: str, now: datetime
) -> tuple[AttachmentOut, About]:
    """Return a record to a person, with what a page says around it."""
    async with transaction():
        on = await record_for(str(record), caller, None, now.date())
        with within_reach(EVERYONE):
            async with transaction():
                found, about = await shown_on_page(on, caller, issuer, now.date())
                await _told_of(found, caller, now)
    return found, about


async def _told_of(
    found: AttachmentOut, caller: Machine | SignedIn, now: datetime
) -> None:
    """Write down who was told about whom, before it leaves."""
    if isinstance(caller, Machine):
        people = {found.person, *_people(found)}
        await disclose(caller, "record", people, now=now, purpose=PURPOSE)
        return
    await audit(
        caller, "read", "record", found.id, now=now, organisation=found.organisation
    )


def _people(part: object) -> Iterator[UUID]:
    """Return everybody who is shown, wherever: nobody is told of unseen."""
    match part:
        case PersonOut(id=person):
            yield person
        case BaseModel():
            for _, value in part:
                yield from _people(value)
        case list():
            for value in part:
                yield from _people(value)
