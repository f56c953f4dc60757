"""A link and a typed code open the same form; either alone opens nothing."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from litestar import Litestar

from service.db import transaction
from service.edge.rates import Rates, in_memory
from service.settings import settings
from tests.factories import CLOSED, FEEDBACK_OPEN
from tests.feedback.inviting import linked
from tests.feedback.inviting.mailed import deliver, text
from tests.feedback.over_http import forget_rates
from tests.feedback.stored import counted, request_of, state_of, stored
from tests.jobs.catcher import Catcher
from tests.scoring import Scene
from tests.web.feedback.linking import Linked, drawn, hidden
from tests.web.feedback.rating import (
    SENT,
    WHOLE,
    filled_in,
    led_to,
    summary,
    version_in,
    words,
)
from tests.web.visiting import heading, visiting

STEPS = ("", "/code", "/form", "/check", "/sent", "/saved", "/decline")
ACTS = (("/form", WHOLE), ("/check", {"version": "1"}), ("/decline", {"reason": "x"}))
AN_HOUR = timedelta(hours=1)


@pytest.fixture
async def rater(
    fresh: Litestar, scene: Scene, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Linked]:
    def turn(now: datetime) -> None:
        monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
        settings.cache_clear()
        forget_rates(fresh)

    request = await request_of(scene, "moj1", "hmt1")
    async with transaction() as connection:
        await connection.execute(linked.KEEP, request)
    (mail,) = await deliver(catcher, FEEDBACK_OPEN)
    path = str(linked.LINK.findall(text(mail))[0])
    async with visiting(None, app=fresh) as visitor:
        yield Linked(visitor, catcher, request, path, turn)


async def test_by_itself_it_names_nobody_and_changes_nothing(
    rater: Linked, scene: Scene
) -> None:
    page = await rater.get()
    assert heading(page) == "Give feedback on a colleague"
    assert "the end of 28 February 2027" in words(page.text)
    assert "Person" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    for step in ("/form", "/check", "/sent", "/saved", "/decline"):
        assert led_to(await rater.get(step)) == rater.path
    for step, fields in ACTS:
        wanted = await rater.send(step, **fields)
        assert heading(wanted) == "Enter your code"
        assert "Person" not in wanted.text
    assert await state_of(rater.request) == "invited"
    assert await counted("SELECT count(*) FROM feedback_act") == 0
    assert await deliver(rater.catcher, FEEDBACK_OPEN) == []


async def test_from_the_mail_to_sent(rater: Linked, scene: Scene) -> None:
    await rater.come_in()
    page = await rater.get("/form")
    assert heading(page).startswith("Feedback on ")
    assert await state_of(rater.request) == "opened"
    assert 'href="/feedback"' not in page.text
    sent = await rater.send("/form", **{**WHOLE, "version": version_in(page)})
    assert led_to(sent) == f"{rater.path}/sent"
    assert heading(await rater.get("/sent")) == "Feedback sent"
    assert await stored(scene, "hmt1") == [SENT]
    again = await rater.get("/form")
    changed = {**WHOLE, "version": version_in(again), "resolves": "2"}
    await rater.send("/form", **changed)
    assert await stored(scene, "hmt1") == [{**SENT, "resolves": 2}]


async def test_what_is_saved_comes_back_by_the_link_and_a_new_code(
    rater: Linked,
) -> None:
    await rater.come_in()
    fields = {**WHOLE, "action": "save", "resolves": ""}
    assert led_to(await rater.send("/form", **fields)) == f"{rater.path}/saved"
    assert "mailed a new code" in (await rater.get("/saved")).text
    rater.at(FEEDBACK_OPEN + AN_HOUR)
    assert led_to(await rater.get("/form")) == rater.path
    await rater.come_in()
    shown = filled_in(await rater.get("/form"))
    assert shown["keep_doing"] == WHOLE["keep_doing"]
    assert "resolves" not in shown


async def test_telling_words_are_shown_before_they_are_sent(
    rater: Linked, scene: Scene
) -> None:
    await rater.come_in()
    fields = {**WHOLE, "keep_doing": "As on 3 March in Leeds."}
    assert led_to(await rater.send("/form", **fields)) == f"{rater.path}/check"
    page = await rater.get("/check")
    assert heading(page) == "Check your words"
    sent = await rater.send("/check", version=version_in(page))
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]


@pytest.mark.parametrize("too_soon", [False, True])
async def test_what_was_written_while_the_half_hour_ended_is_sent_after_the_code(
    rater: Linked, scene: Scene, *, too_soon: bool
) -> None:
    await rater.come_in()
    rater.at(FEEDBACK_OPEN + AN_HOUR)
    text = 'A note "to" all & <more>\nevery week.'
    asked = await rater.send("/form", **{**WHOLE, "keep_doing": text})
    assert (asked.status_code, heading(asked)) == (200, "Enter your code")
    carried = hidden(asked)
    again = await rater.visitor.post(f"{rater.path}/codes", carried)
    assert hidden(again) == carried
    if too_soon:
        refused = await rater.visitor.post(f"{rater.path}/codes", carried)
        assert refused.status_code == 422
        assert summary(refused)[0].startswith("A code was sent less than five minutes")
        assert hidden(refused) == carried
    code = await rater.mailed_code()
    wrong = await rater.visitor.post(
        f"{rater.path}/code", {**carried, "code": f"{(int(code) + 1) % 10**6:06}"}
    )
    assert wrong.status_code == 422
    assert hidden(wrong) == carried
    sent = await rater.visitor.post(f"{rater.path}/code", {**carried, "code": code})
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]
    assert filled_in(await rater.get("/form"))["keep_doing"] == text


async def test_a_reason_written_while_the_half_hour_ended_goes_on_too(
    rater: Linked,
) -> None:
    await rater.come_in()
    rater.at(FEEDBACK_OPEN + AN_HOUR)
    asked = await rater.send("/decline", reason="Too briefly.")
    carried = hidden(asked)
    await rater.visitor.post(f"{rater.path}/codes", carried)
    code = await rater.mailed_code()
    gone = await rater.visitor.post(f"{rater.path}/code", {**carried, "code": code})
    assert led_to(gone) == "/feedback-links/declined"
    assert await state_of(rater.request) == "declined"


async def test_declined_the_link_leads_nowhere(rater: Linked) -> None:
    await rater.come_in()
    gone = await rater.send("/decline", reason="Too briefly.")
    assert led_to(gone) == "/feedback-links/declined"
    done = await rater.visitor.get(led_to(gone))
    assert heading(done) == "You have declined to give this feedback"
    for step in STEPS:
        assert (await rater.get(step)).status_code == 404, step
    for step, fields in ACTS:
        assert (await rater.send(step, **fields)).status_code == 404, step


async def test_unknown_over_and_used_up_are_drawn_alike(rater: Linked) -> None:
    real, found = rater.path, {}

    async def note(name: str) -> None:
        asked = [await rater.get(step) for step in STEPS]
        asked += [await rater.send(step, **fields) for step, fields in ACTS]
        asked += [await rater.send(step, code="204518") for step in ("/code", "/codes")]
        found[name] = [drawn(answer) for answer in asked]

    rater.path = f"/feedback-links/{'x' * 43}"
    await note("unknown")
    rater.path = real
    rater.at(CLOSED)
    await note("over")
    rater.at(FEEDBACK_OPEN)
    await rater.come_in()
    await rater.send("/decline", reason="Too briefly.")
    await note("used up")
    assert found["unknown"] == found["over"] == found["used up"]
    assert {status for status, *_ in found["unknown"]} == {404}
    assert "This link leads nowhere" in found["unknown"][0][1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "Enter the code that was mailed to you"),
        ("12345", "The code is six digits, such as 204518"),
        ("12345a", "The code is six digits, such as 204518"),
    ],
)
async def test_what_is_no_code_is_said_at_its_field(
    rater: Linked, code: str, said: str
) -> None:
    page = await rater.send("/code", code=code)
    assert page.status_code == 422
    assert summary(page) == [said]
    assert 'href="#code"' in page.text


async def test_a_code_may_be_typed_with_spaces(rater: Linked) -> None:
    await rater.send("/codes")
    code = await rater.mailed_code()
    typed = await rater.send("/code", code=f" {code[:3]} {code[3:]} ")
    assert led_to(typed) == f"{rater.path}/form"


async def test_a_wrong_code_is_told_and_lets_nobody_in(rater: Linked) -> None:
    await rater.send("/codes")
    code = await rater.mailed_code()
    wrong = await rater.send("/code", code=f"{(int(code) + 1) % 10**6:06}")
    assert wrong.status_code == 422
    assert summary(wrong)[0].startswith("Type the six digits sent last")
    assert led_to(await rater.get("/form")) == rater.path


async def test_what_lets_in_is_kept_for_this_host_alone(rater: Linked) -> None:
    await rater.send("/codes")
    answer = await rater.send("/code", code=await rater.mailed_code())
    (cookie,) = [each for name, each in answer.headers.multi_items()
                 if name == "set-cookie" and "feedback" in each]  # fmt: skip
    assert cookie.startswith("__Host-feedback-")
    said = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/", "max-age=1800"} <= said
    assert not any(part.startswith("domain") for part in said)


async def test_it_opens_that_one_form_alone(
    rater: Linked, scene: Scene, catcher: Catcher
) -> None:
    await rater.come_in()
    theirs = await request_of(scene, "moj1", "hmt2")
    for path in ("/feedback", f"/feedback/{theirs}", f"/feedback/{rater.request}"):
        answer = await rater.visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


async def test_a_form_without_its_token_is_refused(rater: Linked) -> None:
    await rater.come_in()
    for step, fields in (*ACTS, ("/codes", {}), ("/code", {"code": "204518"})):
        refused = await rater.send(step, **{**fields, "_csrf": "forged"})
        assert refused.status_code == 403, step
    assert await state_of(rater.request) == "invited"


async def test_asked_too_often_a_link_answers_no_more(
    rater: Linked, fresh: Litestar
) -> None:
    def clock() -> float:
        return 1_000.0

    fresh.state.untraced_rates = Rates(take=in_memory(clock), clock=clock)
    statuses = [(await rater.get()).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
