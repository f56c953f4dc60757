"""What is shown of a record's feedback, and the reply to it, as they are kept."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.feedback.form.sealing import unseal
from service.feedback.results.rules import Results, results
from service.feedback.results.stored import from_kept
from service.feedback.results.tables import FeedbackReply, FeedbackResult

REPLY: Final = "reply"
"""The field that a reply is sealed as."""
WORDS: Final = (
    "SELECT id, response, field, sealed FROM feedback_text WHERE id = ANY ($1)"
)


@dataclass(frozen=True, slots=True)
class ReplyFact:
    """What a subject said to their feedback."""

    text: str | None
    version: int
    given_at: datetime


async def kept_results(record: UUID, items: Collection[str]) -> Results:
    """Return what is shown of a record; where nobody was drawn, that there is none."""
    row = await FeedbackResult.objects().where(FeedbackResult.record == record).first()
    if row is None:
        return results([], [], [*items])
    return from_kept(json.loads(row.shown))


async def words_of(comments: Collection[UUID]) -> dict[UUID, str]:
    """Return the words of these comments."""
    async with transaction() as connection:
        rows = await connection.fetch(WORDS, [*comments])
    return {
        row["id"]: unseal(row["sealed"], row["response"], row["field"]) for row in rows
    }


async def reply_to(record: UUID) -> ReplyFact | None:
    """Return the subject's reply to the feedback on a record, if there is one."""
    row = await FeedbackReply.objects().where(FeedbackReply.record == record).first()
    if row is None:
        return None
    text = None if row.sealed is None else unseal(row.sealed, record, REPLY)
    return ReplyFact(text, row.version, row.given_at)
