"""Whoever writes until their time is over is given their words back."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from service.settings import settings
from tests.factories import a_department
from tests.web.visiting import Visitor, heading, visiting

PLACE = "/objectives/new"
WORDS = "We met every week,\nand <b>they</b> told us first."


async def sent_late(visitor: Visitor, **more: str) -> tuple[str, str]:
    """The heading and the page of a form that comes when the session is over."""
    token = visitor.token
    visitor.client.cookies.delete("__Host-session")
    fields = {"_csrf": token, "outcome": WORDS, "share": "40", **more}
    answer = await visitor.client.post(PLACE, data=fields)
    assert answer.status_code == 401
    return heading(answer), answer.text


async def test_words_come_back_and_nothing_else(db: None) -> None:
    hmt = await a_department("hmt")
    async with visiting(hmt.head, "hmt") as visitor:
        title, page = await sent_late(visitor)
    assert title == "Sign in again"
    assert "and &lt;b&gt;they&lt;/b&gt; told us first." in page
    assert 'app-words">40<' not in page
    assert f'href="/sign-in?to={quote(PLACE, safe="")}"' in page


async def test_a_form_from_elsewhere_gives_nothing_to_show(db: None) -> None:
    hmt = await a_department("hmt")
    async with visiting(hmt.head, "hmt") as visitor:
        _, forged = await sent_late(visitor, _csrf="x" * 32)
    async with visiting(hmt.head, "hmt") as visitor:
        visitor.client.headers["Sec-Fetch-Site"] = "cross-site"
        _, other = await sent_late(visitor)
    assert "told us first" not in forged + other


async def test_a_session_that_is_over_by_the_clock_is_so_too(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hmt = await a_department("hmt")
    async with visiting(hmt.head, "hmt") as visitor:
        then = settings().clock() + timedelta(minutes=31)
        monkeypatch.setenv("JOINEDUP_NOW", then.isoformat())
        settings.cache_clear()
        fields = {"_csrf": visitor.token, "outcome": WORDS}
        answer = await visitor.client.post(PLACE, data=fields)
    settings.cache_clear()
    assert answer.status_code == 401
    assert "told us first" in answer.text
