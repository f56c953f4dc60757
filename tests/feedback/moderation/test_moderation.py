"""Comments between the closing of a window and its release, read by an outsider."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from service.access.rules import Role
from service.db import transaction
from service.feedback.form.sealing import seal
from service.feedback.moderation.tables import Moderation
from tests.factories import RELEASED, a_line
from tests.feedback.moderation.asking import PASS, QUEUE, WITHHOLD, decide, queue
from tests.feedback.moderation.conftest import Everyone
from tests.feedback.over_http import Callers, slug
from tests.feedback.results.living import (
    Headers,
    clock,
    release,
    role,
    six_answer,
    told,
)
from tests.scoring import REST, Scene


async def test_a_moderator_sees_words_and_neither_rater_nor_answer_nor_subject(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    body = await queue(callers, moderators["m1"])
    assert body["waiting"] == 6
    assert {each["text"] for each in body["items"]} == {f"Words of {r}." for r in REST}
    assert {frozenset(each) for each in body["items"]} == {
        frozenset({"id", "organisation", "subject", "about", "text", "decide_by"})
    }
    assert {each["about"] for each in body["items"]} == {"keep_doing"}
    assert {each["organisation"] for each in body["items"]} == {"hmt"}
    said = str(body)
    for name, person in scene.people.items():
        assert str(person) not in said, name
        if name in scene.records:
            assert str(scene.records[name].id) not in said, name
    assert not [name for name in (await callers.names()).values() if name in said]


async def test_each_moderator_has_an_order_and_a_name_for_the_subject_of_their_own(
    callers: Callers, moderators: Mapping[str, Headers]
) -> None:
    one, other = [await queue(callers, who) for who in moderators.values()]
    again = await queue(callers, moderators["m1"])
    assert again == one
    ids = [[each["id"] for each in body["items"]] for body in (one, other)]
    assert sorted(ids[0]) == sorted(ids[1])
    assert ids[0] != ids[1]
    labels = {each["subject"] for body in (one, other) for each in body["items"]}
    assert len(labels) == 2


async def test_of_an_example_it_is_not_said_of_which_behaviour(
    callers: Callers, moderators: Mapping[str, Headers]
) -> None:
    async with transaction() as connection:
        row, *_ = await connection.fetch("SELECT id, response FROM feedback_text")
        sealed = seal("An example.", row["response"], "example:credits")
        await connection.execute(
            "UPDATE feedback_text SET field = 'example:credits', sealed = $2"
            " WHERE id = $1",
            row["id"],
            sealed,
        )
    body = await queue(callers, moderators["m1"])
    (shown,) = [each for each in body["items"] if each["id"] == str(row["id"])]
    assert (shown["about"], shown["text"]) == ("example", "An example.")
    assert "credits" not in str(body)


@pytest.mark.parametrize("member", ["hmt2", "dwp2", "moj-head", "dft-head"])
async def test_an_organisation_in_the_line_or_in_the_pool_moderates_nothing_of_it(
    callers: Callers,
    scene: Scene,
    moderators: Mapping[str, Headers],
    member: str,
) -> None:
    organisation = scene.records[member].organisation
    await role(scene.people[member], Role.TEXT_MODERATOR, organisation)
    mine = await queue(callers, lambda: callers.headers(member))
    assert mine == {"items": [], "waiting": 0}
    theirs = (await queue(callers, moderators["m1"]))["items"][0]["id"]
    got = await decide(callers, lambda: callers.headers(member), theirs)
    nothing = await decide(callers, lambda: callers.headers(member), str(uuid4()))
    assert (got.status_code, slug(got)) == (404, "not-found")
    assert told(got)[1][:1] == told(nothing)[1][:1]


async def test_a_manager_s_organisation_moderates_nothing_of_their_reports(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    async with transaction() as connection:
        head = await connection.fetchval(
            "SELECT person FROM person_identifier"
            " WHERE organisation = 'co' AND external_id = 'm2'"
        )
    await a_line(scene.people["hmt-head"], head, "co")
    assert (await queue(callers, moderators["m1"]))["waiting"] == 0


async def test_who_answered_changes_nothing_of_who_may_moderate(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    """A pool tells a moderator's organisation out, whoever was drawn or answered."""
    await role(scene.people["dwp1"], Role.TEXT_MODERATOR, "dwp")
    async with transaction() as connection:
        await connection.execute(
            "DELETE FROM feedback_text t USING feedback_rater w"
            " WHERE w.response = t.response AND w.rater_organisation = 'dwp'"
        )
    body = await queue(callers, lambda: callers.headers("dwp1"))
    assert body["waiting"] == 0


