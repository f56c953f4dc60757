"""The list of what is asked, and declining."""

from litestar import Litestar

from service.auth.caller import Person
from service.feedback import actions
from service.feedback.rules import HEAVY
from tests.factories import FEEDBACK_OPEN
from tests.feedback.stored import counted, state_of
from tests.scoring import Scene
from tests.web.feedback.rating import (
    WHOLE,
    Rating,
    a_rating,
    led_to,
    summary,
    words,
)
from tests.web.visiting import heading, visiting

REASON = "We worked together too briefly."


async def test_the_list_says_of_each_where_it_stands(
    rater: Rating, scene: Scene
) -> None:
    asked = await actions.waiting(scene.people["dwp1"], scene.cycle)
    page = await rater.visitor.get("/feedback")
    assert heading(page) == "Feedback you are asked for"
    assert page.text.count("Not started") == len(asked) > 1
    assert rater.path in page.text
    assert "Send it by the end of 28 February 2027." in words(page.text)
    await rater.fill_in(action="save")
    saved = await rater.visitor.get("/feedback")
    assert "Draft saved" in saved.text
    await rater.fill_in(version="1")
    sent = words((await rater.visitor.get("/feedback")).text)
    assert "You can change it until the end of 28 February 2027. Sent" in sent
    await rater.fill_in(version="1", resolves="2", action="save")
    changed = await rater.visitor.get("/feedback")
    assert "Changes not sent" in changed.text


async def test_whoever_is_asked_too_much_is_told_so(
    rater: Rating, scene: Scene, fresh: Litestar
) -> None:
    async with visiting(scene.people["moj1"], "moj", app=fresh) as visitor:
        asked = await actions.open_requests(Person(scene.people["moj1"]), FEEDBACK_OPEN)
        said = words((await visitor.get("/feedback")).text)
    warned = f"You are asked about {len(asked)} colleagues" in said
    assert warned == (len(asked) > HEAVY)


async def test_nothing_waiting_says_so(scene: Scene, fresh: Litestar) -> None:
    async with visiting(scene.people["newcomer"], "hmt", app=fresh) as visitor:
        page = await visitor.get("/feedback")
    assert "No feedback waits for you." in words(page.text)


async def test_declining_takes_a_reason(rater: Rating) -> None:
    page = await rater.get("/decline")
    assert heading(page) == "Why can you not give this feedback?"
    for reason, said in (
        ("", "Say in a few words why you cannot give feedback"),
        ("   ", "Say in a few words why you cannot give feedback"),
        ("x" * 1001, "Write 1,000 or fewer characters"),
    ):
        refused = await rater.send("/decline", reason=reason)
        assert refused.status_code == 422
        assert summary(refused) == [said]
        assert reason in refused.text
    assert await state_of(rater.request) == "opened"


async def test_what_was_declined_is_over_for_good(rater: Rating) -> None:
    await rater.fill_in(action="save")
    gone = await rater.send("/decline", reason=REASON)
    assert led_to(gone) == rater.path
    assert await state_of(rater.request) == "declined"
    page = await rater.get()
    assert heading(page) == "You have declined to give this feedback"
    assert REASON not in page.text
    late = await rater.fill_in()
    assert (late.status_code, heading(late)) == (409, heading(page))
    again = await rater.send("/decline", reason=REASON)
    assert (again.status_code, heading(again)) == (409, heading(page))
    assert rater.path not in (await rater.visitor.get("/feedback")).text


async def test_what_was_sent_is_changed_and_not_declined(rater: Rating) -> None:
    await rater.fill_in()
    assert "I cannot give this feedback" not in (await rater.get()).text
    assert led_to(await rater.get("/decline")) == rater.path
    refused = await rater.send("/decline", reason=REASON)
    assert refused.status_code == 409
    assert await state_of(rater.request) == "submitted"


async def test_what_is_not_done_is_not_said_to_be(rater: Rating) -> None:
    for step in ("/sent", "/saved", "/check"):
        assert led_to(await rater.get(step)) == rater.path
    for method, step in (("get", "/done"), ("post", "/sent"), ("post", "/saved")):
        ask = rater.visitor.get if method == "get" else rater.visitor.post
        assert (await ask(rater.path + step)).status_code == 404


async def test_without_its_token_no_form_is_taken(rater: Rating) -> None:
    for step, fields in (
        ("", WHOLE),
        ("/check", {"version": "1"}),
        ("/decline", {"reason": REASON}),
    ):
        refused = await rater.send(step, **{**fields, "_csrf": "forged"})
        assert refused.status_code == 403, step
        elsewhere = await rater.visitor.post(
            rater.path + step, fields, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert elsewhere.status_code == 403, step
    assert await state_of(rater.request) == "invited"
    assert await counted("SELECT count(*) FROM feedback_answer") == 0


async def test_two_raters_of_one_subject_do_not_see_each_other(
    rater: Rating, scene: Scene, fresh: Litestar
) -> None:
    await rater.fill_in(keep_doing="Canary in a note.")
    async with a_rating(scene, fresh, rater="moj1") as other:
        for step in ("", "/check", "/sent", "/saved", "/decline"):
            assert "Canary" not in (await other.get(step)).text
        assert (await other.visitor.get(rater.path)).status_code == 404
