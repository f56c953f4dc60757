"""What a rater meets over HTTP, and what everybody else meets in their place."""

from uuid import UUID, uuid4

import pytest

from service.feedback import actions, asking, rules
from service.settings import settings
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.over_http import (
    FORM,
    RESPONSE,
    SUBMISSION,
    Callers,
    path_of,
    saved,
    slug,
)
from tests.feedback.stored import (
    asked,
    counted,
    proposed,
    request_of,
    state_of,
    stored,
)
from tests.scoring import REST, Scene

PROMISE = (
    "Your name is kept from the subject, their manager and HR. It can be learned only"
    " under break-glass by two people, or if the law requires it. Your words are shown"
    " to the subject and manager after release, and the subject may recognise you."
)


async def test_a_rater_finds_what_waits_for_them_and_nothing_else(
    callers: Callers, scene: Scene
) -> None:
    items = (await callers.get("dwp1", "/v1/feedback-requests")).json()["items"]
    mine = await actions.waiting(scene.people["dwp1"], scene.cycle)
    names = await callers.names()
    assert {item["id"] for item in items} == {str(request) for request in mine}
    about = {scene.name_of(on.person) for on in scene.records.values()
             if on.id in mine.values()}  # fmt: skip
    assert {item["subject"]["name"] for item in items} == {names[n] for n in about}
    assert {item["state"] for item in items} == {"invited"}
    assert (await callers.get("hmt-head", "/v1/feedback-requests")).json() == {
        "items": [],
        "next": None,
        "delta": None,
    }


async def test_the_promise_stands_before_the_first_question(
    callers: Callers, scene: Scene
) -> None:
    answer = await callers.get("dwp1", await path_of(scene))
    shown = answer.json()
    assert shown["confidentiality"] == PROMISE
    assert answer.text.index("confidentiality") < answer.text.index('"form"')
    assert "anonym" not in answer.text.lower()
    assert len(shown["form"]["behaviours"]) == 8
    assert shown["objectives"][0]["title"] == "One front door"
    assert shown["subject"]["organisation"] == "hmt"


async def test_a_small_pool_is_told_to_the_rater(
    callers: Callers, scene: Scene
) -> None:
    """Six in the pool and six drawn: fewer than twice as many."""
    shown = (await callers.get("dwp1", await path_of(scene))).json()
    assert shown["small_pool"]


async def test_a_pool_of_twice_as_many_is_not_small(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def limits_of(cycle: UUID) -> rules.Limits:
        return rules.Limits(3, 3, 20, 2, 50, 3, own_organisation_may_rate=False)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in REST])
    await asking.draw(on, seed="large", caller=OPERATOR, now=FEEDBACK_OPEN)
    drawn = await asked(on)
    rater = next(name for name in REST if scene.people[name] in drawn)
    shown = await callers.get(rater, await path_of(scene, rater, "hmt-head"))
    assert shown.json()["small_pool"] is None


async def test_the_form_comes_in_welsh(callers: Callers, scene: Scene) -> None:
    path = await path_of(scene)
    welsh = (await callers.get("dwp1", f"{path}?language=cy")).json()
    assert welsh["form"]["language"] == "cy"
    assert welsh["confidentiality"] != PROMISE


