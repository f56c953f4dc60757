"""The one status of an objective, and what partners say beside it.

The law: an accountable owner alone says how it gets on; a dissent stands beside the
status it is from, and neither takes the other away.
"""

from datetime import datetime
from uuid import UUID

from service.auth.caller import Person
from service.jobs.rules import NoticeKind
from service.objectives.changing import audited, changing, told
from service.objectives.progress.capacities import check_owns, dissenting_for
from service.objectives.progress.rules import check_current
from service.objectives.progress.schemas import DissentIn, StatusIn
from service.objectives.progress.tables import Dissent, StatusReport
from service.objectives.stages import check_under_way


async def report(
    objective: UUID, said: StatusIn, *, id_: UUID, caller: Person, now: datetime
) -> None:
    """Say how an objective gets on, from now on."""
    async with changing(objective, caller=caller, now=now) as work:
        owner = check_owns(work)
        check_under_way(work.stage)
        last = await _current(objective)
        number = last.number + 1 if last else 1
        await StatusReport.insert(
            StatusReport(
                organisation=work.fact.owning[owner.id],
                id=id_,
                objective=objective,
                number=number,
                follows=last.number if last else None,
                status=said.status,
                text=said.text,
                person=owner.id,
                reported_at=now,
            )
        )
        audited(
            work,
            "report",
            before={"status": last.status} if last else None,
            after={"status": said.status, "number": number},
        )


async def _current(objective: UUID) -> StatusReport | None:
    return (
        await StatusReport.objects()
        .where(StatusReport.objective == objective)
        .order_by(StatusReport.number, ascending=False)
        .first()
    )


async def dissent(
    objective: UUID, said: DissentIn, *, id_: UUID, caller: Person, now: datetime
) -> None:
    """Say why a partner sees the current status differently, or say it in other words.

    The owners and the subject's line manager are told.
    """
    async with changing(objective, caller=caller, now=now) as work:
        current = await _current(objective)
        reporting = current.organisation if current else work.fact.organisation
        partner, organisation = dissenting_for(work, reporting)
        check_under_way(work.stage)
        check_current(said.status, current.number if current else 0)
        assert current is not None  # noqa: S101 - checked just now
        earlier = await Dissent.count().where(
            Dissent.organisation == organisation, Dissent.status == current.id
        )
        await Dissent.insert(
            Dissent(
                organisation=organisation,
                id=id_,
                objective=objective,
                status=current.id,
                number=earlier + 1,
                text=said.text,
                person=partner.id,
                lodged_at=now,
            )
        )
        after = {"status": current.number, "organisation": organisation}
        audited(work, "dissent", after=after)
        people = [*work.fact.owning, work.standing.managers.get(work.fact.person)]
        told(work, people, NoticeKind.DISSENT_LODGED, str(id_))
