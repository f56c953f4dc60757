"""What an objective says, written down: its parts, its versions, who is asked again.

The law: what it said before is kept whole before anything else is said in its place.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from service.auth.caller import Caller
from service.db import transaction
from service.jobs.rules import NoticeKind
from service.objectives import rules
from service.objectives.audience import given, involved, needed_for, standing_of
from service.objectives.changing import Work, audited, move, person_of, take, told
from service.objectives.content import Content, Contributed, digest, plain
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.stages import (
    ContributionState,
    ContributionStep,
    Outcome,
    Stage,
    Step,
    WrongStage,
    after,
)
from service.objectives.tables import (
    Contribution,
    Dispute,
    ObjectiveParty,
    Owner,
    SharedObjective,
    Value,
    Version,
)
from service.records.queries import RecordFact

ADD_PARTIES: Final = """
INSERT INTO objective_party (organisation, objective, id)
SELECT organisation, $1, id FROM unnest($2::varchar[], $3::uuid[])
    AS party (organisation, id)
ON CONFLICT (organisation, objective) DO NOTHING
"""


async def put_to_others(
    work: Work, fact: ObjectiveFact, step: Step, reason: str
) -> None:
    """Ask everyone whose agreement to what `fact` says now is still to come."""
    work.standing = await standing_of([fact], work.now.date())
    needed = needed_for(fact, work.standing)
    before = () if step == Step.CHANGE else (await given([fact.id]))[fact.id]
    wanted = {part: needed[part] for part in rules.outstanding(needed, before)}
    rules.check_everyone(wanted)
    take(work, step, reason)
    key = f"{fact.id} {work.revision}"
    told(work, wanted.values(), NoticeKind.AGREEMENT_WANTED, key)
    if not wanted:  # All had agreed before it was sent back, and nothing has changed.
        take(work, Step.AGREE)


def drafted(
    on: RecordFact,
    wanted: Content,
    id_: UUID,
    now: datetime,
    origin: Mapping[Any, Any],
) -> SharedObjective:
    """Return the row of a new draft."""
    return SharedObjective(
        {
            SharedObjective.organisation: on.organisation,
            SharedObjective.id: id_,
            SharedObjective.record: on.id,
            SharedObjective.person: on.person,
            SharedObjective.cycle: on.cycle,
            SharedObjective.lineage: id_,
            SharedObjective.stage: Stage.DRAFT,
            SharedObjective.version: 1,
            SharedObjective.terms: 1,
            SharedObjective.revision: 1,
            SharedObjective.created_at: now,
            **_columns(wanted),
            **origin,
        }
    )


def _columns(wanted: Content) -> dict[Any, Any]:
    priority = wanted.priority
    return {
        SharedObjective.title: wanted.title,
        SharedObjective.outcome: wanted.outcome,
        SharedObjective.measures: wanted.measures,
        SharedObjective.ownership_model: wanted.ownership_model,
        SharedObjective.kind: wanted.kind,
        SharedObjective.element: wanted.element,
        SharedObjective.weight: wanted.weight,
        SharedObjective.standard: wanted.standard,
        SharedObjective.priority_scheme: priority.scheme if priority else None,
        SharedObjective.priority_code: priority.code if priority else None,
        SharedObjective.parent: wanted.parent,
        SharedObjective.ends_on: wanted.ends_on,
    }


async def add_parts(
    id_: UUID, lead: str, wanted: Content, owning: Mapping[UUID, str]
) -> None:
    """Write the parties, contributions, owners and values of a new draft."""
    await _add_parties(id_, {lead, *wanted.organisations})
    await _add_contributions(id_, wanted.contributions)
    await _add_owners_and_values(id_, wanted, owning)


async def _add_parties(id_: UUID, organisations: set[str]) -> None:
    codes = sorted(organisations)
    async with transaction() as connection:
        await connection.execute(ADD_PARTIES, id_, codes, [uuid4() for _ in codes])


async def _add_contributions(id_: UUID, parts: Sequence[Contributed]) -> None:
    await Contribution.insert(
        *(
            Contribution(
                organisation=part.organisation,
                id=uuid4(),
                objective=id_,
                person=part.person,
                role=part.role,
                share=part.share,
                commitment=part.commitment,
                state=ContributionState.INVITED,
            )
            for part in parts
        )
    )


async def _add_owners_and_values(
    id_: UUID, wanted: Content, owning: Mapping[UUID, str]
) -> None:
    await Owner.insert(
        *(
            Owner(
                organisation=owning[person],
                id=uuid4(),
                objective=id_,
                number=number,
                person=person,
            )
            for number, owner in enumerate(wanted.owners, start=1)
            for person in owner
        )
    )
    if wanted.value_map:
        await Value.insert(
            *(
                Value(
                    organisation=value.organisation,
                    id=uuid4(),
                    objective=id_,
                    puts_in=value.puts_in,
                    money_in=value.money_in,
                    people_in=value.people_in,
                    days_in=value.days_in,
                    gains=value.gains,
                    money_out=value.money_out,
                )
                for value in wanted.value_map
            )
        )


async def add_version(
    organisation: str,
    id_: UUID,
    version: int,
    content: Content,
    *,
    reason: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Keep what an objective says, whole."""
    values = plain(content)
    await Version.insert(
        Version(
            organisation=organisation,
            id=uuid4(),
            objective=id_,
            version=version,
            content=values,
            digest=digest(values),
            actor=caller.key,
            person=person_of(caller),
            reason=reason,
            at=now,
        )
    )


