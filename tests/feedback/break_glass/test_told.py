"""Who is told of break-glass, and what is kept of it."""

import pytest

from service.audit.tables import AuditEntry
from service.feedback.break_glass import actions as break_glass
from service.jobs.rules import Notice, NoticeKind
from service.jobs.tables import StoredNotice
from tests.feedback.break_glass.asking import (
    APPROVES,
    ASKS,
    BESIDE,
    WHY,
    approve,
    asked,
    read,
)
from tests.feedback.over_http import Callers
from tests.feedback.results.living import told
from tests.scoring import Scene

pytestmark = pytest.mark.usefixtures("officers")


async def test_each_reading_is_told_to_the_officers_and_to_nobody_else(
    callers: Callers, scene: Scene
) -> None:
    id_ = await asked(callers)
    officers = {scene.people[APPROVES], scene.people[BESIDE]}
    assert await told_of(NoticeKind.BREAK_GLASS_WANTED) == dict.fromkeys(officers, 1)
    await approve(callers, id_)
    for _ in range(2):
        await read(callers, id_)
    assert await told_of(NoticeKind.BREAK_GLASS_USED) == dict.fromkeys(officers, 2)
    about = await StoredNotice.select(StoredNotice.about).where(
        StoredNotice.kind.like("break_glass%")
    )
    assert {str(row["about"]) for row in about} == {id_}


async def told_of(kind: NoticeKind) -> dict[object, int]:
    rows = await StoredNotice.select().where(StoredNotice.kind == kind)
    found: dict[object, int] = {}
    for row in rows:
        found[row["person"]] = found.get(row["person"], 0) + 1
    return found


async def test_each_step_is_audited_with_its_reason(
    callers: Callers, scene: Scene
) -> None:
    id_ = await asked(callers)
    await approve(callers, id_)
    await read(callers, id_)
    entries = (
        await AuditEntry.select()
        .where(AuditEntry.entity == "break_glass")
        .order_by(AuditEntry.id)
    )
    assert [(entry["action"], entry["actor"]) for entry in entries] == [
        ("ask", f"person:{scene.people[ASKS]}"),
        ("approve", f"person:{scene.people[APPROVES]}"),
        ("read", f"person:{scene.people[ASKS]}"),
    ]
    assert {entry["reason"] for entry in entries} == {WHY}
    assert {entry["organisation"] for entry in entries} == {"hmt"}


async def test_what_cannot_be_audited_and_told_is_not_read(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await asked(callers)
    await approve(callers, id_)

    async def failing(_: list[Notice], **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(break_glass, "tell", failing)
    got = await read(callers, id_)
    assert got.status_code == 500
    assert "items" not in got.text
    reads = AuditEntry.count().where(AuditEntry.action == "read")
    assert await reads == 0


async def test_the_raters_are_not_told(callers: Callers, scene: Scene) -> None:
    before = told(await callers.get("dwp1", "/v1/notices"))
    id_ = await asked(callers)
    await approve(callers, id_)
    await read(callers, id_)
    assert told(await callers.get("dwp1", "/v1/notices")) == before
