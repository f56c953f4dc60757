"""A database that is not the one the numbers were given in serves none of them."""

from uuid import uuid4

import asyncpg
import httpx
import pytest

from service.audit.tables import AuditEntry
from service.changes import epoch
from service.changes.epoch import EpochNotRaised, now_current, raise_epoch
from service.changes.position import here
from service.changes.rules import Stream
from service.db import transaction
from tests.factories import IN_THE_YEAR, OPERATOR, a_token
from tests.hr.feed.following import STREAMS, begun, items_of, said
from tests.scoring import Scene

ELSEWHERE = {
    "another server": "system_identifier + 1, timeline",
    "a promoted standby": "system_identifier, timeline - 1",
}
MOVED = """
INSERT INTO feed_epoch (number, epoch, system_identifier, timeline, raised_at)
SELECT number + 1, $1, {}, raised_at FROM feed_epoch ORDER BY number DESC LIMIT 1
"""


@pytest.mark.parametrize("moved", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_until_the_epoch_is_raised_the_feed_is_refused(
    client: httpx.AsyncClient, published: Scene, moved: str
) -> None:
    headers = await a_token(client, "hmt")
    deltas = {stream: await begun(client, headers, stream) for stream in STREAMS}
    await said(MOVED.format(moved), uuid4())

    for stream, delta in deltas.items():
        start = f"/v1/changes?stream={stream}"
        for address in (delta, start, f"/v1/changes/digest?stream={stream}"):
            answer = await client.get(address, headers=headers)
            assert answer.status_code == 503, answer.text
            assert answer.json()["type"].endswith("/feed-epoch-not-raised")
            assert "joinedup feed epoch raise" in answer.json()["detail"]
            assert answer.headers["retry-after"] == "300"

    await raise_epoch(reason="Restored.", caller=OPERATOR, now=IN_THE_YEAR)
    for stream, delta in deltas.items():
        assert (await client.get(delta, headers=headers)).status_code == 410
        assert (await items_of(client, headers, f"/v1/changes?stream={stream}"))[0]


async def test_collections_are_served_meanwhile_and_hand_nobody_over(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    await said(MOVED.format(ELSEWHERE["another server"]), uuid4())
    for path in ("/v1/scores", "/v1/records"):
        page = (await client.get(path, headers=headers)).json()
        assert page["items"]
        assert page["delta"] is None


async def test_a_database_without_any_epoch_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epoch, "EPOCH", epoch.EPOCH.replace("LIMIT 1", "LIMIT 0"))
    assert await now_current() is None
    with pytest.raises(EpochNotRaised, match="feed epoch raise"):
        epoch.check_ours(ours=None)


async def test_raising_it_is_on_the_audit(db: None) -> None:
    before = await now_current()
    assert before is not None
    assert before.ours
    raised = await raise_epoch(reason="Drill.", caller=OPERATOR, now=IN_THE_YEAR)

    assert raised.number == before.number + 1
    assert (await here(Stream.SCORES, ["hmt"])).epoch == raised.epoch
    (entry,) = await AuditEntry.select().where(AuditEntry.entity == "feed_epoch")
    assert entry["actor"] == "operator:tests"
    assert (entry["action"], entry["reason"]) == ("raise", "Drill.")
    assert entry["entity_id"] == str(raised.epoch)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE feed_epoch SET timeline = 1", "DELETE FROM feed_epoch"],
)
async def test_an_epoch_is_never_changed(db: None, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction() as connection:
            await connection.execute(statement)
