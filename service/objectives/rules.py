"""Who owns an objective, who must agree to it, and what makes it whole.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from service.directory.rules import Held
from service.errors import Fault, NotAllowed, Unprocessable

WHOLE: Final = 100
FEWEST_ORGANISATIONS: Final = 2
JOB_SHARE: Final = 2
"""The most people that are one owner together."""


class OwnershipModel(StrEnum):
    """How far departments own the objective together."""

    PLANNING_SEPARATELY = "planning_separately"
    VOLUNTARY_COORDINATION = "voluntary_coordination"
    SHARED_RESPONSIBILITY = "shared_responsibility"
    COLLECTIVE_ACCOUNTABILITY = "collective_accountability"
    SEMI_STRUCTURAL = "semi_structural"
    STRUCTURAL = "structural"


LEAVES_FREELY: Final = frozenset(
    {OwnershipModel.PLANNING_SEPARATELY, OwnershipModel.VOLUNTARY_COORDINATION}
)
"""Where a partner may take its contributor off without anybody's leave."""
MATRIX: Final = frozenset({OwnershipModel.SEMI_STRUCTURAL, OwnershipModel.STRUCTURAL})
"""Where functional managers agree as well as line managers."""


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
    FUNCTIONAL_MANAGER = "functional_manager"


Part: TypeAlias = tuple[Capacity, UUID | None]
"""As what somebody agrees, and for which contribution."""
Needed: TypeAlias = dict[Part, UUID | None]
"""Who must agree to what: None is a line manager who is not recorded."""


class BadShares(Unprocessable):
    """The shares of an objective are whole percentages that sum to 100."""

    slug = "objective-shares-invalid"


class TooFewOrganisations(Unprocessable):
    """A shared objective has contributions from at least two organisations."""

    slug = "objective-too-few-organisations"


class BadContributors(Unprocessable):
    """The contributions do not fit the objective."""

    slug = "objective-contributors-invalid"


class BadOwners(Unprocessable):
    """The accountable owners do not fit the ownership model."""

    slug = "objective-owners-invalid"


class BadValues(Unprocessable):
    """The value map does not fit the objective."""

    slug = "objective-values-invalid"


class BadKind(Unprocessable):
    """A minimum standard alone names a standard, and has no weight."""

    slug = "objective-kind-invalid"


class NotYours(NotAllowed):
    """It is another's to do, who takes part in the objective as well."""

    slug = "objective-not-yours"


class NoLineManager(Unprocessable):
    """Somebody who must agree cannot, because no line manager is recorded."""

    slug = "objective-no-line-manager"


def check_stated(stated: Sequence[tuple[str, int]]) -> None:
    """Refuse (organisation, share) of no whole of two; nobody is looked up for it."""
    check_shares([share for _, share in stated])
    if len({organisation for organisation, _ in stated}) < FEWEST_ORGANISATIONS:
        raise TooFewOrganisations("Add a contribution from another organisation.")


def check_shares(shares: Sequence[int]) -> None:
    """Refuse shares that do not make one whole."""
    total = sum(shares)
    if total != WHOLE or any(not 0 < share <= WHOLE for share in shares):
        raise BadShares(
            f"The shares sum to {total}: give each a whole percentage above 0 so that"
            " they sum to 100.",
            faults=[Fault("A share is 1 to 100.", pointer="#/contributions")],
        )


def check_contributors(
    parts: Sequence[tuple[UUID, ContributionRole]], subject: UUID
) -> None:
    """Refuse somebody named twice, and any lead but the subject."""
    people = [person for person, _ in parts]
    if len(set(people)) < len(people):
        raise BadContributors("One person has two contributions: make them one.")
    leads = [person for person, role in parts if role == ContributionRole.LEAD]
    if leads != [subject]:
        raise BadContributors(
            "The person whose record holds the objective has its one lead contribution:"
            " give that role to them and to nobody else."
        )


def not_in_post(number: int, organisation: str) -> BadContributors:
    """Refuse a contributor without saying whether the organisation knows them."""
    return BadContributors(
        f"Contributor {number} holds no posting in {organisation} today: name someone"
        " who does.",
        faults=[
            Fault(
                "Holds no posting there today.",
                pointer=f"#/contributions/{number - 1}/person",
            )
        ],
    )


