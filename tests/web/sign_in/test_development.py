"""oauth.md: 'Development and demo: a built-in, loudly marked provider
(`JOINEDUP_DEV_SIGN_IN=true`, loopback only, refuses to start otherwise)'.
"""

import re
from datetime import date
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from pydantic import ValidationError

from service.access.actions import grant
from service.access.rules import Role
from service.auth.sign_in import csrf, sessions
from service.auth.sign_in.tables import WebSession
from service.directory.tables import PersonIdentifier
from service.settings import Settings, settings
from tests.factories import IN_THE_YEAR, OPERATOR, a_person, an_organisation
from tests.web.visiting import heading, visiting

PLACE = "/sign-in/development"
HIDDEN = r'<input type="hidden" name="(\w+)" value="([^"]*)">'


async def test_anybody_can_be_anybody(here: Litestar) -> None:
    person = await a_person(await an_organisation("hmt"))
    async with visiting(None, app=here) as visitor:
        page = await visitor.get(PLACE)
        who = f"hmt {person}"
        assert f'value="{who}"' in page.text
        answer = await visitor.post(PLACE, {"who": who, "to": "/records"})
        session = await sessions.current(
            visitor.client.cookies[sessions.COOKIE], IN_THE_YEAR
        )

    assert (answer.status_code, answer.headers["location"]) == (303, "/records")
    assert session is not None
    assert (session.person, session.organisation) == (person, "hmt")
    assert session.name.startswith("Sam Person")


async def test_it_is_loudly_marked(here: Litestar) -> None:
    async with visiting(None, app=here) as visitor:
        page = await visitor.get(PLACE)

    assert heading(page) == "Sign in as anybody"
    assert "govuk-warning-text" in page.text
    assert "asks for no proof" in page.text


async def test_people_are_found_by_name_organisation_and_title(here: Litestar) -> None:
    for code in ("hmt", "defra"):
        await a_person(await an_organisation(code))
    async with visiting(None, app=here) as visitor:
        found = {
            words: (await visitor.get(PLACE, params={"search": words})).text
            for words in ("sam hmt", "deputy defra", "nobody", "%", "' OR true")
        }

    assert 'value="hmt ' in found["sam hmt"]
    assert 'value="defra ' not in found["sam hmt"]
    assert 'value="defra ' in found["deputy defra"]
    for words in ("nobody", "%", "' OR true"):
        assert "Nobody is called that." in found[words]


async def test_who_alone_is_found_is_chosen(here: Litestar) -> None:
    organisation = await an_organisation("hmt")
    alone = await a_person(await an_organisation("defra"))
    for _ in range(2):
        await a_person(organisation)
    async with visiting(None, app=here) as visitor:
        one = await visitor.get(PLACE, params={"search": "defra", "to": "/hr"})
        two = await visitor.get(PLACE, params={"search": "hmt"})

    assert re.search(rf'<input[^>]*value="defra {alone}"[^>]*\schecked', one.text)
    assert two.text.count('type="radio"') == 2
    assert " checked" not in two.text


async def test_whoever_chooses_nobody_finds_the_same_people_again(
    here: Litestar,
) -> None:
    for code in ("hmt", "defra"):
        organisation = await an_organisation(code)
        for _ in range(2):
            await a_person(organisation)
    async with visiting(None, app=here) as visitor:
        page = await visitor.get(PLACE, params={"search": "hmt", "to": "/hr"})
        sent = dict(re.findall(HIDDEN, page.text.rpartition("<form method=")[2]))
        again = await visitor.post(PLACE, {k: sent[k] for k in ("to", "search")})

    assert again.status_code == 422
    assert "Select who you want to be" in again.text
    assert again.text.count('type="radio"') == 2
    assert 'value="defra ' not in again.text
    kept = dict(re.findall(HIDDEN, again.text.rpartition("<form method=")[2]))
    assert (kept["to"], kept["search"]) == ("/hr", "hmt")


async def test_roles_are_told_in_words(here: Litestar) -> None:
    person = await a_person(await an_organisation("hmt"))
    await grant(
        person,
        Role.TEXT_MODERATOR,
        organisation="hmt",
        until=date(2030, 1, 1),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )
    async with visiting(None, app=here) as visitor:
        page = await visitor.get(PLACE, params={"search": "text moderator"})

    assert "hmt, Text moderator" in page.text
    assert "text_moderator" not in page.text


