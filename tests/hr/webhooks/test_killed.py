"""Killed at any point, everything is told at least once, and under one id.

Abuse case 40: "kill -9 at each of 6 pause points: every event delivered at least once,
same id".
"""

import asyncio
import signal
import sys
from collections import defaultdict
from uuid import uuid4

import pytest

from service.db import transaction
from tests.e2e.running import ROOT
from tests.factories import an_organisation
from tests.hr.webhooks.apart import a_told, commit
from tests.hr.webhooks.dying import POINTS
from tests.hr.webhooks.hearing import Clock
from tests.hr.webhooks.receiver import Receiver
from tests.hr.webhooks.test_receivers import work

pytestmark = pytest.mark.slow
TOLD_AGAIN = {"sent", "noting"}
"""Where the receiver has the event and nobody knows it."""
NUMBERED = "SELECT count(*) FROM change_log WHERE sequence IS NOT NULL"


@pytest.mark.parametrize("point", POINTS)
async def test_killed_anywhere_it_tells_everything_under_the_same_id(
    apart: str, receiver: Receiver, point: str
) -> None:
    clock = Clock()
    await an_organisation("hmt")
    await a_told(receiver, "hmt", clock.now)
    await commit("hmt", [uuid4(), uuid4()], clock.now)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hr.webhooks.dying", point, apart, cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL

    clock.wait(minutes=2)  # Whoever held it is taken for dead by now.
    await work(clock, lambda: 0.5)
    async with transaction() as connection:
        changes = await connection.fetchval(NUMBERED)
    assert changes == (2 if point == "writing" else 3)
    ids = defaultdict(list)
    for got in receiver.got:
        ids[got.sequence].append((got.id, got.body))
    assert sorted(ids) == [*range(1, changes + 1)]
    assert all(len({*same}) == 1 for same in ids.values())
    again = {number for number, same in ids.items() if len(same) > 1}
    assert again == ({1} if point in TOLD_AGAIN else set())
