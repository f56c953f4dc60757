"""What joins a person to a request, and every statement that reads it.

The law: `confidentiality` alone opens this.
"""

from typing import Final

from piccolo.columns import UUID, Boolean, Bytea, Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB

MINE: Final = """
SELECT q.id, q.record FROM feedback_rater w
JOIN feedback_request q ON q.id = w.request
WHERE w.rater = $1 AND q."window" = $2 AND q.state = ANY ($3)
ORDER BY q.id
"""
OWN: Final = """
WITH held AS MATERIALIZED (
    SELECT w.request, w.rater, w.rater_organisation, w.response,
        n.id AS "window", n.cycle, n.opens_at, n.closes_at, n.releases_at, n.closed_at,
        n.form_version
    FROM feedback_rater w
    JOIN feedback_request q ON q.id = w.request
    JOIN feedback_window n ON n.id = q."window"
    WHERE {0}
)
SELECT held.*, q.organisation, q.record, q.draw, q.state, q.version, q.draft,
    q.sent_version, r.person AS subject, d.pool_size, d.drawn, c.framework
FROM held
JOIN feedback_request q ON q.id = held.request
JOIN appraisal_record r ON r.id = q.record
JOIN feedback_draw d ON d.id = q.draw
JOIN cycle c ON c.id = held.cycle {1}
"""
ONE: Final = "w.request = $1 AND w.rater = $2"
LOOKED_AT: Final = OWN.format(ONE, "")
HELD: Final = OWN.format(f"{ONE} FOR SHARE OF n", "FOR NO KEY UPDATE OF q")
"""The window first, as whoever closes it does; then the request, as it is by then."""
OPEN_TO: Final = OWN.format(
    """w.rater = $1 AND q.state = ANY ($2) AND n.closed_at IS NULL
        AND n.opens_at <= $3 AND n.closes_at > $3""",
    "ORDER BY held.closes_at, held.request",
)
REACHED: Final = OWN.format("w.request = $1", "")
ACT: Final = """
INSERT INTO feedback_act (id, request, step, at) VALUES ($1, $2, $3, $4)
"""
ANSWERED: Final = """
WITH act AS (
    INSERT INTO feedback_act (id, request, step, at) VALUES ($2, $1, $3, $4))
UPDATE feedback_rater SET contact_months = $5, contact_frequency = $6, objective = $7,
    answered_on = $8 WHERE request = $1
"""
TOLD: Final = """
SELECT w.rater, w.rater_organisation FROM feedback_rater w
JOIN feedback_request q ON q.id = w.request
WHERE q."window" = $1 AND q.state = ANY ($2)
"""
WAITING: Final = """
SELECT q.id, q.record, q.draw, q.state, w.rater, w.rater_organisation
FROM feedback_rater w JOIN feedback_request q ON q.id = w.request
WHERE q."window" = $1 AND q.state = ANY ($2)
ORDER BY q.id
"""
FORMS: Final = """
SELECT q.organisation, q.record, w.rater, w.rater_organisation, w.invited_on,
    w.answered_on, w.counted, w.contact_months, r.person AS subject, w.response,
    w.objective IS NOT NULL AS on_shared,
    w.answered_on = ((n.closes_at - interval '1 microsecond') AT TIME ZONE 'UTC')::date
        AS on_last_day,
    jsonb_object_agg(a.item, a.value) AS answers
FROM feedback_request q
JOIN feedback_rater w ON w.request = q.id
JOIN appraisal_record r ON r.id = q.record
JOIN feedback_window n ON n.id = q."window"
JOIN feedback_answer a ON a.organisation = q.organisation AND a.response = w.response
WHERE q."window" = $1 AND q.state = 'submitted'
GROUP BY q.id, w.request, r.person, n.closes_at
"""
ASKED: Final = """
SELECT w.rater, w.rater_organisation, q.state FROM feedback_rater w
JOIN feedback_request q ON q.id = w.request
WHERE w.record = $1 ORDER BY w.rater
"""
WRITE_ANEW: Final = (
    """
WITH old AS (
    DELETE FROM feedback_answer a USING feedback_request q
    WHERE q."window" = $1 AND a.record = q.record
    RETURNING a.organisation, a.record, a.response, a.item, a.value, a.id
)
INSERT INTO feedback_answer (organisation, record, response, item, value, id)
SELECT organisation, record, response, item, value, id FROM old ORDER BY id
""",
    """
WITH old AS (
    DELETE FROM feedback_text t USING feedback_request q
    WHERE q."window" = $1 AND t.record = q.record
    RETURNING t.organisation, t.record, t.response, t.field, t.sealed, t.id
)
INSERT INTO feedback_text (organisation, record, response, field, sealed, id)
SELECT organisation, record, response, field, sealed, id FROM old ORDER BY id
""",
    'UPDATE feedback_request SET draft = NULL WHERE "window" = $1',
)
"""Give all rows of a window one transaction and a random order.

PostgreSQL keeps with each row which transaction wrote it, and a submission writes
request and answers in one: whoever reads the database's own columns could join them.
"""
FORGET_DAYS: Final = """
UPDATE feedback_rater w SET answered_on = NULL, counted = CASE q.state
    WHEN 'submitted' THEN w.response = ANY ($2) END
FROM feedback_request q WHERE q.id = w.request AND q."window" = $1
"""


class RaterIdentity(Table, db=DB, tablename="feedback_rater"):
    """Which person a request went to, and which answers are theirs."""

    request = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    rater = UUID(default=None)
    rater_organisation = Varchar(length=40, default=None, help_text="When drawn.")
    response = UUID(default=None, help_text="Random; names their answers.")
    invited_on = Date(default=None)
    answered_on = Date(default=None, null=True, help_text="Gone after release.")
    counted = Boolean(
        default=None, null=True, help_text="As released; unknown until then."
    )
    contact_months = Integer(default=None, null=True)
    contact_frequency = Varchar(length=40, default=None, null=True)
    objective = UUID(
        default=None, null=True, help_text="What they worked on; empty: in general."
    )
    declined = Bytea(default=None, null=True, help_text="The reason, sealed.")


class RaterAct(Table, db=DB, tablename="feedback_act"):
    """Something a rater did with a request: for break-glass, and never in the audit."""

    id = UUID(primary_key=True, default=None)
    request = UUID(default=None)
    step = Varchar(length=20, default=None)
    at = Timestamptz(default=None)
