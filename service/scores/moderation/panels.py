"""Open panels and name their members: load, ask the rules, save.

The law: an HR administrator sees and changes the panels of their own organisation, a
member sees those they are on, and nobody names themselves.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from service.access.rules import Role, check_grant
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import postings_on
from service.errors import NotFound
from service.records.queries import cycle_of
from service.scores.moderation import queries, rules
from service.scores.moderation.queries import MemberFact, PanelFact
from service.scores.moderation.rules import PanelLevel
from service.scores.moderation.saving import audit_panel, insert
from service.scores.moderation.tables import Member, Panel


async def open_panel(
    cycle: UUID,
    level: PanelLevel,
    *,
    unit: str | None,
    grade: str | None,
    caller: SignedIn,
    now: datetime,
) -> PanelFact:
    """Open a panel of the administrator's organisation."""
    with within_reach(EVERYONE):
        async with transaction():
            facts = await cycle_of(cycle, [caller.organisation])
            if not queries.levels_of(facts["framework"]):
                raise rules.NoScale("The framework's levels are not published.")
            made = Panel(
                organisation=caller.organisation,
                id=uuid4(),
                cycle=cycle,
                level=level,
                unit=unit,
                grade=grade,
                opened_by=caller.id,
                opened_at=now,
            )
            await insert(made, rules.PanelExists("Name members to that one."))
            await audit_panel(made.id, "open", caller, now)
            return await panel_of(made.id, caller, now.date())


async def panel_of(
    panel: UUID, caller: SignedIn, day: date, *, as_member: bool = False
) -> PanelFact:
    """Return a panel to an HR administrator of its organisation, or to its members."""
    hr = Role.HR_ADMINISTRATOR in caller.roles and not as_member
    with within_reach(EVERYONE):
        found = await queries.panels(
            caller.organisation, day, panel=panel, member=None if hr else caller.id
        )
    if not found:
        raise NotFound(f"No panel {panel}.")
    return found[0]


async def panels_for(
    caller: SignedIn, day: date
) -> tuple[list[PanelFact], dict[UUID, list[MemberFact]]]:
    """Return an administrator's organisation's panels, or those a person is on."""
    hr = Role.HR_ADMINISTRATOR in caller.roles
    with within_reach(EVERYONE):
        found = await queries.panels(
            caller.organisation, day, member=None if hr else caller.id
        )
        return found, await queries.members([panel.id for panel in found], day)


async def name_member(
    panel: UUID, person: UUID, until: date, *, caller: SignedIn, now: datetime
) -> None:
    """Name somebody of the organisation to one of its panels, until a date."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await panel_of(panel, caller, now.date())
            check_grant(person, caller.id, until, now.date())
            held = (await postings_on([person], now.date())).get(person)
            if held is None or held.organisation != found.organisation:
                raise rules.NotOfTheOrganisation(
                    f"Nobody with the id {person} works in {found.organisation} today."
                )
            await _end_over(panel, person, now)
            made = Member(
                organisation=found.organisation,
                id=uuid4(),
                panel=panel,
                person=person,
                until=until,
                named_by=caller.id,
                named_at=now,
                ended_at=None,
            )
            await insert(made, rules.MemberAlready("End it first to name them anew."))
            await audit_panel(
                panel, "name member", caller, now, person=person, until=until
            )


async def _end_over(panel: UUID, person: UUID, now: datetime) -> None:
    """Close what ran out, so that it does not stand in the way of a new term."""
    await Member.update({Member.ended_at: now}).where(
        Member.panel == panel,
        Member.person == person,
        Member.ended_at.is_null(),
        Member.until <= now.date(),
    )


async def end_member(
    panel: UUID, person: UUID, *, caller: SignedIn, now: datetime
) -> None:
    """End somebody's membership now; what they recorded stands."""
    with within_reach(EVERYONE):
        async with transaction():
            await panel_of(panel, caller, now.date())
            ended = (
                await Member.update({Member.ended_at: now})
                .where(
                    Member.panel == panel,
                    Member.person == person,
                    Member.ended_at.is_null(),
                )
                .returning(Member.id)
            )
            if not ended:
                raise NotFound(f"Nobody with the id {person} is on the panel.")
            await audit_panel(panel, "end member", caller, now, person=person)
