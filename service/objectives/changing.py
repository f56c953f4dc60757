"""The one way in which an objective is changed.

The law: whoever changes anything of an objective holds its row first, is one who sees
it, has read what they change, and leaves behind one new revision with its steps, its
audit and a row in the feed of every party, or nothing at all.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from service.access.queries import check_all_shared
from service.audit.actions import Entry, record_many
from service.auth.caller import Caller, Person
from service.changes.actions import note
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.searching import Topic, works_on
from service.errors import NotFound
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind
from service.objectives import queries, stages
from service.objectives.audience import (
    sees,
    standing_of,
)
from service.objectives.feed import changes_of
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.stages import (
    ContributionState,
    ContributionStep,
    Stage,
    Step,
    WrongStage,
)
from service.objectives.standing import Standing
from service.objectives.tables import Contribution, SharedObjective, StepTaken
from service.records.queries import cycle_of
from service.records.rules import CycleState, WrongCycleState

LOCK: Final = "SELECT FROM shared_objective WHERE id = $1 FOR NO KEY UPDATE"
"""Whoever aligns another objective to this one does not wait for it, nor deadlock."""
Checked = Callable[[int], None]
"""Refuses a caller who has not read this revision."""


@dataclass(slots=True)
class Work:
    """One change in hand: how things stood, and what is to be left behind."""

    fact: ObjectiveFact
    """As it stood when its row was locked."""
    standing: Standing
    caller: Caller
    now: datetime
    stage: Stage
    version: int
    terms: int
    steps: list[StepTaken] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    notices: dict[tuple[UUID, NoticeKind], str] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        """Return the revision that this change leaves behind."""
        return self.fact.revision + 1


@asynccontextmanager
async def changing(
    id_: UUID,
    *,
    caller: Caller,
    now: datetime,
    checked: Checked | None = None,
    sharing: bool = True,
) -> AsyncIterator[Work]:
    """Hold an objective while it is changed; save the change when the block ends.

    Refuses a caller for whom it is not there, one who has not read it (`checked`), and,
    unless it shares nothing new (`sharing`), parties who may not share data today.
    """
    with within_reach(EVERYONE):  # Partners' people and managers are looked up.
        async with transaction() as connection:
            await connection.execute(LOCK, id_)
            fact = await queries.objective(id_)
            standing = await standing_of([fact], now.date())
            if not sees(fact, standing, caller):
                raise NotFound(f"No objective {id_}.")
            if checked is not None:
                checked(fact.revision)
            if sharing:
                await check_all_shared(fact.present, now.date())
            work = Work(
                fact, standing, caller, now, fact.stage, fact.version, fact.terms
            )
            yield work
            await _save(work)


async def check_open(work: Work) -> None:
    """Refuse to set, change or agree to anything once its cycle's scores are due."""
    cycle = await cycle_of(work.fact.cycle)
    if cycle["state"] != CycleState.OPEN:
        raise WrongCycleState(
            f"The cycle is {cycle['state']}: what its objectives say stays as it is."
        )


def take(work: Work, step: Step, reason: str = "") -> None:
    """Move the objective on."""
    was, work.stage = work.stage, stages.after(work.stage, step)
    _step(work, step, was, work.stage, reason=reason)


async def move(
    work: Work, part: ContributionFact, step: ContributionStep, reason: str = ""
) -> None:
    """Move a contribution on; the only writer of its state."""
    became = stages.contribution_after(part.state, step)
    moved = (
        await Contribution.update({Contribution.state: became})
        .where(Contribution.id == part.id, Contribution.state == part.state)
        .returning(Contribution.id)
    )
    if not moved:
        raise WrongStage("Somebody else moved the contribution on just now.")
    _step(work, step, part.state, became, contribution=part.id, reason=reason)


def _step(
    work: Work,
    step: Step | ContributionStep,
    was: Stage | ContributionState,
    became: Stage | ContributionState,
    *,
    contribution: UUID | None = None,
    reason: str,
) -> None:
    work.steps.append(
        StepTaken(
            organisation=work.fact.organisation,
            id=uuid4(),
            objective=work.fact.id,
            revision=work.revision,
            version=work.version,
            step=step,
            contribution=contribution,
            was=was,
            became=became,
            actor=work.caller.key,
            person=person_of(work.caller),
            reason=reason,
            at=work.now,
        )
    )
    entity = "objective" if contribution is None else "contribution"
    audited(
        work,
        step,
        entity=entity,
        entity_id=contribution,
        before={"state" if contribution else "stage": was},
        after={"state" if contribution else "stage": became},
    )


def person_of(caller: Caller) -> UUID | None:
    """Return who is behind a call, if a person is."""
    return caller.id if isinstance(caller, Person) else None


def audited(
    work: Work,
    action: str,
    *,
    entity: str = "objective",
    entity_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Leave an entry in the audit; texts are told of by their versions, not quoted."""
    work.entries.append(
        Entry(
            action,
            entity,
            entity_id or work.fact.id,
            work.fact.organisation,
            before,
            after,
        )
    )


def told(
    work: Work, people: Collection[UUID | None], kind: NoticeKind, key: str
) -> None:
    """Tell people, once for each `key`, but not whoever makes the change."""
    for person in {*people} - {None, person_of(work.caller)}:
        if person is not None:
            work.notices[person, kind] = key


async def _save(work: Work) -> None:
    if not work.entries:  # Nothing was changed, such as when somebody agrees twice.
        return
    shared = work.fact.shared or work.stage == Stage.PROPOSED
    await _save_itself(work, first_shared=shared and not work.fact.shared)
    if work.steps:
        await StepTaken.insert(*work.steps)
    await record_many(work.caller, work.entries, now=work.now)
    after = await queries.objective(work.fact.id)
    changes = await changes_of(work.fact, after, work.standing, work.now.date())
    await note(changes, now=work.now)
    if topic_of(after) != topic_of(work.fact):
        await works_on([topic_of(after)])
    await tell(_notices(work), now=work.now)


async def _save_itself(work: Work, *, first_shared: bool) -> None:
    values: dict[Any, Any] = {
        SharedObjective.stage: work.stage,
        SharedObjective.version: work.version,
        SharedObjective.terms: work.terms,
        SharedObjective.revision: work.revision,
    }
    if first_shared:
        values[SharedObjective.shared_at] = work.now
    saved = (
        await SharedObjective.update(values)
        .where(
            SharedObjective.id == work.fact.id,
            SharedObjective.revision == work.fact.revision,
        )
        .returning(SharedObjective.id)
    )
    if not saved:
        raise WrongStage("Somebody else changed the objective just now.")


def topic_of(fact: ObjectiveFact) -> Topic:
    """Return what partners find its contributors by, while they work on it."""
    return Topic(
        objective=fact.id,
        words=f"{fact.content.title} {fact.content.outcome}",
        parties=fact.present,
        contributors=frozenset(
            (part.organisation, part.person)
            for part in fact.contributions
            if part.agreed and fact.stage in stages.UNDER_WAY
        ),
    )


def _notices(work: Work) -> list[Notice]:
    return [
        Notice(
            person=person,
            organisation=work.standing.organisations[person],
            kind=kind,
            about=work.fact.id,
            key=key,
        )
        for (person, kind), key in work.notices.items()
        if person in work.standing.organisations
    ]


async def as_changed(id_: UUID) -> ObjectiveFact:
    """Return an objective as a change left it, to whoever was let make the change.

    They may be of an organisation that is no party, such as a contributor's manager's.
    """
    with within_reach(EVERYONE):
        return await queries.objective(id_)
