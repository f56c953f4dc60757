"""The gallery in a database of its own, which stays as it was built."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from litestar import Litestar

from service.app import create_app
from service.db import DB
from service.db.cluster import Addresses
from service.settings import Settings, settings
from tests.changes.feeds import a_feed
from tests.scoring import undone
from tests.web.everywhere import deeds, objectives
from tests.web.everywhere.gallery import Visit, gallery
from tests.web.everywhere.scene import (
    World,
    a_first_year,
    a_second_year,
    a_third_year,
    plainly,
    published,
)

HERE = "https://localhost"
"""So that development's pages are there too."""


@dataclass
class Hung:
    """The gallery, and the service that shows it."""

    app: Litestar
    world: World
    visits: list[Visit]
    database: Addresses


@pytest.fixture(scope="package")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch
    settings.cache_clear()


@pytest.fixture(scope="package")
async def hung(
    addresses: Addresses,
    opened: None,
    patch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Hung]:
    """Build everything once; no test changes it."""
    secret = settings().data_dir / "secret-key"
    folder: Path = tmp_path_factory.mktemp("everywhere")
    if secret.exists():
        (folder / "secret-key").write_bytes(secret.read_bytes())
    patch.setenv("JOINEDUP_DATA_DIR", str(folder))
    patch.setenv("JOINEDUP_DEV_SIGN_IN", "true")
    patch.setenv("JOINEDUP_RATE_LIMIT", "1000000")
    settings.cache_clear()
    app = create_app(Settings(), HERE)
    kept = DB.config["dsn"]
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=4)
        try:
            world = await a_world(app, patch)
            yield Hung(app, world, gallery(world), there)
        finally:
            await DB.close()
            await DB.open(kept, size=4)


async def a_world(
    app: Litestar,
    patch: pytest.MonkeyPatch,
    write: Callable[[str, int], str] = plainly,
) -> World:
    """Live through the years, in whatever database is open."""
    world = await a_first_year(patch, write)
    await objectives.at_their_end(world)
    await published(world)
    done = deeds.Deeds(world, app)
    await deeds.about_scores(done)
    await deeds.break_glass(done)
    await deeds.hr_systems(done)
    await a_second_year(world)
    await a_third_year(world)
    await objectives.under_way(world)
    await deeds.a_rater(done)
    await deeds.mail_kept(world)
    return world


@pytest.fixture
async def db(hung: Hung) -> AsyncIterator[None]:
    """Undoes what looking at pages writes, such as what was audited."""
    async with undone():
        yield
