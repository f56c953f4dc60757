"""Whom to sign in as, to see the demo's data as people see it.

The law: each office is held by somebody of one organisation, outside the line that
leads to the person appraised, and again by the same.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from service.access.actions import AlreadyHeld, grant
from service.access.rules import Role
from service.auth.caller import SignedIn
from service.demo.present import Present
from service.demo.steps import OPERATOR, Year
from service.directory.queries import (
    Details,
    details_of,
    line_above,
    line_managers_on,
    postings_on,
)
from service.objectives.queries import objective
from service.objectives.waiting import AGREE, AGREE_PART, waiting

TERM: Final = timedelta(days=365)
OFFICES: Final = {
    Role.HR_ADMINISTRATOR: ("HR administrator", "/hr"),
    Role.TEXT_MODERATOR: ("text moderator", "/hr/reviews"),
    Role.CENTRAL_TEAM: ("central team", "/moderation/views"),
    Role.AUDITOR: ("auditor", "/audit"),
    Role.DATA_PROTECTION_OFFICER: ("data protection officer", "/hr/break-glass"),
}
"""What each is called, and where it begins."""
TO_AGREE: Final = frozenset({AGREE, AGREE_PART})
MANAGER_FINDS: Final = "an objective to agree, and one of this year that is agreed"
HR_FINDS: Final = "this year's progress; its stages are at /hr/cycles"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody to sign in as."""

    name: str
    organisation: str
    seen_as: str
    path: str


@dataclass(frozen=True, slots=True)
class Busy(Visitor):
    """Somebody to sign in as for whom something waits."""

    finds: str


async def visitors(
    year: Year, organisation: str, subject: UUID, now: datetime
) -> list[Visitor]:
    """Return one of each kind of person of an organisation; give out its offices.

    The subject comes first, and then their line manager, where they have one.
    """
    line = await line_above(subject, now.date())
    kinds = {subject: ("person appraised", "/records")}
    kinds |= dict.fromkeys(line[:1], ("line manager", "/"))
    holders = await _free(year, organisation, {subject, *line}, now)
    for person, (role, seen_as) in zip(holders, OFFICES.items(), strict=False):
        with suppress(AlreadyHeld):
            await grant(
                person,
                role,
                organisation=organisation,
                until=(now + TERM).date(),
                caller=OPERATOR,
                now=now,
            )
        kinds[person] = seen_as
    called = await details_of(kinds)
    return [
        Visitor(*_called(called[person]), seen_as, path)
        for person, (seen_as, path) in kinds.items()
    ]


async def busy_in(
    present: Present, holders: Sequence[Visitor], now: datetime
) -> list[Busy]:
    """Return a rater, a line manager and an HR administrator of the year under way.

    A rater and a manager as long as something waits for them.
    """
    kinds = {}
    manager = await _agreeing(present, now)
    if manager is not None:
        kinds[manager] = ("line manager", "/", MANAGER_FINDS)
    if present.rater is not None:
        forms = "1 form" if present.forms == 1 else f"{present.forms} forms"
        finds = f"{forms} to fill in; invitations are at /dev/mail"
        kinds = {present.rater: ("colleague who is asked", "/feedback", finds)} | kinds
    called = await details_of(kinds)
    return [
        *(Busy(*_called(called[person]), *seen) for person, seen in kinds.items()),
        *(
            Busy(each.name, each.organisation, each.seen_as, "/hr/progress", HR_FINDS)
            for each in holders
            if each.seen_as == OFFICES[Role.HR_ADMINISTRATOR][0]
        ),
    ]


async def _agreeing(present: Present, now: datetime) -> UUID | None:
    """Return the first line manager who has not agreed yet; the lead's, if that is so.

    Somebody may have tried it: what home would tell them decides.
    """
    fact = await objective(present.waits)
    people = [fact.person, *(part.person for part in fact.live)]
    managed = await line_managers_on(people, now.date())
    known = await details_of(managed.values())
    for person in filter(None, map(managed.get, people)):
        there = SignedIn(person, known[person].organisation, frozenset())
        for each in await waiting(there, now):
            if each.path == f"/objectives/{fact.id}" and each.says in TO_AGREE:
                return person
    return None


def _called(details: Details) -> tuple[str, str]:
    return f"{details.given_name} {details.family_name}", details.organisation


async def _free(
    year: Year, organisation: str, busy: set[UUID], now: datetime
) -> list[UUID]:
    """Return who is in post there and not busy, always in the same order."""
    held = await postings_on(year.of, now.date())
    records = sorted(year.of.values(), key=lambda on: (on.source, on.external_id))
    return [
        on.person
        for on in records
        if on.person not in busy
        and on.organisation == organisation
        and on.person in held
        and held[on.person].organisation == organisation
    ]
