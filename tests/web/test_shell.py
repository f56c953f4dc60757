"""Every page stands in the same shell, with the same headers."""

import re

import httpx
import pytest
from litestar import Litestar

from service.web.help_pages import TITLES
from service.web.pages import INLINE, policy
from service.web.templating import environment
from tests.conftest import ISSUER


async def got(app: Litestar, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        return await client.get(path, headers={"accept": "text/html", **headers})


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("language", ["en", "cy"])
async def test_anybody_reads_them(app: Litestar, name: str, language: str) -> None:
    answer = await got(app, f"/{name}", **{"accept-language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert len(re.findall("<h1", answer.text)) == 1
    heading = re.search(r"<h1[^>]*>([^<]+)</h1>", answer.text)
    assert heading is not None
    assert f"<title>{heading[1]} - Joined-up Appraisal</title>" in answer.text


async def test_a_page_is_nobody_elses(app: Litestar) -> None:
    answer = await got(app, "/help")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == policy()
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in policy()


async def test_the_one_script_in_it_is_the_one_let_in(app: Litestar) -> None:
    answer = await got(app, "/help")
    scripts = re.findall(r"<script[^>]*>([^<]*)</script>", answer.text)
    assert [text for text in scripts if text] == [INLINE]
    assert not re.search(r"\s(style|on\w+)=", answer.text)


async def test_a_chosen_language_stays(app: Litestar) -> None:
    chosen = await got(app, "/language/cy?to=/cookies")
    assert chosen.headers["location"] == "/cookies"
    cookie = chosen.headers["set-cookie"].partition(";")[0]
    answer = await got(app, "/cookies", cookie=cookie)
    assert '<html lang="cy"' in answer.text
    elsewhere = await got(app, "/language/cy?to=//elsewhere.example")
    assert elsewhere.headers["location"] == "/"


async def test_what_is_not_there_is_a_page_to_people_and_a_problem_to_programs(
    app: Litestar,
) -> None:
    page = await got(app, "/nowhere")
    assert page.status_code == 404
    assert "Page not found" in page.text
    for program in (
        await got(app, "/v1/nowhere"),
        await got(app, "/nowhere", accept="application/json"),
    ):
        assert program.status_code == 404
        assert program.headers["content-type"] == "application/problem+json"


def test_what_is_filled_in_is_escaped() -> None:
    drawn = environment().from_string("{{ x }}{{ _('a %(b)s', b=x) }}")
    assert "<" not in drawn.render(x="<script>")


def test_a_gap_in_a_page_is_a_fault() -> None:
    with pytest.raises(Exception, match="undefined"):
        environment().from_string("{{ nobody_gave_it }}").render()
