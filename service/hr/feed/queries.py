"""The feed and what it tells of, as read: always within given organisations."""

from collections.abc import Collection
from datetime import date
from typing import Final

from asyncpg import Record

from service.auth.caller import Machine
from service.changes.epoch import EPOCH, check_ours
from service.changes.rules import Op, Position, Stream
from service.db import transaction
from service.hr.feed.rules import Look, RightsChanged, Row
from service.hr.feed.schemas import CopyDigest

LOOK: Final = f"""
WITH page AS (
    SELECT c.organisation, c.sequence, c.type, c.entity, c.version, c.op, c.changed_at
    FROM unnest($1::varchar[], $2::bigint[]) AS from_here (organisation, reached)
    CROSS JOIN LATERAL (
        SELECT * FROM change_log c
        WHERE c.organisation = from_here.organisation AND c.stream = $3
            AND c.sequence > from_here.reached
        ORDER BY c.sequence LIMIT $4) c
    ORDER BY c.organisation, c.sequence LIMIT $4)
SELECT asked.organisation AS whose, coalesce(h.sequence, 0) AS head, e.epoch, e.ours,
    EXISTS (SELECT FROM oauth_client o
        WHERE o.id = $5 AND o.disabled_at IS NULL AND $6::varchar[] <@ o.scopes
            AND $1::varchar[] <@ ARRAY(SELECT b.organisation
                FROM oauth_client_organisation b WHERE b.client = o.id)) AS allowed,
    page.*
FROM ({EPOCH}) AS e CROSS JOIN unnest($1::varchar[]) AS asked (organisation)
LEFT JOIN feed_head h ON h.organisation = asked.organisation AND h.stream = $3
LEFT JOIN page ON page.organisation = asked.organisation
ORDER BY asked.organisation, page.sequence
"""  # noqa: S608 - our own
"""One statement, and so of one moment."""
SCORES: Final = """
SELECT organisation, id, version FROM score
WHERE organisation = ANY ($1) AND published_at IS NOT NULL
"""
RECORDS: Final = """
SELECT organisation, id, version FROM appraisal_record WHERE organisation = ANY ($1)
"""
OBJECTIVES: Final = """
SELECT p.organisation, o.id, o.revision AS version
FROM objective_party p
JOIN shared_objective o ON o.id = p.objective
CROSS JOIN LATERAL (
    SELECT o.organisation AS code
    UNION SELECT c.organisation FROM contribution c
    WHERE c.objective = o.id AND c.state NOT IN ('declined', 'left')) present
WHERE p.organisation = ANY ($1)
    AND (o.shared_at IS NOT NULL OR o.organisation = p.organisation)
GROUP BY p.organisation, o.id, o.revision
HAVING bool_or(present.code = p.organisation)
    OR (EXISTS (SELECT FROM contribution l WHERE l.objective = o.id
            AND l.organisation = p.organisation AND l.state = 'left')
        AND bool_and(EXISTS (SELECT FROM data_sharing d
            WHERE d.organisation = least(p.organisation, present.code)
                AND d.partner = greatest(p.organisation, present.code)
                AND d.valid_from <= $2 AND d.valid_to > $2)))
"""
"""As `objectives.audience.there_for` has it."""
VERSION: Final = """
coalesce((SELECT max(v.version) FROM change_log v
    WHERE v.organisation = d.organisation AND v.entity = d.person
        AND v.stream = 'people'), 1) AS version
"""
"""Nobody counts how often what is said of a person changed but the feed itself."""
EMPLOYED: Final = f"""
SELECT d.organisation, d.person AS id, {VERSION} FROM person_details d
WHERE d.organisation = ANY ($1) AND d.valid_to IS NULL
"""  # noqa: S608 - our own
THERE: Final = {
    Stream.SCORES: SCORES,
    Stream.RECORDS: RECORDS,
    Stream.OBJECTIVES: OBJECTIVES,
    Stream.PEOPLE: EMPLOYED,
}
"""What there is, for each organisation; on the day $2 where that matters."""
PEOPLE: Final = f"""
SELECT d.organisation, d.person AS id, {VERSION},
    d.given_name || ' ' || d.family_name AS name, p.title, p.unit,
    i.source AS source_system, i.external_id
FROM person_details d
JOIN organisation o ON o.code = d.organisation
LEFT JOIN LATERAL (
    SELECT p.title, p.unit FROM posting p
    WHERE p.organisation = d.organisation AND p.person = d.person
    ORDER BY p.valid_to DESC NULLS FIRST, p.fte DESC, p.valid_from, p.id LIMIT 1) p
    ON true
LEFT JOIN LATERAL (
    SELECT i.source, i.external_id FROM person_identifier i
    WHERE i.organisation = d.organisation AND i.person = d.person
        AND i.valid_to IS NULL
    ORDER BY (i.source = o.hr_system) DESC, i.source, i.external_id LIMIT 1) i
    ON true
WHERE d.organisation = ANY ($1) AND d.person = ANY ($2) AND d.valid_to IS NULL
"""  # noqa: S608 - our own
"""Said without a day, so that it changes with what is written and never by itself."""

DIGEST: Final = """
SELECT asked.organisation, coalesce(h.sequence, 0) AS sequence, count(t.id),
    encode(sha256(convert_to(coalesce(
        string_agg(t.id || ':' || t.version || chr(10), '' ORDER BY t.id), ''),
        'UTF8')), 'hex') AS sha256
FROM unnest($1::varchar[]) AS asked (organisation)
LEFT JOIN feed_head h ON h.organisation = asked.organisation AND h.stream = $3
LEFT JOIN ({there}) AS t ON t.organisation = asked.organisation
WHERE $2::date IS NOT NULL
GROUP BY asked.organisation, h.sequence
ORDER BY asked.organisation
"""
"""One statement, and so the number and the things are of one moment."""


async def look(
    stream: Stream, at: Position, machine: Machine, needed: Collection[str], limit: int
) -> Look:
    """Return up to `limit` changes after a position, and how far the feed has come.

    Refuses a client that may do less by now than its token says, or `needed`.
    """
    codes = sorted(at.reached)
    async with transaction() as connection:
        rows = await connection.fetch(
            LOOK,
            codes,
            [at.reached[code] for code in codes],
            stream,
            limit,
            machine.client_id,
            sorted(needed),
        )
    check_ours(ours=bool(rows) and rows[0]["ours"])
    if not rows[0]["allowed"]:
        raise RightsChanged(
            "Its organisations or scopes were taken away, or it was disabled: ask for"
            " a new token, and begin again without a cursor."
        )
    return Look(
        epoch=rows[0]["epoch"],
        heads={row["whose"]: row["head"] for row in rows},
        rows=[_row(row) for row in rows if row["sequence"] is not None],
    )


def _row(row: Record) -> Row:
    return Row(
        row["organisation"],
        row["sequence"],
        row["type"],
        row["entity"],
        row["version"],
        Op(row["op"]),
        row["changed_at"],
    )


async def standings(
    stream: Stream, organisations: Collection[str], day: date
) -> list[CopyDigest]:
    """Return what each organisation's copy comes to, at one moment."""
    async with transaction() as connection:
        rows = await connection.fetch(
            DIGEST.format(there=THERE[stream]), sorted(organisations), day, stream
        )
    return [CopyDigest(**dict(row)) for row in rows]
