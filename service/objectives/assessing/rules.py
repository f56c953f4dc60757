"""Who assesses the outcome of an objective, who countersigns it, and from when.

Pure. The law: nobody rates alone, and nobody rates what they take part in.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.errors import Conflict, Unprocessable
from service.objectives.stages import Stage, WrongStage
from service.records.frameworks import LONDON

OF_OUTCOME: Final = frozenset({Stage.AGREED})
OF_CONTRIBUTION: Final = frozenset({Stage.AGREED, Stage.ASSESSED})
"""A contribution's assessment may still be replaced until the objective is closed."""


class AssessedAs(StrEnum):
    """In what capacity somebody assesses, or answers an assessment."""

    OWNER_MANAGER = "owner_manager"
    PARTNER_MANAGER = "partner_manager"
    CONTRIBUTOR_MANAGER = "contributor_manager"


class Verdict(StrEnum):
    """What a partner manager says to the assessment of an outcome."""

    COUNTERSIGNED = "countersigned"
    OBJECTED = "objected"


class AssessmentState(StrEnum):
    """Where the assessment of an outcome stands."""

    WAITING = "waiting"
    COUNTERSIGNED = "countersigned"
    OBJECTED = "objected"
    OUTDATED = "outdated"
    """The objective was changed before anybody answered it."""


class TooEarlyToAssess(Conflict):
    """The end-year assessment has not begun."""

    slug = "assessment-too-early"


class AssessmentDisputed(Conflict):
    """An open dispute stands in the way of the assessment."""

    slug = "assessment-disputed"


class AssessmentWaits(Conflict):
    """An assessment waits already for its countersignature."""

    slug = "assessment-waits"


class AssessmentSettled(Conflict):
    """The assessment waits for no answer any more."""

    slug = "assessment-settled"


class NobodyCountersigns(Unprocessable):
    """No manager of another organisation could countersign the assessment."""

    slug = "assessment-without-partner"


def assessors(
    owners: Mapping[UUID, str],
    managers: Mapping[UUID, UUID],
    taking_part: Collection[UUID],
) -> dict[UUID, str]:
    """Return who may assess the outcome, and for which owner's organisation."""
    found: dict[UUID, str] = {}
    for owner, organisation in owners.items():
        manager = manager_above(owner, managers, taking_part)
        if manager is not None:
            found.setdefault(manager, organisation)
    return found


def manager_above(
    person: UUID, managers: Mapping[UUID, UUID], taking_part: Collection[UUID]
) -> UUID | None:
    """Return the first in the line above somebody who takes no part themselves.

    None where no line manager is recorded, or those who take part manage each other.
    """
    passed = {person}
    above = managers.get(person)
    while above is not None and above in taking_part:
        if above in passed:
            return None
        passed.add(above)
        above = managers.get(above)
    return above


def partners(
    sides: Iterable[tuple[UUID, str]],
    managers: Mapping[UUID, UUID],
    working: Mapping[UUID, str],
    taking_part: Collection[UUID],
    *,
    assessor: UUID,
    apart: Collection[str],
) -> dict[UUID, str]:
    """Return who may answer an assessment, and for which organisation.

    `sides` are those whose managers may, each with the organisation they are in it for;
    `working` says where managers work, and `apart` holds the assessor's organisations.
    """
    found: dict[UUID, str] = {}
    for person, organisation in sides:
        manager = manager_above(person, managers, taking_part)
        if manager is None or manager == assessor or manager not in working:
            continue
        if not {organisation, working[manager]} & {*apart}:
            found.setdefault(manager, organisation)
    return found


def check_stage(stage: Stage, allowed: Collection[Stage]) -> None:
    """Refuse to assess what is disputed, or not at such a stage."""
    if stage == Stage.DISPUTED:
        raise AssessmentDisputed(
            "A dispute about the objective is open: settle it, or have it dropped, then"
            " assess."
        )
    if stage not in allowed:
        named = " or ".join(sorted(each.value for each in allowed))
        raise WrongStage(
            f"The objective is {stage.replace('_', ' ')}: it is assessed while {named}."
        )


def over(ends_on: date | None) -> datetime | None:
    """Return the instant at which an objective's last day is over in London.

    `date.max` is what the driver makes of infinity: it is never over.
    """
    if ends_on is None or ends_on == date.max:
        return None
    midnight = datetime.combine(ends_on + timedelta(days=1), time.min, tzinfo=LONDON)
    return midnight.astimezone(UTC)


def check_begun(now: datetime, end_year: datetime, over: datetime | None) -> None:
    """Refuse to assess before the end-year stage begins, or the objective is over."""
    begins = end_year if over is None else min(end_year, over)
    if now < begins:
        raise TooEarlyToAssess(
            f"It is assessed from {begins:%Y-%m-%dT%H:%MZ}: send it again then."
        )


def state_of(verdict: Verdict | None, version: int, terms: int) -> AssessmentState:
    """Return where an assessment of a version stands; `terms` is what is agreed now."""
    if verdict is not None:
        return AssessmentState(verdict)
    return AssessmentState.OUTDATED if version < terms else AssessmentState.WAITING