async def test_to_decline_takes_a_reason_and_is_for_good(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    await saved(callers, path)
    for reason in ("", "   "):
        answer = await callers.ask(
            "dwp1", "POST", f"{path}/decline", {"reason": reason}
        )
        assert answer.status_code == 422
    for _ in range(2):
        answer = await callers.ask(
            "dwp1", "POST", f"{path}/decline", {"reason": "Too brief."}
        )
        assert answer.status_code == 204
    assert (await callers.get("dwp1", path)).json()["state"] == "declined"
    assert (await callers.get("dwp1", path + RESPONSE)).json()["answers"] == {}
    answer = await callers.ask("dwp1", "PUT", path + RESPONSE, FORM)
    assert (answer.status_code, slug(answer)) == (409, "feedback-wrong-state")
    items = (await callers.get("dwp1", "/v1/feedback-requests")).json()["items"]
    assert path.rpartition("/")[2] not in {item["id"] for item in items}


async def test_what_comes_late_is_told_the_closing_instant(
    callers: Callers, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await path_of(scene)
    tag = await saved(callers, path)
    monkeypatch.setenv("JOINEDUP_NOW", CLOSED.isoformat())
    settings.cache_clear()
    for method, to, body in (
        ("PUT", RESPONSE, {**FORM, "texts": {}}),
        ("POST", SUBMISSION, None),
        ("POST", "/decline", {"reason": "No time."}),
    ):
        late = await callers.ask("dwp1", method, path + to, body, if_match=tag)
        assert (late.status_code, slug(late)) == (409, "feedback-not-open")
        assert "2027-03-01T00:00:00+00:00" in late.json()["detail"]
    assert (await callers.get("dwp1", path)).status_code == 200
    page = (await callers.get("dwp1", "/v1/feedback-requests")).json()
    assert page["items"] == []


async def test_words_that_may_tell_who_wrote_them_are_pointed_out_and_kept(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    text = "When we met in Leeds on 3 May you were clear."
    assert (await callers.get("dwp1", f"{path}/response/hints")).json()["items"] == []
    tag = await saved(callers, path, texts={"keep_doing": text})
    hints = (await callers.get("dwp1", f"{path}/response/hints")).json()["items"]
    pointed = {
        text[hint["start"] : hint["end"]]: hint["kind"]
        for hint in hints
        if hint["pointer"] == "#/texts/keep_doing"
    }
    assert {"Leeds", "3 May"} <= set(pointed)
    assert "may recognise you" in hints[0]["says"]
    welsh = await callers.get("dwp1", f"{path}/response/hints?language=cy")
    assert welsh.json()["items"][0]["says"] != hints[0]["says"]
    done = await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag)
    assert done.status_code == 204


ROUTES = (
    ("GET", "", None),
    ("GET", RESPONSE, None),
    ("GET", "/response/hints", None),
    ("PUT", RESPONSE, FORM),
    ("POST", SUBMISSION, None),
    ("POST", "/decline", {"reason": "Not mine."}),
)


@pytest.mark.parametrize("stranger", ["dwp2", "hmt1", "hmt-head", "dwp-head"])
async def test_another_s_request_looks_as_one_that_does_not_exist(
    callers: Callers, scene: Scene, stranger: str
) -> None:
    theirs, nobodys = await path_of(scene), f"/v1/feedback-requests/{uuid4()}"
    await saved(callers, theirs)
    for method, to, body in ROUTES:
        said = []
        for path in (theirs, nobodys):
            answer = await callers.ask(
                stranger, method, path + to, body, if_match='"1"'
            )
            problem = answer.json()
            assert answer.status_code == 404
            assert problem.pop("instance") == path + to
            problem.pop("request_id")
            headers = [
                (name, value)
                for name, value in answer.headers.multi_items()
                if name not in {"x-request-id", "ratelimit"}
            ]
            said.append((problem, headers))
        assert said[0] == said[1], to
    assert await stored(scene, "hmt1") == []
    assert await state_of(await request_of(scene, "dwp1", "hmt1")) == "draft"


async def test_no_machine_is_served_what_raters_are(
    callers: Callers, scene: Scene
) -> None:
    path = await path_of(scene)
    for method, to, body in ROUTES:
        answer = await callers.ask("dwp", method, path + to, body)
        assert answer.status_code == 403, to


async def test_what_raters_ask_leaves_no_trace(
    callers: Callers, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing kept for retries, nothing counted in the database, no line in the log."""
    path = await path_of(scene)
    tables = ("kept_answer", "rate_window", "audit_entry", "change_log", "notice",
              "outbox", "disclosure")  # fmt: skip
    before = [await counted(f"SELECT count(*) FROM {t}") for t in tables]  # noqa: S608 - our own
    capsys.readouterr()
    key = {"idempotency_key": "retry"}
    tag = await saved(callers, path)
    for method, to, body in ROUTES[:4]:
        await callers.ask("dwp1", method, path + to, body, if_match=tag, **key)
    await callers.ask("dwp1", "POST", path + SUBMISSION, if_match=tag, **key)
    await callers.get("dwp1", "/v1/feedback-requests")
    other = await path_of(scene, "dwp1", "hmt2")
    reason = {"reason": "Too brief."}
    answer = await callers.ask("dwp1", "POST", f"{other}/decline", reason, **key)
    assert answer.headers["ratelimit"].startswith('"minute";r=')
    assert [await counted(f"SELECT count(*) FROM {t}") for t in tables] == before  # noqa: S608 - our own
    assert "feedback-requests" not in capsys.readouterr().out
    await callers.get("dwp1", "/v1/notices")
    assert "route=/v1/notices" in capsys.readouterr().out
