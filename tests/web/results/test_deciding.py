"""Deciding, appealing and settling as pages, for each who has to do with a score."""

from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from tests.factories import record_of
from tests.scores.deciding.scored import (
    ABOVE,
    COUNTERSIGNS,
    HIGHER,
    HR,
    HR_ELSEWHERE,
    MANAGER,
    REPORT,
    SUBJECT,
    Scored,
    a_scored_department,
)
from tests.scoring import undone
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, title, visiting

ACCEPT = {"outcome": "accept", "version": "1"}
APPEAL = {"reason": "Two of my objectives are missing."}


@pytest.fixture(scope="module")
async def scored(opened: None) -> AsyncIterator[Scored]:
    async with undone():
        yield await a_scored_department()


@pytest.fixture(autouse=True)
async def db(scored: Scored) -> AsyncIterator[None]:
    async with undone():
        yield


def code(name: str) -> str:
    if name == HR_ELSEWHERE:
        return "dwp"
    return name.partition("-")[0] if name.endswith("-head") else "hmt"


async def path_of(scored: Scored, what: str, name: str = SUBJECT) -> str:
    on = await record_of(scored.people[name], scored.cycle)
    return f"/records/{on.id}/{what}"


async def get(scored: Scored, who: str, path: str) -> httpx.Response:
    async with visiting(scored.people[who], code(who)) as visitor:
        return await visitor.get(path)


async def post(
    scored: Scored, who: str, path: str, fields: dict[str, str]
) -> httpx.Response:
    async with visiting(scored.people[who], code(who)) as visitor:
        return await visitor.post(path, fields)


async def test_the_manager_accepts_and_everybody_concerned_reads_it(
    scored: Scored,
) -> None:
    path = await path_of(scored, "decision")
    page = await get(scored, MANAGER, path)
    assert page.status_code == 200, page.text
    assert heading(page).startswith("Decision on the score of Sam ")
    assert "62.5, and we are 90% sure it is between 50 and 75" in page.text
    sent = await post(scored, MANAGER, path, ACCEPT)
    assert sent.status_code == 303, sent.text
    for who in (SUBJECT, MANAGER, ABOVE, COUNTERSIGNS, HR):
        assert "Accepted as evidence" in (await get(scored, who, path)).text, who


async def test_the_figure_is_shown_to_those_alone_who_see_the_record(
    scored: Scored,
) -> None:
    path = await path_of(scored, "decision")
    for who, sees in (
        (SUBJECT, True), (MANAGER, True), (HR, True), (ABOVE, False),
        (COUNTERSIGNS, False),
    ):  # fmt: skip
        page = await get(scored, who, path)
        assert ("62.5" in page.text) is sees, who
        assert ('name="outcome"' in page.text) is (who == MANAGER), who


async def test_to_everybody_else_there_is_no_score(scored: Scored) -> None:
    for what in ("decision", "appeal"):
        path = await path_of(scored, what)
        for who in (HIGHER, HR_ELSEWHERE, "hmt2"):
            assert (await get(scored, who, path)).status_code == 404, who
            assert (await post(scored, who, path, ACCEPT | APPEAL)).status_code in {
                404,
                422,
            }, who
        unpublished = await path_of(scored, what, "hmt4")
        assert (await get(scored, MANAGER, unpublished)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": "1"}, "Choose what you make of the score"),
        ({"outcome": "reject", "version": "1"}, "Say why you reject it or put"),
        (
            {"outcome": "amend", "reason": "It leaves out winter.", "version": "1"},
            "Say what your own judgement is",
        ),
        (
            {"outcome": "reject", "reason": "It is not mine.", "version": "7"},
            "changed",
        ),
    ],
)
async def test_what_a_decision_lacks_is_said_and_words_are_kept(
    scored: Scored, fields: dict[str, str], said: str
) -> None:
    page = await post(scored, MANAGER, await path_of(scored, "decision"), fields)
    assert page.status_code == 422, page.text
    assert title(page).startswith("Error: ")
    assert said in page.text
    assert fields.get("reason", "") in page.text


async def test_only_the_line_manager_decides(scored: Scored) -> None:
    path = await path_of(scored, "decision")
    for who in (SUBJECT, ABOVE, COUNTERSIGNS, HR, REPORT):
        assert (await post(scored, who, path, ACCEPT)).status_code == 403, who


async def test_an_amendment_stands_beside_the_score(scored: Scored) -> None:
    path = await path_of(scored, "decision")
    fields = {
        "outcome": "amend",
        "reason": "It leaves out the winter.",
        "band": "clearly_above",
        "note": "Above what the score says.",
        "version": "1",
    }
    assert (await post(scored, MANAGER, path, fields)).status_code == 303
    page = await get(scored, SUBJECT, path)
    assert "It leaves out the winter." in page.text
    assert "Above what the score says." in page.text
    assert "62.5" in page.text
    results = await path_of(scored, "results")
    for who in (SUBJECT, MANAGER):
        page = await get(scored, who, results)
        assert "It leaves out the winter." in page.text, who
        assert "Their own judgement:" in page.text, who
        assert "Clearly above the typical range. " in page.text, who
        assert "Above what the score says." in page.text, who


