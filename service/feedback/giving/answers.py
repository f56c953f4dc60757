"""The form as a page sends it, and as the domain takes it.

The law: what a page leaves empty was not said; not observed is an answer, and never
nought.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, create_model

from service.feedback.filling import Filled
from service.feedback.form.items import ASKED, Basis, Box, ContactFrequency
from service.feedback.rules import MONTHS
from service.web import forms
from service.web.language import mark

NOT_OBSERVED: Final = "not_observed"
EXAMPLE: Final = "_example"
"""Ends the name of the field for an item's example."""
Answer = Literal["1", "2", "3", "4", "5", "not_observed"]
SENTENCES: Final = {
    ("months", "*"): mark(
        "The months you worked with them must be a whole number from 0 to 12"
    ),
}


class Given(forms.Form):
    """What stands on every version of the form; the rest is of its version."""

    version: int = 0
    """Of the draft that the page was drawn from."""
    looked: bool = False
    """Whether the rater was shown which of their words may tell who they are."""
    action: Literal["send", "save"] = "send"
    months: Annotated[int | None, Field(ge=0, le=MONTHS)] = None
    frequency: ContactFrequency | None = None
    basis: Literal["general"] | UUID | None = None
    """An objective that is shared, or the work in general."""


@cache
def model_of(version: int) -> type[Given]:
    """Return the fields of a version of the form, in its order."""
    items: dict[str, Any] = {}
    for item in ASKED[version]:
        items[item] = (Answer | None, None)
        items[item + EXAMPLE] = (str | None, None)
    boxes: dict[str, Any] = {box.value: (str | None, None) for box in Box}
    return create_model(f"Given{version}", __base__=Given, **items, **boxes)


def filled_in(given: Given, version: int) -> Filled:
    """Return what a rater says on a version of the form."""
    said = given.model_dump()
    objective = given.basis if isinstance(given.basis, UUID) else None
    basis = Basis.GENERAL if objective is None else Basis.SHARED_OBJECTIVE
    return Filled(
        answers={
            item: None if said[item] == NOT_OBSERVED else int(said[item])
            for item in ASKED[version]
            if said[item] is not None
        },
        examples={
            item: said[item + EXAMPLE]
            for item in ASKED[version]
            if said[item + EXAMPLE]
        },
        texts={box.value: said[box] for box in Box if said[box]},
        months=given.months,
        frequency=given.frequency,
        basis=None if given.basis is None else basis,
        objective=objective,
    )


def started(filled: Filled | None) -> forms.Filled[Given]:
    """Return the form with what was saved of it."""
    if filled is None:
        return forms.started()
    return forms.started(
        months=filled.months,
        frequency=filled.frequency,
        basis=filled.objective or filled.basis,
        **{
            item: NOT_OBSERVED if value is None else value
            for item, value in filled.answers.items()
        },
        **{item + EXAMPLE: text for item, text in filled.examples.items()},
        **filled.texts,
    )


def readable(filled: forms.Filled[Given], model: type[Given]) -> forms.Filled[Given]:
    """Return the form without what could not be read, to keep the rest of it."""
    rest: Mapping[str, tuple[str, ...]] = {
        name: values
        for name, values in filled.values.items()
        if name not in filled.errors
    }
    return forms.checked(rest, model)
