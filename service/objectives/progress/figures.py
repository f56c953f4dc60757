"""What the pages about indicators and their readings ask, and how they are drawn."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response
from pydantic import Field

from service.errors import NotFound
from service.objectives import wording
from service.objectives.drawing import asked
from service.objectives.forms import LONGEST, TOO_LONG, needed
from service.objectives.measuring import ComparedWith, Direction
from service.objectives.progress.asking import A_DAY, FULL, NARROW, Title, choices
from service.objectives.progress.schemas import Figure, IndicatorOut
from service.objectives.reading import Whole
from service.web.days import Day
from service.web.forms import Filled, Form, started
from service.web.language import mark, say
from service.web.pages import AnyRequest

Unit = Annotated[str, Field(min_length=1, max_length=60)]


class IndicatorForm(Form):
    """What is measured, from where, to where."""

    title: Title
    unit: Unit
    baseline: Figure
    target: Figure
    direction: Direction
    change_at: Figure | None = None
    compared_with: ComparedWith = ComparedWith.BASELINE
    version: int = 0


class ReadingForm(Form):
    """What an indicator stood at on a day."""

    value: Figure
    as_of: Day
    note: Annotated[str, Field(max_length=LONGEST)] = ""
    corrects: UUID | None = None


A_FIGURE: Final = mark("Enter a number, such as 12 or 0.5")
INDICATORS: Final[Mapping[tuple[str, str], str]] = {
    **needed(
        "title", mark("Enter what is measured"), mark("Use 200 characters or fewer")
    ),
    **needed(
        "unit",
        mark("Enter a unit, such as per cent"),
        mark("Use 60 characters or fewer"),
    ),
    ("baseline", "*"): A_FIGURE,
    ("target", "*"): A_FIGURE,
    ("direction", "*"): mark("Choose which way is better"),
    ("change_at", "*"): A_FIGURE,
    ("compared_with", "*"): mark("Choose what it is compared with"),
}
READINGS: Final[Mapping[tuple[str, str], str]] = {
    ("value", "*"): A_FIGURE,
    ("as_of", "*"): A_DAY,
    ("note", "*"): TOO_LONG,
}
FIGURES: Final[Mapping[str, str]] = {
    f"#/{name}": name for name in (*IndicatorForm.model_fields, "value", "as_of")
}
"""The field of what a rule says against a figure."""


def indicator_of(it: Whole, id_: UUID) -> IndicatorOut:
    """Return an indicator of an objective; refuse an id that is none."""
    for each in it.progress.indicators:
        if each.id == id_:
            return each
    raise NotFound(f"The objective has no indicator {id_}.")


def indicator(
    request: AnyRequest,
    it: Whole,
    filled: Filled[IndicatorForm] | None,
    named: IndicatorOut | None,
) -> Response[str]:
    """Ask what is measured, from where, to where."""
    fields = _indicator_fields()
    if named is not None:
        fields.append({"name": "version", "value": named.version})
    if filled is None:
        filled = started(**_stated(named)) if named else _fresh()
    return asked(
        request,
        it,
        filled,
        title=say("Add an indicator")
        if named is None
        else say("Change this indicator"),
        fields=fields,
        button=say("Save indicator"),
    )


def _indicator_fields() -> list[dict[str, Any]]:
    return [
        {"name": "title", "label": say("What is measured?"), "short": FULL},
        {"name": "unit", "label": say("In which unit?"), "short": NARROW},
        _figure("baseline", say("Where does it start?")),
        _figure("target", say("Where is it to go?")),
        {
            "name": "direction",
            "label": say("Which way is better?"),
            "choices": choices(wording.DIRECTIONS),
        },
        {
            **_figure("change_at", say("Smallest change that counts (optional)")),
            "hint": say("Leave it empty if any change counts."),
        },
        {
            "name": "compared_with",
            "label": say("What is a reading compared with?"),
            "choices": choices(wording.COMPARED),
        },
    ]


def _figure(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "short": NARROW, "inputmode": "decimal"}


def _stated(named: IndicatorOut) -> Mapping[str, object]:
    return named.model_dump(mode="json", include={*IndicatorForm.model_fields})


def _fresh() -> Filled[IndicatorForm]:
    return started(compared_with=ComparedWith.BASELINE.value)


def reading(
    request: AnyRequest,
    it: Whole,
    filled: Filled[ReadingForm] | None,
    named: IndicatorOut,
    corrects: UUID | str | None,
) -> Response[str]:
    """Ask what an indicator stood at on a day, or what corrects that."""
    return asked(
        request,
        it,
        filled,
        title=say("Correct a reading") if corrects else say("Add a reading"),
        intro=[say("%(title)s, in %(unit)s", title=named.title, unit=named.unit)],
        fields=[
            _figure("value", say("What does it stand at?")),
            {
                "name": "as_of",
                "label": say("On which day?"),
                "hint": say("For example, 27/3/2027"),
                "short": NARROW,
            },
            {"name": "note", "label": say("Note (optional)")},
            *([{"name": "corrects", "value": corrects}] if corrects else []),
        ],
        button=say("Save reading"),
    )
