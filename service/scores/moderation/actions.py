"""Judge, and record what a panel made of a judgement: load, ask the rules, save.

The law: what was judged and what was decided is added to and never changed, and each is
audited by who and of which record, never by the level.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_manager_on
from service.errors import NotFound
from service.records.queries import RecordFact, instants
from service.scores.moderation import queries, rules
from service.scores.moderation.panels import panel_of
from service.scores.moderation.queries import EventFact, JudgementFact, PanelFact
from service.scores.moderation.saving import audit_panel, insert
from service.scores.moderation.schemas import EventIn
from service.scores.moderation.tables import Event, Judgement


async def judge(
    on: RecordFact, level: str, reason: str, *, caller: SignedIn, now: datetime
) -> JudgementFact:
    """State what a record's line manager judges, at mid-year or at the year's end."""
    with within_reach(EVERYONE):
        async with transaction():
            if await line_manager_on(on.person, now.date()) != caller.id:
                raise rules.NotYourReport("Their line manager judges, and nobody else.")
            stage = rules.stage_of_judgement(await instants(on.cycle), now)
            rules.check_level(level, [*queries.levels_of(on.framework)], "#/level")
            before = await queries.judgements_of(on.id)
            made = Judgement(
                organisation=on.organisation,
                id=uuid4(),
                record=on.id,
                stage=stage,
                number=1 + sum(each.stage == stage for each in before),
                level=level,
                reason=reason.strip(),
                subject=on.person,
                manager=caller.id,
                judged_at=now,
            )
            await insert(made, rules.Superseded("It was judged anew just now."))
            await _audit(on, "judge", caller, now)
            return (await queries.judgements_of(on.id))[-1]


async def _audit(on: RecordFact, action: str, caller: SignedIn, now: datetime) -> None:
    await audit(
        caller,
        action,
        "appraisal_record",
        on.id,
        now=now,
        organisation=on.organisation,
    )


async def told_of(
    on: RecordFact, *, caller: SignedIn, now: datetime
) -> tuple[list[JudgementFact], list[EventFact]]:
    """Return what was judged and what panels made of it, to whoever may look at it."""
    with within_reach(EVERYONE):
        async with transaction():
            if on.person == caller.id:
                starts = await instants(on.cycle)
                rules.check_told(starts["published"], now)
            await _audit(on, "read moderation", caller, now)
            return await queries.judgements_of(on.id), await queries.events_of([on.id])


async def cases(
    panel: UUID, *, caller: SignedIn, now: datetime
) -> list[tuple[RecordFact, queries.Stands | None, rules.Standing]]:
    """Return a panel's records to a member: what stands, and how they stand to each."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await panel_of(panel, caller, now.date(), as_member=True)
            there = await queries.within_panel(found, now.date())
            stands, how = await queries.standing_for(there, caller.id, now.date())
            await audit_panel(panel, "read", caller, now)
    return [
        (on, stands.get(on.id), how[on.id]) for on in there if not _hidden(how[on.id])
    ]


def _hidden(standing: rules.Standing) -> bool:
    """Say whether a member may not even see what stands of a record."""
    return standing.is_subject or standing.is_below or standing.competes


async def record_event(
    panel: UUID, wanted: EventIn, *, caller: SignedIn, now: datetime
) -> EventFact:
    """Record what a panel made of a record's judgement; what was before is kept."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await panel_of(panel, caller, now.date(), as_member=True)
            on = await _in_panel(found, wanted.record, now.date())
            stands, how = await queries.standing_for([on], caller.id, now.date())
            rules.check_may_moderate(how[on.id])
            rules.check_panel(len((await queries.members([panel], now.date()))[panel]))
            rules.check_within(
                rules.MODERATED_WITHIN[found.level], await instants(found.cycle), now
            )
            rules.check_level(
                wanted.after, [*queries.levels_of(on.framework)], "#/after"
            )
            last = stands.get(on.id)
            rules.check_before(wanted.before, last.level if last else None)
            made = Event(
                organisation=on.organisation,
                id=uuid4(),
                record=on.id,
                panel=panel,
                number=1 + (last.events if last else 0),
                before=wanted.before,
                after=wanted.after,
                reason=wanted.reason.strip(),
                subject=on.person,
                recorded_by=caller.id,
                recorded_at=now,
            )
            await insert(made, rules.Superseded("It was moderated just now: read it."))
            await audit_panel(panel, "moderate", caller, now, record=on.id)
            return (await queries.events_of([on.id]))[-1]


async def _in_panel(panel: PanelFact, record: UUID, day: date) -> RecordFact:
    for on in await queries.within_panel(panel, day):
        if on.id == record:
            return on
    raise NotFound(f"No record {record} is before the panel.")


async def events_for(
    panel: UUID, *, caller: SignedIn, now: datetime
) -> list[EventFact]:
    """Return what a panel recorded, to its members: not what they are too close to."""
    there = {on.id for on, _, _ in await cases(panel, caller=caller, now=now)}
    with within_reach(EVERYONE):
        found = await queries.events_of(there)
    return [event for event in found if event.panel == panel]
