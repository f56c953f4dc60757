"""Pages of `joinedup serve` as people's browsers ask for them.

The aim is 25 ms of the server's processor time a page, on the data of a demo.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from bench.measure import SECONDS, Measure, calls
from bench.serving import CannotMeasure, Server, request, serving
from service.auth.sign_in import sessions
from service.db import transaction

SOMEBODY: Final = """
SELECT s.record, s.person, s.organisation, l.manager, l.organisation AS manages_in,
    c.objective
FROM score s
JOIN reporting_line l ON l.person = s.person AND l.kind = 'line' AND l.valid_to IS NULL
JOIN contribution c ON c.person = s.person
WHERE s.state = 'published' ORDER BY s.id, c.objective LIMIT 1
"""
"""Whose score is published, whose manager they are to, and what they share."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, and who asks for it: the subject of a score, or their manager."""

    path: str
    manages: bool = False


async def pages(now: datetime) -> list[Measure]:
    """Measure the pages that people open most."""
    async with transaction() as connection:
        found = await connection.fetchrow(SOMEBODY)
    if found is None:
        raise CannotMeasure("No score is published.")
    cookies = {
        False: await _cookie(found["person"], found["organisation"], now),
        True: await _cookie(found["manager"], found["manages_in"], now),
    }
    async with serving("service", "serve") as server:
        return [
            await _page(server, asked, cookies[asked.manages])
            for asked in _asked(found["record"], found["objective"])
        ]


def _asked(record: UUID, objective: UUID) -> Iterator[Asked]:
    yield Asked("/", manages=True)
    yield Asked("/people", manages=True)
    yield Asked("/records")
    yield Asked(f"/records/{record}")
    yield Asked(f"/records/{record}/results")
    yield Asked(f"/records/{record}/decision", manages=True)
    yield Asked(f"/records/{record}/raters")
    yield Asked("/objectives", manages=True)
    yield Asked(f"/objectives/{objective}")
    yield Asked(f"/objectives/{objective}/history")
    yield Asked("/feedback")
    yield Asked("/directory?q=water")
    yield Asked("/notices", manages=True)


async def _cookie(person: UUID, organisation: str, now: datetime) -> str:
    session = await sessions.begin(person, organisation, "Sam Person", now=now)
    return f"{sessions.COOKIE}={session.id}"


async def _page(server: Server, asked: Asked, cookie: str) -> Measure:
    sent = request(asked.path, headers=[("Cookie", cookie), ("Accept", "text/html")])
    parts = [part if len(part) < len(str(UUID(int=0))) else "…" for part in
             asked.path.partition("?")[0].split("/")]  # fmt: skip
    found = await calls(
        f"page {'/'.join(parts)}",
        lambda: server.ask(sent),
        cpu=server.cpu,
        seconds=SECONDS / 3,
    )
    if found.cpu_us is None:
        return found
    return replace(found, value=found.cpu_us / 1000, unit="ms of CPU")