async def check_undisputed(id_: UUID) -> None:
    """Refuse an objective of which anything is disputed still."""
    if await Dispute.exists().where(
        Dispute.objective == id_, Dispute.outcome.is_null()
    ):
        raise WrongStage(
            "A dispute about it is open: settle that, or change what is disputed."
        )


async def restate(work: Work, content: Content, owning: Mapping[UUID, str]) -> None:
    """Write what it says now in the place of what it said."""
    id_ = work.fact.id
    await SharedObjective.update(_columns(content)).where(SharedObjective.id == id_)
    await _add_parties(id_, {*content.organisations})
    there = {(p.organisation, p.person): p for p in work.fact.contributions}
    wanted = {(p.organisation, p.person): p for p in content.contributions}
    for name, part in there.items():
        if name in wanted:
            await Contribution.update(
                {
                    Contribution.role: wanted[name].role,
                    Contribution.share: wanted[name].share,
                    Contribution.commitment: wanted[name].commitment,
                }
            ).where(Contribution.id == part.id)
        elif not work.fact.shared:  # Who was never asked has nothing to leave.
            await Contribution.delete().where(Contribution.id == part.id)
        elif part.live:
            await move(work, part, ContributionStep.LEAVE)
            left = [part.person, work.standing.managers.get(part.person)]
            key = f"{id_} {work.revision}"
            told(work, left, NoticeKind.CONTRIBUTION_LEFT, key)
    fresh = [part for name, part in wanted.items() if name not in there]
    if fresh:
        await _add_contributions(id_, fresh)
    await Owner.delete().where(Owner.objective == id_)
    await Value.delete().where(Value.objective == id_)
    await _add_owners_and_values(id_, content, owning)
    if not work.fact.shared:
        kept = {work.fact.organisation, *content.organisations}
        await ObjectiveParty.delete().where(
            ObjectiveParty.objective == id_,
            ObjectiveParty.organisation.not_in([*kept]),
        )


async def renew(work: Work, step: Step, content: Content, reason: str) -> None:
    """Keep the new version; after a material change, ask everyone again."""
    id_, was = work.fact.id, work.version
    work.version += 1
    await add_version(
        work.fact.organisation, id_, work.version, content,
        reason=reason, caller=work.caller, now=work.now,
    )  # fmt: skip
    audited(work, "restate", before={"version": was}, after={"version": work.version})
    if step == Step.AMEND:
        take(work, step, reason)
        return
    work.terms = work.version
    stated = {(p.organisation, p.person) for p in content.contributions}
    for part in work.fact.contributions:
        invited = part.state == ContributionState.INVITED
        if (part.organisation, part.person) in stated and not invited:
            await move(work, part, ContributionStep.INVITE)
    await _settle_as_changed(work)
    if after(work.stage, step) != Stage.PROPOSED:
        take(work, step, reason)
        return
    await put_to_others(work, await objective(id_), step, reason)
    others = involved(work.fact, work.standing) - {who for who, _ in work.notices}
    told(work, others, NoticeKind.OBJECTIVE_CHANGED, f"{id_} {work.revision}")


async def _settle_as_changed(work: Work) -> None:
    await Dispute.update(
        {
            Dispute.outcome: Outcome.CHANGED,
            Dispute.reply: "What was disputed was changed.",
            Dispute.settled_by: person_of(work.caller),
            Dispute.settled_at: work.now,
        }
    ).where(Dispute.objective == work.fact.id, Dispute.outcome.is_null())
