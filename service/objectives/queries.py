"""Shared objectives as read: by organisation that is party, or by person."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.errors import NotFound
from service.objectives.rules import ContributionFact, ObjectiveFact

OBJECTIVES: Final = """
SELECT o.organisation, o.id, o.record, o.cycle, o.title, o.outcome, o.measures,
    o.ownership_model, o.kind, o.accountable_owner, o.stage, o.version, o.person
FROM shared_objective o
WHERE o.id = ANY ($1)
    AND ($2::text[] IS NULL OR EXISTS (SELECT FROM objective_party p
        WHERE p.organisation = ANY ($2) AND p.objective = o.id))
ORDER BY o.id
"""
CONTRIBUTIONS: Final = """
SELECT c.objective, c.id, c.organisation, c.person, c.role, c.share, c.commitment,
    EXISTS (SELECT FROM objective_agreement a JOIN shared_objective o
        ON o.id = a.objective AND o.version = a.objective_version
        WHERE a.objective = c.objective AND (a.contribution = c.id
            OR (c.role = 'lead' AND a.capacity = 'line_manager'))) AS agreed
FROM contribution c WHERE c.objective = ANY ($1)
ORDER BY c.objective, c.share DESC, c.organisation, c.id
"""
OF_RECORD: Final = """
SELECT o.id FROM shared_objective o WHERE o.record = $1
UNION
SELECT o.id FROM contribution c
JOIN shared_objective o ON o.id = c.objective
JOIN appraisal_record r ON r.id = $1
    AND r.person = c.person AND r.organisation = c.organisation AND r.cycle = o.cycle
WHERE o.stage = 'agreed'
"""
COLLABORATORS: Final = """
SELECT DISTINCT mine.person AS subject, theirs.person AS colleague, o.id AS objective
FROM shared_objective o
JOIN contribution mine ON mine.objective = o.id
JOIN contribution theirs ON theirs.objective = o.id AND theirs.person <> mine.person
WHERE o.cycle = $1 AND o.stage = 'agreed' AND mine.person = ANY ($2)
ORDER BY 1, 2, 3
"""


async def objectives(
    ids: Collection[UUID], organisations: Collection[str] | None
) -> list[ObjectiveFact]:
    """Return these objectives, of those the organisations are party to (None: all)."""
    scope = None if organisations is None else sorted(organisations)
    async with transaction() as connection:
        rows = await connection.fetch(OBJECTIVES, sorted(ids), scope)
        parts = await connection.fetch(CONTRIBUTIONS, [row["id"] for row in rows])
    of: dict[UUID, list[ContributionFact]] = {row["id"]: [] for row in rows}
    for part in parts:
        values: dict[str, Any] = dict(part)
        of[values.pop("objective")].append(ContributionFact(**values))
    return [
        ObjectiveFact(**dict(row), contributions=tuple(of[row["id"]])) for row in rows
    ]


async def objective(
    id_: UUID, organisations: Collection[str] | None = None
) -> ObjectiveFact:
    """Return one objective; not a party's is not there."""
    found = await objectives([id_], organisations)
    if not found:
        raise NotFound(f"No objective {id_}.")
    return found[0]


async def ids_on_record(record: UUID) -> list[UUID]:
    """Return what shows on a record: its own, and those its person contributes to."""
    async with transaction() as connection:
        return [row["id"] for row in await connection.fetch(OF_RECORD, record)]


async def collaborators(
    cycle: UUID, subjects: Collection[UUID]
) -> dict[UUID, dict[UUID, UUID]]:
    """Return, per subject, who worked with them: colleague to one shared objective."""
    async with transaction() as connection:
        rows = await connection.fetch(COLLABORATORS, cycle, sorted(subjects))
    found: dict[UUID, dict[UUID, UUID]] = {}
    for row in rows:
        found.setdefault(row["subject"], {}).setdefault(
            row["colleague"], row["objective"]
        )
    return found
