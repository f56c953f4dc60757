"""Exports as stored, and the scores that go into a file, as PostgreSQL copies them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.edge.shaping import as_json, cells
from service.errors import NotFound
from service.hr.document import SOURCE
from service.hr.exports.rules import ExportState
from service.hr.exports.tables import Export
from service.hr.queries import SHAPE, Question
from service.hr.signing.keeping import UNSIGNED

WANTED: Final = """
WHERE s.organisation = ANY ($2) AND s.published_at IS NOT NULL
    AND ($3::uuid IS NULL OR s.cycle = $3)
    AND ($4::timestamptz IS NULL OR s.changed_at >= $4)
"""
COLUMNS: Final = ", ".join(f"{sql} AS {name}" for name, sql in cells(SHAPE))
AS_CSV: Final = f"SELECT {COLUMNS} {SOURCE} {WANTED} ORDER BY s.id"
MANAGER: Final = """
(SELECT p.external_id FROM reporting_line l JOIN person_identifier p
    ON p.organisation = l.organisation AND p.person = l.manager AND p.source = r.source
    WHERE l.organisation = s.organisation AND l.person = s.person AND l.kind = 'line'
    ORDER BY l.valid_to DESC NULLS FIRST, p.valid_to DESC NULLS FIRST LIMIT 1)
"""
AS_ROWS: Final = f"""
SELECT {as_json(SHAPE)} AS line, {MANAGER} AS manager {SOURCE} {WANTED} ORDER BY s.id
"""
TOLD: Final = f"""
SELECT count(*) AS scores, array_agg(DISTINCT s.person) AS people,
    count(*) FILTER (WHERE {UNSIGNED}) AS unsigned
FROM score s {WANTED}
"""  # noqa: S608 - our own
LIVE: Final = """
SELECT count(*) FROM export WHERE client = $1 AND state IN ('waiting', 'ready')
    AND expires_at > $2
"""


def arguments(question: Question, issuer: str) -> list[Any]:
    """Return what the statements above ask with."""
    organisations = sorted(question.organisations)
    return [issuer, organisations, question.cycle, question.changed_since]


async def export_of(
    export: UUID, client: str, organisations: Collection[str]
) -> dict[str, Any]:
    """Return a client's own export, while it is still bound to all that is in it."""
    row = await Export.select().where(Export.id == export).first()
    theirs = row is not None and row["client"] == client
    if row is None or not theirs or not {*row["organisations"]} <= {*organisations}:
        raise NotFound(f"No export {export}.")
    return dict(row)


async def live(client: str, now: datetime) -> int:
    """Return how many exports a client has that have not expired."""
    async with transaction() as connection:
        return int(await connection.fetchval(LIVE, client, now))


async def over(now: datetime) -> Sequence[UUID]:
    """Return the exports whose time is over, and whose state does not say so."""
    rows = await Export.select(Export.id).where(
        Export.expires_at <= now, Export.state != ExportState.EXPIRED
    )
    return [row["id"] for row in rows]


async def kept() -> set[str]:
    """Return the ids of the exports whose files are kept, or being made."""
    states = [ExportState.WAITING, ExportState.READY]
    rows = await Export.select(Export.id).where(Export.state.is_in(states))
    return {str(row["id"]) for row in rows}
