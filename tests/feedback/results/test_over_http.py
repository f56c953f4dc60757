"""Released feedback over HTTP: who reads what, and when."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.db import transaction
from service.feedback import rules, windows
from service.feedback.form.items import BEHAVIOURS
from service.feedback.queries import WindowFact
from service.feedback.results import actions
from service.feedback.results.tables import FeedbackResult
from service.records.queries import RecordFact
from service.suppression import Beyond
from tests.factories import CLOSED, FEEDBACK_OPEN, RELEASED, a_token
from tests.feedback.over_http import Callers, slug
from tests.feedback.results.living import (
    KEEP,
    answer,
    clock,
    close,
    release,
    role,
    six_answer,
    told,
)
from tests.scoring import REST, Scene, answers, undone


def path(scene: Scene, subject: str = "hmt1", rest: str = "") -> str:
    return f"/v1/records/{scene.records[subject].id}/feedback{rest}"


@pytest.mark.parametrize(
    ("now", "expected"), [(FEEDBACK_OPEN, 409), (CLOSED, 409), (RELEASED, 200)]
)
async def test_the_subject_and_their_manager_read_it_and_nobody_else_ever(
    callers: Callers,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    expected: int,
) -> None:
    await role(scene.people["hmt6"], Role.HR_ADMINISTRATOR, "hmt")
    await role(scene.people["dwp2"], Role.TEXT_MODERATOR, "dwp")
    await six_answer(scene)
    await close(now)
    clock(monkeypatch, now)
    for name in ("hmt1", "hmt-head"):
        got = await callers.get(name, path(scene))
        assert got.status_code == expected, (name, got.text)
    for name in ("hmt2", "hmt6", "dwp1", "dwp2", "dwp-head"):
        got = await callers.get(name, path(scene))
        assert (got.status_code, slug(got)) == (404, "not-found"), name
    machine = await a_token(callers.client, "hmt")
    got = await callers.client.get(path(scene), headers=machine)
    assert (got.status_code, slug(got)) == (403, "wrong-caller")


async def test_until_then_both_are_told_when_it_will_be_released(
    callers: Callers, scene: Scene
) -> None:
    got = await callers.get("hmt1", path(scene))
    assert slug(got) == "feedback-not-yet-released"
    assert "2027-03-15" in got.json()["detail"]


Life = Callable[[Scene], Awaitable[None]]


async def nobody_acts(_: Scene) -> None:
    """The life that the others are compared with."""


async def one_answers(scene: Scene) -> None:
    await answer(scene, "dwp1", "hmt1")


async def one_amends(scene: Scene) -> None:
    await answer(scene, "dwp1", "hmt1")
    await answer_again(scene)


async def answer_again(scene: Scene) -> None:
    async with transaction() as connection:
        await connection.execute(
            "UPDATE feedback_answer SET value = 1 WHERE record = $1",
            scene.records["hmt1"].id,
        )


@pytest.mark.parametrize("life", [one_answers, one_amends, six_answer])
@pytest.mark.parametrize("now", [FEEDBACK_OPEN, CLOSED])
async def test_before_the_release_the_answer_is_the_same_bytes_whatever_raters_did(
    callers: Callers,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    life: Life,
    now: datetime,
) -> None:
    assert await lived(callers, scene, monkeypatch, life, now) == await lived(
        callers, scene, monkeypatch, nobody_acts, now
    )


async def lived(
    callers: Callers,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    life: Life,
    now: datetime,
) -> list[object]:
    async with undone():
        await life(scene)
        await close(now)
        clock(monkeypatch, now)
        found = [
            told(await callers.get(name, path(scene, rest=rest)))
            for name in ("hmt1", "hmt-head", "hmt2")
            for rest in ("", "/reply")
        ]
        clock(monkeypatch, FEEDBACK_OPEN)
        return [*found]


async def test_an_answer_that_moved_would_be_found(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin says how many have answered."""

    async def counting(on: RecordFact) -> WindowFact:
        async with transaction() as connection:
            count = await connection.fetchval(
                "SELECT count(*) FROM feedback_answer WHERE record = $1", on.id
            )
        raise rules.NotYetReleased(f"{count} answers so far.")

    monkeypatch.setattr(actions, "_released", counting)
    now = FEEDBACK_OPEN
    one = await lived(callers, scene, monkeypatch, one_answers, now)
    none = await lived(callers, scene, monkeypatch, nobody_acts, now)
    assert one != none