def check_owners(
    owners: Sequence[Sequence[UUID]],
    model: OwnershipModel,
    posts: Mapping[UUID, Collection[Held]],
    organisations: Collection[str],
) -> None:
    """Refuse owners who do not fit the model, or are not in post with a party.

    `posts` are those each person holds today. Two people are one owner only when they
    share one job.
    """
    people = [person for owner in owners for person in owner]
    if len(set(people)) < len(people):
        raise _bad_owners("One person is named twice as accountable owner.")
    for number, owner in enumerate(owners):
        held = [
            {post for post in posts.get(who, ()) if post.organisation in organisations}
            for who in owner
        ]
        if not all(held):
            raise owner_not_in_post(number)
        if len(owner) > 1:
            _check_one_job(number, held)
    if model == OwnershipModel.COLLECTIVE_ACCOUNTABILITY:
        _check_collective(owners, posts, organisations)
    elif len(owners) != 1:
        raise _bad_owners(
            f"{len(owners)} accountable owners are named: name exactly one, or choose"
            " collective_accountability."
        )


def owner_not_in_post(number: int) -> BadOwners:
    """Refuse an owner without saying whether an organisation knows them."""
    return _bad_owners(
        f"Accountable owner {number + 1} must hold a posting today in one of the"
        " organisations that contribute: name someone who does.",
        number,
    )


def _check_one_job(number: int, held: Sequence[Collection[Held]]) -> None:
    jobs = [
        {
            (post.organisation, post.reference)
            for post in posts
            if post.shares_job and post.reference
        }
        for posts in held
    ]
    if len(held) > JOB_SHARE or not set.intersection(*jobs):
        raise _bad_owners(
            f"Accountable owner {number + 1} names people who do not share one job:"
            " two people are one owner only in a job share of the same post.",
            number,
        )


def _check_collective(
    owners: Sequence[Sequence[UUID]],
    posts: Mapping[UUID, Collection[Held]],
    organisations: Collection[str],
) -> None:
    held = {post.organisation for owner in owners for p in owner for post in posts[p]}
    owning = held.intersection(organisations)
    if len(owners) < FEWEST_ORGANISATIONS or len(owning) < FEWEST_ORGANISATIONS:
        raise _bad_owners(
            "Collective accountability has at least two accountable owners, of at least"
            " two organisations: add one, or choose another ownership model."
        )


def _bad_owners(detail: str, number: int | None = None) -> BadOwners:
    pointer = "#/accountable_owners" + ("" if number is None else f"/{number}")
    return BadOwners(detail, faults=[Fault(detail, pointer=pointer)])


def check_kind(kind: Kind, weight: int | None, standard: str | None) -> None:
    """Refuse a standard with a weight, and any other objective that names one."""
    if kind == Kind.MINIMUM_STANDARD and weight is not None:
        field, detail = "weight", "A minimum standard has no weight: leave it out."
    elif kind != Kind.MINIMUM_STANDARD and standard is not None:
        field, detail = "standard", "Only a minimum_standard names a standard."
    else:
        return
    raise BadKind(detail, faults=[Fault(detail, pointer=f"#/{field}")])


def check_values(stated: Sequence[str], organisations: Collection[str]) -> None:
    """Refuse a value map that names an organisation twice, or one that is no party."""
    for number, organisation in enumerate(stated):
        if organisation not in organisations or organisation in stated[:number]:
            raise BadValues(
                "The value map has one entry for each organisation that contributes:"
                f" {organisation} is not one of them, or has two.",
                faults=[Fault("See detail.", pointer=f"#/value_map/{number}")],
            )


def needed(
    subject: UUID,
    contributors: Mapping[UUID, UUID],
    managers: Mapping[UUID, UUID],
    functional: Mapping[UUID, UUID],
    model: OwnershipModel,
) -> Needed:
    """Return who must agree.

    `contributors` maps a contribution that has not gone to its person; `managers` and
    `functional` a person to their manager of that kind. The lead contribution is agreed
    to by the subject's line manager. Functional managers agree in a matrix alone.
    """
    people: Needed = {
        (Capacity.SUBJECT, None): subject,
        (Capacity.LINE_MANAGER, None): managers.get(subject),
    }
    for contribution, person in contributors.items():
        if person != subject:
            people[Capacity.CONTRIBUTOR_MANAGER, contribution] = managers.get(person)
        if model in MATRIX and person in functional:
            people[Capacity.FUNCTIONAL_MANAGER, contribution] = functional[person]
    return people


def check_everyone(needed_from: Needed) -> None:
    """Refuse while nobody could agree for someone."""
    without = sum(person is None for person in needed_from.values())
    if without:
        raise NoLineManager(
            f"{without} of the people concerned have no line manager recorded"
            " today: have HR record one, then send it again."
        )


def outstanding(needed_from: Collection[Part], given: Collection[Part]) -> set[Part]:
    """Return the agreements still to come."""
    return set(needed_from) - set(given)
