"""Which records an organisation stands outside of, so that its people may moderate.

The law: it follows from who could have been asked, never from who was or who answered:
from what they may see and what they may not, a moderator learns nothing of raters.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from service.db import transaction

NEAR: Final = """
above (record, person, drawn_on) AS (
    SELECT record, person, drawn_on FROM pending
    UNION
    SELECT above.record, l.manager, above.drawn_on
    FROM above JOIN reporting_line l ON l.person = above.person
        AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > above.drawn_on)
), near (record) AS (
    SELECT people.record FROM (
        SELECT record, person, drawn_on FROM above
        UNION ALL
        SELECT p.record, f.person, p.drawn_on
        FROM pending p JOIN feedback_nomination f ON f.record = p.record
    ) AS people
    JOIN posting held ON held.person = people.person AND held.organisation = $1
        AND held.valid_from <= $2
        AND (held.valid_to IS NULL OR held.valid_to > people.drawn_on)
    UNION ALL
    SELECT p.record FROM pending p JOIN feedback_nomination f ON f.record = p.record
    JOIN organisation_domain m ON m.domain = f.email_domain
    WHERE m.organisation = $1
)
"""
"""Records of `pending` (record, person, drawn_on) that organisation $1 is near to on
day $2: somebody of the subject's line or of the pool works there, or has since then."""
OUTSIDE: Final = f"""
WITH RECURSIVE pending AS MATERIALIZED (
    SELECT r.id AS record, r.person, d.drawn_at::date AS drawn_on
    FROM appraisal_record r JOIN feedback_draw d ON d.record = r.id
    WHERE r.id = ANY ($3) AND r.organisation <> $1 AND EXISTS (
        SELECT FROM data_sharing g WHERE g.valid_from <= $2 AND g.valid_to > $2
            AND (g.organisation, g.partner) IN (
                (r.organisation, $1), ($1, r.organisation)))
), {NEAR}
SELECT record FROM pending WHERE record NOT IN (SELECT record FROM near)
"""  # noqa: S608 - our own


async def outside(
    organisation: str, day: date, records: Collection[UUID]
) -> frozenset[UUID]:
    """Return those of the records that an organisation shares and is not near to."""
    async with transaction() as connection:
        rows = await connection.fetch(OUTSIDE, organisation, day, [*records])
    return frozenset(row["record"] for row in rows)
