"""What a client does with its webhook, and feeds that move when a test says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from service.changes.actions import note
from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.hr.webhooks.sending import tell_next
from service.settings import settings
from tests.hr.webhooks.receiver import Receiver

ISSUER = "https://joinedup.example"
QUEUED = """
SELECT id, payload->>'organisation' AS organisation, payload->>'stream' AS stream,
    (payload->>'sequence')::int AS sequence, attempts, last_error,
    done_at IS NOT NULL AS over
FROM outbox WHERE kind = 'webhook' ORDER BY 2, 3, 4, 1
"""


class Clock:
    """Stands still unless it is moved; it begins at the service's own present."""

    def __init__(self) -> None:
        self.now = settings().clock()

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **some: float) -> None:
        self.now += timedelta(**some)


@dataclass
class Hearing:
    """A client, its token and the address where it hears."""

    client: httpx.AsyncClient
    token: dict[str, str]
    receiver: Receiver
    clock: Clock
    id: UUID = field(default_factory=uuid4)

    async def ask(
        self, method: str, path: str = "", body: object = None, **more: str
    ) -> httpx.Response:
        answer = await self.client.request(
            method,
            f"/v1/webhooks{path}",
            json=body,
            headers={**self.token, **more},
        )
        # The service goes by the real clock: what it did then is not in the future.
        self.clock.now = max(self.clock.now, settings().clock())
        return answer

    async def register(self, *streams: str, url: str | None = None) -> dict[str, Any]:
        answer = await self.ask(
            "POST",
            body={
                "url": url or self.receiver.url,
                "streams": streams or ["scores", "objectives"],
            },
        )
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        self.id, self.receiver.secret = UUID(made["id"]), made["secret"]
        return made

    async def verify(self) -> None:
        async with transaction() as connection:  # The last challenge was a while ago.
            await connection.execute("UPDATE webhook SET challenged_at = NULL")
        answer = await self.ask("POST", f"/{self.id}/verifications")
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "active"

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask("GET", f"/{self.id}")).json()
        return found

    async def deliveries(self) -> list[dict[str, Any]]:
        answer = await self.ask("GET", f"/{self.id}/deliveries")
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def tell(self, chance: float = 0.5) -> int:
        """Tell all that is due; return how many turns that took."""
        turns = 0
        with within_reach(NOBODY):  # As where the app starts it.
            while await tell_next(self.clock, ISSUER, chance=lambda: chance):
                turns += 1
        return turns


async def change(
    clock: Clock,
    organisation: str = "hmt",
    stream: Stream = Stream.SCORES,
    *,
    count: int = 1,
    type_: str = "score",
    op: Op = Op.UPSERT,
    entity: UUID | None = None,
) -> list[UUID]:
    """Move a feed by so many changes of other things each; return which."""
    changed = [entity or uuid4() for _ in range(count)]
    await note_all(
        clock, [Change(organisation, stream, type_, each, 1, op) for each in changed]
    )
    return changed


async def note_all(clock: Clock, changes: Sequence[Change]) -> None:
    """Note changes, and number them as the end of a transaction does."""
    async with transaction():
        await note(changes, now=clock.now)
    await number()


async def number() -> None:
    """Number what was noted, as the end of a transaction does."""
    async with transaction() as connection:
        await connection.execute("SET CONSTRAINTS change_log_numbered IMMEDIATE")
        await connection.execute("SET CONSTRAINTS change_log_numbered DEFERRED")


async def queued() -> list[dict[str, Any]]:
    async with transaction() as connection:
        return [dict(row) for row in await connection.fetch(QUEUED)]
