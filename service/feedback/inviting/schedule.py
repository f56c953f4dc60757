"""What raters are mailed by the calendar, and what has come back since.

The law: what is due follows from the clock and the window, never from what a rater
did; done twice, late, or by two instances at once, it mails nobody twice.
"""

from datetime import datetime
from typing import Final

import httpx
import structlog

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback.inviting import queueing
from service.feedback.inviting.actions import came_back
from service.feedback.inviting.rules import THANKED_WITHIN, reminder_due
from service.jobs.mail import notify_of
from service.jobs.notify import NotifyFailed
from service.settings import settings

OPEN: Final = """
SELECT id, closes_at FROM feedback_window
WHERE opens_at <= $1 AND closes_at > $1 AND closed_at IS NULL ORDER BY id
"""
UNHEARD: Final = (httpx.HTTPError, NotifyFailed, KeyError, ValueError)
"""What asking Notify may raise, or an answer that is none."""
CLOSED: Final = "SELECT id FROM feedback_window WHERE closed_at > $1 ORDER BY id"

log = structlog.get_logger(__name__)


async def see_to_mails(now: datetime) -> None:
    """Queue the reminders that are due, and thanks where a window has closed."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            for window in await connection.fetch(OPEN, now):
                due = reminder_due(window["closes_at"], now)
                if due is not None:
                    await queueing.remind(window["id"], *due, now)
            for window in await connection.fetch(CLOSED, now - THANKED_WITHIN):
                await queueing.thank(window["id"], now)


async def see_to_bounces(now: datetime) -> None:
    """Note what GOV.UK Notify says has come back, if mails go by it.

    Mail servers say so by mail, which `joinedup mail bounced` takes in.
    """
    notify = notify_of(settings())
    if notify is None:
        return
    try:
        returned = await notify.returned(now)
    except UNHEARD as error:
        log.warning("Notify did not say what came back", error=type(error).__name__)
        return
    for bounce in returned:
        await came_back(bounce, now)
