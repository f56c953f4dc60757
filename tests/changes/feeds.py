"""A database whose feed is written to and stays, and what a test asks of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from service.changes.actions import ADD_CHANGES
from service.changes.rules import Change, Stream
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from tests.database import connected
from tests.factories import IN_THE_YEAR

NEW_ORGANISATIONS = """
INSERT INTO organisation (code, hr_system, valid_from)
SELECT unnest($1::varchar[]), 'workday', '2020-01-01'
"""
NUMBERS = """
SELECT sequence FROM change_log WHERE organisation = $1 AND stream = $2 ORDER BY id
"""
PER_ROW = """
CREATE OR REPLACE FUNCTION change_log_numbered() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE next bigint;
BEGIN
    INSERT INTO public.feed_head (organisation, stream, sequence)
        VALUES (NEW.organisation, NEW.stream, 0) ON CONFLICT DO NOTHING;
    UPDATE public.feed_head SET sequence = sequence + 1
        WHERE organisation = NEW.organisation AND stream = NEW.stream
        RETURNING sequence INTO next;
    UPDATE public.change_log SET sequence = next WHERE id = NEW.id;
    RETURN NULL;
END $$;
"""
"""The twin that takes each row's head as it comes to it."""


@asynccontextmanager
async def a_feed(addresses: Addresses) -> AsyncIterator[Addresses]:
    """A migrated database of its own on the test's server."""
    name = f"feed_{uuid4().hex[:12]}"
    there = Addresses(
        addresses.owner.replace("@/joinedup", f"@/{name}"),
        addresses.application.replace("@/joinedup", f"@/{name}"),
    )
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        try:
            await migrate(there.owner, role_of(there.application))
            yield there
        finally:
            await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def organisations(feed: Addresses, count: int) -> list[str]:
    """Codes of new organisations, whose streams begin at 1."""
    codes = [f"org-{uuid4().hex[:8]}" for _ in range(count)]
    async with connected(feed.owner) as connection:
        await connection.execute(NEW_ORGANISATIONS, codes)
    return codes


def a_change(organisation: str, stream: Stream = Stream.SCORES) -> Change:
    return Change(organisation, stream, "score", uuid4(), 1)


async def add(connection: Any, changes: Sequence[Change]) -> None:  # noqa: ANN401 - asyncpg has two types
    """Run the statement of `note` on a connection of the test's own."""
    await connection.execute(
        ADD_CHANGES,
        IN_THE_YEAR,
        [change.organisation for change in changes],
        [change.stream for change in changes],
        [change.type for change in changes],
        [change.entity for change in changes],
        [change.version for change in changes],
        [change.op for change in changes],
    )


async def numbers(feed: Addresses, organisation: str, stream: Stream) -> list[int]:
    """The numbers of a stream, in the order that its rows were inserted."""
    async with connected(feed.owner) as connection:
        rows = await connection.fetch(NUMBERS, organisation, stream)
    return [row["sequence"] for row in rows]