async def test_before_the_closing_nothing_waits(
    everyone: Everyone, scene: Scene
) -> None:
    callers, moderators = everyone
    await six_answer(scene)
    assert await queue(callers, moderators["m1"]) == {"items": [], "waiting": 0}
    async with transaction() as connection:
        comment = await connection.fetchval("SELECT id FROM feedback_text LIMIT 1")
    got = await decide(callers, moderators["m1"], str(comment))
    assert got.status_code == 404


async def test_only_text_moderators_are_let_in(
    callers: Callers, scene: Scene, moderators: Mapping[str, Headers]
) -> None:
    await role(scene.people["hmt6"], Role.HR_ADMINISTRATOR, "hmt")
    for name in ("hmt1", "hmt-head", "dwp1", "hmt6"):
        got = await callers.get(name, QUEUE)
        assert (got.status_code, slug(got)) == (403, "missing-role"), name


async def test_what_is_passed_is_shown_and_what_is_withheld_is_counted_by_reason(
    callers: Callers,
    scene: Scene,
    moderators: Mapping[str, Headers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = (await queue(callers, moderators["m1"]))["items"]
    for each in items[:3]:
        assert (await decide(callers, moderators["m1"], each["id"])).status_code == 204
    withheld = await decide(callers, moderators["m1"], items[3]["id"], WITHHOLD)
    assert withheld.status_code == 204
    assert (await queue(callers, moderators["m2"]))["waiting"] == 2
    await release()
    clock(monkeypatch, RELEASED)
    record = scene.records["hmt1"].id
    shown = [
        (await callers.get(name, f"/v1/records/{record}/feedback")).json()
        for name in ("hmt1", "hmt-head")
    ]
    for body in shown:
        passed = {(each["id"], each["text"]) for each in body["comments"]}
        assert passed == {(each["id"], each["text"]) for each in items[:3]}
        assert [(each["reason"], each["count"]) for each in body["withheld"]] == [
            ("identifies_rater", 1),
            ("not_moderated", 2),
        ]
        assert items[3]["text"] not in str(body)


async def test_two_moderators_at_once_make_one_decision(
    callers: Callers, moderators: Mapping[str, Headers]
) -> None:
    comment = (await queue(callers, moderators["m1"]))["items"][0]["id"]
    first = await decide(callers, moderators["m1"], comment)
    again = await decide(callers, moderators["m1"], comment)
    for decision in (PASS, WITHHOLD):
        other = await decide(callers, moderators["m2"], comment, decision)
        assert (other.status_code, slug(other)) == (409, "feedback-comment-decided")
    changed = await decide(callers, moderators["m1"], comment, WITHHOLD)
    assert (first.status_code, again.status_code) == (204, 204)
    assert slug(changed) == "feedback-comment-decided"
    assert await Moderation.count() == 1


async def test_after_the_release_nothing_is_decided(
    callers: Callers,
    moderators: Mapping[str, Headers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    comment = (await queue(callers, moderators["m1"]))["items"][0]["id"]
    await release()
    clock(monkeypatch, RELEASED)
    got = await decide(callers, moderators["m1"], comment)
    assert (got.status_code, slug(got)) == (409, "feedback-moderation-over")
    assert (await queue(callers, moderators["m1"]))["waiting"] == 0


@pytest.mark.parametrize(
    "decision",
    [
        {"decision": "withhold"},
        {"decision": "pass", "reason": "abusive"},
        {"decision": "withhold", "reason": "rude"},
        {"decision": "edit"},
        {"decision": "withhold", "reason": "abusive", "text": "Nicer words."},
    ],
)
async def test_a_decision_is_to_pass_or_to_withhold_for_a_reason(
    callers: Callers, moderators: Mapping[str, Headers], decision: object
) -> None:
    comment = (await queue(callers, moderators["m1"]))["items"][0]["id"]
    got = await decide(callers, moderators["m1"], comment, decision)
    assert got.status_code == 422
    assert await Moderation.count() == 0


async def test_a_queue_is_read_in_pieces(
    callers: Callers, moderators: Mapping[str, Headers]
) -> None:
    who = moderators["m1"]
    whole = await queue(callers, who)
    got = await callers.client.get(f"{QUEUE}?limit=2", headers=who())
    assert got.json() == {"items": whole["items"][:2], "waiting": 6}
    assert (
        await callers.client.get(f"{QUEUE}?limit=201", headers=who())
    ).status_code == 422
