"""One page: what a rater fills in is kept, sent, or said to be wrong where it is."""

from collections.abc import Callable
from datetime import datetime

import pytest
from litestar import Litestar

from service.feedback import actions
from service.feedback.form.data import form
from service.feedback.form.items import BEHAVIOURS, LONGEST_TEXT, Language
from tests.factories import FEEDBACK_OPEN
from tests.feedback.lives import rater as person
from tests.feedback.stored import counted, state_of, stored
from tests.scoring import Scene
from tests.web.feedback.rating import (
    SENT,
    WHOLE,
    Rating,
    a_rating,
    filled_in,
    led_to,
    summary,
    version_in,
    words,
)
from tests.web.visiting import heading, title, visiting

PROMISE = (
    "Your name is kept from the subject, their manager and HR. It can be learned only"
    " under break-glass by two people, or if the law requires it. Your words are shown"
    " to the subject and manager after release, and the subject may recognise you."
)
TOLD = (
    "Before release, text moderators read what you write, without your name or your"
    " answers. Break-glass means two named officials acting together, with a written"
    " reason."
)
"""Who reads a rater's words is known before one is written."""
Clock = Callable[[datetime], None]
ONLY_AN_EXAMPLE = (
    "Select an answer to “Resolves disputes at the right level”, or remove its example"
)


async def test_before_the_first_question_it_says_what_is_kept_secret(
    rater: Rating,
) -> None:
    page = await rater.get()
    assert page.status_code == 200, page.text
    assert heading(page).startswith("Feedback on ")
    assert title(page) == f"{heading(page)} - Joined-up Appraisal"
    said = words(page.text)
    assert PROMISE in said
    assert said.index(PROMISE) < said.index("For how many months")
    assert said.index(TOLD) < said.index("For how many months")
    assert "Few people could have been asked about this colleague" in said
    assert "Judge each behaviour by itself" in said
    assert said.count("I did not see enough of their work to say") == len(BEHAVIOURS)


async def test_every_level_of_every_behaviour_is_in_its_words(rater: Rating) -> None:
    said = words((await rater.get()).text)
    for behaviour in form(1).words[Language.ENGLISH].behaviours:
        assert behaviour.asks in said
        for anchor in behaviour.anchors:
            assert said.count(anchor) == 1, anchor


async def test_the_first_look_opens_it_and_nobody_else_finds_it(
    rater: Rating, scene: Scene, fresh: Litestar
) -> None:
    await rater.get()
    assert await state_of(rater.request) == "opened"
    for name, organisation in (("moj1", "moj"), ("hmt1", "hmt"), ("hmt-head", "hmt")):
        async with visiting(scene.people[name], organisation, app=fresh) as stranger:
            for step in ("", "/check", "/sent", "/saved", "/decline"):
                assert (await stranger.get(rater.path + step)).status_code == 404
            for step in ("", "/check", "/decline"):
                refused = await stranger.post(rater.path + step, WHOLE)
                assert refused.status_code == 404
    async with visiting(None, app=fresh) as nobody:
        answer = await nobody.get(rater.path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


async def test_a_whole_form_is_sent_at_once_and_can_be_changed(
    rater: Rating, scene: Scene
) -> None:
    version = version_in(await rater.get())
    sent = await rater.fill_in(version=version)
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]
    done = await rater.get("/sent")
    assert heading(done) == "Feedback sent"
    assert "You can change it until the end of 28 February 2027." in words(done.text)
    again = await rater.get()
    assert "You have sent this feedback." in words(again.text)
    shown = filled_in(again)
    assert shown == {name: value for name, value in WHOLE.items()
                     if name not in {"version", "action"}}  # fmt: skip
    changed = await rater.fill_in(version=version_in(again), resolves="2")
    assert led_to(changed) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [{**SENT, "resolves": 2}]


async def test_a_double_tap_sends_once(rater: Rating, scene: Scene) -> None:
    version = version_in(await rater.get())
    for _ in range(2):
        assert led_to(await rater.fill_in(version=version)) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]


async def test_what_is_saved_half_filled_in_comes_back(rater: Rating) -> None:
    version = version_in(await rater.get())
    half = {"shares_early": "2", "credits": "not_observed", "months": "7",
            "keep_doing": "Notes & <b>more</b>", "do_differently": ""}  # fmt: skip
    saved = await rater.send(version=version, action="save", **half)
    assert led_to(saved) == f"{rater.path}/saved"
    assert await state_of(rater.request) == "draft"
    page = await rater.get("/saved")
    assert heading(page) == "Saved, not sent yet"
    assert "send it by the end of 28 February 2027" in words(page.text)
    back = await rater.get()
    assert "<b>more</b>" not in back.text
    assert filled_in(back) == {name: text for name, text in half.items() if text}


