"""What the pages about progress ask, and how they are drawn."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response
from pydantic import Field

from service.errors import NotFound
from service.objectives import wording
from service.objectives.drawing import asked
from service.objectives.forms import needed
from service.objectives.progress.rules import MilestoneState, Status
from service.objectives.progress.schemas import MilestoneOut
from service.objectives.reading import Whole
from service.objectives.schemas import Text
from service.web.days import Day
from service.web.forms import Filled, Form, started
from service.web.language import mark, say
from service.web.pages import AnyRequest

Title = Annotated[str, Field(min_length=1, max_length=200)]
Unit = Annotated[str, Field(min_length=1, max_length=60)]
NARROW: Final = "govuk-input--width-10"
FULL: Final = "govuk-!-width-full"


class StatusForm(Form):
    """How the objective gets on."""

    status: Status
    text: Text


class DissentForm(Form):
    """Why a partner sees the status differently."""

    status: int
    """The number of the one they read."""
    text: Text


class MilestoneForm(Form):
    """What is to be there, by when, and where it stands."""

    title: Title
    due_on: Day
    state: MilestoneState = MilestoneState.PLANNED
    version: int = 0
    """The one that was read; a new one has none."""


A_DAY: Final = mark("Enter a day, such as 27/3/2027")
STATUSES: Final[Mapping[tuple[str, str], str]] = {
    ("status", "*"): mark("Choose a status"),
    **needed("text", mark("Enter what the status rests on")),
}
DISSENTS: Final[Mapping[tuple[str, str], str]] = {
    **needed("text", mark("Enter how you see it")),
}
MILESTONES: Final[Mapping[tuple[str, str], str]] = {
    **needed(
        "title", mark("Enter what is to be there"), mark("Use 200 characters or fewer")
    ),
    ("due_on", "*"): A_DAY,
    ("state", "*"): mark("Choose where it stands"),
}


def choices(words: Mapping[StrEnum, str]) -> Sequence[Mapping[str, str]]:
    """Return what may be chosen, each with its words."""
    return [{"value": each.value, "text": say(text)} for each, text in words.items()]


def status(
    request: AnyRequest, it: Whole, filled: Filled[StatusForm] | None
) -> Response[str]:
    """Ask how an objective gets on."""
    return asked(
        request,
        it,
        filled,
        title=say("Report its status"),
        intro=[
            say("There is one status. Partners may say beside it how they see it."),
        ],
        fields=[
            {
                "name": "status",
                "label": say("How is it going?"),
                "choices": choices(wording.STATUSES),
            },
            {"name": "text", "label": say("What does this rest on?")},
        ],
        button=say("Report status"),
    )


def dissent(
    request: AnyRequest, it: Whole, filled: Filled[DissentForm] | None
) -> Response[str]:
    """Ask how a partner sees the current status."""
    current = it.progress.status
    return asked(
        request,
        it,
        filled,
        title=say("Say that you see the status differently"),
        intro=[
            *([say(wording.STATUSES[current.status])] if current else []),
            say("What you write stands beside the status, never instead of it."),
        ],
        quote=current.text if current else "",
        fields=[
            {"name": "status", "value": current.number if current else 0},
            {"name": "text", "label": say("How do you see it?")},
        ],
        button=say("Save your view"),
    )


def milestone(
    request: AnyRequest,
    it: Whole,
    filled: Filled[MilestoneForm] | None,
    named: MilestoneOut | None,
) -> Response[str]:
    """Ask what is to be there, and by when; of one that is there, where it stands."""
    fields: list[dict[str, Any]] = [
        {"name": "title", "label": say("What is to be there?"), "short": FULL},
        {
            "name": "due_on",
            "label": say("By when?"),
            "hint": say("For example, 27/3/2027"),
            "short": NARROW,
        },
    ]
    if named is not None:
        items = choices(wording.MILESTONES)
        where = say("Where does it stand?")
        fields.append({"name": "state", "label": where, "choices": items})
        fields.append({"name": "version", "value": named.version})
        started_with = started(
            title=named.title, due_on=_written(named.due_on), state=named.state.value
        )
        filled = filled if filled is not None else started_with
    return asked(
        request,
        it,
        filled,
        title=say("Add a milestone") if named is None else say("Change this milestone"),
        fields=fields,
        button=say("Save milestone"),
    )


def _written(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def milestone_of(it: Whole, id_: UUID) -> MilestoneOut:
    """Return a milestone of an objective; refuse an id that is none."""
    for each in it.progress.milestones:
        if each.id == id_:
            return each
    raise NotFound(f"The objective has no milestone {id_}.")
