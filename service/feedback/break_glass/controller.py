"""HTTP for break-glass: declare, delegate, present.

The law: what is somebody else's, or another organisation's, is not there.
"""

from typing import Final
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.errors import NotFound
from service.feedback.break_glass import actions, rules
from service.feedback.break_glass.actions import Opening
from service.feedback.break_glass.schemas import (
    AskedRaterOut,
    AskedRatersOut,
    BreakGlassIn,
    BreakGlassOut,
)
from service.feedback.rules import NoReason
from service.records.queries import record_named
from service.settings import settings

Caller = NamedDependency[SignedIn]
MAY_NOT: Final = (rules.BothRoles, rules.TooClose)


class BreakGlassController(Controller):
    """Learning who the raters of a record are, by two people."""

    path = "/v1/break-glass"
    tags = ("Feedback",)

    @post(
        operation_id="askForBreakGlass",
        summary="Ask to learn who the raters are",
        security=person(Role.HR_ADMINISTRATOR),
        opt={"refuses": (*MAY_NOT, NoReason, NotFound)},
    )
    async def ask(self, caller: Caller, data: JSONBody[BreakGlassIn]) -> BreakGlassOut:
        """Ask about a record of your own organisation, saying why.

        The data protection officers are told, and one of them may approve.
        """
        on = await record_named(data.record, [caller.organisation])
        return _shown(
            await actions.ask(on, data.reason, caller=caller, now=settings().clock())
        )

    @get(
        "/{opening:uuid}",
        operation_id="getBreakGlass",
        summary="Read what was asked for",
        security=person(Role.DATA_PROTECTION_OFFICER, Role.HR_ADMINISTRATOR),
    )
    async def one(self, caller: Caller, opening: FromPath[UUID]) -> BreakGlassOut:
        """Return what was asked for in your own organisation, and by whom."""
        return _shown(await actions.opening(opening, caller))

    @post(
        "/{opening:uuid}/approval",
        operation_id="approveBreakGlass",
        summary="Approve break-glass",
        security=person(Role.DATA_PROTECTION_OFFICER),
        opt={"refuses": (*MAY_NOT, rules.SamePerson, rules.ApprovedAlready)},
    )
    async def approve(self, caller: Caller, opening: FromPath[UUID]) -> BreakGlassOut:
        """Let whoever asked read who the raters are, for one hour from now."""
        return _shown(
            await actions.approve(opening, caller=caller, now=settings().clock())
        )

    @get(
        "/{opening:uuid}/raters",
        operation_id="listRatersByBreakGlass",
        summary="Learn who the raters are",
        security=person(Role.HR_ADMINISTRATOR),
        opt={"refuses": (*MAY_NOT, rules.NotApproved, rules.Over)},
    )
    async def raters(self, caller: Caller, opening: FromPath[UUID]) -> AskedRatersOut:
        """Return who was asked and who answered, to whoever asked for it.

        The data protection officers are told of every reading; the raters are not.
        """
        found = await actions.read(opening, caller=caller, now=settings().clock())
        return AskedRatersOut(
            items=[
                AskedRaterOut(
                    person=each.person,
                    name=each.name,
                    organisation=each.organisation,
                    state=each.state,
                )
                for each in found
            ]
        )


def _shown(found: Opening) -> BreakGlassOut:
    at = found.approved_at
    return BreakGlassOut(
        id=found.id,
        record=found.record,
        reason=found.reason,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        approved_by=found.approved_by,
        approved_at=at,
        expires_at=None if at is None else rules.expires_at(at),
    )
