"""Tells webhooks what waits for them in the outbox: one event of each at a time.

The law: an event is marked as taken only after its address has said so, and keeps its
id on every attempt; of an answer only its status is kept.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import structlog

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.edge.outbound import AddressRefused, NotFetched, post
from service.hr.webhooks import rules, signing
from service.hr.webhooks.actions import ITSELF, disable
from service.hr.webhooks.queries import secrets_of
from service.hr.webhooks.rules import Event, WebhookReason
from service.hr.webhooks.schemas import MEDIA_TYPE, WebhookEvent
from service.hr.webhooks.tables import WebhookAttempt
from service.jobs import outbox
from service.jobs.outbox import Due

AT_ONCE: Final = 4
"""Webhooks that one process tells at the same time: some may hang."""
POLL: Final = 2.0
"""Seconds between two looks while nothing waits."""
GRACE: Final = 20.0
"""Seconds that attempts under way are given to end: more than one may take."""
SECONDS: Final = 15.0
"""How long an address may take over one event."""
HELD_FOR: Final = timedelta(seconds=60)
"""After this, whoever was telling a webhook is taken to have died."""
SUCCESS: Final = range(200, 300)
IN_A_ROW: Final = 100
"""Events of one webhook before the others are looked at again."""

HOLD: Final = """
UPDATE webhook SET next_at = $2 WHERE id = (
    SELECT w.id FROM webhook w
    WHERE w.state IN ('active') AND w.next_at <= $1 AND EXISTS (
        SELECT FROM outbox o WHERE o.kind = 'webhook' AND o.done_at IS NULL
            AND o.payload->>'webhook' = w.id::text)
    ORDER BY w.next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, client, url
"""
GO_ON: Final = """
UPDATE webhook SET next_at = $3 WHERE id = $1 AND next_at = $2 AND state IN ('active')
RETURNING 1
"""
FIRST: Final = """
SELECT id, kind, payload, attempts FROM outbox
WHERE kind = 'webhook' AND done_at IS NULL AND payload->>'webhook' = $1::uuid::text
ORDER BY attempts DESC, payload->>'organisation', payload->>'stream',
    (payload->>'sequence')::bigint, payload->>'at', id
LIMIT 1 FOR UPDATE
"""
HEARS: Final = """
SELECT EXISTS (SELECT FROM webhook_hears() h
    WHERE h.webhook = $1 AND h.organisation = $2 AND $3 = ANY (h.streams))
"""
TRY: Final = "UPDATE outbox SET attempts = $2, run_at = $3 WHERE id = $1"
AGAIN: Final = "UPDATE outbox SET run_at = $2 WHERE id = $1"
THERE: Final = "SELECT FROM webhook WHERE id = $1 FOR UPDATE"
LET_GO: Final = "UPDATE webhook SET next_at = $3 WHERE id = $1 AND next_at = $2"
FORGET_ATTEMPTS: Final = "DELETE FROM webhook_attempt WHERE at <= $1"
FORGET_ORPHANS: Final = """
DELETE FROM outbox o WHERE o.kind = 'webhook' AND o.done_at IS NULL AND NOT EXISTS (
    SELECT FROM webhook w WHERE w.id::text = o.payload->>'webhook')
"""
TOLD: Final = (
    "organisation",
    "stream",
    "sequence",
    "type",
    "entity",
    "version",
    "op",
    "at",
)
"""What an event says, as the outbox names it."""

Clock = Callable[[], datetime]
Chance = Callable[[], float]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Held:
    """A webhook that this process alone tells, until an instant."""

    webhook: UUID
    client: str
    url: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt."""

    status: int | None
    error: str | None
    retry_after: str | None
    milliseconds: int

    @property
    def taken(self) -> bool:
        """Say whether the address took the event."""
        return self.status in SUCCESS

    @property
    def said(self) -> str:
        """Return why it did not, in a word."""
        return self.error or str(self.status)


@asynccontextmanager
async def telling(
    clock: Clock, issuer: str, *, poll: float = POLL
) -> AsyncIterator[None]:
    """Tell webhooks what waits for them, until this ends."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(_work(clock, issuer, stop, poll)) for _ in range(AT_ONCE)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _work(clock: Clock, issuer: str, stop: asyncio.Event, poll: float) -> None:
    while not stop.is_set():
        try:
            found = await tell_next(clock, issuer, stopping=stop.is_set)
        except Exception as error:  # noqa: BLE001 - the next look may find all well
            log.warning("could not tell a webhook", error=type(error).__name__)
            found = False
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(poll):
                    await stop.wait()


async def tell_next(
    clock: Clock,
    issuer: str,
    *,
    chance: Chance = random.random,
    stopping: Callable[[], bool] = lambda: False,
) -> bool:
    """Tell one webhook what waits for it; return False if there was none."""
    with within_reach(EVERYONE):
        held = await _hold(clock())
        if held is None:
            return False
        for _ in range(IN_A_ROW):
            due = None if stopping() else await _next(held, clock())
            if due is None:
                break
            outcome = await _send(held, due, issuer, clock())
            if not await _note(held, due, outcome, clock(), chance()):
                return True
        async with transaction() as connection:
            await connection.execute(LET_GO, held.webhook, held.until, clock())
    return True


async def _hold(now: datetime) -> Held | None:
    """Take a webhook for which something waits, or None."""
    until = now + HELD_FOR
    async with transaction() as connection:
        row = await connection.fetchrow(HOLD, now, until)
    return None if row is None else Held(row["id"], row["client"], row["url"], until)


async def _next(held: Held, now: datetime) -> Due | None:
    """Return what the webhook is to be told now; None: nothing, or no longer by us."""
    async with transaction() as connection:
        until = now + HELD_FOR
        if not await connection.fetchval(GO_ON, held.webhook, held.until, until):
            return None
        held.until = until
        while row := await connection.fetchrow(FIRST, held.webhook):
            payload = json.loads(row["payload"])
            due = Due(row["id"], row["kind"], payload, row["attempts"] + 1)
            whose, stream = payload["organisation"], payload["stream"]
            if await connection.fetchval(HEARS, held.webhook, whose, stream):
                await connection.execute(TRY, due.id, due.attempt, until)
                return due
            await outbox.failed(due, "NoLongerHeard", now=now, final=True)
    return None


async def _send(held: Held, due: Due, issuer: str, now: datetime) -> Outcome:
    """Make one attempt, whatever comes of it."""
    told = {name: due.payload[name] for name in TOLD}
    event = Event(id=due.id, **(told | {"entity": UUID(told["entity"])}))
    body = WebhookEvent.of(event, issuer).model_dump_json().encode()
    secrets = await secrets_of(held.webhook, now)
    signed = signing.headers(due.id, body, secrets, now)
    begun, status, error, retry_after = time.monotonic(), None, None, None
    try:
        answer = await post(
            held.url,
            body,
            {"Content-Type": MEDIA_TYPE} | signed,
            limit=0,
            timeout=SECONDS,
        )
        status, retry_after = answer.status, answer.headers.get("retry-after")
    except NotFetched as failed:
        error = type(failed.__cause__).__name__
    except AddressRefused as refused:
        error = type(refused).__name__
    return Outcome(status, error, retry_after, int((time.monotonic() - begun) * 1000))


async def _note(
    held: Held, due: Due, outcome: Outcome, now: datetime, chance: float
) -> bool:
    """Keep what came of an attempt; return whether the webhook can be told more."""
    async with transaction() as connection:
        if not await connection.fetch(THERE, held.webhook):
            return False  # It was deleted meanwhile, with its log.
        await _log(held, due, outcome, now)
        if outcome.taken:
            await outbox.delivered(due, now=now)
            return True
        asked = rules.wait_asked(outcome.retry_after, now)
        wait = rules.delay_after(due.attempt, chance, asked)
        over = outcome.status == rules.GONE or wait is None
        await outbox.failed(due, outcome.said, now=now, final=over)
        if wait is not None and not over:
            again = now + wait
            await connection.execute(AGAIN, due.id, again)
            await connection.execute(LET_GO, held.webhook, held.until, again)
            return False
        reason = WebhookReason.NOT_TAKEN if wait is None else WebhookReason.GONE
        with suppress(rules.NotActive):  # Somebody was faster.
            await disable(held.webhook, held.client, reason, ITSELF, now)
    return False


async def _log(held: Held, due: Due, outcome: Outcome, now: datetime) -> None:
    await WebhookAttempt.insert(
        WebhookAttempt(
            organisation=due.payload["organisation"],
            id=uuid4(),
            webhook=held.webhook,
            event=due.id,
            at=now,
            number=due.attempt,
            status=outcome.status,
            error=outcome.error,
            milliseconds=outcome.milliseconds,
        )
    )


async def forget_attempts(now: datetime) -> None:
    """Delete what a month ago was tried, and what waits for a webhook that is gone."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await connection.execute(FORGET_ATTEMPTS, now - rules.KEPT_FOR)
            await connection.execute(FORGET_ORPHANS)
