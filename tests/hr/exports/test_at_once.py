"""Two instances of the service, each at the same export or for the same client."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.auth.caller import Machine, Scope
from service.db import DB
from service.db.cluster import Addresses
from service.db.reach import only, within_reach
from service.hr.exports.actions import FOLDER, ask, make
from service.hr.exports.rules import MOST, ExportFormat, TooManyExports
from service.hr.exports.schemas import ExportIn
from service.settings import settings
from tests.changes.feeds import a_feed, organisations
from tests.database import connected

ISSUER = "https://joinedup.example"
WANTED = ExportIn(format=ExportFormat.CSV)
HELD = "SELECT FROM export WHERE id = $1 FOR UPDATE"
STATE = "SELECT state FROM export WHERE id = $1"


@pytest.fixture
async def apart(addresses: Addresses, opened: None) -> AsyncIterator[Addresses]:
    """The pool is on a new database: what is committed there is seen by both."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=6)
        yield there
        await DB.close()
        await DB.open(kept, size=4)


async def asked(machine: Machine) -> UUID:
    with within_reach(only(machine.organisations)):
        now = settings().clock()
        export = await ask(WANTED, id_=uuid4(), machine=machine, now=now)
    found: UUID = export["id"]
    return found


@pytest.fixture
async def machine(apart: Addresses) -> Machine:
    return Machine("hr", frozenset(await organisations(apart, 1)), frozenset(Scope))


async def test_what_another_instance_makes_is_left_to_it(
    apart: Addresses, machine: Machine, tmp_path: Path
) -> None:
    """An export may take longer than it is put off for."""
    export = await asked(machine)
    now = settings().clock()
    async with connected(apart.owner) as other, other.transaction():
        await other.execute("SET LOCAL row_security = off")
        await other.fetch(HELD, export)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await make(export, issuer=ISSUER, data_dir=tmp_path, now=now)
        assert not [*(tmp_path / FOLDER).iterdir()]
    await make(export, issuer=ISSUER, data_dir=tmp_path, now=now)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [f"{export}.csv"]


async def test_a_client_that_asks_at_once_has_no_more_than_it_may(
    machine: Machine,
) -> None:
    found = await asyncio.gather(
        *(asked(machine) for _ in range(MOST + 4)), return_exceptions=True
    )
    assert [type(each) for each in found if isinstance(each, Exception)] == [
        TooManyExports
    ] * 4
