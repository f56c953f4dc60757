"""Disputing an objective, or what one's own report is to contribute to it.

The law: both managers hear of a dispute, it stands on the record with what came of it,
and whoever raised it is asked again, never overruled.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from piccolo.columns.combination import And
from piccolo.custom_types import Combinable

from service.auth.caller import Person
from service.errors import Conflict, Fault, NotFound
from service.jobs.rules import NoticeKind
from service.objectives import rules
from service.objectives.agreement.actions import held_by, named_part, tell_managers
from service.objectives.audience import given, needed_for
from service.objectives.changing import (
    Work,
    as_changed,
    audited,
    changing,
    check_open,
    move,
    take,
    told,
)
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import Capacity, NotYours, Part
from service.objectives.stages import (
    ContributionState,
    ContributionStep,
    Outcome,
    Stage,
    Step,
    WrongStage,
)
from service.objectives.standing import Standing
from service.objectives.tables import Dispute
from service.objectives.writing import add_version


class NotDisputed(Conflict):
    """The dispute is settled already."""

    slug = "dispute-settled"


class DisputedAlready(Conflict):
    """The same person's dispute about the same thing is still open."""

    slug = "dispute-open"


async def dispute(
    id_: UUID,
    *,
    reason: str,
    contribution: UUID | None,
    caller: Person,
    now: datetime,
) -> ObjectiveFact:
    """Dispute an objective, or one contribution to it; both managers are told."""
    async with changing(id_, caller=caller, now=now) as work:
        parts = held_by(work, needed_for(work.fact, work.standing))
        named = named_part(work.fact, contribution) if contribution else None
        capacity, about = _disputes_as(parts, named, work.fact)
        await check_open(work)
        take(work, Step.DISPUTE, reason)
        part = next((p for p in work.fact.live if p.id == about), None)
        if part is not None and part.state != ContributionState.DISPUTED:
            await move(work, part, ContributionStep.DISPUTE, reason)
        await _raise(work, (capacity, about), reason)
        tell_managers(work, NoticeKind.OBJECTIVE_DISPUTED, part)
    return await as_changed(id_)


def _disputes_as(
    parts: Collection[Part], about: ContributionFact | None, fact: ObjectiveFact
) -> Part:
    """Return as what the caller disputes: what they named, or the first they hold."""
    if about is None:
        return min(parts, key=lambda part: [*Capacity].index(part[0]))
    for part in sorted(parts, key=lambda part: [*Capacity].index(part[0])):
        if part[1] == about.id or (part[1] is None and about.person == fact.person):
            return part
    raise NotYours(
        "The contribution is for its own line manager to dispute: leave it out to"
        " dispute the whole.",
        faults=[Fault("Leave it out.", pointer="#/contribution")],
    )


async def _raise(work: Work, part: Part, reason: str) -> None:
    assert isinstance(work.caller, Person)  # noqa: S101 - the route serves people alone
    capacity, contribution = part
    about = (
        Dispute.contribution.is_null()
        if contribution is None
        else Dispute.contribution == contribution
    )
    same = And(Dispute.objective == work.fact.id, Dispute.capacity == capacity)
    if await _is_open(And(same, about)):
        raise DisputedAlready("Your dispute is open: it waits for its settlement.")
    await Dispute.insert(
        Dispute(
            organisation=work.fact.organisation,
            id=uuid4(),
            objective=work.fact.id,
            version=work.version,
            contribution=contribution,
            capacity=capacity,
            person=work.caller.id,
            reason=reason,
            raised_at=work.now,
        )
    )


