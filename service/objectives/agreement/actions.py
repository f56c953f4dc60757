"""What those whose agreement is needed do: agree, send back, dispute, decline, leave.

The law: each acts in the capacities they hold today; what was submitted in a capacity
stays when the organisation chart moves it to somebody else.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from service.access.queries import check_shared
from service.access.rules import NotShared
from service.auth.caller import Person
from service.errors import Conflict, Fault, NotFound
from service.jobs.rules import NoticeKind
from service.objectives import rules, stages
from service.objectives.audience import given, involved, needed_for
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
from service.objectives.content import digest, plain
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import Capacity, NotYours, Part
from service.objectives.stages import ContributionStep, Stage, Step
from service.objectives.tables import Agreement

ACCEPTS: Final = frozenset({Capacity.LINE_MANAGER, Capacity.CONTRIBUTOR_MANAGER})
"""The capacities in which a contribution is accepted."""


class SaysAnotherThing(Conflict):
    """The objective does not say any more what the caller agrees to."""

    slug = "objective-version-differs"


async def agree(
    id_: UUID,
    *,
    comment: str,
    caller: Person,
    now: datetime,
    version: int | None = None,
) -> ObjectiveFact:
    """Agree in every capacity the caller holds; the last agreement makes it agreed.

    Whoever says which `version` they read never agrees to another.
    """
    async with changing(id_, caller=caller, now=now) as work:
        needed = needed_for(work.fact, work.standing)
        parts = held_by(work, needed)
        _check_version(work, version)
        stages.after(work.stage, Step.AGREE)
        await check_open(work)
        before = (await given([id_]))[id_]
        left = rules.outstanding(needed, before | set(parts))
        rules.check_everyone({part: needed[part] for part in left})
        fresh = sorted({*parts} - before, key=str)
        await _add_agreements(work, fresh, comment)
        for part in _accepted(work.fact, fresh):
            await move(work, part, ContributionStep.ACCEPT)
        if not left:
            take(work, Step.AGREE)
            people = involved(work.fact, work.standing)
            key = f"{id_} {work.terms}"
            told(work, people, NoticeKind.OBJECTIVE_AGREED, key)
    return await as_changed(id_)


def held_by(work: Work, needed: rules.Needed) -> list[Part]:
    """Return as what the caller's agreement is needed; refuse others who see it."""
    assert isinstance(work.caller, Person)  # noqa: S101 - the route serves people alone
    parts = [part for part, person in needed.items() if person == work.caller.id]
    if not parts:
        raise NotYours(
            "Your agreement is not needed: the subject, their line manager and each"
            " contributor's line manager agree."
        )
    return parts


def _check_version(work: Work, read: int | None) -> None:
    if read is not None and read != work.version:
        raise SaysAnotherThing(
            f"You read version {read}, and it says version {work.version} now: read"
            " what changed, and agree to that.",
            faults=[Fault("It is another version now.", pointer="#/version")],
        )


async def _add_agreements(work: Work, parts: Collection[Part], comment: str) -> None:
    assert isinstance(work.caller, Person)  # noqa: S101 - as above
    if not parts:
        return
    said = digest(plain(work.fact.content))
    await Agreement.insert(
        *(
            Agreement(
                organisation=work.fact.organisation,
                id=uuid4(),
                objective=work.fact.id,
                objective_version=work.version,
                capacity=capacity,
                contribution=contribution,
                person=work.caller.id,
                comment=comment,
                agreed_at=work.now,
                digest=said,
            )
            for capacity, contribution in parts
        )
    )
    for capacity, contribution in parts:
        after = {"capacity": capacity, "version": work.version}
        audited(work, "agree", after={**after, "contribution": contribution})


def _accepted(fact: ObjectiveFact, parts: Collection[Part]) -> list[ContributionFact]:
    """Return the contributions that these agreements accept."""
    named = {contribution for capacity, contribution in parts if capacity in ACCEPTS}
    return [
        part
        for part in fact.live
        if not part.agreed
        and (part.id in named or (part.person == fact.person and None in named))
    ]


async def send_back(
    id_: UUID, *, reason: str, caller: Person, now: datetime
) -> ObjectiveFact:
    """Send an objective back to whoever set it, with the reason.

    Whoever has agreed disputes it instead: sent back, their agreement would stand.
    """
    async with changing(id_, caller=caller, now=now) as work:
        parts = held_by(work, needed_for(work.fact, work.standing))
        await check_open(work)
        agreed = {*parts} <= (await given([id_]))[id_]
        if work.stage == Stage.AGREED or agreed:
            raise stages.WrongStage(
                "It is agreed to: raise a dispute, and say what has to change."
            )
        take(work, Step.SEND_BACK, reason)
        tell_managers(work, NoticeKind.OBJECTIVE_SENT_BACK)
    return await as_changed(id_)


def tell_managers(
    work: Work, kind: NoticeKind, part: ContributionFact | None = None
) -> None:
    """Tell the subject and their line manager, and the contributor's own."""
    people = [work.fact.person, work.standing.managers.get(work.fact.person)]
    if part is not None:
        people += [part.person, work.standing.managers.get(part.person)]
    told(work, people, kind, f"{work.fact.id} {work.revision}")


def named_part(fact: ObjectiveFact, contribution: UUID) -> ContributionFact:
    """Return a contribution that has not gone; refuse an id that is none."""
    for part in fact.live:
        if part.id == contribution:
            return part
    raise NotFound(f"The objective has no contribution {contribution}.")


async def decline(
    id_: UUID, contribution: UUID, *, reason: str, caller: Person, now: datetime
) -> ObjectiveFact:
    """Decline a contribution for its person; the objective goes back to be reshared."""
    async with changing(id_, caller=caller, now=now, sharing=False) as work:
        part = _own(work, contribution)
        await move(work, part, ContributionStep.DECLINE, reason)
        take(work, Step.SEND_BACK, reason)
        tell_managers(work, NoticeKind.CONTRIBUTION_DECLINED, part)
    return await as_changed(id_)


def _own(work: Work, contribution: UUID) -> ContributionFact:
    """Return a contribution that the caller's own report makes, not the lead's."""
    part = named_part(work.fact, contribution)
    assert isinstance(work.caller, Person)  # noqa: S101 - as above
    if part.person == work.fact.person:
        raise NotYours("The lead contribution ends with the objective: withdraw that.")
    if work.standing.managers.get(part.person) != work.caller.id:
        raise NotYours("The contributor's own line manager answers for it: ask them.")
    return part


async def leave(
    id_: UUID, contribution: UUID, *, reason: str, caller: Person, now: datetime
) -> ObjectiveFact:
    """Take an accepted contributor off; what is left is to be shared out anew.

    Where departments own it jointly nobody leaves alone, as long as they share data.
    """
    async with changing(id_, caller=caller, now=now, sharing=False) as work:
        part = _own(work, contribution)
        model = work.fact.content.ownership_model
        if model not in rules.LEAVES_FREELY and await _is_shared(work, part):
            raise NotYours(
                f"In {model.replace('_', ' ')} nobody leaves alone: raise a dispute,"
                " and the subject's line manager shares out anew."
            )
        await move(work, part, ContributionStep.LEAVE, reason)
        take(work, Step.SEND_BACK, reason)
        tell_managers(work, NoticeKind.CONTRIBUTION_LEFT, part)
    return await as_changed(id_)


async def _is_shared(work: Work, part: ContributionFact) -> bool:
    """Say whether the contributor's organisation shares data with all others."""
    try:
        await check_shared(part.organisation, work.fact.present, work.now.date())
    except NotShared:
        return False
    return True