async def test_what_is_missing_is_said_item_by_item_and_the_rest_is_kept(
    rater: Rating,
) -> None:
    version = version_in(await rater.get())
    given = {"months": "", "frequency": "", "basis": "", "shares_early": "",
             "credits": "5", "credits_example": "", "resolves": "not_observed",
             "resolves_example": "They wrote first."}  # fmt: skip
    page = await rater.fill_in(version=version, **given)
    assert page.status_code == 422
    assert title(page).startswith("Error: Feedback on ")
    assert summary(page) == [
        "Enter how many months of this year you worked with them",
        "Select how often you worked with them",
        "Select what your answers rest on",
        "Select an answer to “Shares information with partners before it is asked for”",
        ONLY_AN_EXAMPLE,
        "Give an example of “Gives credit elsewhere”, or choose another answer",
    ]
    kept = {name: text for name, text in {**WHOLE, **given}.items()
            if text and name not in {"version", "action"}}  # fmt: skip
    assert filled_in(page) == kept
    assert filled_in(await rater.get()) == kept
    assert await state_of(rater.request) == "draft"
    for field in ("months", "frequency", "basis", "shares_early", "credits_example"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}"' in page.text


async def test_what_cannot_be_read_is_said_and_the_rest_is_kept(rater: Rating) -> None:
    version = version_in(await rater.get())
    for months in ("nine", "13", "-1", "3.5"):
        page = await rater.fill_in(version=version, months=months, action="save")
        assert page.status_code == 422
        assert summary(page) == [
            "The months you worked with them must be a whole number from 0 to 12"
        ]
        assert filled_in(page)["months"] == months
        version = version_in(page)
    back = filled_in(await rater.get())
    assert "months" not in back
    assert back["keep_doing"] == WHOLE["keep_doing"]


async def test_too_short_a_time_is_said_where_it_is_given(
    rater: Rating, scene: Scene
) -> None:
    page = await rater.fill_in(months="2")
    assert page.status_code == 422
    (said,) = summary(page)
    assert said.startswith("Feedback needs at least 3 months of working together")
    assert 'href="#months"' in page.text
    assert await stored(scene, "hmt1") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * (LONGEST_TEXT + 1), "Write 2,000 or fewer characters on “What should"),
        ("a\u202eb", "What you wrote on “What should they do differently?” has"),
        ("a\x07b", "What you wrote on “What should they do differently?” has"),
    ],
)
async def test_a_text_that_cannot_be_kept_stays_on_the_page(
    rater: Rating, text: str, said: str
) -> None:
    page = await rater.fill_in(do_differently=text, action="save")
    assert page.status_code == 422
    (found,) = summary(page)
    assert found.startswith(said)
    assert filled_in(page)["do_differently"] == text


async def test_line_ends_do_not_make_a_text_too_long(rater: Rating) -> None:
    text = "a\r\n" * (LONGEST_TEXT // 2)
    saved = await rater.fill_in(do_differently=text, action="save")
    assert led_to(saved) == f"{rater.path}/saved"


async def test_a_form_of_another_window_overwrites_nothing_unseen(
    rater: Rating, scene: Scene
) -> None:
    version = version_in(await rater.get())
    await rater.fill_in(version=version, resolves="2", action="save")
    page = await rater.fill_in(version=version, resolves="4")
    assert page.status_code == 422
    (said,) = summary(page)
    assert said.startswith("You saved this form in another window since")
    assert filled_in(page)["resolves"] == "4"
    assert await stored(scene, "hmt1") == []
    sent = await rater.fill_in(version=version_in(page), resolves="4")
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [{**SENT, "resolves": 4}]


async def test_an_objective_that_both_share_can_be_what_it_rests_on(
    rater: Rating, scene: Scene
) -> None:
    page = await rater.get()
    assert "One front door" in page.text
    objective = page.text.split('name="basis" type="radio" value="')[1][:36]
    assert led_to(await rater.fill_in(basis=objective)) == f"{rater.path}/sent"
    sql = "SELECT count(*) FROM feedback_rater WHERE objective IS NOT NULL"
    assert await counted(sql) == 1
    assert filled_in(await rater.get())["basis"] == objective


async def test_what_nobody_asks_for_is_refused(rater: Rating) -> None:
    for fields in (
        {"made_up": "x"},
        {"shares_early": "6"},
        {"frequency": "daily"},
        {"basis": "shared_objective"},
        {"action": "withdraw"},
        {"version": "many"},
    ):
        page = await rater.fill_in(**fields)
        assert page.status_code == 422, fields
        assert summary(page)


async def test_it_is_in_welsh_for_who_asks_for_welsh(
    rater: Rating, scene: Scene
) -> None:
    rater.visitor.client.headers["Accept-Language"] = "cy"
    page = await rater.get()
    assert '<html lang="cy"' in page.text
    said = words(page.text)
    assert "Cedwir eich enw rhag y person dan sylw" in said
    assert "Cyfieithiad drafft yw hwn" in said
    assert PROMISE not in said


async def test_looking_saves_nothing(rater: Rating, scene: Scene) -> None:
    await rater.get()
    own = await actions.look(rater.request, caller=person(scene), now=FEEDBACK_OPEN)
    assert own.draft is None


async def test_another_rater_s_form_starts_empty(
    rater: Rating, scene: Scene, fresh: Litestar
) -> None:
    await rater.fill_in()
    async with a_rating(scene, fresh, rater="moj1") as other:
        assert filled_in(await other.get()) == {}
