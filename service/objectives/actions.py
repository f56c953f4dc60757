"""What sets an objective: draft it, put it to others, change it, end it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.audit.actions import Entry, record_many
from service.auth.caller import Caller
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_managers_on
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.objectives.audience import (
    check_sets,
    involved,
    seen_of,
    sets,
)
from service.objectives.changing import (
    Checked,
    Work,
    as_changed,
    changing,
    check_open,
    take,
    told,
)
from service.objectives.content import Content, differences, is_material, plain
from service.objectives.drafting import check_content, named_in
from service.objectives.naming import from_names
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.schemas import NewObjectiveIn, ObjectiveIn
from service.objectives.stages import PUT_TO_OTHERS, Step, after
from service.objectives.standing import Standing
from service.objectives.tables import SharedObjective
from service.objectives.writing import (
    add_parts,
    add_version,
    check_undisputed,
    drafted,
    put_to_others,
    renew,
    restate,
)
from service.records.queries import RecordFact, cycle_of, records_by_id
from service.records.rules import CycleState, WrongCycleState


async def set_objective(
    on: RecordFact, wanted: NewObjectiveIn, *, id_: UUID, caller: Caller, now: datetime
) -> ObjectiveFact:
    """Draft what a caller stated by names, and put it to others unless it is a draft.

    It does both or neither.
    """
    whole = wanted.stage == "proposed"
    with within_reach(EVERYONE):  # Partners' people are found and checked.
        async with transaction():
            await check_sets_on(on, caller, now)
            content = await from_names(on, wanted, now, whole=whole)
            made = await draft(on, content, id_=id_, caller=caller, now=now)
            if not whole:
                return made
            return await propose(id_, caller=caller, now=now)


async def check_sets_on(on: RecordFact, caller: Caller, now: datetime) -> None:
    """Refuse whoever does not set objectives on a record; for them it is not there."""
    managers = await line_managers_on([on.person], now.date())
    standing = Standing(managers, {}, {})
    if not sets(on.person, on.organisation, standing, caller):
        raise NotFound("No such record or objective.")


async def check_takes_more(on: RecordFact) -> None:
    """Refuse another objective on a record once its cycle's scores are due."""
    cycle = await cycle_of(on.cycle)
    if cycle["state"] != CycleState.OPEN:
        raise WrongCycleState(f"The cycle is {cycle['state']}: nothing is added.")


async def draft(
    on: RecordFact,
    wanted: Content,
    *,
    id_: UUID,
    caller: Caller,
    now: datetime,
    origin: Mapping[Any, UUID | None] | None = None,
) -> ObjectiveFact:
    """Draft an objective on a record, for its line manager or its HR system.

    `origin` holds what it goes on from or was made from: lineage, previous, template.
    """
    with within_reach(EVERYONE):
        async with transaction():
            await check_sets_on(on, caller, now)
            await check_takes_more(on)
            owning = await check_content(
                on, wanted, whole=False, without=None, caller=caller, now=now
            )
            await SharedObjective.insert(drafted(on, wanted, id_, now, origin or {}))
            await add_parts(id_, on.organisation, wanted, owning)
            await add_version(
                on.organisation, id_, 1, wanted, reason="", caller=caller, now=now
            )
            after = {"organisations": sorted(wanted.organisations)}
            entry = Entry("draft", "objective", id_, on.organisation, after=after)
            await record_many(caller, [entry], now=now)
            change = Change(on.organisation, Stream.OBJECTIVES, "objective", id_, 1)
            await note([change], now=now)
            return await objective(id_)


async def propose(id_: UUID, *, caller: Caller, now: datetime) -> ObjectiveFact:
    """Put a draft to others, or again what was sent back.

    Refused while it is not whole, or nobody could agree for someone.
    """
    async with changing(id_, caller=caller, now=now) as work:
        check_sets(work.fact, work.standing, caller)
        after(work.fact.stage, Step.PROPOSE)
        await check_open(work)
        await check_undisputed(id_)
        (on,) = await records_by_id([work.fact.record])
        await check_content(
            on, work.fact.content, whole=True, without=id_, caller=caller, now=now
        )
        await put_to_others(work, work.fact, Step.PROPOSE, "")
    return await as_changed(id_)


async def change(
    id_: UUID,
    wanted: ObjectiveIn,
    *,
    reason: str,
    caller: Caller,
    now: datetime,
    checked: Checked | None,
) -> ObjectiveFact:
    """Have an objective say something else; what was agreed is to be agreed again.

    The same again changes nothing and leaves no version. Whoever shares data no more
    can be left out; while they are in it, nothing is changed.
    """
    async with changing(
        id_, caller=caller, now=now, checked=checked, sharing=False
    ) as work:
        check_sets(work.fact, work.standing, caller)
        after(work.stage, Step.AMEND)  # What may not be amended may not be changed.
        await check_open(work)
        (on,) = await records_by_id([work.fact.record])
        stays_whole = work.stage in PUT_TO_OTHERS
        content = await from_names(
            on, wanted, now, whole=stays_whole, kept=named_in(work.fact.content)
        )
        content = replace(content, parent=await _parent(work, content))
        await say(work, on, content, reason)
    return await as_changed(id_)


async def _parent(work: Work, wanted: Content) -> UUID | None:
    """Return what it is to be aligned to: whoever does not see that does not end it."""
    stands = work.fact.content.parent
    if wanted.parent is not None or stands is None:
        return wanted.parent
    seen = await seen_of([stands], work.caller, work.now.date())
    return None if stands in seen else stands


async def say(work: Work, on: RecordFact, content: Content, reason: str) -> None:
    """Have it say something else, held to the rules; the same changes nothing."""
    found = differences(plain(work.fact.content), plain(content))
    step = Step.CHANGE if is_material(found) else Step.AMEND
    after(work.stage, step)
    owning = await check_content(
        on,
        content,
        whole=work.stage in PUT_TO_OTHERS,
        without=work.fact.id,
        caller=work.caller,
        now=work.now,
    )
    if found:
        await restate(work, content, owning)
        await renew(work, step, content, reason)


async def withdraw(
    id_: UUID, *, reason: str, caller: Caller, now: datetime
) -> ObjectiveFact:
    """Take an objective back for good; what it said stays readable to its parties."""
    async with changing(id_, caller=caller, now=now, sharing=False) as work:
        check_sets(work.fact, work.standing, caller)
        take(work, Step.WITHDRAW, reason)
        if work.fact.shared:
            people = involved(work.fact, work.standing)
            told(work, people, NoticeKind.OBJECTIVE_WITHDRAWN, str(id_))
    return await as_changed(id_)


async def close(id_: UUID, *, caller: Caller, now: datetime) -> ObjectiveFact:
    """Close an assessed objective: nothing of it changes any more."""
    async with changing(id_, caller=caller, now=now, sharing=False) as work:
        check_sets(work.fact, work.standing, caller)
        take(work, Step.CLOSE)
    return await as_changed(id_)
