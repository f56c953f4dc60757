"""Exports as stored, and the scores that go into a file, as PostgreSQL copies them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.audit.actions import disclosing
from service.db import Connection, transaction
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
(SELECT p.{} FROM reporting_line l JOIN person_identifier p
    ON p.organisation = l.organisation AND p.person = l.manager AND p.source = r.source
    WHERE l.organisation = s.organisation AND l.person = s.person AND l.kind = 'line'
    ORDER BY l.valid_to DESC NULLS FIRST, l.valid_from DESC, l.id,
        p.valid_to DESC NULLS FIRST, p.valid_from DESC, p.external_id LIMIT 1)
"""
AS_ROWS: Final = f"""
SELECT {as_json(SHAPE)} AS line, {MANAGER.format("external_id")} AS manager
{SOURCE} {WANTED} ORDER BY s.id
"""
MANAGERS: Final = f"""
SELECT DISTINCT {MANAGER.format("person")} AS person
FROM score s JOIN appraisal_record r ON r.id = s.record {WANTED} AND $1::text <> ''
"""  # noqa: S608 - our own
"""The people whose ids a layout tells of beside those of the scores."""
TOLD: Final = f"""
SELECT count(*) AS scores,
    count(*) FILTER (WHERE {UNSIGNED}) AS unsigned
FROM score s {WANTED}
"""  # noqa: S608 - our own
DISCLOSED: Final = disclosing(
    f"""(SELECT array_agg(s.person) || $5::uuid[] AS people FROM score s {WANTED}
        AND $1::text <> '') AS told WHERE cardinality(people) > 0""",  # noqa: S608 - our own
    6,
)
"""Writes down whom a file tells of, without their ids leaving PostgreSQL."""
HOLD: Final = """
SELECT 1 FROM export WHERE id = $1 AND state = 'waiting' FOR UPDATE NOWAIT
"""
ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
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


async def exports_of(client: str, now: datetime) -> list[dict[str, Any]]:
    """Return a client's exports that have not expired, the latest first."""
    rows = (
        await Export.select()
        .where(Export.client == client, Export.expires_at > now)
        .order_by(Export.requested_at, ascending=False)
    )
    return [dict(row) for row in rows]


async def hold(connection: Connection, export: UUID) -> bool:
    """Keep an export to oneself until the transaction ends; say whether it waits.

    Raises while somebody else makes it: that it is due says that somebody may not.
    """
    return await connection.fetchval(HOLD, export) is not None


async def managers(
    connection: Connection, question: Question, issuer: str
) -> set[UUID]:
    """Return the line managers of the people whose scores are asked for."""
    rows = await connection.fetch(MANAGERS, *arguments(question, issuer))
    return {row["person"] for row in rows} - {None}


async def disclose(
    connection: Connection,
    question: Question,
    issuer: str,
    managers: Collection[UUID],
    told: Sequence[object],
) -> None:
    """Record, as `told` says, who is told of everybody in a file, in its snapshot."""
    asked = arguments(question, issuer)
    await connection.execute(DISCLOSED, *asked, [*managers], *told)


async def live(client: str, now: datetime) -> int:
    """Return how many exports a client has that have not expired.

    Nobody else counts them before the transaction ends.
    """
    async with transaction() as connection:
        await connection.execute(ONE_AT_A_TIME, f"exports of {client}")
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
