"""Tells webhooks once and dies at a named point: `kill -9`, nothing cleaned up.

`python -m tests.hr.webhooks.dying POINT ADDRESS`
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from service.changes import actions as changes
from service.db import DB
from service.db.reach import EVERYONE, within_reach
from service.hr.webhooks import sending
from service.jobs import outbox
from service.settings import settings
from tests.hr.webhooks import apart
from tests.hr.webhooks.hearing import ISSUER

Function = Callable[..., Awaitable[Any]]


def die(*_: object, **__: object) -> Awaitable[None]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def after(function: Function) -> Function:
    async def dying(*arguments: object, **named: object) -> None:
        await function(*arguments, **named)
        die()

    return dying


POINTS: dict[str, tuple[Any, str, Function]] = {
    # The change is noted, and not committed.
    "writing": (changes, "note", after(changes.note)),
    "written": (apart, "commit", after(apart.commit)),
    "holding": (sending, "_hold", after(sending._hold)),
    # Counted as an attempt, and not sent.
    "trying": (sending, "_send", die),
    # The receiver has it, and nobody has noted so.
    "sent": (sending, "_send", after(sending._send)),
    # That it was taken is noted, and not committed.
    "noting": (outbox, "delivered", after(outbox.delivered)),
    "noted": (sending, "_note", after(sending._note)),
}


async def main(point: str, address: str) -> None:
    setattr(*POINTS[point])
    await DB.open(address, size=2)
    with within_reach(EVERYONE):
        await apart.commit("hmt", [uuid4()], settings().clock())
        await sending.tell_next(settings().clock, ISSUER)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
