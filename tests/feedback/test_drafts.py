"""What a rater saves and submits over HTTP, from as many devices as they like."""

from typing import Any
from uuid import uuid4

import pytest

from tests.feedback.over_http import (
    FORM,
    RESPONSE,
    SUBMISSION,
    Callers,
    path_of,
    saved,
    slug,
)
from tests.feedback.stored import counted, request_of, state_of, stored
from tests.scoring import Scene


async def test_to_look_opens_it_and_to_save_makes_it_a_draft(
    callers: Callers, scene: Scene
) -> None:
    path, request = await path_of(scene), await request_of(scene, "dwp1", "hmt1")
    assert (await callers.get("dwp1", path)).json()["state"] == "opened"
    assert await state_of(request) == "opened"
    empty = await callers.get("dwp1", path + RESPONSE)
    assert empty.json()["answers"] == {}
    half = {"answers": {"credits": 4}}
    first = await callers.ask("dwp1", "PUT", path + RESPONSE, half)
    assert first.status_code == 200
    assert await state_of(request) == "draft"
    again = await callers.get("dwp1", path + RESPONSE)
    assert again.json()["answers"] == {"credits": 4}
    assert again.headers["etag"] == first.headers["etag"]
    assert (await callers.get("dwp1", path)).json()["unsent"] is True
    assert await stored(scene, "hmt1") == []


async def test_a_whole_form_is_submitted_and_amended(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    tag = await saved(callers, path)
    done = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert (done.status_code, done.content) == (204, b"")
    assert await stored(scene, "hmt1") == [FORM["answers"]]
    assert await counted("SELECT count(*) FROM feedback_text") == 2
    shown = (await callers.get("dwp1", path)).json()
    assert (shown["state"], shown["unsent"]) == ("submitted", False)

    other = {**FORM, "answers": {**FORM["answers"], "credits": 4}, "examples": {}}
    amended = await callers.ask("dwp1", "PUT", path + RESPONSE, other, if_match=tag)
    assert (await callers.get("dwp1", path)).json()["unsent"] is True
    assert await stored(scene, "hmt1") == [FORM["answers"]]
    tag = amended.headers["etag"]
    await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert await stored(scene, "hmt1") == [other["answers"]]
    assert await counted("SELECT count(*) FROM feedback_text") == 1


async def test_sent_twice_it_is_done_once(callers: Callers, scene: Scene) -> None:
    path = await path_of(scene)
    tag = await saved(callers, path)
    assert await saved(callers, path) == tag
    for _ in range(2):
        done = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
        assert done.status_code == 204
    assert await stored(scene, "hmt1") == [FORM["answers"]]


async def test_two_devices_do_not_overwrite_each_other(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    tag = await saved(callers, path)
    other = {**FORM, "texts": {}}
    blind = await callers.ask("dwp1", "PUT", path + RESPONSE, other)
    assert blind.status_code == 428
    desk = await callers.ask("dwp1", "PUT", path + RESPONSE, other, if_match=tag)
    assert desk.status_code == 200
    phone = {**FORM, "texts": {"do_differently": "Ask earlier."}}
    late = await callers.ask("dwp1", "PUT", path + RESPONSE, phone, if_match=tag)
    assert (late.status_code, slug(late)) == (412, "stale")
    unseen = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert unseen.status_code == 412
    assert await stored(scene, "hmt1") == []
    assert (await callers.get("dwp1", path + RESPONSE)).json()["texts"] == {}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"answers": {"credits": 4}}, "#/answers/shares_early"),
        ({"examples": {}}, "#/examples/credits"),
        ({"contact": {"frequency": "most_weeks"}}, "#/contact/months"),
        ({"contact": {"months": 9}}, "#/contact/frequency"),
        ({"basis": None}, "#/basis"),
        ({"basis": "shared_objective"}, "#/objective"),
        ({"basis": "shared_objective", "objective": str(uuid4())}, "#/objective"),
    ],
)
async def test_half_a_form_is_saved_but_not_submitted(
    callers: Callers, scene: Scene, change: dict[str, Any], pointer: str
) -> None:
    path = await path_of(scene)
    tag = await saved(callers, path, **change)
    answer = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert (answer.status_code, slug(answer)) == (422, "feedback-answers-invalid")
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert await stored(scene, "hmt1") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"answers": {"credits": 6}}, "#/answers/credits"),
        ({"answers": {"credits": 0}}, "#/answers/credits"),
        ({"answers": {"credits": True}}, "#/answers/credits"),
        ({"answers": {"credits": "4"}}, "#/answers/credits"),
        ({"answers": {"invented": 3}}, "#/answers/invented"),
        ({"answers": {}, "contact": {"months": 13}}, "#/contact/months"),
        ({"answers": {}, "objective": str(uuid4())}, "#/objective"),
        ({"answers": {}, "rater": "me"}, "#/rater"),
        ({}, "#/answers"),
    ],
)
async def test_what_does_not_fit_the_form_is_not_saved(
    callers: Callers, scene: Scene, body: dict[str, Any], pointer: str
) -> None:
    path = await path_of(scene)
    answer = await callers.ask("dwp1", "PUT", path + RESPONSE, body)
    assert answer.status_code == 422, answer.text
    found = {error["pointer"] for error in answer.json()["errors"]}
    assert any(each.startswith(pointer) for each in found), found
    assert await state_of(await request_of(scene, "dwp1", "hmt1")) == "invited"


async def test_feedback_can_rest_on_an_objective_of_both(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    (shared,) = (await callers.get("dwp1", path)).json()["objectives"]
    tag = await saved(callers, path, basis="shared_objective", objective=shared["id"])
    done = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert done.status_code == 204, done.text


async def test_too_brief_a_contact_is_told_to_decline(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    brief = {"months": 2, "frequency": "most_weeks"}
    tag = await saved(callers, path, contact=brief)
    answer = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert (answer.status_code, slug(answer)) == (422, "feedback-not-eligible")
