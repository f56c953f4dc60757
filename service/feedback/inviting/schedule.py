"""What raters are mailed by the calendar: reminders, and thanks once all is over.

The law: what is due follows from the clock and the window, never from what a rater
did; done twice, late, or by two instances at once, it mails nobody twice.
"""

from datetime import datetime
from typing import Final

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback.inviting import queueing
from service.feedback.inviting.rules import THANKED_WITHIN, reminder_due

OPEN: Final = """
SELECT id, closes_at FROM feedback_window
WHERE opens_at <= $1 AND closes_at > $1 AND closed_at IS NULL ORDER BY id
"""
CLOSED: Final = "SELECT id FROM feedback_window WHERE closed_at > $1 ORDER BY id"


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
