"""What an objective is to say, held to every rule.

The law: nothing that breaks one is ever written; and of a partner's people nobody
learns whether it was the name or the posting that was wrong.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access.queries import check_all_shared
from service.auth.caller import Caller
from service.db import transaction
from service.directory.queries import discoverable, held_on
from service.directory.rules import Held
from service.errors import Fault, NotFound, Unprocessable
from service.objectives import queries, rules
from service.objectives.audience import seen
from service.objectives.content import Content, Contributed, Priority, Valued
from service.objectives.priorities import check_priority
from service.objectives.schemas import SaidIn
from service.objectives.stages import Stage
from service.records.frameworks import Framework, appraisal_year, load
from service.records.queries import RecordFact, cycle_of
from service.records.weights import UnknownElement, WeightsOverWhole, check_weights

LOCK_RECORD: Final = "SELECT FROM appraisal_record WHERE id = $1 FOR NO KEY UPDATE"
ALIGNMENT: Final = "SELECT FROM alignment_lock FOR UPDATE"
"""Two alignments at once could close a loop that neither of them sees."""


class BadAlignment(Unprocessable):
    """The objective cannot be aligned to that one."""

    slug = "objective-alignment-invalid"


class UnknownStandard(Unprocessable):
    """The framework does not have this minimum standard."""

    slug = "objective-standard-unknown"


class BadEnd(Unprocessable):
    """The objective would end before its cycle begins."""

    slug = "objective-end-invalid"


def content_of(
    said: SaidIn,
    contributions: tuple[Contributed, ...],
    owners: tuple[tuple[UUID, ...], ...],
    parent: UUID | None,
) -> Content:
    """Put together what an objective says, who takes part and what it serves."""
    priority = said.priority
    return Content(
        title=said.title,
        outcome=said.outcome,
        measures=said.measures,
        ownership_model=said.ownership_model,
        kind=said.kind,
        owners=owners,
        contributions=contributions,
        value_map=tuple(
            Valued(**value.model_dump())
            for value in sorted(said.value_map, key=lambda v: v.organisation)
        ),
        element=said.element,
        weight=said.weight,
        standard=said.standard,
        priority=Priority(priority.scheme, priority.code) if priority else None,
        parent=parent,
        ends_on=said.ends_on,
    )


async def check_content(
    on: RecordFact,
    wanted: Content,
    *,
    whole: bool,
    without: UUID | None,
    caller: Caller,
    now: datetime,
) -> dict[UUID, str]:
    """Refuse what breaks a rule; return for which organisation each owner owns it.

    `without` is the objective that it is to become what it says, if there is one: whom
    and what that names already may stay.
    """
    before = None if without is None else (await queries.objective(without)).content
    await check_all_shared({on.organisation, *wanted.organisations}, now.date())
    stated = [(part.organisation, part.share) for part in wanted.contributions]
    check_said(wanted, stated, whole=whole)
    people = named_in(wanted)
    hidden = people - await discoverable(people, on.organisation)
    _check_discoverable(wanted, hidden - (named_in(before) if before else set()))
    owning = owning_of(on.person, wanted, await held_on(people, now.date()))
    cycle = await cycle_of(on.cycle)
    weights = await _other_weights(on, without) if is_weighed(wanted) else {}
    check_framework(load(cycle["framework"]), cycle["year"], wanted, weights)
    if wanted.parent is not None and (before is None or wanted.parent != before.parent):
        await check_alignment(wanted.parent, without, caller, now.date())
    return owning


def check_said(
    wanted: Content, stated: Sequence[tuple[str, int]], *, whole: bool
) -> None:
    """Refuse what breaks a rule that needs to know of nobody and nothing else.

    `stated` is (organisation, share) of each contribution. It comes before anybody is
    looked up, whom `wanted` need not have yet.
    """
    if whole:
        rules.check_stated(stated)
    parties = {organisation for organisation, _ in stated}
    rules.check_values([v.organisation for v in wanted.value_map], parties)
    rules.check_kind(wanted.kind, wanted.weight, wanted.standard)
    if wanted.priority is not None:
        check_priority(wanted.priority.scheme, wanted.priority.code)


def check_owners_known(owners: Iterable[str], organisations: Collection[str]) -> None:
    """Refuse an owner of an organisation that is no party, before they are looked up.

    With that one there need be no agreement to share who works there.
    """
    for number, organisation in enumerate(owners):
        if organisation not in organisations:
            raise rules.owner_not_in_post(number)


def named_in(says: Content) -> set[UUID]:
    """Return who contributes, and who is accountable."""
    return {part.person for part in says.contributions} | {
        person for owner in says.owners for person in owner
    }


def _check_discoverable(wanted: Content, hidden: Collection[UUID]) -> None:
    """Refuse, as not in post, whom their own organisation alone may name."""
    for number, part in enumerate(wanted.contributions, start=1):
        if part.person in hidden:
            raise rules.not_in_post(number, part.organisation)
    for number, owner in enumerate(wanted.owners):
        if not set(owner).isdisjoint(hidden):
            raise rules.owner_not_in_post(number)


def owning_of(
    subject: UUID, wanted: Content, held: Mapping[UUID, Sequence[Held]]
) -> dict[UUID, str]:
    """Refuse whoever is not in post today; return for whom each owner owns it.

    `held` are the posts that each person holds today, the main one first. Only who is
    in post is compared with others, by what is refused after that.
    """
    for number, part in enumerate(wanted.contributions, start=1):
        if part.organisation not in {
            post.organisation for post in held.get(part.person, ())
        }:
            raise rules.not_in_post(number, part.organisation)
    rules.check_contributors(
        [(part.person, part.role) for part in wanted.contributions], subject
    )
    model = wanted.ownership_model
    rules.check_owners(wanted.owners, model, held, wanted.organisations)
    return {
        person: next(
            post.organisation
            for post in held[person]
            if post.organisation in wanted.organisations
        )
        for owner in wanted.owners
        for person in owner
    }


def is_weighed(wanted: Content) -> bool:
    """Say whether it counts among the weights of its record."""
    return wanted.weight is not None or wanted.element is not None


async def _other_weights(
    on: RecordFact, without: UUID | None
) -> dict[str | None, list[int]]:
    """Return the weights of the record's others, which then nobody else changes."""
    async with transaction() as connection:
        await connection.execute(LOCK_RECORD, on.id)
        return await queries.weights_on(on.id, without=without)


