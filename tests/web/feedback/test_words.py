"""Words by which a rater may be recognised: shown once, and never in the way."""

from tests.feedback.stored import stored
from tests.scoring import Scene
from tests.web.feedback.rating import (
    HINTED,
    SENT,
    Rating,
    led_to,
    summary,
    version_in,
    words,
)
from tests.web.visiting import heading


async def test_words_that_may_tell_are_shown_once_and_never_in_the_way(
    rater: Rating, scene: Scene
) -> None:
    version = version_in(await rater.get())
    checked = await rater.fill_in(version=version, **HINTED)
    assert led_to(checked) == f"{rater.path}/check"
    assert await stored(scene, "hmt1") == []
    page = await rater.get("/check")
    assert heading(page) == "Check your words"
    assert '<mark class="app-pointed">3 March</mark>' in page.text
    assert "This names a date; the subject may recognise you." in words(page.text)
    sent = await rater.send("/check", version=version_in(page))
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]


async def test_who_changed_their_words_is_not_asked_again(
    rater: Rating, scene: Scene
) -> None:
    await rater.fill_in(**HINTED)
    back = await rater.get("?looked")
    assert 'name="looked" value="true"' in back.text
    sent = await rater.fill_in(
        version=version_in(back), looked="true", keep_doing="As in May, keep on."
    )
    assert led_to(sent) == f"{rater.path}/sent"
    assert await stored(scene, "hmt1") == [SENT]


async def test_what_is_wrong_is_said_before_words_are_looked_at(
    rater: Rating,
) -> None:
    page = await rater.fill_in(**HINTED, resolves="")
    assert page.status_code == 422
    assert len(summary(page)) == 1


async def test_without_telling_words_there_is_nothing_to_check(rater: Rating) -> None:
    await rater.fill_in(action="save")
    assert led_to(await rater.get("/check")) == rater.path


async def test_a_draft_saved_elsewhere_is_looked_at_before_it_is_sent(
    rater: Rating, scene: Scene
) -> None:
    await rater.fill_in(**HINTED)
    old = version_in(await rater.get("/check"))
    await rater.fill_in(version=old, keep_doing="As in May in Leeds.", action="save")
    answer = await rater.send("/check", version=old)
    assert led_to(answer) == f"{rater.path}/check"
    assert await stored(scene, "hmt1") == []
