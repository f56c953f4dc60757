"""What callers do with shared objectives: load, ask the rules, save.

Each action is one transaction. The objective's row is locked before its parts are read,
because shares and agreements are sums over rows.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from service.access.queries import check_shared
from service.audit.actions import record as audit
from service.auth.caller import Caller, Machine, Person
from service.db import transaction
from service.directory.queries import (
    line_manager_on,
    line_managers_on,
    postings_on,
)
from service.errors import NotFound
from service.objectives import queries, rules
from service.objectives.drafting import Draft, from_names
from service.objectives.rules import (
    Capacity,
    Needed,
    ObjectiveFact,
    Stage,
    Step,
)
from service.objectives.schemas import ObjectiveIn
from service.objectives.tables import (
    Agreement,
    Contribution,
    ObjectiveParty,
    SharedObjective,
)
from service.records.queries import RecordFact, cycle_of
from service.records.rules import CycleState, WrongCycleState

LOCK: Final = "SELECT FROM shared_objective WHERE id = $1 FOR UPDATE"


async def draft_and_propose(
    on: RecordFact, wanted: ObjectiveIn, *, id_: UUID, caller: Caller, now: datetime
) -> ObjectiveFact:
    """Draft what a caller stated by names and send it for agreement, or do neither."""
    async with transaction():
        found = await from_names(on, wanted, now)
        await draft(on, found, id_=id_, caller=caller, now=now)
        return await propose(id_, caller=caller, now=now)


async def draft(
    on: RecordFact, wanted: Draft, *, id_: UUID, caller: Caller, now: datetime
) -> ObjectiveFact:
    """Draft an objective on a record, for its line manager or its HR system."""
    async with transaction():
        await _check_sets(on.person, on.organisation, caller, now)
        cycle = await cycle_of(on.cycle)
        if cycle["state"] != CycleState.OPEN:
            raise WrongCycleState(f"The cycle is {cycle['state']}: nothing is added.")
        rules.check_parts(wanted.parts, on.person)
        organisations = {part.organisation for part in wanted.parts}
        await check_shared(on.organisation, organisations, now.date())
        await _check_postings(wanted, now)
        await SharedObjective.insert(_drafted(on, wanted, id_, now))
        await _insert_parts(id_, on.organisation, wanted)
        await audit(
            caller,
            "draft",
            "objective",
            id_,
            now=now,
            organisation=on.organisation,
            after={"title": wanted.title, "organisations": sorted(organisations)},
        )
        return await queries.objective(id_)


def _drafted(
    on: RecordFact, wanted: Draft, id_: UUID, now: datetime
) -> SharedObjective:
    return SharedObjective(
        organisation=on.organisation,
        id=id_,
        record=on.id,
        person=on.person,
        cycle=on.cycle,
        title=wanted.title,
        outcome=wanted.outcome,
        measures=wanted.measures,
        ownership_model=wanted.ownership_model,
        kind=wanted.kind,
        accountable_owner=wanted.accountable_owner,
        stage=Stage.DRAFT,
        version=1,
        created_at=now,
    )


async def _check_sets(
    person: UUID, organisation: str, caller: Caller, now: datetime
) -> None:
    """Refuse whoever does not set this person's objectives; for them it is not there.

    The subject's line manager does, and their organisation's HR system for them.
    """
    if isinstance(caller, Machine):
        allowed = organisation in caller.organisations
    else:
        manager = await line_manager_on(person, now.date())
        allowed = isinstance(caller, Person) and caller.id == manager
    if not allowed:
        raise NotFound("No such record or objective.")


async def _check_postings(wanted: Draft, now: datetime) -> None:
    """Refuse a contributor who is not in the organisation they would contribute for."""
    people = [part.person for part in wanted.parts]
    postings = await postings_on([*people, wanted.accountable_owner], now.date())
    for number, part in enumerate(wanted.parts, start=1):
        held = postings.get(part.person)
        if held is None or held.organisation != part.organisation:
            raise rules.not_in_post(number, part.organisation)
    owner = postings.get(wanted.accountable_owner)
    if owner is None or owner.organisation not in {
        p.organisation for p in wanted.parts
    }:
        raise rules.BadContributors(
            "The accountable owner must hold a posting in one of the organisations."
        )


async def _insert_parts(id_: UUID, lead: str, wanted: Draft) -> None:
    organisations = {lead, *(part.organisation for part in wanted.parts)}
    await ObjectiveParty.insert(
        *(
            ObjectiveParty(organisation=organisation, objective=id_, id=uuid4())
            for organisation in sorted(organisations)
        )
    )
    await Contribution.insert(
        *(
            Contribution(
                organisation=part.organisation,
                id=uuid4(),
                objective=id_,
                person=part.person,
                role=part.role,
                share=part.share,
                commitment=commitment,
            )
            for part, commitment in zip(wanted.parts, wanted.commitments, strict=True)
        )
    )


async def propose(id_: UUID, *, caller: Caller, now: datetime) -> ObjectiveFact:
    """Send a draft for agreement; refuse it while nobody could agree for someone."""
    async with transaction() as connection:
        await connection.execute(LOCK, id_)
        fact = await queries.objective(id_)
        await _check_sets(fact.person, fact.organisation, caller, now)
        await _check_agreeable(fact, await _needed(fact, now), now)
        return await _step(fact, Step.PROPOSE, caller=caller, now=now)


async def _needed(fact: ObjectiveFact, now: datetime) -> Needed:
    people = {part.id: part.person for part in fact.contributions}
    managers = await line_managers_on([fact.person, *people.values()], now.date())
    return rules.needed(fact.person, managers, people)


async def _check_agreeable(fact: ObjectiveFact, needed: Needed, now: datetime) -> None:
    rules.check_everyone(needed)
    partners = {part.organisation for part in fact.contributions}
    await check_shared(fact.organisation, partners, now.date())


async def _step(
    fact: ObjectiveFact, step: Step, *, caller: Caller, now: datetime
) -> ObjectiveFact:
    """Move an objective on; the only writer of its stage."""
    stage = rules.after(Stage(fact.stage), step)
    moved = (
        await SharedObjective.update({SharedObjective.stage: stage})
        .where(SharedObjective.id == fact.id, SharedObjective.stage == fact.stage)
        .returning(SharedObjective.id)
    )
    if not moved:
        raise rules.WrongStage("Somebody else moved the objective on just now.")
    await audit(
        caller,
        step,
        "objective",
        fact.id,
        now=now,
        organisation=fact.organisation,
        before={"stage": fact.stage},
        after={"stage": stage},
    )
    return await queries.objective(fact.id)


async def agree(
    id_: UUID, *, comment: str, caller: Person, now: datetime
) -> ObjectiveFact:
    """Agree in every capacity the caller holds; the last agreement makes it agreed."""
    async with transaction() as connection:
        await connection.execute(LOCK, id_)
        fact = await queries.objective(id_)
        needed = await _needed(fact, now)
        capacities = [key for key, person in needed.items() if person == caller.id]
        if not capacities:
            raise NotFound(f"No objective {id_}.")
        # Only now: to a stranger, a refusal in words would say that it is there.
        await _check_agreeable(fact, needed, now)
        rules.after(Stage(fact.stage), Step.AGREE)
        given = await _given(fact)
        await _add_agreements(
            fact, set(capacities) - given, comment=comment, caller=caller, now=now
        )
        if not rules.outstanding(needed, given | set(capacities)):
            return await _step(fact, Step.AGREE, caller=caller, now=now)
        return await queries.objective(id_)


async def _given(fact: ObjectiveFact) -> set[tuple[Capacity, UUID | None]]:
    rows = await Agreement.select(Agreement.capacity, Agreement.contribution).where(
        Agreement.objective == fact.id, Agreement.objective_version == fact.version
    )
    return {(Capacity(row["capacity"]), row["contribution"]) for row in rows}


async def _add_agreements(
    fact: ObjectiveFact,
    capacities: set[tuple[Capacity, UUID | None]],
    *,
    comment: str,
    caller: Person,
    now: datetime,
) -> None:
    for capacity, contribution in capacities:
        await Agreement.insert(
            Agreement(
                organisation=fact.organisation,
                id=uuid4(),
                objective=fact.id,
                objective_version=fact.version,
                capacity=capacity,
                contribution=contribution,
                person=caller.id,
                comment=comment,
                agreed_at=now,
            )
        )
        await audit(
            caller,
            "agree",
            "objective",
            fact.id,
            now=now,
            organisation=fact.organisation,
            after={"capacity": capacity, "version": fact.version},
        )
