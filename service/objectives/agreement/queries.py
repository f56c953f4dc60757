"""Agreements and disputes as read: with whose they are, for those who see people."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from service.db.together import together
from service.objectives.agreement.schemas import (
    AgreementOut,
    AgreementsOut,
    DisputeOut,
    WantedOut,
)
from service.objectives.audience import GIVEN, acting, given, naming, needed_for
from service.objectives.presenting import Sight
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Part, outstanding
from service.objectives.stages import Stage
from service.objectives.standing import Standing

WAITING: Final = frozenset({Stage.PROPOSED, Stage.SENT_BACK, Stage.DISPUTED})
"""Where agreements are still to come."""
AGREEMENTS: Final = f"""
SELECT a.objective, a.capacity, a.contribution, a.person,
    a.objective_version AS version, a.comment, a.agreed_at, a.digest,
    a.objective_version = max(a.objective_version) OVER one AND EXISTS (
        SELECT FROM ({GIVEN}) g WHERE g.objective = a.objective
            AND g.capacity = a.capacity
            AND g.contribution IS NOT DISTINCT FROM a.contribution) AS counts
FROM objective_agreement a WHERE a.objective = ANY ($1)
WINDOW one AS (PARTITION BY a.objective, a.capacity, a.contribution)
ORDER BY a.agreed_at, a.objective_version, a.capacity, a.contribution, a.id
"""  # noqa: S608 - statements of our own
DISPUTES: Final = """
SELECT objective, id, capacity, contribution, person, version, reason, raised_at,
    outcome, reply, settled_at
FROM objective_dispute WHERE objective = ANY ($1) ORDER BY raised_at, id
"""


async def agreements(
    fact: ObjectiveFact, standing: Standing, sight: Sight
) -> AgreementsOut:
    """Return who agreed to which version, and whose agreement is wanted still."""
    counting = (await given([fact.id]))[fact.id]
    rows = (await together({"found": AGREEMENTS}, [fact.id]))["found"]
    sight = await naming(sight, [UUID(row["person"]) for row in rows])
    return AgreementsOut(
        given=agreements_from(rows, [fact], standing, sight)[fact.id],
        outstanding=wanted_from(counting, fact, standing, sight),
    )


def wanted_from(
    counting: Collection[Part], fact: ObjectiveFact, standing: Standing, sight: Sight
) -> list[WantedOut]:
    """Present the agreements still to come, beside those that count."""
    wanted = needed_for(fact, standing) if fact.stage in WAITING else {}
    return [
        WantedOut(
            capacity=capacity,
            contribution=contribution,
            organisation=_of(fact, contribution),
            person=acting(wanted[capacity, contribution], standing, sight),
        )
        for capacity, contribution in sorted(outstanding(wanted, counting), key=str)
    ]


def agreements_from(
    rows: Collection[Mapping[str, Any]],
    facts: Collection[ObjectiveFact],
    standing: Standing,
    sight: Sight,
) -> dict[UUID, list[AgreementOut]]:
    """Present rows of `AGREEMENTS`, by objective."""
    return {
        fact.id: [
            AgreementOut.model_validate(_acted(row, fact, standing, sight))
            for row in rows
            if row["objective"] == str(fact.id)
        ]
        for fact in facts
    }


def _acted(
    row: Mapping[str, Any], fact: ObjectiveFact, standing: Standing, sight: Sight
) -> dict[str, Any]:
    about = UUID(row["contribution"]) if row["contribution"] else None
    return {
        **row,
        "organisation": _of(fact, about),
        "person": acting(UUID(row["person"]), standing, sight),
    }


def _of(fact: ObjectiveFact, contribution: UUID | None) -> str:
    """Return for whose person somebody acts."""
    of = {part.id: part.organisation for part in fact.contributions}
    return fact.organisation if contribution is None else of[contribution]


async def disputes(
    fact: ObjectiveFact, standing: Standing, sight: Sight
) -> list[DisputeOut]:
    """Return every dispute about an objective, the first raised first."""
    rows = (await together({"found": DISPUTES}, [fact.id]))["found"]
    sight = await naming(sight, [UUID(row["person"]) for row in rows])
    return disputes_from(rows, [fact], standing, sight)[fact.id]


def disputes_from(
    rows: Collection[Mapping[str, Any]],
    facts: Collection[ObjectiveFact],
    standing: Standing,
    sight: Sight,
) -> dict[UUID, list[DisputeOut]]:
    """Present rows of `DISPUTES`, by objective."""
    return {
        fact.id: [
            DisputeOut.model_validate(_acted(row, fact, standing, sight))
            for row in rows
            if row["objective"] == str(fact.id)
        ]
        for fact in facts
    }
