"""What others are answered takes the same work, and as long, whatever raters did."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from asyncpg.connection import LoggedQuery

from service.auth.caller import Person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import actions, pool_controller
from service.feedback.form.items import Box
from service.feedback.pooling.presenting import pool_out
from service.feedback.schemas import PoolOut
from tests.factories import FEEDBACK_OPEN
from tests.feedback.over_http import Callers
from tests.feedback.stored import request_of
from tests.scoring import Scene, answers, filled, undone
from tests.sizes import SIZES

BARELY = 0.55
"""What a classifier may be right in, that knows when one answer took longer."""
ONE = """
SELECT count(*) FROM feedback_text t, generate_series(1, 50000) WHERE t.id = $1
"""
ACTING = ("dwp1", "moj1", "dft2")


def paths(scene: Scene) -> list[tuple[str, str]]:
    """What somebody would watch: as the subject, the manager, HR and a colleague."""
    record = f"/v1/records/{scene.records['hmt1'].id}"
    return [
        ("hmt1", f"{record}/nominations"),
        ("hmt1", f"{record}/feedback"),
        ("hmt1", record),
        ("hmt-head", f"{record}/nominations"),
        ("hmt2", f"{record}/nominations/draw"),
        ("hmt", f"{record}/nominations/draw"),
        ("hmt", record),
        ("dft1", "/v1/feedback-requests"),
    ]


@asynccontextmanager
async def answered(scene: Scene, requests: Mapping[str, UUID]) -> AsyncIterator[None]:
    """Three answer about hmt1 in words too, and one again; undone at the end."""
    async with undone():
        for place, name in enumerate([*ACTING, ACTING[0]]):
            await actions.submit(
                requests[name],
                filled(answers(name, "hmt1"), texts={Box.KEEP_DOING: "More notes."}),
                caller=Person(scene.people[name]),
                now=FEEDBACK_OPEN + timedelta(days=place),
            )
        yield


async def asks(callers: Callers) -> list[str]:
    """The statements that answering all of them takes."""
    said: list[str] = []

    def hear(logged: LoggedQuery) -> None:
        if "SAVEPOINT" not in logged.query:  # Their names are random.
            said.append(logged.query)

    async with transaction() as connection:
        connection.add_query_logger(hear)
        for name, path in paths(callers.scene):
            await callers.get(name, path)
        connection.remove_query_logger(hear)
    return said


@pytest.fixture
async def requests(scene: Scene) -> dict[str, UUID]:
    return {name: await request_of(scene, name, "hmt1") for name in ACTING}


@pytest.mark.slow
async def test_the_same_statements_answer_whatever_raters_did(
    callers: Callers, scene: Scene, requests: dict[str, UUID]
) -> None:
    await asks(callers)  # Memories fill.
    still = await asks(callers)
    assert len(still) > 20
    async with answered(scene, requests):
        assert await asks(callers) == still


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin looks at what has been answered so far, one by one."""
    presented = pool_out

    async def slower(*arguments: Any, **named: Any) -> PoolOut:
        with within_reach(EVERYONE):
            async with transaction() as connection:
                for row in await connection.fetch("SELECT id FROM feedback_text"):
                    await connection.fetchval(ONE, row["id"])
        return await presented(*arguments, **named)

    monkeypatch.setattr(pool_controller, "pool_out", slower)


@pytest.mark.slow
@pytest.mark.usefixtures("counting")
async def test_more_statements_would_be_found(
    callers: Callers, scene: Scene, requests: dict[str, UUID]
) -> None:
    await asks(callers)
    still = await asks(callers)
    async with answered(scene, requests):
        assert await asks(callers) != still


async def took(callers: Callers) -> float:
    """Seconds for the two answers that would tell most; the first of each is not."""
    watched = paths(callers.scene)[:2]
    for name, path in watched:
        await callers.get(name, path)
    began = time.perf_counter()
    for name, path in watched:
        await callers.get(name, path)
    return time.perf_counter() - began


async def timed(
    callers: Callers, requests: Mapping[str, UUID], pairs: int
) -> tuple[list[float], list[float]]:
    """Without and with submissions, by turns; what was written before is the same."""
    scene, without, within = callers.scene, list[float](), list[float]()
    for _ in range(pairs):
        async with answered(scene, requests):
            pass
        async with undone():
            without.append(await took(callers))
        async with answered(scene, requests):
            within.append(await took(callers))
    return without, within


def area(without: Sequence[float], within: Sequence[float]) -> float:
    """The area under the curve: how often the one with submissions took longer."""
    longer = sum((a < b) + (a == b) / 2 for a, b in product(without, within))
    return longer / (len(without) * len(within))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(SIZES.timed_pairs == 0, reason="timed in `make full` alone")
async def test_how_long_an_answer_takes_tells_nothing(
    callers: Callers, requests: dict[str, UUID]
) -> None:
    assert area(*await timed(callers, requests, SIZES.timed_pairs)) <= BARELY


@pytest.mark.slow
@pytest.mark.usefixtures("counting")
async def test_a_slower_answer_would_be_found(
    callers: Callers, requests: dict[str, UUID]
) -> None:
    assert area(*await timed(callers, requests, 15)) > BARELY