async def test_the_session_before_is_over(here: Litestar) -> None:
    organisation = await an_organisation("hmt")
    first, second = await a_person(organisation), await a_person(organisation)
    async with visiting(first, organisation, app=here) as visitor:
        before = visitor.client.cookies[sessions.COOKIE]
        answer = await visitor.post(PLACE, {"who": f"hmt {second}"})
    after = answer.cookies[sessions.COOKIE]

    assert after != before
    assert await sessions.current(before, IN_THE_YEAR) is None
    assert await WebSession.count() == 1


async def test_it_is_not_there_unless_switched_on(
    here: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await a_person(await an_organisation("hmt"))
    monkeypatch.delenv("JOINEDUP_DEV_SIGN_IN")
    settings.cache_clear()
    async with visiting(None, app=here) as visitor:
        answers = [
            await visitor.get(PLACE),
            await visitor.post(PLACE, {"who": f"hmt {person}"}),
        ]
        offered = await visitor.get("/sign-in")

    assert [each.status_code for each in answers] == [404, 404]
    assert PLACE not in offered.text
    assert await WebSession.count() == 0


async def test_it_is_not_there_for_other_machines(here: Litestar) -> None:
    """`serve --host 0.0.0.0` lets others connect, whatever the issuer is."""
    transport = httpx.ASGITransport(app=here, client=("192.0.2.7", 4000))  # type: ignore[arg-type] # ASGI by another name
    async with httpx.AsyncClient(
        transport=transport, base_url=str(here.state.issuer)
    ) as stranger:
        token = csrf.new_token("")
        stranger.cookies.set(csrf.COOKIE, token)
        answers = [
            await stranger.get(PLACE),
            await stranger.post(PLACE, data={"_csrf": token, "who": "hmt x"}),
        ]
        offered = await stranger.get("/sign-in")

    assert [each.status_code for each in answers] == [404, 404]
    assert PLACE not in offered.text


async def test_it_is_not_there_at_another_issuer(app: Litestar, here: Litestar) -> None:
    async with visiting(None, app=app) as visitor:
        assert (await visitor.get(PLACE)).status_code == 404


def test_the_service_refuses_to_start_with_it_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOINEDUP_DEV_SIGN_IN", "true")
    for issuer in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"):
        monkeypatch.setenv("JOINEDUP_ISSUER", issuer)
        assert Settings().dev_sign_in
    monkeypatch.setenv("JOINEDUP_ISSUER", "https://appraisal.example")

    with pytest.raises(ValidationError, match="JOINEDUP_DEV_SIGN_IN is for devel"):
        Settings()


@pytest.mark.parametrize("who", ["", "hmt", "hmt x", "defra {}", f"hmt {UUID(int=7)}"])
async def test_nobody_is_whoever_is_not_known(here: Litestar, who: str) -> None:
    await an_organisation("defra")
    person = await a_person(await an_organisation("hmt"))
    async with visiting(None, app=here) as visitor:
        answer = await visitor.post(PLACE, {"who": who.format(person)})

    assert answer.status_code in {404, 422}
    assert await WebSession.count() == 0


async def test_who_has_left_is_not_offered(here: Litestar) -> None:
    person = await a_person(await an_organisation("hmt"))
    await PersonIdentifier.update(
        {PersonIdentifier.valid_to: IN_THE_YEAR.date()}
    ).where(PersonIdentifier.person == person)
    async with visiting(None, app=here) as visitor:
        assert str(person) not in (await visitor.get(PLACE)).text
        answer = await visitor.post(PLACE, {"who": f"hmt {person}"})

    assert answer.status_code == 404


async def test_without_a_token_nobody_is_signed_in(here: Litestar) -> None:
    """Login CSRF, for development too."""
    person = await a_person(await an_organisation("hmt"))
    async with visiting(None, app=here) as visitor:
        answer = await visitor.client.post(PLACE, data={"who": f"hmt {person}"})

    assert answer.status_code == 403
    assert await WebSession.count() == 0


@pytest.mark.parametrize(
    "header",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost.rebound.example:8000"},
        {"Host": "[::1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"Forwarded": "for=127.0.0.1"},
    ],
)
async def test_it_is_for_nobody_behind_a_proxy_or_another_name(
    here: Litestar, header: dict[str, str]
) -> None:
    """A proxy on this machine asks for others; a name may be rebound to it."""
    person = await a_person(await an_organisation("hmt"))
    async with visiting(None, app=here) as visitor:
        offered = await visitor.get("/sign-in", headers=header)
        page = await visitor.get(PLACE, headers=header)
        sent = await visitor.post(PLACE, {"who": f"hmt {person}"}, headers=header)

    assert PLACE not in offered.text
    assert (page.status_code, sent.status_code) == (404, 404)
    assert await WebSession.count() == 0
