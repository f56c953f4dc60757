"""DPoP proofs serve once, at the API as at the token endpoint, across instances."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable

import pytest

from service.auth.tables import IssuedToken, SpentJti
from service.db.cluster import Addresses
from tests.auth.binding import nonce, registered
from tests.auth.proving import Holder
from tests.auth.test_replays import Process, clear

pytestmark = pytest.mark.slow

ROUNDS = 50
MODULE = "tests.auth.proof_replaying"
HOLDER = Holder()


def at_the_api() -> str:
    proof = HOLDER.proof(token="any", nonce=nonce())  # noqa: S106 - not one
    return json.dumps({"proof": proof, "token": "any", "jkt": HOLDER.jkt})


@pytest.fixture
async def at_the_token_endpoint(opened: None) -> AsyncIterator[Callable[[], str]]:
    await clear()
    auth = base64.b64encode(":".join(await registered()).encode()).decode()

    def asked() -> str:
        proof = HOLDER.proof("POST", "/oauth/token", nonce=nonce())
        return json.dumps({"proof": proof, "authorization": f"Basic {auth}"})

    yield asked
    await clear()


async def allowed(
    dsn: str, asked: Callable[[], str], rounds: int, *more: str
) -> list[int]:
    """Return how often two processes at once allowed each of so many proofs."""
    both = [await Process.start(dsn, *more, module=MODULE) for _ in range(2)]
    try:
        return [
            sum(await asyncio.gather(*(one.replay(line) for one in both)))
            for line in (asked() for _ in range(rounds))
        ]
    finally:
        for one in both:
            await one.stop()


async def test_a_proof_opens_the_api_once(
    at_the_token_endpoint: object, migrated: Addresses
) -> None:
    """oauth.md: "proof jti single-use at the token endpoint and at the API"."""
    counts = await allowed(migrated.application, at_the_api, ROUNDS)
    assert counts == [1] * ROUNDS
    assert await SpentJti.count() == ROUNDS


async def test_a_proof_buys_one_token(
    at_the_token_endpoint: Callable[[], str], migrated: Addresses
) -> None:
    """oauth.md: "proof jti single-use at the token endpoint and at the API"."""
    counts = await allowed(migrated.application, at_the_token_endpoint, ROUNDS)
    assert counts == [1] * ROUNDS
    assert await IssuedToken.count() == ROUNDS


async def test_looking_first_would_let_replays_in(
    at_the_token_endpoint: Callable[[], str], migrated: Addresses
) -> None:
    """The broken twin: F6, "look, then insert"."""
    for asked in (at_the_api, at_the_token_endpoint):
        counts = await allowed(migrated.application, asked, 10, "broken")
        assert max(counts) > 1
