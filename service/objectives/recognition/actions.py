"""Thank a contributor of another organisation."""

from datetime import datetime
from uuid import UUID

from service.auth.caller import Person
from service.jobs.rules import NoticeKind
from service.objectives.agreement.actions import named_part
from service.objectives.changing import Work, audited, changing, told
from service.objectives.recognition import rules
from service.objectives.recognition.rules import Quarter, quarter_of
from service.objectives.recognition.tables import Recognition
from service.records.frameworks import LONDON, Framework, load
from service.records.queries import cycle_of


async def recognise(
    id_: UUID,
    contribution: UUID,
    *,
    text: str,
    new: UUID,
    caller: Person,
    now: datetime,
) -> None:
    """Thank a contributor, as `new`, for one's own organisation; they are told."""
    async with changing(id_, caller=caller, now=now) as work:
        part = named_part(work.fact, contribution)
        works_in = work.standing.organisations.get(caller.id)
        parties = [(each.person, each.organisation) for each in work.fact.live]
        owners, thanked = work.fact.owning.items(), (part.person, part.organisation)
        organisation = rules.thanks_for(
            caller.id, [*parties, *owners], work.standing.managers, works_in, thanked
        )
        rules.check_stage(work.stage)
        quarter = await _quarter(work)
        row = Recognition(
            organisation=organisation,
            id=new,
            objective=id_,
            contribution=contribution,
            contributor=part.person,
            contributor_organisation=part.organisation,
            person=caller.id,
            works_in=works_in or organisation,
            text=text,
            quarter=quarter.start,
            given_at=now,
        )
        given = await Recognition.insert(row).on_conflict(action="DO NOTHING")
        if not given:
            raise rules.thanked_already(organisation, quarter)
        by = {"objective": id_, "contribution": contribution, "by": organisation}
        audited(work, "thank", entity="recognition", entity_id=new, after=by)
        told(work, [part.person], NoticeKind.RECOGNISED, str(new))


async def _quarter(work: Work) -> Quarter:
    """Return the quarter of the appraisal year that today, in London, lies in."""
    cycle = await cycle_of(work.fact.cycle)
    return quarter_on(work.now, load(cycle["framework"]))


def quarter_on(now: datetime, framework: Framework) -> Quarter:
    """Return the quarter of a framework's appraisal year that an instant lies in."""
    begins = framework.calendar.year_begins
    day = now.astimezone(LONDON).date()
    return quarter_of(day, month=begins.month, first=begins.day)
