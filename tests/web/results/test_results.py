"""Results as a page: what the API tells subject and manager, and to nobody else any."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from service.feedback.form.data import form
from service.feedback.form.items import FORM_VERSION
from service.hr.wording import BANDS, STATES
from tests.feedback.over_http import an_administrator
from tests.scoring import Scene, a_scored_cycle, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, visiting

SURE = re.compile(r"[0-9.]+, and we are 90% sure it is between [0-9.]+ and [0-9.]+")


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        yield await a_scored_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


def path_of(scene: Scene, name: str = "hmt1") -> str:
    return f"/records/{scene.records[name].id}/results"


async def seen(scene: Scene, who: str, path: str) -> httpx.Response:
    async with visiting(scene.people[who], scene.records[who].organisation) as visitor:
        return await visitor.get(path)


@pytest.mark.usefixtures("db")
async def test_a_score_is_said_with_how_sure_it_is_in_words_chart_and_table(
    scene: Scene,
) -> None:
    for who, said in (("hmt1", "Your results"), ("hmt-head", "Results of Sam ")):
        page = await seen(scene, who, path_of(scene))
        assert page.status_code == 200, page.text
        assert heading(page).startswith(said)
        assert SURE.search(page.text)
        for part in ("<svg", "<title id=", "<desc id=", "The parts of the score"):
            assert part in page.text, part
        assert page.text.count('class="app-chart__point') >= 1
        assert "These four lines add up" in page.text
        assert " style=" not in page.text
        # 34, in a sentence as in the chart and the table, and never 34.0.
        assert re.findall(r"\d\.0\b", re.sub(r"<[^>]*>", " ", page.text)) == []


@pytest.mark.usefixtures("db")
async def test_it_speaks_as_the_form_does_and_never_against_itself(
    scene: Scene,
) -> None:
    page = await seen(scene, "hmt1", path_of(scene))
    lowest, *_, highest = form(FORM_VERSION).in_language("en").frequencies
    assert f"from 1 ({lowest.lower()}) to 5 ({highest.lower()})" in page.text
    assert "(never)" not in page.text
    assert re.search(r"\d+ to \d+ colleagues of ", page.text), page.text
    assert "That is " in page.text
    for each in (*STATES.values(), *BANDS.values()):
        assert "enough evidence" not in each
    for line in re.findall(r'app-chart__grid.*?y1="(\d+)" y2="(\d+)"', page.text):
        top, bottom = map(int, line)
        for text in re.findall(r'app-chart__(?:label|tick).*?y="(\d+)"', page.text):
            assert not top < int(text) - 4 < bottom


@pytest.mark.usefixtures("db")
async def test_without_a_number_it_says_what_would_be_enough(scene: Scene) -> None:
    for name, said in (
        ("hmt5", "A number needs feedback from at least 5 colleagues"),
        ("dwp1", "colleagues in at least 2 other organisations"),
        ("newcomer", "Fewer working days in post"),
    ):
        page = await seen(scene, name, path_of(scene, name))
        assert page.status_code == 200, page.text
        assert said in page.text, name
        assert SURE.search(page.text) is None, name


@pytest.mark.usefixtures("db")
async def test_the_subject_replies_and_the_manager_reads_it(scene: Scene) -> None:
    async with visiting(scene.people["hmt1"], "hmt") as visitor:
        sent = await visitor.post(
            f"{path_of(scene)}/reply",
            {"text": "Thank you.\r\nAll fair.", "version": "0"},
        )
        assert sent.status_code == 303, sent.text
        late = await visitor.post(
            f"{path_of(scene)}/reply", {"text": "Other words.", "version": "0"}
        )
        assert late.status_code == 422
        assert "Error: Your results" in late.text
        assert "Other words." in late.text
        more = await visitor.post(
            f"{path_of(scene)}/reply", {"text": "x" * 5000, "version": "1"}
        )
        assert (more.status_code, "too long" in more.text) == (422, True)
    manager = await seen(scene, "hmt-head", path_of(scene))
    assert "Thank you.\nAll fair." in manager.text
    assert "/reply" not in manager.text


@pytest.mark.usefixtures("db")
async def test_only_the_subject_replies(scene: Scene) -> None:
    async with visiting(scene.people["hmt-head"], "hmt") as visitor:
        sent = await visitor.post(
            f"{path_of(scene)}/reply", {"text": "Well.", "version": "0"}
        )
    assert sent.status_code in {403, 422}
    assert "Only whom the feedback is about replies to it" in sent.text


@pytest.mark.usefixtures("db")
async def test_to_everybody_else_there_are_no_results(scene: Scene) -> None:
    await an_administrator(scene, "hmt2")
    for name in ("hmt2", "hmt3", "dwp1", "dwp-head"):
        assert (await seen(scene, name, path_of(scene))).status_code == 404, name
    async with visiting(None) as stranger:
        assert (await stranger.get(path_of(scene))).status_code in {303, 401}


@pytest.mark.usefixtures("db")
async def test_it_takes_few_statements(scene: Scene) -> None:
    for name in ("hmt1", "hmt-head"):
        async with visiting(scene.people[name], "hmt") as visitor:
            said = await asked(visitor, path_of(scene))
        assert len(said) <= MOST, said


@pytest.mark.usefixtures("db")
async def test_it_is_in_welsh_for_whoever_asks_for_it(scene: Scene) -> None:
    async with visiting(scene.people["hmt1"], "hmt") as visitor:
        for what in ("results", "decision", "appeal", "raters"):
            path = f"/records/{scene.records['hmt1'].id}/{what}"
            page = await visitor.get(path, headers={"Accept-Language": "cy"})
            assert page.status_code == 200, page.text
            assert '<html lang="cy"' in page.text
            assert "%(" not in page.text
            assert "%%" not in page.text
