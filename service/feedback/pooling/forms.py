"""What the forms of a pool ask, and the sentences for what is wrong with them."""

from collections.abc import Mapping
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from service.feedback.schemas import NomineeIn
from service.objectives.schemas import Named
from service.web.forms import WHOLE, Form
from service.web.language import mark

Somebody = Annotated[
    str,
    Field(pattern=r"^[a-z0-9-]{1,40}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
"""Organisation and id, as the search gives them."""


class ProposeForm(Form):
    """Colleagues from the directory, or one by e-mail address."""

    people: Annotated[tuple[Somebody, ...], Field(max_length=20)] = ()
    email: Annotated[str | None, Field(min_length=3, max_length=254)] = None

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.people and self.email is None:
            raise ValueError("name somebody")
        return self

    def nominees(self) -> list[NomineeIn]:
        """Return whom it names, the address last."""
        parts = (each.split(":") for each in self.people)
        found = [
            NomineeIn(organisation=code, person=Named(id=UUID(id_)))
            for code, id_ in parts
        ]
        return found + ([] if self.email is None else [NomineeIn(email=self.email)])

    def fields(self) -> dict[str, str]:
        """Return the field of each pointer of a refusal."""
        by_name = {f"#/people/{n}/person": "people" for n in range(len(self.people))}
        return {**by_name, f"#/people/{len(self.people)}/email": "email"}


class ReasonForm(Form):
    """Why somebody is taken out."""

    reason: Annotated[str, Field(max_length=1000)]


NOBODY: Final = mark("Choose a colleague, or enter an email address")
ADDRESS: Final = mark("Enter one email address, like name@department.gov.uk")
PROPOSES: Final[Mapping[tuple[str, str], str]] = {
    (WHOLE, "*"): NOBODY,
    ("people", "*"): mark("Choose colleagues from the list, 20 at most"),
    ("email", "*"): ADDRESS,
}
REASONS: Final[Mapping[tuple[str, str], str]] = {
    ("reason", "missing"): mark("Say in a few words why they should not be asked"),
    ("reason", "*"): mark("The reason must be 1,000 characters or fewer"),
}
