"""Two moderators at once, and a decision against the release: one of them stands."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.db.reach import EVERYONE, within_reach
from service.feedback.moderation import actions
from service.feedback.moderation.rules import (
    Code,
    DecidedAlready,
    Decision,
    ModerationOver,
)
from service.feedback.results.queries import kept
from tests.database import connected
from tests.factories import CLOSED, RELEASED, Department, a_department, sharing
from tests.feedback.results.living import close, release, six_answer
from tests.scoring import SIZES, Scene, an_asked_cycle


@pytest.fixture(scope="module")
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Scene]:
    """A closed window in a database of its own, in which every change is committed."""
    name = f"moderation_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        await DB.open(addresses.application.replace("@/joinedup", f"@/{name}"), size=8)
        with within_reach(EVERYONE):
            scene = await an_asked_cycle()
            await six_answer(scene)
            await close()
            yield scene
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
async def outside(committed: Scene) -> Department:
    department = await a_department("co", 4)
    await sharing("co", *SIZES)
    return department


def moderator(outside: Department, number: int) -> SignedIn:
    return SignedIn(outside.people[number], "co", frozenset({Role.TEXT_MODERATOR}))


async def decides(outside: Department, number: int, comment: UUID) -> str:
    """Have a moderator pass or withhold a comment; return what came of it."""
    decision = Decision.WITHHOLD if number % 2 else Decision.PASS
    reason = Code.ABUSIVE if number % 2 else None
    try:
        await actions.decide(
            comment, decision, reason, caller=moderator(outside, number), now=CLOSED
        )
    except DecidedAlready:
        return "decided already"
    except ModerationOver:
        return "over"
    return str(decision)


async def comments() -> list[UUID]:
    async with transaction() as connection:
        rows = await connection.fetch("SELECT id FROM feedback_text ORDER BY id")
    return [row["id"] for row in rows]


@pytest.mark.slow
async def test_of_moderators_at_once_one_decides(
    committed: Scene, outside: Department
) -> None:
    for comment in (await comments())[:5]:
        outcomes = await asyncio.gather(
            *(decides(outside, number, comment) for number in range(4))
        )
        assert sorted(outcomes).count("decided already") == 3
        async with transaction() as connection:
            kept = await connection.fetch(
                "SELECT decision FROM feedback_moderation WHERE comment = $1", comment
            )
        assert [row["decision"] for row in kept] == [
            outcome for outcome in outcomes if outcome != "decided already"
        ]


@pytest.mark.slow
async def test_what_is_decided_while_it_is_released_is_released_so(
    committed: Scene, outside: Department
) -> None:
    *_, last = await comments()
    outcome, _ = await asyncio.gather(
        decides(outside, 0, last), release(RELEASED + timedelta(seconds=1))
    )
    shown = (await kept(committed.records["hmt1"].id)).results
    (found,) = [each for each in shown.comments if each.id == last]
    assert {"pass": None, "over": "not_moderated"}[outcome] == found.withheld
