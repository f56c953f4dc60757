"""What a decision leaves behind, and what it never moves."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.audit.tables import AuditEntry
from service.auth.secret import derive
from service.db import transaction
from service.feedback.moderation import actions, rules
from service.feedback.moderation.tables import Moderation
from service.jobs.tables import Delivery, StoredNotice
from tests.factories import CLOSED
from tests.feedback.moderation.asking import WITHHOLD, decide, queue
from tests.feedback.over_http import Callers
from tests.feedback.results.living import (
    Headers,
    release,
    told,
)
from tests.scoring import Scene, undone


async def test_the_digest_of_what_was_written_stays(
    callers: Callers, moderators: Mapping[str, Headers]
) -> None:
    item = (await queue(callers, moderators["m1"]))["items"][0]
    await decide(callers, moderators["m1"], item["id"], WITHHOLD)
    await release()
    (kept,) = await Moderation.select()
    assert kept["digest"] == rules.digest(item["text"], derive(actions.DIGESTS))
    assert kept["digest"] != hashlib.sha256(item["text"].encode()).hexdigest()
    with pytest.raises(asyncpg.PostgresError, match="permission denied"):
        async with transaction() as connection:
            await connection.execute("UPDATE feedback_moderation SET reason = NULL")


async def test_the_database_holds_a_decision_to_its_reason(
    callers: Callers, scene: Scene
) -> None:
    row: dict[str, Any] = {
        "organisation": "hmt",
        "record": scene.records["hmt1"].id,
        "digest": "0" * 64,
        "moderator": scene.people["dwp1"],
        "decided_at": CLOSED,
    }
    for decision, reason in (("pass", "abusive"), ("withhold", None)):
        with pytest.raises(asyncpg.CheckViolationError, match="is_of_what"):
            async with undone():
                await Moderation.insert(
                    Moderation(comment=uuid4(), decision=decision, reason=reason, **row)
                )


async def test_that_the_queue_was_read_is_audited_and_a_decision_tells_nobody(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    before = await traces()
    item = (await queue(callers, moderators["m1"]))["items"][0]
    after = await traces()
    assert after["audit"] - before["audit"] == 1
    await decide(callers, moderators["m1"], item["id"], WITHHOLD)
    assert await traces() == after
    (entry,) = await AuditEntry.select().where(AuditEntry.entity == "moderation_queue")
    assert (entry["action"], entry["organisation"]) == ("read", "co")
    assert "Words" not in str(await AuditEntry.select())


async def traces() -> dict[str, int]:
    return {
        "audit": await AuditEntry.count(),
        "notices": await StoredNotice.count(),
        "mails": await Delivery.count(),
    }


async def test_moderation_moves_nothing_that_others_read_before_the_release(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    record = scene.records["hmt1"].id
    paths = [
        f"/v1/records/{record}{rest}"
        for rest in ("", "/feedback", "/nominations", "/objectives")
    ]

    async def read() -> list[object]:
        return [
            told(await callers.get(name, path))
            for name in ("hmt1", "hmt-head", "hmt2", "dwp1")
            for path in paths
        ]

    before = await read()
    for item in (await queue(callers, moderators["m1"]))["items"]:
        await decide(callers, moderators["m1"], item["id"], WITHHOLD)
    assert await read() == before


async def test_no_word_reaches_the_log(
    callers: Callers,
    moderators: Mapping[str, Headers],
    capsys: pytest.CaptureFixture[str],
) -> None:
    item = (await queue(callers, moderators["m1"]))["items"][0]
    await decide(callers, moderators["m1"], item["id"], WITHHOLD)
    logged = "".join(capsys.readouterr())
    assert "route=/v1/moderation/comments/{comment}/decision" in logged
    assert "Words of" not in logged
    assert item["id"] not in logged
