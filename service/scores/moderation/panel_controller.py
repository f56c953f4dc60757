"""HTTP for panels: declare, delegate, present.

The law: a panel is there for the HR administrators of its organisation and for its
members; what is before it is there for members alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from service.access.rules import BadTerm, GrantToOneself, Role
from service.auth.caller import SignedIn
from service.auth.guard import person
from service.errors import NotFound
from service.scores.moderation import actions, panels, rules
from service.scores.moderation.naming import names_of
from service.scores.moderation.queries import MemberFact, PanelFact
from service.scores.moderation.schemas import (
    CaseOut,
    CasesOut,
    EventIn,
    EventOut,
    EventsOut,
    MemberIn,
    MemberOut,
    PanelIn,
    PanelOut,
    PanelsOut,
)
from service.settings import settings

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = person(Role.HR_ADMINISTRATOR)


class PanelController(Controller):
    """The panels that moderate an organisation's judgements."""

    path = "/v1/moderation/panels"
    tags = ("Moderation",)

    @get(operation_id="listPanels", summary="List panels", security=person())
    async def all(self, caller: Caller) -> PanelsOut:
        """Return your organisation's, as its HR administrator; or those you are on."""
        found, members = await panels.panels_for(caller, settings().clock().date())
        names = await names_of([m.person for each in members.values() for m in each])
        return PanelsOut(items=[_panel(p, members[p.id], names) for p in found])

    @post(
        operation_id="openPanel",
        summary="Open a panel",
        security=ADMINISTRATOR,
        opt={"refuses": (NotFound, rules.PanelExists, rules.NoScale)},
    )
    async def open(self, caller: Caller, data: JSONBody[PanelIn]) -> PanelOut:
        """Open one for a unit, a grade or both, or for all of your organisation."""
        made = await panels.open_panel(
            data.cycle,
            data.level,
            unit=data.unit,
            grade=data.grade,
            caller=caller,
            now=settings().clock(),
        )
        return _panel(made, [], {})

    @post(
        "/{panel:uuid}/members",
        operation_id="nameMember",
        summary="Name somebody to a panel",
        security=ADMINISTRATOR,
        status_code=204,
        opt={
            "refuses": (
                BadTerm,
                GrantToOneself,
                rules.MemberAlready,
                rules.NotOfTheOrganisation,
            )
        },
    )
    async def name(
        self, caller: Caller, panel: FromPath[UUID], data: JSONBody[MemberIn]
    ) -> None:
        """Name somebody who works in your organisation, until a date; not yourself."""
        await panels.name_member(
            panel, data.person, data.until, caller=caller, now=settings().clock()
        )

    @delete(
        "/{panel:uuid}/members/{member:uuid}",
        operation_id="endMember",
        summary="End a membership",
        security=ADMINISTRATOR,
    )
    async def end(
        self, caller: Caller, panel: FromPath[UUID], member: FromPath[UUID]
    ) -> None:
        """End the membership of the person of this id; what they recorded stands."""
        await panels.end_member(panel, member, caller=caller, now=settings().clock())

    @get(
        "/{panel:uuid}/records",
        operation_id="listPanelRecords",
        summary="List the records before a panel",
        security=person(),
    )
    async def records(self, caller: Caller, panel: FromPath[UUID]) -> CasesOut:
        """Return what stands of each, to members; but of records too close to you."""
        found = await actions.cases(panel, caller=caller, now=settings().clock())
        names = await names_of([on.person for on, _, _ in found])
        return CasesOut(
            items=[
                CaseOut(
                    record=on.id,
                    person=on.person,
                    name=names.get(on.person),
                    judged=stands.judged if stands else None,
                    stands=stands.level if stands else None,
                    events=stands.events if stands else 0,
                    may_moderate=rules.may_moderate(standing),
                )
                for on, stands, standing in found
            ]
        )

    @get(
        "/{panel:uuid}/events",
        operation_id="listPanelEvents",
        summary="List what a panel recorded",
        security=person(),
    )
    async def events(self, caller: Caller, panel: FromPath[UUID]) -> EventsOut:
        """Return before, after and reason of each event, to members of the panel."""
        found = await actions.events_for(panel, caller=caller, now=settings().clock())
        return EventsOut(items=[EventOut(**asdict(each)) for each in found])

    @post(
        "/{panel:uuid}/events",
        operation_id="recordPanelEvent",
        summary="Record what a panel made of a judgement",
        security=person(),
        opt={
            "refuses": (
                rules.TooClose,
                rules.TooFew,
                rules.NotNow,
                rules.NoScale,
                rules.UnknownLevel,
                rules.NotJudged,
                rules.Superseded,
            )
        },
    )
    async def record(
        self, caller: Caller, panel: FromPath[UUID], data: JSONBody[EventIn]
    ) -> EventOut:
        """Record it for the panel, as a member; the judgement before is kept.

        Confirm a judgement with the same level before and after. No score changes.
        """
        made = await actions.record_event(
            panel, data, caller=caller, now=settings().clock()
        )
        return EventOut(**asdict(made))


def _panel(
    fact: PanelFact, members: Sequence[MemberFact], names: Mapping[UUID, str]
) -> PanelOut:
    return PanelOut(
        **asdict(fact),
        members=[
            MemberOut(
                person=member.person,
                name=names.get(member.person),
                until=member.until,
            )
            for member in members
        ],
    )
