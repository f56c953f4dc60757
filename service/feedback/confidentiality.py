"""Who the rater is: the one room that knows, and the one door to it.

The law: nothing here tells a rater to anyone but that rater. What leaves for the score
is a form under a pseudonym that differs in every cycle; what leaves for the audit is
the request's id. No other module touches `feedback_rater`: import-linter and a test
hold it.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from service.db import transaction
from service.errors import NotFound
from service.feedback.raters import RaterIdentity
from service.feedback.rules import Candidate, State

MINE: Final = """
SELECT q.id, q.record FROM feedback_rater w
JOIN feedback_request q ON q.id = w.request
WHERE w.rater = $1 AND q."window" = $2 AND q.state = ANY ($3)
ORDER BY q.id
"""
FORMS: Final = """
SELECT q.organisation, q.record, w.rater, w.rater_organisation,
    jsonb_object_agg(a.item, a.value) AS answers
FROM feedback_request q
JOIN feedback_rater w ON w.request = q.id
JOIN feedback_answer a ON a.organisation = q.organisation AND a.response = w.response
WHERE q."window" = $1 AND q.state = 'submitted'
GROUP BY q.organisation, q.record, w.rater, w.rater_organisation
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
    'UPDATE feedback_request SET version = version + 1 WHERE "window" = $1',
    """
UPDATE feedback_rater SET contact_months = contact_months WHERE request IN (
    SELECT id FROM feedback_request WHERE "window" = $1)
""",
)
"""Give all rows of a window one transaction and a random order.

PostgreSQL keeps with each row which transaction wrote it, and a submission writes
request and answers in one: whoever reads the database's own columns could join them.
"""


@dataclass(frozen=True, slots=True)
class Form:
    """One rater's answers on one record, under a pseudonym of this cycle."""

    organisation: str
    """The subject's."""
    record: UUID
    rater: str
    rater_organisation: str
    answers: Mapping[str, int | None]


async def remember(record: UUID, drawn: Sequence[tuple[UUID, Candidate]]) -> None:
    """Keep who each request went to: (request, rater); each gets a random response."""
    await RaterIdentity.insert(
        *(
            RaterIdentity(
                request=request,
                record=record,
                rater=rater.person,
                rater_organisation=rater.organisation,
                response=uuid4(),
            )
            for request, rater in drawn
        )
    )


async def already_asked(record: UUID) -> set[UUID]:
    """Return who has been asked about a record, so that nobody is asked twice."""
    rows: list[UUID] = (
        await RaterIdentity.select(RaterIdentity.rater)
        .where(RaterIdentity.record == record)
        .output(as_list=True)
    )
    return set(rows)


async def requests_of(
    rater: UUID, window: UUID, states: Collection[State]
) -> dict[UUID, UUID]:
    """Return a rater's own requests, each to the record it is about."""
    async with transaction() as connection:
        rows = await connection.fetch(MINE, rater, window, [str(s) for s in states])
    return {row["id"]: row["record"] for row in rows}


async def own(request: UUID, rater: UUID) -> RaterIdentity:
    """Return a rater's own request; for everyone else it is not there."""
    found = (
        await RaterIdentity.objects()
        .where(RaterIdentity.request == request, RaterIdentity.rater == rater)
        .first()
    )
    if found is None:
        raise NotFound("No such feedback request.")
    return found


async def note_contact(request: UUID, months: int) -> None:
    """Keep how long rater and subject worked together in the year."""
    await RaterIdentity.update({RaterIdentity.contact_months: months}).where(
        RaterIdentity.request == request
    )


async def note_decline(request: UUID, reason: str) -> None:
    """Keep why a rater declined."""
    await RaterIdentity.update({RaterIdentity.declined_because: reason}).where(
        RaterIdentity.request == request
    )


async def forms(
    window: UUID,
    *,
    key: bytes,
    eligible: Callable[[UUID, Collection[UUID]], Awaitable[Collection[UUID]]],
) -> list[Form]:
    """Return the submitted forms of a window, in an order that tells nothing.

    `eligible` is asked, for each record, which of its raters may count; it runs inside
    this domain and gets raters for that question alone.
    """
    async with transaction() as connection:
        rows = await connection.fetch(FORMS, window)
    asked: dict[UUID, list[UUID]] = {}
    for row in rows:
        asked.setdefault(row["record"], []).append(row["rater"])
    counting = {record: await eligible(record, who) for record, who in asked.items()}
    found = [
        Form(
            organisation=row["organisation"],
            record=row["record"],
            rater=pseudonym(row["rater"], window, key),
            rater_organisation=row["rater_organisation"],
            answers=json.loads(row["answers"]),
        )
        for row in rows
        if row["rater"] in counting[row["record"]]
    ]
    return sorted(found, key=lambda form: (form.record, form.rater))


async def write_anew(window: UUID) -> None:
    """Write a window's rows again, so that nothing PostgreSQL keeps joins them.

    Until then whoever reads the database itself could join a request to its answers by
    the transaction that wrote both; copies made before still can.
    """
    async with transaction() as connection:
        for statement in WRITE_ANEW:
            await connection.execute(statement, window)


def pseudonym(rater: UUID, window: UUID, key: bytes) -> str:
    """Return what stands for a rater in one window: HMAC-SHA256 under `key`, hex."""
    return hmac.digest(key, window.bytes + rater.bytes, "sha256").hex()
