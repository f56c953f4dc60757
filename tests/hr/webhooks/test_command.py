"""`joinedup webhooks list`: what whoever runs the service sees of them."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.e2e.running import SECRET, joinedup
from tests.factories import an_organisation
from tests.hr.webhooks.apart import a_told, commit
from tests.hr.webhooks.hearing import Clock
from tests.hr.webhooks.receiver import Receiver
from tests.hr.webhooks.test_receivers import work

pytestmark = pytest.mark.slow


async def test_it_says_what_waits_and_how_it_went_last(
    apart: str, receiver: Receiver, tmp_path: Path
) -> None:
    clock = Clock()
    await an_organisation("hmt")
    told = await a_told(receiver, "hmt", clock.now)
    await commit("hmt", [uuid4()], clock.now)
    await work(clock, lambda: 0.5)
    receiver.answer = lambda _: (410, {})
    await commit("hmt", [uuid4(), uuid4()], clock.now)

    (one,) = await listed(tmp_path, apart)
    assert (one["id"], one["client"]) == (str(told.webhook), told.machine.client_id)
    assert (one["state"], one["waiting"]) == ("active", 2)
    assert one["last_taken_at"] is not None
    assert one["last_failed_at"] is None
    assert one["url"] == receiver.url.partition("?")[0]

    await work(clock, lambda: 0.5)
    (one,) = await listed(tmp_path, apart)
    assert (one["state"], one["reason"], one["waiting"]) == ("disabled", "gone", 0)
    assert one["last_failed_at"] is not None
    done = await run(tmp_path, apart)
    assert f"{told.webhook}  gone       waiting 0, taken 20" in done
    assert receiver.secret not in done


async def listed(home: Path, database: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(await run(home, database, "--json"))
    return found


async def run(home: Path, database: str, *words: str) -> str:
    given = {"JOINEDUP_DATABASE_URL": database, "JOINEDUP_SECRET_KEY": SECRET}
    done = await asyncio.to_thread(
        joinedup, home, "webhooks", "list", *words, given=given
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
