"""The forms of the journey, and their sentences."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, cast

from pydantic import BeforeValidator, Field, create_model

from service.objectives.forms import TOO_LONG, Words, needed
from service.objectives.queries import ContributionFact, ObjectiveFact
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.schemas import Code, Pounds, Share, Staff, Text, Whole
from service.web.days import Day
from service.web.forms import Form
from service.web.language import mark

Title = Annotated[str, Field(min_length=1, max_length=200)]
PARTNERS_ROLES: Final = (ContributionRole.MAJOR, ContributionRole.SUPPORTING)
ID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
Owner = Annotated[str, Field(pattern=rf"^{ID}( {ID})*$")]
"""Ids, as the page gives them: two with a space share a job."""
NOBODY: Final = "none"
"""In a list to choose from, that nothing of it is chosen."""


def _figure(written: object) -> object:
    """Take off what people write around an amount: £1,200 is 1200."""
    if isinstance(written, str):
        return written.replace("£", "").replace(",", "").replace(" ", "").rstrip("%")
    return written


Money = Annotated[Pounds, BeforeValidator(_figure), Field(ge=0)]
Gain = Annotated[Pounds, BeforeValidator(_figure)]
People = Annotated[Staff, BeforeValidator(_figure), Field(ge=0)]
Days = Annotated[Whole, BeforeValidator(_figure), Field(ge=0, le=1_000_000)]
PerCent = Annotated[Share, BeforeValidator(_figure)]


class SavedForm(Form):
    """What every form of the journey brings: what was read, and why it is changed."""

    revision: int = 0
    reason: Words = ""


class OutcomeForm(SavedForm):
    """What is to be achieved, and how departments own it."""

    title: Title
    outcome: Text
    measures: Text
    commitment: Text
    ownership_model: OwnershipModel


class PartnerForm(SavedForm):
    """What a partner's person is asked to contribute."""

    role: ContributionRole
    share: PerCent
    commitment: Text


class PlaceForm(SavedForm):
    """Where the objective counts: in the record, and among public priorities."""

    kind: Kind
    weight: PerCent | None = None
    element: Code | None = None
    standard: Code | None = None
    ends_on: Day | None = None
    priority: str | None = None


Sentences = Mapping[tuple[str, str], str]
A_SHARE: Final = mark("Enter a share as a whole number from 1 to 100")
OUTCOME: Final[Sentences] = {
    **needed(
        "title",
        mark("Enter a name for the objective"),
        mark("Use 200 characters or fewer"),
    ),
    **needed("outcome", mark("Enter what is to be achieved")),
    **needed("measures", mark("Enter how it is measured")),
    **needed("commitment", mark("Enter what they will do")),
    ("ownership_model", "*"): mark("Choose how departments own it"),
    ("reason", "*"): TOO_LONG,
}
PARTNER: Final[Sentences] = {
    ("role", "*"): mark("Choose how large their part is"),
    ("share", "*"): A_SHARE,
    **needed("commitment", mark("Enter what they will do")),
    ("reason", "*"): TOO_LONG,
}
PLACE: Final[Sentences] = {
    ("kind", "*"): mark("Choose a kind"),
    ("weight", "*"): mark("Enter a weight as a whole number from 1 to 100"),
    ("element", "*"): mark("Choose an element"),
    ("standard", "*"): mark("Choose a standard"),
    ("ends_on", "*"): mark("Enter a day, such as 27/3/2027"),
    ("priority", "*"): mark("Choose a priority"),
    ("reason", "*"): TOO_LONG,
}
REMOVAL: Final[Sentences] = {("reason", "*"): TOO_LONG}
OF_VALUE: Final[Mapping[str, tuple[Any, str]]] = {
    "puts_in": (Words, TOO_LONG),
    "money_in": (Money | None, mark("Enter an amount in pounds, such as 12000")),
    "people_in": (People | None, mark("Enter a number of staff, such as 2.5")),
    "days_in": (Days | None, mark("Enter a whole number of days")),
    "gains": (Words, TOO_LONG),
    "money_out": (Gain | None, mark("Enter an amount in pounds, such as 12000")),
}
"""The type and the sentence of each thing said of what a department puts in or gains.
"""


def shares_form(parts: Sequence[ContributionFact]) -> tuple[type[SavedForm], Sentences]:
    """Return the form of everybody's share, and its sentences; parts have numbers."""
    fields: dict[str, Any] = {"owner": (list[Owner], ...)}
    sentences = {("owner", "*"): mark("Choose who is accountable")}
    for number, part in enumerate(parts):
        fields[f"share_{number}"] = (PerCent, ...)
        sentences[f"share_{number}", "*"] = A_SHARE
        if part.role != ContributionRole.LEAD:
            fields[f"role_{number}"] = (ContributionRole, ...)
            sentences[f"role_{number}", "*"] = PARTNER["role", "*"]
        fields[f"commitment_{number}"] = (Text, ...)
        sentences[f"commitment_{number}", "*"] = PARTNER["commitment", "missing"]
    model = create_model("SharesForm", __base__=SavedForm, **fields)
    return cast("type[SavedForm]", model), {**sentences, ("reason", "*"): TOO_LONG}


def values_form(fact: ObjectiveFact) -> tuple[type[SavedForm], Sentences]:
    """Return the form of what each department puts in and gains, and its sentences."""
    fields: dict[str, Any] = {}
    sentences = {("reason", "*"): TOO_LONG}
    for number, _ in enumerate(sorted(fact.present)):
        for name, (kind, sentence) in OF_VALUE.items():
            empty = "" if kind is Words else None
            fields[f"{name}_{number}"] = (kind, empty)
            sentences[f"{name}_{number}", "*"] = sentence
    model = create_model("ValuesForm", __base__=SavedForm, **fields)
    return cast("type[SavedForm]", model), sentences


def value_of(form: SavedForm, number: int) -> dict[str, str | Decimal | int | None]:
    """Return what a form says of the department of this number."""
    return {name: getattr(form, f"{name}_{number}") for name in OF_VALUE}
