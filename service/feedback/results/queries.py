"""What is shown of a record's feedback, and the reply to it, as they are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.db import transaction
from service.errors import NotFound
from service.feedback.form.items import ASKED
from service.feedback.form.sealing import unseal
from service.feedback.results.rules import Results, results
from service.feedback.results.stored import from_kept
from service.feedback.results.tables import FeedbackReply
from service.feedback.rules import NotYetReleased

REPLY: Final = "reply"
"""The field that a reply is sealed as."""
KEPT: Final = """
SELECT n.released_at, n.form_version,
    coalesce(n.releases_at, s.starts_at) AS releases_at,
    f.shown, y.version, y.sealed, y.given_at,
    ARRAY(SELECT t FROM feedback_text t WHERE t.record = r.id AND t.id IN (
        SELECT (c ->> 'id')::uuid FROM jsonb_array_elements(f.shown -> 'comments') AS c
        WHERE n.released_at IS NOT NULL AND c ->> 'withheld' IS NULL)) AS texts
FROM appraisal_record r
JOIN cycle_stage s ON s.cycle = r.cycle AND s.stage = 'feedback_releases'
LEFT JOIN feedback_window n ON n.cycle = r.cycle
LEFT JOIN feedback_result f ON f.record = r.id
LEFT JOIN feedback_reply y ON y.record = r.id
WHERE r.id = $1
"""


@dataclass(frozen=True, slots=True)
class ReplyFact:
    """What a subject said to their feedback."""

    text: str | None
    version: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a record's feedback, once it has been released."""

    results: Results
    words: Mapping[UUID, str]
    """Of the comments that may be shown."""
    reply: ReplyFact | None
    form_version: int


async def kept(record: UUID) -> Kept:
    """Return what is shown of a record's feedback; refuse until it is released.

    Where nobody was drawn, there is none.
    """
    async with transaction() as connection:
        row = await connection.fetchrow(KEPT, record)
    if row is None:
        raise NotFound(f"No record {record}.")
    if row["released_at"] is None:
        raise NotYetReleased(
            f"The feedback is released at {row['releases_at'].isoformat()}."
        )
    items = ASKED[row["form_version"]]
    return Kept(
        results=from_kept(json.loads(row["shown"]))
        if row["shown"]
        else results([], [], [*items]),
        words={
            text["id"]: unseal(text["sealed"], text["response"], text["field"])
            for text in row["texts"]
        },
        reply=None if row["version"] is None else _reply(record, dict(row)),
        form_version=row["form_version"],
    )


def _reply(record: UUID, row: Mapping[str, Any]) -> ReplyFact:
    text = None if row["sealed"] is None else unseal(row["sealed"], record, REPLY)
    return ReplyFact(text, row["version"], row["given_at"])


async def reply_to(record: UUID) -> ReplyFact | None:
    """Return the subject's reply to the feedback on a record, if there is one."""
    row = await FeedbackReply.objects().where(FeedbackReply.record == record).first()
    if row is None:
        return None
    return _reply(record, row.to_dict())