async def test_the_means_are_those_of_the_answers(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await six_answer(scene)
    await release()
    clock(monkeypatch, RELEASED)
    body = (await callers.get("hmt1", path(scene))).json()

    for place, item in enumerate(BEHAVIOURS):
        given = [answers(rater, "hmt1")[item] or 0 for rater in REST]
        found = body["behaviours"][place]
        assert found["code"] == item
        assert found["mean"] == round(sum(given) / len(given), 1)
    assert (body["raters"], body["organisations"]) == ("5-7", "2-3")
    assert body["reason"] is None
    dated = {key for key in body if key.endswith(("_at", "_on", "_until"))}
    assert dated == set()


@pytest.mark.parametrize(
    ("raters", "reason", "words"),
    [
        (REST[:4], "below_minimum_raters", None),
        (REST[:1] + REST[2:3], "below_minimum_raters", "below_minimum_raters"),
        (REST[:2], "below_minimum_organisations", "below_minimum_organisations"),
        ((), "below_minimum_organisations", "below_minimum_organisations"),
    ],
)
async def test_with_too_few_nothing_is_said_but_why(
    callers: Callers,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    raters: tuple[str, ...],
    reason: str,
    words: str | None,
) -> None:
    for rater in raters:
        await answer(scene, rater, "hmt5", KEEP)
    await release()
    clock(monkeypatch, RELEASED)
    body = (await callers.get("hmt5", path(scene, "hmt5"))).json()

    assert {each["mean"] for each in body["behaviours"]} == {None}
    assert (body["reason"], body["raters"], body["groups"]) == (reason, None, [])
    assert body["comments_reason"] == words
    count = sum(each["count"] for each in body["withheld"])
    assert (count > 0) == (words is None)


async def test_where_nobody_was_drawn_the_answer_looks_as_where_nobody_answered(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await release()
    clock(monkeypatch, RELEASED)
    names = {"hmt5": "hmt5", "dwp-head": "dwp-head"}
    bodies = []
    for name in names:
        manager_or_self = await callers.get(name, path(scene, name))
        body = manager_or_self.json()
        del body["record"]
        bodies.append(body)
    assert bodies[0] == bodies[1]


async def test_what_no_moderator_read_is_withheld_and_said_to_be(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await six_answer(scene)
    await release()
    clock(monkeypatch, RELEASED)
    for language, begins in (
        ("en", "No moderator read them"),
        ("cy", "Ni ddarllenodd cymedrolwr nhw"),
    ):
        got = await callers.get("hmt1", path(scene, rest=f"?language={language}"))
        assert got.json()["comments"] == []
        (withheld,) = got.json()["withheld"]
        assert (withheld["reason"], withheld["count"]) == ("not_moderated", 6)
        assert withheld["sentence"].startswith(begins)
        assert "Words of" not in got.text


async def test_what_is_kept_holds_nothing_that_is_not_shown(
    db: None, scene: Scene
) -> None:
    await answer(scene, "dwp1", "hmt5", {"keep_doing": "A canary."})
    await release()
    row = (
        await FeedbackResult.select()
        .where(FeedbackResult.record == scene.records["hmt5"].id)
        .first()
    )
    assert row is not None
    kept = json.loads(row["shown"])
    assert {each["figure"] for each in kept["behaviours"]} == {None}
    assert kept["comments"] == []
    assert {*Beyond} & {*str(kept).split("'")} == set()


async def test_exactly_the_accepted_forms_are_released_and_once(
    db: None, scene: Scene
) -> None:
    await six_answer(scene)
    await release()
    before = await FeedbackResult.select().order_by(FeedbackResult.record)
    async with transaction() as connection:
        await connection.execute("UPDATE feedback_answer SET value = 1")
    await release(RELEASED + timedelta(days=1))
    assert await FeedbackResult.select().order_by(FeedbackResult.record) == before
    assert len(before) == 13  # one for each record that raters were drawn for


async def test_it_is_released_at_its_instant_and_not_before(
    db: None, scene: Scene
) -> None:
    await six_answer(scene)
    window = await windows.close(scene.cycle, CLOSED)
    await release(window.releases_at - timedelta(microseconds=1))
    assert await FeedbackResult.count() == 0
    await release(window.releases_at)
    assert await FeedbackResult.count() == 13


async def test_that_it_was_read_is_audited(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await release()
    clock(monkeypatch, RELEASED)
    await callers.get("hmt-head", path(scene))
    (entry,) = await AuditEntry.select().where(AuditEntry.entity == "feedback")
    assert entry["actor"] == f"person:{scene.people['hmt-head']}"
    assert (entry["action"], entry["entity_id"]) == (
        "read",
        str(scene.records["hmt1"].id),
    )


async def test_ids_of_comments_are_random_and_lead_to_no_request(
    db: None, scene: Scene
) -> None:
    requests = {str(await answer(scene, rater, "hmt1")) for rater in REST}
    async with transaction() as connection:
        rows = await connection.fetch("SELECT id, response FROM feedback_text")
    await release()
    (kept,) = await FeedbackResult.select().where(
        FeedbackResult.record == scene.records["hmt1"].id
    )
    ids = [each["id"] for each in json.loads(kept["shown"])["comments"]]
    assert {UUID(id_).version for id_ in ids} == {4}
    assert set(ids) == {str(row["id"]) for row in rows}
    assert not set(ids) & (requests | {str(row["response"]) for row in rows})
