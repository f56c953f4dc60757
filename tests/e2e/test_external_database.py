"""The service on a PostgreSQL that it does not run itself."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from service.db.cluster import Addresses
from tests.database import connected
from tests.e2e.running import SECRET, free_port, joinedup, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def empty_database(addresses: Addresses) -> Addresses:
    """A database without a table, on a server that the service does not own."""

    async def make() -> None:
        async with connected(addresses.owner) as connection:
            await connection.execute("DROP DATABASE IF EXISTS behind WITH (FORCE)")
            await connection.execute("CREATE DATABASE behind")

    asyncio.run(make())
    return Addresses(
        addresses.owner.replace("/joinedup?", "/behind?"),
        addresses.application.replace("/joinedup?", "/behind?"),
    )


def test_a_database_that_is_behind_is_refused_with_the_command_that_mends_it(
    empty_database: Addresses, tmp_path: Path
) -> None:
    external = {
        "JOINEDUP_DATABASE_URL": empty_database.application,
        "JOINEDUP_SECRET_KEY": SECRET,
    }
    port = str(free_port())
    done = joinedup(tmp_path, "serve", "--port", port, given=external)
    assert done.returncode == 3
    assert "joinedup migrate" in done.stderr

    owned = external | {"JOINEDUP_MIGRATION_DATABASE_URL": empty_database.owner}
    first = joinedup(tmp_path, "migrate", given=owned)
    assert first.returncode == 0
    assert re.match(r"[1-9]\d* migrations ran", first.stdout)
    again = joinedup(tmp_path, "migrate", given=owned)
    assert again.returncode == 0
    assert again.stdout.startswith("0 migrations ran")

    with serving(tmp_path, said=tmp_path / "said", given=external) as (_, address):
        assert httpx.get(f"{address}/readyz").is_success
