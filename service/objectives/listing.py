"""An objective as a line of somebody's list: what they are in it, what waits for them.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.auth.caller import SignedIn
from service.objectives.offering import Kind, Offer
from service.objectives.reading import Whole
from service.objectives.stages import Stage
from service.web.language import mark

ASKED: Final = (
    Kind.AGREE,
    Kind.PROPOSE,
    Kind.KEEP,
    Kind.ANSWER,
    Kind.ASSESS,
    Kind.ASSESS_CONTRIBUTION,
)
"""What somebody waits for, and not only may be done."""
OVER: Final = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line."""

    id: UUID
    title: str
    stage: Stage
    year: int
    """The cycle begins in it."""
    lead: str
    """What the lead's department is called."""
    partners: Sequence[str]
    """What the other departments are called."""
    parts: Sequence[str]
    """What the person has to do with it, marked for translation."""
    asked: Sequence[Offer]
    contributors: Mapping[UUID, str]
    """What each contribution's person is called."""

    @property
    def is_over(self) -> bool:
        """Say whether nothing of it changes any more."""
        return self.stage in OVER


def listed(
    it: Whole,
    caller: SignedIn,
    asked: Sequence[Offer],
    contributors: Mapping[UUID, str],
) -> Listed:
    """Return the line of an objective."""
    others = sorted(it.fact.present - {it.fact.organisation})
    return Listed(
        id=it.fact.id,
        title=it.says.title,
        stage=it.fact.stage,
        year=it.cycle.year,
        lead=it.departments.get(it.fact.organisation, it.fact.organisation),
        partners=[it.departments.get(code, code) for code in others],
        parts=_parts(it, caller.id),
        asked=asked,
        contributors=contributors,
    )


def _parts(it: Whole, person: UUID) -> list[str]:
    fact, managers = it.fact, it.standing.managers
    contributors = {part.person for part in fact.live} - {fact.person}
    has = {
        mark("You lead it"): person == fact.person,
        mark("You are accountable for it"): person in fact.owning,
        mark("You contribute"): person in contributors,
        mark("You manage the lead"): managers.get(fact.person) == person,
        mark("You manage a contributor"): person
        in {managers.get(each) for each in contributors},
        mark("You are a functional manager"): person in it.standing.functional.values(),
    }
    return [said for said, is_so in has.items() if is_so]


def asked_of(it: Whole, found: Sequence[Offer]) -> list[Offer]:
    """Return what is asked of whom this is offered: not to assess something again."""
    assessed = {
        each.contribution
        for each in it.assessments.contributions
        if each.current and each.version == it.fact.terms
    }
    return [
        offer
        for offer in found
        if offer.kind in ASKED
        and not (offer.kind == Kind.ASSESS_CONTRIBUTION and offer.about in assessed)
    ]
