"""Scores that were published before the id of their person stood on them."""

from collections.abc import AsyncIterator

import pytest

from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate, undo
from service.scores.actions import publish
from tests.changes.feeds import a_feed
from tests.factories import OPERATOR, RELEASED
from tests.hr.feed.following import said
from tests.scoring import KEY, a_computed_cycle

ALL_KNOWN = "SELECT array_agg(known_as ORDER BY id) FROM score"


@pytest.fixture
async def apart(addresses: Addresses, opened: None) -> AsyncIterator[Addresses]:
    """A new database, whose scores are committed."""
    kept = DB.config["dsn"]
    async with a_feed(addresses) as there:
        await DB.close()
        await DB.open(there.application, size=4)
        yield there
        await DB.close()
        await DB.open(kept, size=4)


@pytest.mark.slow
async def test_what_was_published_before_is_known_as_it_was_shown(
    apart: Addresses,
) -> None:
    scene = await a_computed_cycle()
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    shown = await said(ALL_KNOWN)
    await DB.close()
    await undo(apart.owner, to="m0038_sign_in")
    await migrate(apart.owner, role_of(apart.application))
    await DB.open(apart.application, size=4)

    assert len(shown) > 5
    assert await said(ALL_KNOWN) == shown
