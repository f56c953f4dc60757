"""Work out what is shown of every record, in the act of release.

The law: what is shown is worked out once, from exactly the forms that count, and kept
as it is shown; the forms are not read again for it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.feedback.form.items import ASKED
from service.feedback.queries import WindowFact
from service.feedback.results.rules import (
    EXAMPLE,
    Comment,
    Given,
    Withheld,
    results,
)
from service.feedback.results.stored import as_kept

COMMENTS: Final = """
SELECT t.record, t.id, t.response, t.field, m.decision, m.reason
FROM feedback_draw d
JOIN feedback_text t ON t.record = d.record
LEFT JOIN feedback_moderation m ON m.comment = t.id
WHERE d."window" = $1
"""
DRAWN: Final = """
SELECT r.organisation, r.id FROM feedback_draw d
JOIN appraisal_record r ON r.id = d.record WHERE d."window" = $1
"""
KEEP: Final = """
INSERT INTO feedback_result (organisation, record, shown)
SELECT t.o, t.r, t.s::jsonb FROM unnest($1::text[], $2::uuid[], $3::text[])
    AS t (o, r, s) ORDER BY t.r
"""


async def prepare(window: WindowFact, forms: Collection[Given]) -> None:
    """Keep what is shown of each record that raters were drawn for, in one statement.

    What no moderator has decided on by now is withheld for good.
    """
    given: dict[UUID, list[Given]] = defaultdict(list)
    for form in forms:
        given[form.record].append(form)
    async with transaction() as connection:
        written = _by_record(await connection.fetch(COMMENTS, window.id))
        drawn = await connection.fetch(DRAWN, window.id)
        items = ASKED[window.form_version]
        shown = [
            json.dumps(as_kept(results(given[record], written[record], items)))
            for record in (row["id"] for row in drawn)
        ]
        await connection.execute(
            KEEP,
            [row["organisation"] for row in drawn],
            [row["id"] for row in drawn],
            shown,
        )


def _by_record(rows: Sequence[Record]) -> dict[UUID, list[Comment]]:
    found: dict[UUID, list[Comment]] = defaultdict(list)
    for row in rows:
        kind, _, name = row["field"].partition(":")
        field = EXAMPLE if kind == EXAMPLE else name
        found[row["record"]].append(
            Comment(row["id"], row["response"], field, _withheld(row))
        )
    return found


def _withheld(row: Record) -> Withheld | None:
    if row["decision"] is None:
        return Withheld.NOT_MODERATED
    return None if row["reason"] is None else Withheld(row["reason"])
