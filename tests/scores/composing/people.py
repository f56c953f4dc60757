"""People of a cycle, by what was heard of them and what they attained."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from service.objectives.rules import ContributionRole, Kind
from service.records.combining import Attainment
from service.records.frameworks import Framework, load
from service.scores.composing.composite import Component, Scale, components
from service.scores.composing.objective import Assessed
from service.scores.outcome import Outcome
from service.scores.rules import Facts, decide

NOT_MET, PARTLY_MET, MET, EXCEEDED, FAR_EXCEEDED = Attainment
LEAD, MAJOR, SUPPORTING = ContributionRole
UNCOMBINED: Final = load("ca-ex")
US, UK, AU = load("us-ses-2012"), load("uk-scs-2025"), load("au-aps-ses")
SCALE: Final = Scale(people=40, mean=55.0, deviation=10.0)
"""Of the feedback on all people of the cycle."""
OTHERS: Final = (
    (MET, EXCEEDED),
    (MET, PARTLY_MET),
    (FAR_EXCEEDED, EXCEEDED),
    (NOT_MET, PARTLY_MET),
    (MET, MET),
    (EXCEEDED, MET),
    (PARTLY_MET, PARTLY_MET),
    (FAR_EXCEEDED, FAR_EXCEEDED),
    (NOT_MET, MET),
    (MET, FAR_EXCEEDED),
)
"""What the rest of the cycle attained: enough of them to stand against."""


def record(number: int) -> UUID:
    return UUID(int=number)


SOMEBODY: Final = record(0)


def an_objective(attainment: Attainment | None = MET, **other: Any) -> Assessed:
    says: dict[str, Any] = {
        "objective": UUID(int=77),
        "title": "One front door",
        "kind": Kind.DELIVERY_OBJECTIVE,
        "is_own": True,
        "counts": True,
        "role": LEAD,
        "element": None,
        "standard": None,
        "weight": None,
        "attainment": attainment,
    }
    return Assessed(**(says | other))


def a_standard(attainment: Attainment | None, code: str = "finance") -> Assessed:
    return an_objective(attainment, kind=Kind.MINIMUM_STANDARD, standard=code)


def heard(value: float = 60.0, reliability: float = 0.75) -> Outcome:
    """A published figure."""
    facts = Facts(200, 60, 6, 3, reliability, 0.3, cycle_estimable=True)
    return Outcome(
        decide(facts),
        value=value,
        low=max(value - 8, 0.0),
        high=min(value + 8, 100.0),
        reliability=reliability,
    )


def unheard(raters: int = 4) -> Outcome:
    """Too few raters for a figure."""
    facts = Facts(200, 60, raters, 2, 0.7, 0.3, cycle_estimable=True)
    return Outcome(decide(facts))


def composed(
    objectives: Sequence[Assessed],
    outcome: Outcome,
    framework: Framework = UNCOMBINED,
    scale: Scale | None = SCALE,
    others: Sequence[Sequence[Attainment]] = OTHERS,
) -> tuple[Component, Component, Component]:
    """Feedback, objectives and composite of somebody among others."""
    found = {
        record(number): [an_objective(each) for each in attained]
        for number, attained in enumerate(others, start=1)
    }
    decided = dict.fromkeys([SOMEBODY, *found], outcome)
    everyone = components({**found, SOMEBODY: objectives}, decided, scale, framework)
    return everyone[SOMEBODY]


def as_elements(ratings: dict[str, int], weights: dict[str, int]) -> list[Assessed]:
    """One objective of each element, rated 1 to 5."""
    return [
        an_objective([*Attainment][rating - 1], element=code, weight=weights[code])
        for code, rating in ratings.items()
    ]