async def test_a_form_speaks_of_its_choices_by_their_own_words(scored: Scored) -> None:
    page = await get(scored, MANAGER, await path_of(scored, "decision"))
    said = unescape(page.text)
    assert "only if you choose “Accept it”" in said
    assert "amend)" not in said
    assert said.count("(only if you put it beside the score)") == 2
    assert "Accept it, with your own judgement beside it" in said


async def test_the_subject_appeals_and_whoever_is_apart_settles(scored: Scored) -> None:
    path = await path_of(scored, "appeal")
    bad = await post(scored, SUBJECT, path, {})
    assert (bad.status_code, "Say why you appeal" in bad.text) == (422, True)
    assert (await post(scored, SUBJECT, path, APPEAL)).status_code == 303
    page = await get(scored, SUBJECT, path)
    assert APPEAL["reason"] in page.text
    assert "Withdraw your appeal" in page.text
    under = await get(scored, MANAGER, await path_of(scored, "decision"))
    assert "under appeal" in under.text
    assert 'name="outcome"' not in under.text
    assert "Settle appeal" not in (await get(scored, MANAGER, path)).text
    settling = await get(scored, ABOVE, path)
    assert "Settle appeal" in settling.text
    (action,) = {
        each.split('"')[0]
        for each in settling.text.split('action="')[1:]
        if "settlement" in each.split('"')[0]
    }
    lacking = await post(scored, ABOVE, action, {"version": "2", "reason": "Read it."})
    assert (lacking.status_code, "Read it." in lacking.text) == (422, True)
    answer = {"outcome": "dismiss", "reason": "I have read all.", "version": "2"}
    assert (await post(scored, MANAGER, action, answer)).status_code == 403
    assert (await post(scored, ABOVE, action, answer)).status_code == 303
    told = await get(scored, SUBJECT, path)
    assert "Dismissed" in told.text
    assert "I have read all." in told.text


async def test_an_appeal_is_withdrawn_by_whoever_made_it(scored: Scored) -> None:
    path = await path_of(scored, "appeal")
    await post(scored, SUBJECT, path, APPEAL)
    page = await get(scored, SUBJECT, path)
    (action,) = {
        each.split('"')[0]
        for each in page.text.split('action="')[1:]
        if "withdrawal" in each.split('"')[0]
    }
    assert (await post(scored, HR, action, {"version": "2"})).status_code == 403
    assert (await post(scored, SUBJECT, action, {"version": "2"})).status_code == 303
    assert "Send appeal" in (await get(scored, SUBJECT, path)).text


async def test_home_lists_what_waits_and_not_what_is_done(scored: Scored) -> None:
    decide, settle = "Decide on the score of Sam", "Settle the appeal of Sam"
    assert (await get(scored, MANAGER, "/")).text.count(decide) == 1
    assert decide not in (await get(scored, SUBJECT, "/")).text
    await post(scored, SUBJECT, await path_of(scored, "appeal"), APPEAL)
    assert decide not in (await get(scored, MANAGER, "/")).text
    for who, waits in ((ABOVE, 1), (COUNTERSIGNS, 1), (HR, 1), (MANAGER, 0),
                       (REPORT, 0), (HIGHER, 0), (HR_ELSEWHERE, 0)):  # fmt: skip
        assert (await get(scored, who, "/")).text.count(settle) == waits, who


async def test_it_takes_few_statements(scored: Scored) -> None:
    await post(scored, SUBJECT, await path_of(scored, "appeal"), APPEAL)
    for what in ("decision", "appeal"):
        path = await path_of(scored, what)
        for who in (SUBJECT, MANAGER, HR):
            async with visiting(scored.people[who], code(who)) as visitor:
                said = await asked(visitor, path)
            assert len(said) <= MOST, (who, said)


async def test_the_address_in_a_mail_leads_on_whom_it_is_for_and_nobody_else(
    scored: Scored,
) -> None:
    at = f"/scores/{scored.scores[SUBJECT]}"
    for what in ("decision", "appeal"):
        for who in (SUBJECT, MANAGER, ABOVE, COUNTERSIGNS, HR):
            led = await get(scored, who, f"{at}/{what}")
            assert led.status_code == 303, who
            assert led.headers["location"] == await path_of(scored, what)
        for who in (HIGHER, HR_ELSEWHERE, "hmt2"):
            assert (await get(scored, who, f"{at}/{what}")).status_code == 404, who
    assert (await get(scored, MANAGER, "/scores/x/decision")).status_code == 404
