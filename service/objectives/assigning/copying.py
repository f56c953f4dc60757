"""Copying an objective to another record, or going on with it in the next cycle.

The law: an objective is followed by at most one that is not withdrawn, in a later cycle
of the same person; and nobody is put on a copy who is not in post when it is made.
"""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from service.auth.caller import Caller
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import held_on
from service.directory.rules import AmbiguousIdentifier
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.objectives.actions import check_sets_on, draft, propose
from service.objectives.assigning.carrying import carry_progress
from service.objectives.assigning.naming import records_named
from service.objectives.assigning.schemas import CopyIn
from service.objectives.audience import check_sets, seen
from service.objectives.changing import LOCK
from service.objectives.content import Content
from service.objectives.naming import from_names
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import ContributionRole
from service.objectives.schemas import (
    ContributionIn,
    Named,
    ObjectiveIn,
    OwnerIn,
    PriorityIn,
    ValueIn,
)
from service.objectives.stages import Stage, WrongStage
from service.objectives.tables import SharedObjective
from service.records.frameworks import appraisal_year, load
from service.records.queries import RecordFact, cycle_of, records_by_id

NEXT: Final = """
SELECT r.id FROM appraisal_record r
JOIN cycle c ON c.id = r.cycle JOIN appraisal_record was ON was.id = $1
JOIN cycle old ON old.id = was.cycle
WHERE r.organisation = was.organisation AND r.person = was.person
    AND ((r.cycle = $2) OR ($2::uuid IS NULL AND c.year > old.year))
ORDER BY c.year, (r.source <> was.source), r.id LIMIT 1
"""
WAS_AGREED: Final = frozenset(
    {Stage.AGREED, Stage.DISPUTED, Stage.ASSESSED, Stage.CLOSED}
)


class CarryRaters(Protocol):
    """Proposes anew, on a record, who was proposed as raters a year ago."""

    async def __call__(self, on: RecordFact, *, caller: Caller, now: datetime) -> int:
        """Return how many are proposed that were not."""


class NoRecord(Unprocessable):
    """There is no record that the objective could be copied to."""

    slug = "objective-copy-no-record"


class PeopleLeft(Unprocessable):
    """Some who contribute are no longer in post."""

    slug = "objective-copy-people-left"


class DoesNotContinue(Unprocessable):
    """The objective does not outlive its cycle on this record."""

    slug = "objective-copy-does-not-continue"


class ContinuedAlready(Conflict):
    """Another objective follows this one already."""

    slug = "objective-copy-continued-already"


async def copy(
    id_: UUID,
    wanted: CopyIn,
    *,
    new_id: UUID,
    organisations: Collection[str],
    carry_raters: CarryRaters,
    caller: Caller,
    now: datetime,
) -> ObjectiveFact:
    """Copy an objective to a record of these organisations, as a draft or proposed."""
    with within_reach(EVERYONE):  # Partners' people are found and checked.
        async with transaction() as connection:
            await connection.execute(LOCK, id_)  # Two cannot both go on from it.
            fact, standing = await seen(id_, caller, now.date())
            check_sets(fact, standing, caller)
            on = await _target(fact, wanted, organisations)
            await check_sets_on(on, caller, now)
            if wanted.continues:
                await _check_continues(fact, on)
            content = await _content(fact, wanted, on, now)
            follows = {
                SharedObjective.lineage: fact.lineage,
                SharedObjective.previous: fact.id,
            }
            origin = follows if wanted.continues else None
            made = await draft(
                on, content, id_=new_id, caller=caller, now=now, origin=origin
            )
            if wanted.continues:
                await carry_progress(fact, made, caller=caller, now=now)
            if on.person == fact.person:
                await carry_raters(on, caller=caller, now=now)
            if wanted.stage == "proposed":
                made = await propose(new_id, caller=caller, now=now)
    return made


async def _target(
    fact: ObjectiveFact, wanted: CopyIn, organisations: Collection[str]
) -> RecordFact:
    """Return the record that is named, or the subject's own in the cycle or the next.

    A named one that the caller cannot have named is not there.
    """
    if wanted.record is not None:
        named = await records_named([wanted.record], organisations)
        found = named.get(wanted.record, [])
        if not found:
            raise NotFound("No such record or objective.")
        if len(found) > 1:
            codes = " and in ".join(sorted(each.organisation for each in found))
            raise AmbiguousIdentifier(f"It is a record in {codes}: name it by its id.")
        return found[0]
    async with transaction() as connection:
        record = await connection.fetchval(NEXT, fact.record, wanted.cycle)
    if record is None:
        raise NoRecord(
            "The person whose record holds it has none in that cycle: have HR open the"
            " cycle and attach one, or name another record."
        )
    (on,) = await records_by_id([record])
    return on


