"""What the subject replies to their feedback, and for how long they may change it."""

from datetime import timedelta

import pytest

from service.db import transaction
from tests.factories import RELEASED
from tests.feedback.over_http import Callers, slug
from tests.feedback.results.living import clock, release
from tests.scoring import Scene


def path(scene: Scene, rest: str = "") -> str:
    return f"/v1/records/{scene.records['hmt1'].id}/feedback{rest}"


REPLY = {"text": "Thank you. I shall bring partners in earlier."}


@pytest.fixture
async def released(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await release()
    clock(monkeypatch, RELEASED)


@pytest.mark.usefixtures("released")
async def test_the_subject_replies_once_and_the_manager_sees_it(
    callers: Callers, scene: Scene
) -> None:
    reply = path(scene, rest="/reply")
    assert slug(await callers.get("hmt1", reply)) == "not-found"
    given = await callers.ask("hmt1", "PUT", reply, REPLY)
    assert given.status_code == 200, given.text
    assert given.json()["text"] == REPLY["text"]
    for name in ("hmt1", "hmt-head"):
        assert (await callers.get(name, path(scene))).json()["reply"] == given.json()
        seen = await callers.get(name, reply)
        assert (seen.json(), seen.headers["etag"]) == (given.json(), '"1"')


@pytest.mark.usefixtures("released")
async def test_to_have_read_it_is_said_without_words(
    callers: Callers, scene: Scene
) -> None:
    reply = path(scene, rest="/reply")
    given = await callers.ask("hmt1", "PUT", reply, {})
    assert (given.status_code, given.json()["text"]) == (200, None)


@pytest.mark.usefixtures("released")
async def test_a_reply_is_changed_by_whoever_has_read_it_for_fourteen_days(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = path(scene, rest="/reply")
    await callers.ask("hmt1", "PUT", reply, REPLY)
    again = await callers.ask("hmt1", "PUT", reply, REPLY)
    assert (again.status_code, again.headers["etag"]) == (200, '"1"')
    other = {"text": "On reflection: thank you."}
    got = await callers.ask("hmt1", "PUT", reply, other)
    assert got.status_code == 428
    got = await callers.ask("hmt1", "PUT", reply, other, if_match='"7"')
    assert got.status_code == 412
    clock(monkeypatch, RELEASED + timedelta(days=14) - timedelta(seconds=1))
    got = await callers.ask("hmt1", "PUT", reply, other, if_match='"1"')
    assert (got.status_code, got.headers["etag"]) == (200, '"2"')
    clock(monkeypatch, RELEASED + timedelta(days=14))
    got = await callers.ask("hmt1", "PUT", reply, REPLY, if_match='"2"')
    assert (got.status_code, slug(got)) == (409, "feedback-reply-final")
    assert (await callers.get("hmt1", reply)).json()["text"] == other["text"]


@pytest.mark.usefixtures("released")
async def test_nobody_replies_for_the_subject(callers: Callers, scene: Scene) -> None:
    reply = path(scene, rest="/reply")
    got = await callers.ask("hmt-head", "PUT", reply, REPLY)
    assert (got.status_code, slug(got)) == (403, "feedback-reply-not-yours")
    got = await callers.ask("hmt2", "PUT", reply, REPLY)
    assert got.status_code == 404


@pytest.mark.usefixtures("released")
async def test_a_reply_is_stored_sealed(callers: Callers, scene: Scene) -> None:
    await callers.ask("hmt1", "PUT", path(scene, rest="/reply"), REPLY)
    async with transaction() as connection:
        row = await connection.fetchrow("SELECT * FROM feedback_reply")
    assert "partners" not in str(row)


async def test_before_the_release_nobody_replies(
    callers: Callers, scene: Scene
) -> None:
    got = await callers.ask("hmt1", "PUT", path(scene, rest="/reply"), REPLY)
    assert (got.status_code, slug(got)) == (409, "feedback-not-yet-released")
