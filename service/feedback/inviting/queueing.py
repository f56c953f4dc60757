"""Queues raters' mails with what causes them, each once for what causes it.

The law: no statement here reads who a rater is or what one did, so that neither the
rows nor the log of deliveries tells it; and none writes a notice or an audit.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.feedback.inviting.rules import About

MAIL: Final = "feedback_mail"
CODE: Final = "feedback_code"
"""The kinds of delivery: what is told of a request, and the code of a link."""
QUEUE: Final = """
WITH mail AS (
    INSERT INTO feedback_mail (id, request, about, listed, queued_at)
    SELECT gen_random_uuid(), q.id, $1::text, $2::boolean, $3::timestamptz
    FROM feedback_request q WHERE {}
    ORDER BY q.id
    ON CONFLICT (request, about) WHERE about <> 'extension' DO NOTHING RETURNING id)
INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)
SELECT gen_random_uuid(), 'feedback_mail', jsonb_build_object('mail', id), id::text,
    $3, 0
FROM mail
"""
"""In one order, so that two who queue the same do not wait for each other."""
INVITE: Final = QUEUE.format("q.draw = $4 AND q.state = 'invited'")
REMIND: Final = QUEUE.format(
    'q."window" = $4 AND EXISTS (SELECT FROM feedback_mail m'
    " WHERE m.request = q.id AND m.about = 'invitation' AND m.queued_at < $5)"
)
IN_WINDOW: Final = QUEUE.format('q."window" = $4')
QUEUE_CODE: Final = """
INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)
VALUES (gen_random_uuid(), 'feedback_code', jsonb_build_object('request', $1::uuid),
    $1::text || ' ' || $2::timestamptz::text, $2, 0)
"""


async def invite(draw: UUID, *, first: bool, now: datetime) -> None:
    """Invite those of a draw who have not been, in the caller's transaction.

    `first`: by the draw itself; whoever replaces a rater is invited by a rater's act.
    """
    async with transaction() as connection:
        await connection.execute(INVITE, About.INVITATION, first, now, draw)


async def remind(window: UUID, about: About, since: datetime, now: datetime) -> None:
    """Queue a reminder for each who was invited before `since`, whatever came of it.

    Who has answered is asked when it is sent: what is queued must not tell it.
    """
    async with transaction() as connection:
        await connection.execute(REMIND, about, False, now, window, since)  # noqa: FBT003 - a statement has positions


async def extend(window: UUID, now: datetime) -> None:
    """Queue a new deadline for each who was asked, in the caller's transaction.

    A window may be extended again. Who can still act is asked when it is sent.
    """
    async with transaction() as connection:
        await connection.execute(IN_WINDOW, About.EXTENSION, False, now, window)  # noqa: FBT003 - a statement has positions


async def thank(window: UUID, now: datetime) -> None:
    """Queue thanks for each who was asked; when it is sent, likewise."""
    async with transaction() as connection:
        await connection.execute(IN_WINDOW, About.THANKS, False, now, window)  # noqa: FBT003 - a statement has positions


async def queue_code(request: UUID, now: datetime) -> None:
    """Queue the mail of a link's code, in the caller's transaction."""
    async with transaction() as connection:
        await connection.execute(QUEUE_CODE, request, now)
