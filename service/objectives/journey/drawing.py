"""How the pages of the journey are drawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from litestar import Response

from service.auth.caller import SignedIn
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import details_of
from service.objectives import wording
from service.objectives.audience import needed_for
from service.objectives.drawing import drawn
from service.objectives.journey.asking import (
    OF_VALUE,
    OutcomeForm,
    PlaceForm,
    SavedForm,
)
from service.objectives.journey.saving import BEING_WRITTEN
from service.objectives.offering import Kind, offers
from service.objectives.presenting import PersonOut
from service.objectives.priorities import schemes, titled
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole
from service.records.queries import RecordFact
from service.settings import settings
from service.web.forms import Filled, started
from service.web.language import mark, say
from service.web.pages import UNPROCESSABLE, AnyRequest, page

FIELDS: Final[Mapping[str, str]] = {
    "objective-owners-invalid": "owner",
    "objective-weights-over-whole": "weight",
    "objective-standard-unknown": "standard",
    "objective-end-invalid": "ends_on",
    "objective-priority-unknown": "priority",
    "objective-kind-invalid": "kind",
    "#/weight": "weight",
    "#/element": "element",
    "#/ends_on": "ends_on",
    "#/standard": "standard",
}
"""The field of what a rule says against a page."""
ASKED_AGAIN: Final = mark("Everyone in this objective is asked to agree again.")
LONGEST_CHOICE: Final = 90
"""Characters of a priority in the list to choose from."""


async def new(
    request: AnyRequest, on: RecordFact, filled: Filled[OutcomeForm] | None
) -> Response[str]:
    """Draw the first page, for an objective that is not there yet."""
    with within_reach(EVERYONE):  # Whom somebody answers for may sit elsewhere.
        known = (await details_of([on.person]))[on.person]
    return page(
        request,
        "objectives/outcome.html",
        title=say("What is to be achieved?"),
        filled=filled,
        status=UNPROCESSABLE if filled is not None else 200,
        it=None,
        lead=f"{known.given_name} {known.family_name}",
        words=wording,
        asks=False,
        back="/people",
    )


def step(
    request: AnyRequest,
    template: str,
    it: Whole,
    title: str,
    filled: Filled[Any] | None,
    **context: Any,
) -> Response[str]:
    """Draw a page of the journey."""
    return drawn(
        request,
        template,
        it,
        title,
        filled,
        asks=it.fact.stage not in BEING_WRITTEN,
        asked_again=say(ASKED_AGAIN),
        back=f"/objectives/{it.fact.id}/check",
        **context,
    )


def name_of(it: Whole, part: ContributionFact) -> str:
    """Return who makes a contribution, with their department."""
    department = it.departments.get(part.organisation, part.organisation)
    shown = PersonOut.of(part.person, part.organisation, it.sight)
    if shown is None or shown.name is None:
        return say("Somebody in %(department)s", department=department)
    return f"{shown.name}, {department}"


def _lead(it: Whole) -> ContributionFact:
    return next(part for part in it.fact.live if part.person == it.fact.person)


def outcome(
    request: AnyRequest, it: Whole, filled: Filled[OutcomeForm] | None
) -> Response[str]:
    """Draw what is to be achieved."""
    says = it.fact.content
    if filled is None:
        filled = started(
            title=says.title,
            outcome=says.outcome,
            measures=says.measures,
            commitment=_lead(it).commitment,
            ownership_model=says.ownership_model.value,
        )
    title = say("What is to be achieved?")
    return step(request, "outcome", it, title, filled, lead=name_of(it, _lead(it)))


def costs(
    request: AnyRequest, it: Whole, filled: Filled[SavedForm] | None
) -> Response[str]:
    """Draw what each department puts in and gains."""
    codes = sorted(it.fact.present)
    if filled is None:
        said = {value.organisation: value for value in it.fact.content.value_map}
        filled = started(
            **{
                f"{name}_{number}": getattr(said[code], name)
                for number, code in enumerate(codes)
                if code in said
                for name in OF_VALUE
            }
        )
    departments = [it.departments.get(code, code) for code in codes]
    title = say("What it costs and brings")
    return step(request, "costs", it, title, filled, departments=departments)


def place(
    request: AnyRequest, it: Whole, filled: Filled[PlaceForm] | None
) -> Response[str]:
    """Draw where the objective counts."""
    says, framework = it.fact.content, it.cycle.framework
    if filled is None:
        day, priority = says.ends_on, says.priority
        filled = started(
            kind=says.kind.value,
            weight=says.weight,
            element=says.element,
            standard=says.standard,
            ends_on=f"{day.day}/{day.month}/{day.year}" if day else None,
            priority=f"{priority.scheme} {priority.code}" if priority else None,
        )
    return step(
        request,
        "place",
        it,
        say("Where it counts"),
        filled,
        kinds=[
            {"value": kind.value, "text": say(text)}
            for kind, text in wording.KINDS.items()
        ],
        elements=_choices((each.code, each.title) for each in framework.elements),
        standards=_choices(
            (each.code, each.title) for each in framework.minimum_standards
        ),
        priorities=_priorities(),
    )


def _choices(pairs: Iterable[tuple[str, str]]) -> Sequence[Mapping[str, str]]:
    return [
        {"value": "", "text": say("None")},
        *({"value": value, "text": text} for value, text in pairs),
    ]


def _priorities() -> Sequence[Mapping[str, str]]:
    return _choices(
        (
            f"{scheme.code} {entry.code}",
            f"{scheme.title}: {_short(entry.title)}",
        )
        for scheme in schemes()
        for entry in scheme.entries
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CHOICE else f"{text[:LONGEST_CHOICE]}…"


def check(
    request: AnyRequest, it: Whole, caller: SignedIn, filled: Filled[Any] | None
) -> Response[str]:
    """Draw all of it, each part with a link to change it."""
    kinds = {offer.kind for offer in offers(it, caller, settings().clock())}
    writing = it.fact.stage in BEING_WRITTEN
    named = it.fact.content.priority
    needed = needed_for(it.fact, it.standing)
    return step(
        request,
        "check",
        it,
        say("Check your answers") if writing else say("Change this objective"),
        filled,
        may_propose=Kind.PROPOSE in kinds,
        priority=titled(named.code, of_scheme=named.scheme) if named else None,
        needed=sorted(
            {
                it.sight.names[who]
                for who in needed.values()
                if who and who in it.sight.names
            }
        ),
    )
