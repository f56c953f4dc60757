"""Two instances that see to mails at one instant, each with its own connection."""

import asyncio
from datetime import timedelta

import pytest

from service.db import transaction
from service.feedback.inviting.schedule import see_to_mails
from service.feedback.windows import open_window
from tests.jobs.conftest import apart
from tests.scoring import an_asked_cycle

__all__ = ["apart"]
REMINDED = "SELECT count(*) FROM feedback_mail WHERE about = 'reminder_3'"
WAITING = "SELECT count(*) FROM outbox WHERE kind = 'feedback_mail'"
ASKED = "SELECT count(*) FROM feedback_request"


@pytest.mark.slow
async def test_four_at_once_remind_each_rater_once(apart: str) -> None:
    scene = await an_asked_cycle()
    now = (await open_window(scene.cycle)).closes_at - timedelta(days=3)
    await asyncio.gather(*(see_to_mails(now) for _ in range(4)))
    async with transaction() as connection:
        asked = await connection.fetchval(ASKED)
        assert asked > 100
        assert await connection.fetchval(REMINDED) == asked
        assert await connection.fetchval(WAITING) == 2 * asked  # And an invitation.