async def settle(
    id_: UUID,
    dispute_id: UUID,
    *,
    outcome: Outcome,
    reply: str,
    caller: Person,
    now: datetime,
) -> ObjectiveFact:
    """Keep what was disputed, for the subject's manager; drop it, for who raised it."""
    async with changing(id_, caller=caller, now=now) as work:
        found = await Dispute.objects().where(
            Dispute.objective == id_, Dispute.id == dispute_id
        )
        if not found:
            raise NotFound(f"The objective has no dispute {dispute_id}.")
        raised = found[0]
        if not await _is_open(Dispute.id == dispute_id):
            raise NotDisputed("It is settled: read the objective's disputes.")
        if work.stage == Stage.WITHDRAWN:
            raise WrongStage("It was withdrawn: what was disputed of it stays so.")
        _check_settles(work, raised, outcome)
        await Dispute.update(
            {
                Dispute.outcome: outcome,
                Dispute.reply: reply,
                Dispute.settled_by: caller.id,
                Dispute.settled_at: now,
            }
        ).where(Dispute.id == dispute_id)
        await _after_settling(work, raised, outcome, reply)
    return await as_changed(id_)


def _check_settles(work: Work, raised: Dispute, outcome: Outcome) -> None:
    """Let the subject's manager alone keep it, and whoever disputes it drop it."""
    part = Capacity(raised.capacity), raised.contribution
    may = settlers(work.fact, work.standing, part, raised.person, outcome)
    assert isinstance(work.caller, Person)  # noqa: S101 - the route serves people alone
    if work.caller.id not in may:
        raise NotYours(
            "The subject's line manager keeps what others dispute; whoever disputes"
            " drops it; to settle it otherwise, change the objective."
        )


def settlers(
    fact: ObjectiveFact,
    standing: Standing,
    part: Part,
    raised_by: UUID,
    outcome: Outcome,
) -> set[UUID | None]:
    """Return who may settle a dispute that was raised as `part` in this way."""
    holder = needed_for(fact, standing).get(part)  # today's, after a move too
    if outcome == Outcome.DROPPED:
        return {holder, raised_by}
    return {standing.managers.get(fact.person)} - {holder}


async def _after_settling(
    work: Work, raised: Dispute, outcome: Outcome, reply: str
) -> None:
    """Put it to others again, once nothing of it is disputed any more."""
    part = next((p for p in work.fact.live if p.id == raised.contribution), None)
    audited(work, "settle", after={"dispute": raised.id, "outcome": outcome})
    tell_managers(work, NoticeKind.DISPUTE_SETTLED, part)
    key = f"{raised.id} {outcome}"
    told(work, [raised.person], NoticeKind.DISPUTE_SETTLED, key)
    if outcome == Outcome.KEPT:
        await _say_again(work, reply)
    before = (await given([work.fact.id]))[work.fact.id]
    if part is not None and not await _is_open(Dispute.contribution == part.id):
        accepted = _accepting(work.fact, part) in before
        step = ContributionStep.ACCEPT if accepted else ContributionStep.INVITE
        await move(work, part, step, reply)
    if work.stage != Stage.DISPUTED or await _is_open(
        Dispute.objective == work.fact.id
    ):
        return
    needed = needed_for(work.fact, work.standing)
    left = rules.outstanding(needed, before)
    if left:
        take(work, Step.SETTLE, reply)
        wanted = f"{work.fact.id} {work.revision}"
        waiting = [needed[p] for p in left]
        told(work, waiting, NoticeKind.AGREEMENT_WANTED, wanted)
    else:
        take(work, Step.REINSTATE, reply)


async def _say_again(work: Work, reply: str) -> None:
    """Keep what it says as a new version, for whoever disputed it to agree to."""
    work.version += 1
    await add_version(
        work.fact.organisation, work.fact.id, work.version, work.fact.content,
        reason=reply, caller=work.caller, now=work.now,
    )  # fmt: skip


def _accepting(fact: ObjectiveFact, part: ContributionFact) -> Part:
    """Return whose agreement accepts a contribution."""
    if part.person == fact.person:
        return Capacity.LINE_MANAGER, None
    return Capacity.CONTRIBUTOR_MANAGER, part.id


async def _is_open(about: Combinable) -> bool:
    """Say whether any dispute of these is open."""
    return await Dispute.exists().where(about, Dispute.outcome.is_null())
