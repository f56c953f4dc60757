"""Who may hold a role, and when two organisations may share.

Pure: facts come in as arguments, decisions go out as values or as a `Refusal`.
"""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Final
from uuid import UUID

from service.directory.rules import UnknownOrganisation
from service.errors import NotAllowed, NotFound, Unprocessable


class Role(StrEnum):
    """What a person may be beyond manager, subject and rater."""

    HR_ADMINISTRATOR = "hr_administrator"
    TEXT_MODERATOR = "text_moderator"
    CENTRAL_TEAM = "central_team"
    AUDITOR = "auditor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"


NAMED_BY_HR: Final = frozenset({Role.HR_ADMINISTRATOR, Role.TEXT_MODERATOR})
"""Whoever watches over HR, or looks across departments, is named from outside it."""


class NotYoursToGrant(NotAllowed):
    """HR does not name, or end, those who watch over it."""

    slug = "role-not-yours-to-grant"


class GrantToOneself(NotAllowed):
    """Nobody grants a role to themselves."""

    slug = "role-to-oneself"


class BadTerm(Unprocessable):
    """The dates do not make a term."""

    slug = "term-invalid"


class WithItself(Unprocessable):
    """An agreement is between two organisations."""

    slug = "data-sharing-with-itself"


class NotShared(Unprocessable):
    """The organisations have no data-sharing agreement in force."""

    slug = "data-sharing-missing"


def check_grant(person: UUID, granter: UUID | None, until: date, today: date) -> None:
    """Refuse a role granted to oneself or already over; an operator has no id."""
    if person == granter:
        raise GrantToOneself("Ask another administrator to grant you this role.")
    if until <= today:
        raise BadTerm(f"The role would end on {until}: give a date after {today}.")


def check_named_by_hr(role: Role) -> None:
    """Refuse a role that is not an HR administrator's to give or take."""
    if role not in NAMED_BY_HR:
        raise NotYoursToGrant("Ask whoever runs the service to grant or end this role.")


def check_known(wanted: Iterable[str], known: Collection[str]) -> None:
    """Refuse codes that are no organisation's."""
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise UnknownOrganisation(
            f"There is no organisation {', '.join(unknown)}: see"
            " `joinedup organisations list`."
        )


def pair(one: str, other: str) -> tuple[str, str]:
    """Return the two organisations in the order in which agreements are kept."""
    if one == other:
        raise WithItself(f"Name two organisations; {one} is named twice.")
    return (one, other) if one < other else (other, one)


def check_agreement(start: date, end: date) -> None:
    """Refuse an agreement that ends before it starts."""
    if end <= start:
        raise BadTerm(f"The agreement would end on {end}, not after {start}.")


def check_shared(
    lead: str,
    partners: Iterable[str],
    in_force: Collection[tuple[str, str]],
    day: date,
) -> None:
    """Refuse partners with whom `lead` has no agreement in force on `day`."""
    _refuse_missing({pair(lead, p) for p in partners if p != lead} - {*in_force}, day)


def check_all_shared(
    organisations: Collection[str], in_force: Collection[tuple[str, str]], day: date
) -> None:
    """Refuse organisations of which any two have no agreement in force on `day`."""
    pairs = set(combinations(sorted(set(organisations)), 2))
    _refuse_missing(pairs - {*in_force}, day)


def _refuse_missing(pairs: Collection[tuple[str, str]], day: date) -> None:
    if not pairs:
        return
    named = "; ".join(" and ".join(pair) for pair in sorted(pairs))
    one, other = min(pairs)
    raise NotShared(
        f"No data-sharing agreement is in force on {day} between {named}: have one"
        f" added (joinedup data-sharing add {one} {other} …).",
    )


def within(organisations: Collection[str], wanted: str | None) -> list[str]:
    """Return the caller's organisations, or the one of them that was asked for."""
    if wanted is None:
        return sorted(organisations)
    if wanted not in organisations:
        raise NotFound(f"No organisation {wanted}.")
    return [wanted]
