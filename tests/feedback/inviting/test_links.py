"""A link and a typed code open one form; either alone opens nothing."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx
import pytest
import structlog

from service import logs
from service.feedback import actions, windows
from service.feedback.inviting import rules
from service.settings import Settings, settings
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.inviting.linked import Linked, a_linked
from tests.feedback.inviting.mailed import deliver
from tests.feedback.over_http import FORM, Callers, an_administrator, slug
from tests.feedback.stored import counted, request_of, state_of, stored, window
from tests.jobs.catcher import Catcher
from tests.scoring import Scene

WRONG = "feedback-code-wrong"
WANTED = "feedback-code-wanted"
ACTS = (
    ("POST", "/openings", None),
    ("GET", "/response", None),
    ("GET", "/response/hints", None),
    ("PUT", "/response", FORM),
    ("POST", "/submission", None),
    ("POST", "/decline", {"reason": "Worked together too briefly."}),
)
"""What takes a code."""
STEPS = (
    ("GET", "", None),
    ("POST", "/codes", None),
    ("POST", "/sessions", {"code": "204518"}),
    *ACTS,
)


@pytest.fixture
def turn_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def turn(now: datetime) -> None:
        monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
        settings.cache_clear()

    return turn


@pytest.fixture
async def rater(
    scene: Scene,
    client: httpx.AsyncClient,
    catcher: Catcher,
    turn_clock: Callable[[datetime], None],
) -> Linked:
    return await a_linked(scene, client, catcher, turn_clock)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def bare(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """An answer without what names the request itself."""
    said = dict(answer.json())
    for own in ("instance", "request_id"):
        said.pop(own, None)
    headers = {name: value for name, value in answer.headers.items()
               if name not in {"x-request-id", "content-length"}}  # fmt: skip
    return answer.status_code, str(said), headers


async def test_by_itself_a_link_shows_when_it_ends_and_changes_nothing(
    rater: Linked, scene: Scene
) -> None:
    answer = await rater.ask("GET")
    assert answer.json() == {"closes_at": "2027-03-01T00:00:00Z"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    for method, more, body in ACTS:
        refused = await rater.ask(method, more, body)
        assert (refused.status_code, slug(refused)) == (403, WANTED), more
    assert await state_of(rater.request) == "invited"
    assert await counted("SELECT count(*) FROM feedback_act") == 0
    assert await deliver(rater.catcher, FEEDBACK_OPEN) == []


async def test_a_rater_opens_saves_submits_and_amends(
    rater: Linked, scene: Scene
) -> None:
    await rater.come_in()
    opened = await rater.ask("POST", "/openings?language=cy")
    assert opened.json()["id"] == str(rater.request)
    assert await state_of(rater.request) == "opened"
    saved = await rater.ask("PUT", "/response", FORM)
    assert saved.status_code == 200, saved.text
    read = await rater.ask("GET", "/response")
    assert read.headers["etag"] == saved.headers["etag"]
    sent = await rater.ask("POST", "/submission", If_Match=saved.headers["etag"])
    assert sent.status_code == 204, sent.text
    assert await stored(scene, "hmt1") == [FORM["answers"]]
    changed = {**FORM, "answers": {**FORM["answers"], "resolves": 3}}
    again = await rater.ask("PUT", "/response", changed, If_Match=saved.headers["etag"])
    await rater.ask("POST", "/submission", If_Match=again.headers["etag"])
    assert await stored(scene, "hmt1") == [changed["answers"]]


async def test_a_rater_is_told_which_words_may_tell_who_they_are(
    rater: Linked,
) -> None:
    await rater.come_in()
    assert (await rater.ask("GET", "/response/hints")).json()["items"] == []
    named = {**FORM, "texts": {"keep_doing": "As on 3 March in Leeds."}}
    assert (await rater.ask("PUT", "/response", named)).status_code == 200
    hints = (await rater.ask("GET", "/response/hints")).json()["items"]
    assert {hint["kind"] for hint in hints} >= {"date"}
    assert "#/texts/keep_doing" in {hint["pointer"] for hint in hints}
    welsh = (await rater.ask("GET", "/response/hints?language=cy")).json()["items"]
    assert welsh[0]["says"] != hints[0]["says"]


async def test_it_opens_that_one_form_alone(rater: Linked, scene: Scene) -> None:
    await rater.come_in()
    theirs = await request_of(scene, "moj1", "hmt2")
    for path in ("/v1/feedback-requests", f"/v1/feedback-requests/{theirs}"):
        answer = await rater.client.get(path, headers=rater.headers)
        assert answer.status_code == 401


async def test_declined_it_leads_nowhere(rater: Linked) -> None:
    await rater.come_in()
    gone = await rater.ask("POST", "/decline", {"reason": "Too briefly."})
    assert gone.status_code == 204
    assert await state_of(rater.request) == "declined"
    for method, more, body in STEPS:
        assert (await rater.ask(method, more, body)).status_code == 404, more


async def test_unknown_expired_and_used_up_are_answered_alike(
    rater: Linked, scene: Scene
) -> None:
    real = rater.path
    said: dict[str, list[tuple[int, str, dict[str, str]]]] = {}

    async def note(name: str) -> None:
        said[name] = [bare(await rater.ask(*step)) for step in STEPS]

    rater.path = f"/v1/feedback-links/{'x' * 43}"
    await note("unknown")
    rater.path, began = real, rater.now
    rater.at((await window(scene)).closes_at)
    await note("expired")
    rater.at(began)
    await rater.come_in()
    await rater.ask("POST", "/decline", {"reason": "Too briefly."})
    await note("used up")
    assert said["unknown"] == said["used up"] == said["expired"]
    assert {status for status, *_ in said["unknown"]} == {404}


async def test_it_counts_until_the_window_closes_and_longer_if_that_is_later(
    rater: Linked, scene: Scene
) -> None:
    closes_at = (await window(scene)).closes_at
    rater.at(closes_at - timedelta(seconds=1))
    assert (await rater.ask("GET")).status_code == 200
    await windows.extend(
        scene.cycle,
        closes_at=closes_at + timedelta(days=1),
        caller=OPERATOR,
        now=rater.now,
    )
    rater.at(closes_at + timedelta(hours=23))
    assert (await rater.ask("GET")).status_code == 200
    rater.at(closes_at + timedelta(days=1))
    assert (await rater.ask("GET")).status_code == 404


async def test_a_code_works_once(rater: Linked) -> None:
    code = await rater.mailed_code()
    assert (await rater.type_code(code)).status_code == 200
    assert slug(await rater.type_code(code)) == WRONG


async def test_a_code_lasts_ten_minutes(rater: Linked) -> None:
    code = await rater.mailed_code()
    rater.at(FEEDBACK_OPEN + timedelta(minutes=10))
    assert slug(await rater.type_code(code)) == WRONG
    rater.at(FEEDBACK_OPEN + timedelta(minutes=9, seconds=59))
    assert (await rater.type_code(code)).status_code == 200


async def test_after_five_tries_the_right_code_is_wrong_too(rater: Linked) -> None:
    code = await rater.mailed_code()
    for _ in range(rules.TRIES):
        assert slug(await rater.type_code(other(code))) == WRONG
    assert slug(await rater.type_code(code)) == WRONG


async def test_the_fifth_try_may_be_right(rater: Linked) -> None:
    code = await rater.mailed_code()
    for _ in range(rules.TRIES - 1):
        await rater.type_code(other(code))
    assert (await rater.type_code(code)).status_code == 200


async def test_a_new_code_comes_after_five_minutes_and_ends_the_old(
    rater: Linked,
) -> None:
    old = await rater.mailed_code()
    rater.at(FEEDBACK_OPEN + timedelta(minutes=4, seconds=59))
    soon = await rater.ask("POST", "/codes")
    assert (soon.status_code, slug(soon)) == (409, "feedback-code-too-soon")
    rater.at(FEEDBACK_OPEN + timedelta(minutes=5))
    new = await rater.mailed_code()
    if old != new:  # They may be the same once in a million.
        assert slug(await rater.type_code(old)) == WRONG
    assert (await rater.type_code(new)).status_code == 200


async def test_so_many_codes_a_day_and_no_more(rater: Linked) -> None:
    for number in range(rules.CODES_A_DAY):
        rater.at(FEEDBACK_OPEN + number * rules.BETWEEN_CODES)
        assert (await rater.ask("POST", "/codes")).status_code == 204
    rater.at(FEEDBACK_OPEN + timedelta(hours=5))
    assert slug(await rater.ask("POST", "/codes")) == "feedback-code-too-soon"
    rater.at(FEEDBACK_OPEN + timedelta(days=1))
    assert (await rater.ask("POST", "/codes")).status_code == 204


async def test_without_a_code_asked_for_none_is_right(rater: Linked) -> None:
    for number in range(3):
        assert slug(await rater.type_code(f"{number:06}")) == WRONG


async def test_a_code_held_until_it_expired_is_not_sent(rater: Linked) -> None:
    await rater.ask("POST", "/codes")
    assert await deliver(rater.catcher, FEEDBACK_OPEN + rules.CODE_LASTS) == []


async def test_what_a_code_opens_closes_after_half_an_hour(rater: Linked) -> None:
    await rater.come_in()
    rater.at(FEEDBACK_OPEN + timedelta(minutes=29, seconds=59))
    assert (await rater.ask("GET", "/response")).status_code == 200
    rater.at(FEEDBACK_OPEN + timedelta(minutes=30))
    assert slug(await rater.ask("GET", "/response")) == WANTED


async def test_what_opens_one_form_opens_no_other(rater: Linked, scene: Scene) -> None:
    await rater.come_in()
    session = rater.headers["Feedback-Session"]
    last, _, seal = session.partition(".")
    for forged in ("", ".", "x", seal, f"{int(last) + 60}.{seal}", f"9{session}"):
        answer = await rater.ask("GET", "/response", Feedback_Session=forged)
        assert slug(answer) == WANTED, forged


async def test_whoever_asks_too_often_waits(rater: Linked) -> None:
    answers = [await rater.ask("GET") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]


async def test_nothing_is_kept_of_its_use_and_no_secret_is_logged(
    rater: Linked, capsys: pytest.CaptureFixture[str], put_back: None
) -> None:
    logs.set_up(Settings(log_level="debug"))
    tables = ("kept_answer", "rate_window", "audit_entry", "notice")
    counts = [f"SELECT count(*) FROM {table}" for table in tables]  # noqa: S608 - these
    before = [await counted(count) for count in counts]
    code = await rater.mailed_code()
    answer = await rater.type_code(code)
    session = rater.headers["Feedback-Session"] = answer.json()["session"]
    for method, more, body in ACTS[:4]:
        done = await rater.ask(method, more, body, Idempotency_Key="canary")
        assert done.status_code == 200, done.text
    await rater.ask("POST", "/submission", If_Match=done.headers["etag"])
    assert [await counted(count) for count in counts] == before
    logged = capsys.readouterr().err
    token = rater.path.rpartition("/")[2]
    assert not [secret for secret in (token, code, session) if secret in logged]
    assert "feedback-links" not in logged
    for table in ("outbox", "feedback_link", "feedback_mail"):
        sql = f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1"  # noqa: S608 - these
        assert await counted(sql, f"%{token}%") == 0
        assert await counted(sql, f"%{session}%") == 0


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put logging back as it was; what the mail server here says is not ours."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


async def test_what_came_through_a_link_counts_as_any_other(
    rater: Linked, scene: Scene
) -> None:
    await rater.come_in()
    saved = await rater.ask("PUT", "/response", FORM)
    await rater.ask("POST", "/submission", If_Match=saved.headers["etag"])
    waiting = await actions.waiting(scene.people["moj1"], scene.cycle)
    assert rater.request not in waiting
    await windows.close(scene.cycle, CLOSED)
    assert await state_of(rater.request) == "submitted"


async def test_the_list_of_undelivered_is_an_hr_administrator_s(
    callers: Callers, scene: Scene, catcher: Catcher
) -> None:
    catcher.answer = "550 No such mailbox"
    await deliver(catcher, FEEDBACK_OPEN)
    refused = await callers.get("dwp-head", "/v1/undelivered")
    assert (refused.status_code, slug(refused)) == (403, "missing-role")
    await an_administrator(scene, "dwp-head")
    items = (await callers.get("dwp-head", "/v1/undelivered")).json()["items"]
    assert {item["person"] for item in items} == {
        str(scene.people[name]) for name in ("dwp1", "dwp2")
    }
    assert {frozenset(item) for item in items} == {
        frozenset({"person", "name", "address", "since"})
    }
    assert {item["since"] for item in items} == {"2027-02-10"}
