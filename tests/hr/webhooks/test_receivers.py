"""Receivers that drop, hang, fail, are busy or are gone, told by two workers at once.

R20: "100 % delivered in the end, order per subject by sequence, disabled after 410; 0
duplicates with a new id".
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import uuid4

import pytest

from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.hr.webhooks import sending
from service.hr.webhooks.queries import webhook_of
from service.hr.webhooks.rules import ATTEMPTS, WebhookReason, WebhookState
from service.hr.webhooks.sending import tell_next
from tests.factories import an_organisation
from tests.hr.webhooks.apart import Told, a_told, commit
from tests.hr.webhooks.hearing import ISSUER, Clock
from tests.hr.webhooks.receiver import TAKEN, Answer, receiving
from tests.sizes import SEED

EVENTS = 40
NEXT = "SELECT min(next_at) FROM webhook WHERE state IN ('active') AND next_at > $1"
WAITING = """
SELECT count(*) FROM outbox WHERE kind = 'webhook' AND done_at IS NULL
"""


def at_times(share: float, otherwise: Answer) -> Callable[[object], Answer]:
    chance = random.Random(SEED)  # noqa: S311 - the same again for the same seed
    return lambda _: otherwise if chance.random() < share else TAKEN


def but_the_first(many: int, then: Answer) -> Callable[[object], Answer]:
    left = iter([TAKEN] * many)
    return lambda _: next(left, then)


RECEIVERS: dict[str, Callable[[object], Answer]] = {
    "takes all": lambda _: TAKEN,
    "drops 30 %": at_times(0.3, "drop"),
    "hangs": at_times(0.1, "hang"),
    "answers 500": at_times(0.5, (500, {})),
    "answers 429": at_times(0.3, (429, {"Retry-After": "90"})),
    "is gone after ten": but_the_first(10, (410, {})),
    "never takes the sixth": but_the_first(5, (500, {})),
    "never answers": lambda _: "drop",
}
GIVEN_UP: dict[str, tuple[WebhookReason | None, int, int | None]] = {
    "is gone after ten": (WebhookReason.GONE, 10, 1),
    "never takes the sixth": (WebhookReason.NOT_TAKEN, 5, ATTEMPTS),
    "never answers": (WebhookReason.NOT_TAKEN, 0, ATTEMPTS),
}
"""Why each is disabled, what it took before, and how often the rest was tried."""


@pytest.mark.slow
async def test_everything_is_taken_in_the_end_or_the_webhook_is_disabled(
    apart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    clock, chance = Clock(), random.Random(SEED)  # noqa: S311 - as above
    code = await an_organisation("hmt")
    async with AsyncExitStack() as stack:
        told: dict[str, Told] = {}
        for name, answer in RECEIVERS.items():
            receiver = await stack.enter_async_context(receiving())
            receiver.answer = answer
            told[name] = await a_told(receiver, code, clock.now)
        for size in (1, 9, 30):
            await commit(code, [uuid4() for _ in range(size)], clock.now)
            await work(clock, chance.random)
        while await _waits():
            clock.now = await _next_at(clock.now)
            await work(clock, chance.random)

    for name, each in told.items():
        reason, many, attempts = GIVEN_UP.get(name, (None, EVENTS, None))
        state = WebhookState.ACTIVE if reason is None else WebhookState.DISABLED
        taken = [*range(1, many + 1)]
        assert (name, await _came_of(each)) == (name, (state, reason, taken))
        if attempts is not None:
            assert len(each.receiver.got) == many + attempts


async def work(clock: Clock, chance: Callable[[], float]) -> None:
    """Have four workers of two processes tell all that is due."""

    async def worker() -> None:
        with within_reach(NOBODY):
            while await tell_next(clock, ISSUER, chance=chance):
                pass

    await asyncio.gather(*(worker() for _ in range(4)))


async def _waits() -> bool:
    async with transaction() as connection:
        return bool(await connection.fetchval(WAITING))


async def _next_at(now: datetime) -> datetime:
    async with transaction() as connection:
        found: datetime = await connection.fetchval(NEXT, now)
    return found


async def _came_of(told: Told) -> tuple[WebhookState, WebhookReason | None, list[int]]:
    """Return what a webhook is now, why, and the numbers that its address took."""
    found = await webhook_of(told.webhook, told.machine)
    ids = defaultdict(set)
    for each in told.receiver.got:
        ids[each.sequence].add((each.id, each.body))
    assert all(len(same) == 1 for same in ids.values())
    return found.state, found.reason, [each.sequence for each in told.receiver.taken]
