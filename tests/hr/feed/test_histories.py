"""All there was, and each change since, is all there is: in every history."""

import random
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from tests.factories import a_token
from tests.hr.feed.following import (
    NUMBERED_AT_ONCE,
    STREAMS,
    Follower,
    pulled,
    said,
)
from tests.hr.feed.living import HAPPENINGS, Life, three_departments
from tests.objectives.joint import Joint
from tests.scoring import undone
from tests.sizes import SEED, SIZES

STEPS = 25
BOUND = (("hmt",), ("dft",), ("dft", "hmt", "moj"))
World = tuple[Joint, UUID]


@pytest.fixture(scope="module")
async def world(opened: None) -> AsyncIterator[World]:
    async with undone():
        yield await three_departments()


@pytest.fixture
async def db(world: World) -> AsyncIterator[None]:
    async with undone():
        await said(NUMBERED_AT_ONCE)
        yield


async def lived(
    client: httpx.AsyncClient, world: World, seed: int
) -> tuple[Life, list[Follower]]:
    """A life, with followers who read now and then, a page or all, and stop."""
    chance = random.Random(seed)  # noqa: S311 - a history, not a secret
    life = Life(*world, chance)
    followers = [
        Follower(client, await a_token(client, *codes), limit=chance.choice([1, 3, 50]))
        for codes in BOUND
    ]
    for _ in range(STEPS):
        await life.go_on()
        if chance.random() < 0.4:
            follower, stream = chance.choice(followers), chance.choice(STREAMS)
            await follower.follow(stream, chance.choice([1, 1, 2, None]))
    for follower in followers:
        for stream in STREAMS:
            await follower.follow(stream)
    return life, followers


@pytest.mark.parametrize("number", range(SIZES.feed_histories))
async def test_a_copy_that_followed_is_a_copy_pulled_now(
    client: httpx.AsyncClient, world: World, number: int
) -> None:
    life, followers = await lived(client, world, SEED * 1_000 + number)
    for follower in followers:
        for stream in STREAMS:
            held = follower.held(stream)
            now = await pulled(client, follower.headers, stream)
            assert held == now, (stream, life.done)
            assert await follower.is_equal(stream) is True, (stream, life.done)


async def test_lives_are_full(client: httpx.AsyncClient, world: World) -> None:
    """Or the histories would prove little."""
    done = set[str]()
    for number in range(8):
        async with undone():
            life = Life(*world, random.Random(number))  # noqa: S311 - as above
            for _ in range(STEPS * 2):
                await life.go_on()
            done |= {*life.done}
    assert done == {each.__name__ for each in HAPPENINGS}


async def test_who_tells_nobody_of_a_change_is_found(
    client: httpx.AsyncClient, world: World
) -> None:
    """The broken twin: what is written without the feed."""
    follower = Follower(client, await a_token(client, "hmt"))
    for stream in STREAMS:
        await follower.follow(stream)
    await said(
        "UPDATE person_details SET valid_to = '2026-06-01' WHERE person = $1",
        world[0].subject,
    )
    await said(
        "UPDATE appraisal_record SET version = 2 WHERE person = $1", world[0].subject
    )
    for stream in ("people", "records"):
        await follower.follow(stream)
        assert await follower.is_equal(stream) is False
