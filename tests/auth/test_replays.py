"""Proofs serve once, whoever else sends them at the same moment, from wherever."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from service.audit.actions import record
from service.auth import actions, client_keys
from service.auth.spent import forget_spent, spend
from service.auth.tables import (
    IssuedToken,
    OAuthClient,
    OAuthClientOrganisation,
    OAuthClientSecret,
    SigningKey,
    SpentJti,
)
from service.db.cluster import Addresses
from service.jobs.housekeeping import tidy
from tests.auth.assertions import JWKS, claims, signed
from tests.auth.conftest import KNOWN, NOW, SOMEBODY

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 200
TIMES = 10
"""In each of the two processes."""


async def test_what_is_spent_is_forgotten_a_minute_after_it_died(db: None) -> None:
    """Instances whose clocks differ must not forget what another would accept."""
    assert await spend("assertion", "hr-1", "12345678", NOW)
    assert not await spend("assertion", "hr-1", "12345678", NOW)
    assert await spend("dpop", "hr-1", "12345678", NOW)
    assert await forget_spent(NOW + timedelta(seconds=59)) == 0
    assert await forget_spent(NOW + timedelta(seconds=60)) == 2
    assert await spend("assertion", "hr-1", "12345678", NOW)


async def test_dead_tokens_and_spent_ids_are_tidied_away(db: None) -> None:
    client_id, _ = await actions.create_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    for jti, minutes in (("dead", 0), ("alive", 2)):
        ends = NOW + timedelta(minutes=minutes)
        await spend("assertion", client_id, jti, ends)
        await IssuedToken.insert(
            IssuedToken(
                jti=jti,
                client=client_id,
                issued_at=NOW - timedelta(minutes=5),
                expires_at=ends,
            )
        )
    tidied = await tidy(NOW + timedelta(minutes=1))
    assert (tidied["tokens"], tidied["proofs"]) == (1, 1)


@pytest.fixture
async def client_id(opened: None) -> AsyncIterator[str]:
    await clear()
    yield await actions.create_signing_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        registered=client_keys.registered(jwks=JWKS),
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    await clear()


async def clear() -> None:
    for table in (
        IssuedToken,
        SpentJti,
        OAuthClientOrganisation,
        OAuthClientSecret,
        OAuthClient,
        SigningKey,
    ):
        await table.delete(force=True)


class Process:
    """One of the two that replay."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self.stdin, self.stdout = process, process.stdin, process.stdout

    @classmethod
    async def start(
        cls, dsn: str, *more: str, module: str = "tests.auth.replaying"
    ) -> "Process":
        command = [sys.executable, "-m", module, dsn, str(TIMES), *more]
        pipe = subprocess.PIPE
        started = cls(
            await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env={**os.environ}, stdin=pipe, stdout=pipe
            )
        )
        assert await started.line() == "ready"
        return started

    async def line(self) -> str:
        while line := (await self.stdout.readline()).decode().strip():
            if line == "ready" or line.isdigit():  # The rest is the log.
                return line
        raise AssertionError("The process ended.")

    async def replay(self, assertion: str) -> int:
        self.stdin.write(f"{assertion}\n".encode())
        return int(await self.line())

    async def stop(self) -> None:
        self.stdin.close()
        await self.process.wait()


async def tokens_of(client_id: str, dsn: str, rounds: int, *more: str) -> list[int]:
    """Return how many tokens each assertion bought from two processes at once."""
    both = [await Process.start(dsn, *more) for _ in range(2)]
    try:
        return [
            sum(await asyncio.gather(*(one.replay(assertion) for one in both)))
            for assertion in (signed(claims(client_id)) for _ in range(rounds))
        ]
    finally:
        for one in both:
            await one.stop()


@pytest.mark.slow
async def test_200_assertions_sent_20_times_at_once_buy_200_tokens(
    client_id: str, migrated: Addresses
) -> None:
    """Abuse case 27: "exactly one success (F6)", "across two processes, 200 x 20"."""
    bought = await tokens_of(client_id, migrated.application, ROUNDS)
    assert bought == [1] * ROUNDS
    assert await IssuedToken.count() == ROUNDS
    assert await SpentJti.count() == ROUNDS


@pytest.mark.slow
async def test_looking_first_would_let_replays_in(
    client_id: str, migrated: Addresses
) -> None:
    """The broken twin: F6, "look, then insert" lets the same assertion in."""
    bought = await tokens_of(client_id, migrated.application, 10, "broken")
    assert max(bought) > 1
