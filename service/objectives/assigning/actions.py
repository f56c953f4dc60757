"""Assign one objective to many records: find them, judge all, write all.

The law: all of them or none, and every record that is refused is named with what was
wrong and what to do.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from service.auth.caller import Caller
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_managers_on
from service.directory.rules import AmbiguousIdentifier
from service.errors import Fault, NotFound, Refusal, Unprocessable
from service.objectives.assigning import templates
from service.objectives.assigning.adding import add, tell_once
from service.objectives.assigning.checking import Case, Part, Wanted, judge
from service.objectives.assigning.naming import records_named
from service.objectives.assigning.schemas import (
    BulkIn,
    OnRecordIn,
    PartIn,
    PartnerIn,
    TemplateIn,
)
from service.objectives.audience import sets
from service.objectives.content import Content
from service.objectives.drafting import check_alignment, content_of
from service.objectives.rules import BadContributors, ContributionRole
from service.objectives.schemas import OwnerIn
from service.objectives.standing import Standing
from service.records.queries import RecordFact

MOST_FAULTS: Final = 1_000
"""Records named in one refusal; the rest show once these are mended."""


class RecordsRefused(Unprocessable):
    """Nothing was assigned, because of some of the records."""

    slug = "objective-bulk-refused"


async def assign(
    wanted: BulkIn,
    *,
    call: UUID,
    organisations: Collection[str],
    caller: Caller,
    now: datetime,
) -> tuple[UUID, list[Case]]:
    """Set one objective on each record; return the template that links them, and each.

    `call` is new for each call; it becomes the template's id where none is named.
    `organisations` are those whose records the caller may name.
    """
    with within_reach(EVERYONE):  # Partners' people are found and checked.
        async with transaction():
            template, says = await _said(wanted, organisations)
            if wanted.parent is not None:
                await check_alignment(wanted.parent, None, caller, now.date())
            common = _completed(says, wanted.contributions, "#/contributions")
            found = await _records(wanted.records, organisations, caller, now)
            content = content_of(says, (), (), wanted.parent)
            asked = {
                number: _asked(wanted, number, on, content, says, common)
                for number, on in enumerate(found)
            }
            cases = await _judged(asked, now)
            if template is None:
                template = call
                await templates.create(
                    {cases[0].wanted.on.organisation}, says,
                    id_=call, listed=False, caller=caller, now=now,
                )  # fmt: skip
            await add(cases, template=template, action="assign", caller=caller, now=now)
            await tell_once(cases, template, str(call), caller=caller, now=now)
    return template, cases


async def _said(
    wanted: BulkIn, organisations: Collection[str]
) -> tuple[UUID | None, TemplateIn]:
    """Return the template that is named, if one is, and what is to be said."""
    if wanted.objective is not None:
        return None, wanted.objective
    assert wanted.template is not None  # noqa: S101 - the schema asks for one of both
    named = await templates.template(wanted.template, organisations)
    return named.id, named.says


def _completed(
    says: TemplateIn, partners: Sequence[PartnerIn], pointer: str
) -> tuple[Part, ...]:
    """Fill in what is left out from the part that the objective has for a partner."""
    stated: dict[str, PartIn | PartnerIn] = {p.organisation: p for p in says.partners}
    parts = []
    for number, partner in enumerate(partners):
        part = stated.get(partner.organisation, partner)
        role = partner.role or part.role
        share = partner.share or part.share
        commitment = partner.commitment or part.commitment
        if role is None or share is None or commitment is None:
            detail = (
                f"What {partner.organisation} contributes is not all said: give role,"
                " share and commitment, here or among the objective's partners."
            )
            fault = Fault(detail, pointer=f"{pointer}/{number}")
            raise BadContributors(detail, faults=[fault])
        parts.append(
            Part(partner.organisation, partner.person, role, share, commitment)
        )
    return tuple(parts)


async def _records(
    asked: Sequence[OnRecordIn],
    organisations: Collection[str],
    caller: Caller,
    now: datetime,
) -> list[RecordFact | Refusal]:
    """Return the record that each names, or why it is none to set an objective on."""
    named = await records_named({each.record for each in asked}, organisations)
    subjects = {fact.person for facts in named.values() for fact in facts}
    standing = Standing(await line_managers_on(subjects, now.date()), {}, {})
    found: list[RecordFact | Refusal] = []
    taken: dict[UUID, int] = {}
    for number, each in enumerate(asked):
        on = _record(each, named, standing, caller)
        if isinstance(on, RecordFact) and taken.setdefault(on.id, number) != number:
            first = f"#/records/{taken[on.id]}"
            on = RecordsRefused(f"It is the record of {first} again: leave one out.")
        found.append(on)
    return found


def _record(
    asked: OnRecordIn,
    named: Mapping[str, Sequence[RecordFact]],
    standing: Standing,
    caller: Caller,
) -> RecordFact | Refusal:
    there = [
        fact
        for fact in named.get(asked.record, ())
        if asked.organisation in {None, fact.organisation}
        and sets(fact.person, fact.organisation, standing, caller)
    ]
    if len(there) == 1:
        return there[0]
    if there:
        codes = " and in ".join(sorted(fact.organisation for fact in there))
        return AmbiguousIdentifier(
            f"It is a record in {codes}: say which with `organisation`."
        )
    return NotFound(
        "There is no such record of somebody whose objectives you set: correct its"
        " name, or leave it out."
    )


def _asked(
    wanted: BulkIn,
    number: int,
    on: RecordFact | Refusal,
    content: Content,
    says: TemplateIn,
    common: tuple[Part, ...],
) -> Wanted | Refusal:
    """Put together what is asked for on one record."""
    if isinstance(on, Refusal):
        return on
    item = wanted.records[number]
    partners = common
    if item.contributions is not None:
        pointer = f"#/records/{number}/contributions"
        try:
            partners = _completed(says, item.contributions, pointer)
        except BadContributors as refusal:
            return refusal
    owners = item.accountable_owners
    if item.accountable_owner is not None:
        owners = [
            OwnerIn(organisation=on.organisation, people=[item.accountable_owner])
        ]
    # The lead comes last, so that partners have the numbers that the caller gave them.
    lead = Part(
        on.organisation,
        None,
        ContributionRole.LEAD,
        says.lead.share,
        says.lead.commitment,
    )
    whole = wanted.stage == "proposed"
    return Wanted(on, content, (*partners, lead), owners, whole)


async def _judged(asked: Mapping[int, Wanted | Refusal], now: datetime) -> list[Case]:
    """Return every case, or refuse them all for those that break a rule."""
    refused = {n: each for n, each in asked.items() if isinstance(each, Refusal)}
    standing = {n: each for n, each in asked.items() if isinstance(each, Wanted)}
    cases = await judge([*standing.values()], now=now)
    for number, case in zip(standing, cases, strict=True):
        if case.refusal is not None:
            refused[number] = case.refusal
    if refused:
        raise _refusal(refused, len(asked))
    return cases


def _refusal(refused: Mapping[int, Refusal], asked: int) -> RecordsRefused:
    more = f", the first {MOST_FAULTS:,} of them" if len(refused) > MOST_FAULTS else ""
    return RecordsRefused(
        f"{len(refused):,} of {asked:,} records are refused: mend or leave out those"
        f" that `errors` names{more}, and send all of them again.",
        faults=[
            Fault(str(refused[number]), pointer=f"#/records/{number}")
            for number in sorted(refused)[:MOST_FAULTS]
        ],
    )
