"""`joinedup worker`, as a process: it delivers, is killed, and loses nothing."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from service.db import transaction
from service.db.embedded import EmbeddedPostgres
from service.jobs.outbox import tell
from service.settings import settings
from tests.database import connected
from tests.e2e.running import a_folder, begun, joinedup, serving
from tests.factories import a_person, an_organisation
from tests.jobs.catcher import ACCEPTED, Catcher
from tests.jobs.waiting import a_notice, waiting

pytestmark = pytest.mark.slow
SENDER = "no-reply@joinedup.example"
TOLD = """
INSERT INTO organisation (code, hr_system, valid_from)
    VALUES ('hmt', 'workday', '2020-01-01');
INSERT INTO person (id, discoverable)
    VALUES ('00000000-0000-0000-0000-000000000001', true);
INSERT INTO person_details (organisation, id, person, given_name, family_name, email,
    valid_from) SELECT 'hmt', id, id, 'Sam', 'Person', 'sam@hmt.example', '2020-01-01'
    FROM person;
INSERT INTO notice (organisation, id, person, kind, about, key, count, created_at)
    SELECT 'hmt', id, id, 'recognised', id, '1', 1, '2026-06-01T09:00Z' FROM person;
INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)
    SELECT id, 'mail', jsonb_build_object('notice', id), '1', created_at, 0 FROM notice;
"""
"""Told by another process than the one that serves."""


async def until(happens: Callable[[], Awaitable[object]]) -> None:
    """Wait for what another process does, while the mail server here goes on."""
    async with asyncio.timeout(60):
        while not await happens():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.01)


async def is_over() -> bool:
    return (await waiting())[0][2]


async def test_killed_between_sending_and_marking_it_sends_again(
    apart: str, catcher: Catcher, tmp_path: Path
) -> None:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam)], now=settings().clock())
    given = {
        "JOINEDUP_DATABASE_URL": apart,
        "JOINEDUP_ISSUER": "https://joinedup.example",
        "JOINEDUP_SMTP_URL": catcher.url,
        "JOINEDUP_MAIL_FROM": SENDER,
    }
    said = tmp_path / "said"
    with begun(tmp_path, "worker", said=said, given=given) as process:

        def received() -> str:
            os.kill(process.pid, signal.SIGKILL)
            return ACCEPTED

        catcher.data = received
        await asyncio.to_thread(process.wait, 60)
    assert len(catcher.mails) == 1
    assert await waiting() == [(1, None, False)]

    catcher.data = lambda: ACCEPTED
    async with transaction() as connection:  # Minutes pass.
        await connection.execute("UPDATE outbox SET run_at = $1", settings().clock())
    with begun(tmp_path, "worker", said=said, given=given) as process:
        await until(is_over)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 40) == 0, said.read_text()
    one, again = catcher.mails
    assert one["Message-ID"] == again["Message-ID"]
    assert catcher.recipients[0].endswith("@hmt.example")
    assert await waiting() == [(2, None, True)]
    assert "hmt.example" not in said.read_text()


async def test_serving_the_embedded_database_it_delivers_by_itself(
    catcher: Catcher,
) -> None:
    given = {"JOINEDUP_SMTP_URL": catcher.url, "JOINEDUP_MAIL_FROM": SENDER}

    async def is_received() -> bool:
        return bool(catcher.mails)

    with a_folder() as folder:
        data, said = folder / "data", folder / "said"
        with serving(data, said=said, given=given) as (process, address):
            with EmbeddedPostgres(data / "postgres") as where:
                async with connected(where.owner) as owner:
                    await owner.execute(TOLD)
            await until(is_received)
            process.terminate()
            assert await asyncio.to_thread(process.wait, 60) == 0, said.read_text()
    assert catcher.recipients == ["sam@hmt.example"]
    link = f"{address}/objectives/00000000-0000-0000-0000-000000000001"
    assert link in catcher.mails[0].get_content()


async def test_without_a_server_it_says_that_mails_are_held(
    apart: str, tmp_path: Path
) -> None:
    said = tmp_path / "said"

    async def is_ready() -> bool:
        return "until interrupted" in said.read_text()

    given = {
        "JOINEDUP_DATABASE_URL": apart,
        "JOINEDUP_ISSUER": "https://joinedup.example",
    }
    with begun(tmp_path, "worker", said=said, given=given) as process:
        await until(is_ready)
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 40) == 0, said.read_text()
    assert "Mails are held in the outbox until" in said.read_text()


def test_without_an_address_of_the_service_no_mail_could_lead_there(
    tmp_path: Path,
) -> None:
    given = {
        "JOINEDUP_SMTP_URL": "smtp://127.0.0.1:1",
        "JOINEDUP_MAIL_FROM": SENDER,
    }
    done = joinedup(tmp_path, "worker", given=given)
    assert done.returncode == 1
    assert "Set JOINEDUP_ISSUER" in done.stderr