def check_framework(
    framework: Framework,
    year: int,
    wanted: Content,
    weights: Mapping[str | None, Sequence[int]],
) -> None:
    """Refuse what the framework of the cycle named `year` does not have or allow.

    `weights` are those of the record's other objectives, by their elements.
    """
    _check_standard(framework, wanted.standard)
    if is_weighed(wanted):
        _check_weight(framework, wanted, {c: [*each] for c, each in weights.items()})
    start, _ = appraisal_year(framework, year)
    if wanted.ends_on is not None and wanted.ends_on < start:
        raise BadEnd(
            f"It would end on {wanted.ends_on}, before the cycle begins on {start}:"
            " give a later date, or none.",
            faults=[Fault("Give a later date.", pointer="#/ends_on")],
        )


def _check_standard(framework: Framework, standard: str | None) -> None:
    known = [each.code for each in framework.minimum_standards]
    if standard is not None and standard not in known:
        detail = (
            f"{framework.title} has no minimum standard {standard!r}; its standards:"
            f" {', '.join(known) or 'none'}."
        )
        raise UnknownStandard(detail, faults=[Fault(detail, pointer="#/standard")])


def _check_weight(
    framework: Framework, wanted: Content, weights: dict[str | None, list[int]]
) -> None:
    """Refuse a weight that is too much, together with the record's others."""
    weights.setdefault(wanted.element, [])
    if wanted.weight is not None:
        weights[wanted.element].append(wanted.weight)
    if wanted.element is None and framework.elements:
        detail = "Name the element of the framework that the weight is of."
        raise UnknownElement(detail, faults=[Fault(detail, pointer="#/element")])
    elsewhere = weights.pop(None, [])
    total = sum(elsewhere) + sum(map(sum, weights.values()))
    if total > rules.WHOLE:
        detail = f"The record's weights would sum to {total}: take some off."
        raise WeightsOverWhole(detail, faults=[Fault(detail, pointer="#/weight")])
    check_weights(framework, {code: each for code, each in weights.items() if code})


async def check_alignment(
    parent: UUID, child: UUID | None, caller: Caller, day: date
) -> None:
    """Refuse a parent that the caller does not see, or that stands below the child."""
    async with transaction() as connection:
        if child is not None:  # Nothing is aligned yet to what is not there yet.
            await connection.execute(ALIGNMENT)
        try:
            above, _ = await seen(parent, caller, day)
        except NotFound:
            raise _bad_alignment("is none that you can see") from None
        if above.stage == Stage.WITHDRAWN:
            raise _bad_alignment("was withdrawn")
        if child is not None and await queries.is_above(parent, child):
            raise _bad_alignment("is aligned, at last, to this one")


def _bad_alignment(why: str) -> BadAlignment:
    return BadAlignment(
        f"The parent {why}: name another objective, or none.",
        faults=[Fault("Name another objective.", pointer="#/parent")],
    )
