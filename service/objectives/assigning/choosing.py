"""What the page that assigns a template asks: on whose records, and with whom.

The law: a name that could be two people's is nobody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

from pydantic import Field, create_model

from service.access import finding
from service.auth.caller import SignedIn
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of, line_managers_on
from service.directory.searching import NothingToSearchFor
from service.errors import Fault
from service.objectives.assigning.schemas import (
    BulkIn,
    OnRecordIn,
    PartnerIn,
    TemplateOut,
)
from service.objectives.rules import BadContributors
from service.objectives.schemas import Named
from service.records.queries import SeenBy, cycles, records
from service.records.rules import CycleState
from service.web.forms import Form
from service.web.language import mark

MOST_RECORDS: Final = 100
ENOUGH: Final = 2
"""Found people from which a name is not one person's."""


@dataclass(frozen=True, slots=True)
class Assignable:
    """A record on which somebody sets objectives, in a cycle that is open."""

    id: UUID
    name: str
    """Of its person."""
    year: int


class AssignForm(Form):
    """On which records a template is to be set, and whether it is put to others."""

    records: list[UUID] = Field(min_length=1)
    stage: Literal["draft", "proposed"]


async def assignable(caller: SignedIn, now: datetime) -> Sequence[Assignable]:
    """Return the records of those whose line manager the caller is, by name."""
    day = now.date()
    with within_reach(EVERYONE):  # Whom somebody answers for may sit elsewhere.
        seen_by = SeenBy(caller.id, day, frozenset())
        found = await records(None, seen_by=seen_by, limit=MOST_RECORDS)
        people = {each.person for each in found}
        managers = await line_managers_on(people, day)
        named = await details_of(people)
        years = {
            each["id"]: each["year"]
            for each in await cycles(None)
            if each["state"] == CycleState.OPEN
        }
    there = [
        Assignable(
            each.id,
            f"{named[each.person].given_name} {named[each.person].family_name}",
            years[each.cycle],
        )
        for each in found
        if managers.get(each.person) == caller.id and each.cycle in years
    ]
    return sorted(there, key=lambda each: (each.name, each.year))


def assign_form(
    template: TemplateOut,
) -> tuple[type[AssignForm], Mapping[tuple[str, str], str]]:
    """Return the form of a template, with a name for each partner, and sentences."""
    fields: dict[str, Any] = {}
    sentences = {
        ("records", "*"): mark("Choose at least one person"),
        ("stage", "*"): mark("Choose what happens next"),
    }
    for number, _ in enumerate(template.says.partners):
        fields[f"person_{number}"] = (str, ...)
        sentences[f"person_{number}", "*"] = mark("Enter who contributes for them")
    model = create_model("AssignedForm", __base__=AssignForm, **fields)
    return cast("type[AssignForm]", model), sentences


async def bulk(
    template: TemplateOut, form: AssignForm, caller: SignedIn, now: datetime
) -> BulkIn:
    """Return what a form asks for, its partners found by their names."""
    partners = [
        PartnerIn(
            organisation=part.organisation,
            person=await _named(
                getattr(form, f"person_{number}"),
                number,
                part.organisation,
                caller,
                now,
            ),
        )
        for number, part in enumerate(template.says.partners)
    ]
    return BulkIn(
        template=template.id,
        contributions=tuple(partners),
        stage=form.stage,
        records=[OnRecordIn(record=str(record)) for record in form.records],
    )


async def _named(
    name: str, number: int, organisation: str, caller: SignedIn, now: datetime
) -> Named:
    """Return the one person of an organisation whom a name means; refuse any other."""
    try:
        found, _ = await finding.find(
            name, caller, organisation=organisation, after=None, limit=ENOUGH, now=now
        )
    except NothingToSearchFor:
        found = []
    exact = [
        each
        for each in found
        if f"{each.given_name} {each.family_name}".casefold() == name.casefold()
    ]
    (one,) = exact if len(exact) == 1 else found if len(found) == 1 else [None]
    if one is None:
        detail = (
            f"{len(found) or 'No'} people are found by this name: give the whole name"
            " of one, as the directory has it."
        )
        fault = Fault(detail, pointer=f"#/person_{number}")
        raise BadContributors(detail, faults=[fault])
    return Named(id=one.person)