async def _check_continues(fact: ObjectiveFact, on: RecordFact) -> None:
    """Refuse to go on with what ends with its cycle, or is followed already."""
    if fact.stage not in WAS_AGREED:
        raise WrongStage(
            f"The objective is {fact.stage.replace('_', ' ')}: one goes on that was"
            " agreed. Copy it without `continues`."
        )
    old, new = await cycle_of(fact.cycle), await cycle_of(on.cycle)
    _, last = appraisal_year(load(old["framework"]), old["year"])
    ends_on = fact.content.ends_on
    if ends_on is None or ends_on <= last:
        raise _does_not(
            f"it ends with its cycle, on {ends_on or last}: give it a later `ends_on`,"
            " or copy it without `continues`"
        )
    if on.person != fact.person or new["year"] <= old["year"]:
        raise _does_not(
            "it goes on on the same person's record in a later cycle: name that, or"
            " copy it without `continues`"
        )
    if await SharedObjective.exists().where(
        SharedObjective.previous == fact.id, SharedObjective.stage != Stage.WITHDRAWN
    ):
        raise ContinuedAlready(
            "It goes on as another objective: change that one, or withdraw it first."
        )


def _does_not(why: str) -> DoesNotContinue:
    fault = Fault("See detail.", pointer="#/continues")
    return DoesNotContinue(f"It does not continue there, since {why}.", faults=[fault])


async def _content(
    fact: ObjectiveFact, wanted: CopyIn, on: RecordFact, now: datetime
) -> Content:
    """Return what the copy says, with people who were given anew or are still there."""
    said = _moved(fact, on)
    if wanted.contributions is None:
        await _check_still_there(fact, said, now)
    says = said.content
    contributions = wanted.contributions or _contributions(says)
    parties = {part.organisation for part in contributions}
    asked = ObjectiveIn(
        title=says.title,
        outcome=says.outcome,
        measures=says.measures,
        ownership_model=says.ownership_model,
        kind=says.kind,
        value_map=[
            ValueIn(**asdict(value))
            for value in says.value_map
            if value.organisation in parties
        ],
        element=says.element,
        weight=says.weight,
        standard=says.standard,
        priority=PriorityIn(**asdict(says.priority)) if says.priority else None,
        ends_on=says.ends_on if wanted.continues else None,
        contributions=contributions,
        accountable_owners=wanted.accountable_owners or _owners(said),
    )
    return await from_names(on, asked, now, whole=wanted.stage == "proposed")


def _moved(fact: ObjectiveFact, on: RecordFact) -> ObjectiveFact:
    """Put the person whose record it comes to in the place of its subject."""
    parts = tuple(
        replace(part, organisation=on.organisation, person=on.person)
        if part.role == ContributionRole.LEAD
        else part
        for part in fact.content.contributions
    )
    owners = tuple(
        tuple(on.person if person == fact.person else person for person in owner)
        for owner in fact.content.owners
    )
    owning = {**fact.owning, on.person: on.organisation}
    content = replace(fact.content, contributions=parts, owners=owners)
    return replace(fact, content=content, owning=owning)


async def _check_still_there(
    fact: ObjectiveFact, said: ObjectiveFact, now: datetime
) -> None:
    """Refuse a copy that would ask of somebody who has left, naming what was theirs."""
    parts = said.content.contributions
    held = await held_on({part.person for part in parts}, now.date())
    ids = {(part.organisation, part.person): part.id for part in fact.live}
    gone = [
        part
        for part in parts
        if part.organisation
        not in {post.organisation for post in held.get(part.person, ())}
    ]
    if not gone:
        return
    raise PeopleLeft(
        f"{len(gone)} who contribute hold no posting there today: give all"
        " `contributions` anew, with others in their place.",
        faults=[
            Fault(
                f"The {part.role} contribution of {part.organisation}, {part.share} %"
                f" ({ids.get((part.organisation, part.person), 'the lead')}): whoever"
                " gave it has left.",
                pointer="#/contributions",
            )
            for part in gone
        ],
    )


def _contributions(says: Content) -> list[ContributionIn]:
    return [
        ContributionIn(
            organisation=part.organisation,
            person=Named(id=part.person),
            role=part.role,
            share=part.share,
            commitment=part.commitment,
        )
        for part in says.contributions
    ]


def _owners(said: ObjectiveFact) -> list[OwnerIn]:
    return [
        OwnerIn(
            organisation=said.owning[owner[0]],
            people=[Named(id=person) for person in owner],
        )
        for owner in said.content.owners
    ]
