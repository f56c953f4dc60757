"""Notices to tell, and what became of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from service.db import transaction
from service.jobs.mail import mailing
from service.jobs.outbox import Due
from service.jobs.rules import Notice, NoticeKind
from service.settings import Settings

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ISSUER = "https://joinedup.example"
SENDER = "no-reply@joinedup.example"


def a_notice(
    person: UUID,
    organisation: str = "hmt",
    *,
    kind: NoticeKind = NoticeKind.AGREEMENT_WANTED,
    about: UUID | None = None,
    key: str = "1",
    count: int = 1,
    due_on: date | None = None,
) -> Notice:
    return Notice(person, organisation, kind, about or uuid4(), key, count, due_on)


async def rows(sql: str) -> list[tuple[Any, ...]]:
    async with transaction() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def waiting() -> list[tuple[int, str | None, bool]]:
    """The attempts, last error and whether it is over, of each delivery."""
    return await rows(
        "SELECT attempts, last_error, done_at IS NOT NULL FROM outbox ORDER BY run_at"
    )


async def addresses(people: Collection[UUID]) -> dict[UUID, str]:
    return {person: f"{person.hex[:8]}@hmt.example" for person in people}


def ways(
    url: str,
    find: Callable[[Collection[UUID]], Awaitable[Mapping[UUID, str]]] = addresses,
) -> Mapping[str, Callable[[Due, datetime], Awaitable[None]]]:
    """How mail is delivered to a server at this address."""
    chosen = Settings(smtp_url=SecretStr(url), mail_from=SENDER)
    return mailing(chosen, ISSUER, find)
