"""What may happen to an objective that departments own together.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID

from service.errors import Conflict, Fault, Unprocessable

WHOLE: Final = 100
FEWEST_ORGANISATIONS: Final = 2


class Stage(StrEnum):
    """Where an objective stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"


class Step(StrEnum):
    """What moves an objective on."""

    PROPOSE = "propose"
    AGREE = "agree"


STEPS: Final[Mapping[tuple[Stage, Step], Stage]] = MappingProxyType(
    {
        (Stage.DRAFT, Step.PROPOSE): Stage.PROPOSED,
        (Stage.PROPOSED, Step.AGREE): Stage.AGREED,
    }
)


class OwnershipModel(StrEnum):
    """How far departments own the objective together."""

    PLANNING_SEPARATELY = "planning_separately"
    VOLUNTARY_COORDINATION = "voluntary_coordination"
    SHARED_RESPONSIBILITY = "shared_responsibility"
    COLLECTIVE_ACCOUNTABILITY = "collective_accountability"
    SEMI_STRUCTURAL = "semi_structural"
    STRUCTURAL = "structural"


class Kind(StrEnum):
    """Which home collaboration has in the record."""

    DELIVERY_OBJECTIVE = "delivery_objective"
    MINIMUM_STANDARD = "minimum_standard"


class ContributionRole(StrEnum):
    """How much of the work a contribution is; it gives the weight in the score."""

    LEAD = "lead"
    MAJOR = "major"
    SUPPORTING = "supporting"


class Capacity(StrEnum):
    """As what somebody agrees."""

    SUBJECT = "subject"
    LINE_MANAGER = "line_manager"
    CONTRIBUTOR_MANAGER = "contributor_manager"


Needed: TypeAlias = dict[tuple[Capacity, UUID | None], UUID | None]
"""As what, and for which contribution, who must agree: None is a manager who is not
recorded."""


class WrongStage(Conflict):
    """The objective is not at a stage that allows this step."""

    slug = "objective-wrong-stage"


class BadShares(Unprocessable):
    """The shares of an objective are whole percentages that sum to 100."""

    slug = "objective-shares-invalid"


class TooFewOrganisations(Unprocessable):
    """A shared objective has contributions from at least two organisations."""

    slug = "objective-too-few-organisations"


class BadContributors(Unprocessable):
    """The contributions do not fit the objective."""

    slug = "objective-contributors-invalid"


class NoLineManager(Unprocessable):
    """Somebody who must agree cannot, because no line manager is recorded."""

    slug = "objective-no-line-manager"


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation's person contributes."""

    organisation: str
    person: UUID
    role: ContributionRole
    share: int
    """Whole percent of the objective."""


@dataclass(frozen=True, slots=True)
class ContributionFact:
    """One contribution, and whether it is agreed in the objective's present version."""

    id: UUID
    organisation: str
    person: UUID
    role: str
    share: int
    commitment: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class ObjectiveFact:
    """One shared objective with its contributions, largest share first."""

    organisation: str
    id: UUID
    record: UUID
    cycle: UUID
    title: str
    outcome: str
    measures: str
    ownership_model: str
    kind: str
    accountable_owner: UUID
    stage: str
    version: int
    person: UUID
    """The subject, whose record holds it."""
    contributions: tuple[ContributionFact, ...]


def after(stage: Stage, step: Step) -> Stage:
    """Return the stage that `step` leads to from `stage`."""
    try:
        return STEPS[stage, step]
    except KeyError:
        raise WrongStage(f"Cannot {step} an objective that is {stage}.") from None


def check_stated(stated: Sequence[tuple[str, int]]) -> None:
    """Refuse (organisation, share) that do not make one whole, owned by two.

    It needs to know of nobody, and so comes before anybody is looked up.
    """
    total = sum(share for _, share in stated)
    if total != WHOLE or any(not 0 < share <= WHOLE for _, share in stated):
        faults = [Fault("A share is 1 to 100.", pointer="#/contributions")]
        raise BadShares(
            f"The shares sum to {total}: give each a whole percentage above 0 so that"
            " they sum to 100.",
            faults=faults,
        )
    if len({organisation for organisation, _ in stated}) < FEWEST_ORGANISATIONS:
        raise TooFewOrganisations("Add a contribution from another organisation.")


def not_in_post(number: int, organisation: str) -> BadContributors:
    """Refuse a contributor without saying whether the organisation knows them."""
    return BadContributors(
        f"Contributor {number} holds no posting in {organisation} today: name someone"
        " who does."
    )


def check_parts(parts: Sequence[Part], subject: UUID) -> None:
    """Refuse contributions that do not make one whole, owned by at least two."""
    check_stated([(part.organisation, part.share) for part in parts])
    if len({part.person for part in parts}) < len(parts):
        raise BadContributors("One person has two contributions: make them one.")
    leads = [part.person for part in parts if part.role == ContributionRole.LEAD]
    if leads != [subject]:
        raise BadContributors(
            "The person whose record holds the objective has its one lead contribution:"
            " give that role to them and to nobody else."
        )


def needed(
    subject: UUID, managers: Mapping[UUID, UUID], contributors: Mapping[UUID, UUID]
) -> Needed:
    """Return who must agree.

    `managers` maps a person to their line manager; `contributors` maps a contribution
    to its person. The lead contribution is agreed to by the subject's line manager.
    """
    people: Needed = {
        (Capacity.SUBJECT, None): subject,
        (Capacity.LINE_MANAGER, None): managers.get(subject),
    }
    for contribution, person in contributors.items():
        if person != subject:
            people[Capacity.CONTRIBUTOR_MANAGER, contribution] = managers.get(person)
    return people


def check_everyone(needed_from: Needed) -> None:
    """Refuse while nobody could agree for someone."""
    without = sum(person is None for person in needed_from.values())
    if without:
        raise NoLineManager(
            f"{without} of the people concerned have no line manager recorded"
            " today: have HR record one, then send it again."
        )


def outstanding(
    needed_from: Collection[tuple[Capacity, UUID | None]],
    given: Collection[tuple[Capacity, UUID | None]],
) -> set[tuple[Capacity, UUID | None]]:
    """Return the agreements still to come."""
    return set(needed_from) - set(given)
