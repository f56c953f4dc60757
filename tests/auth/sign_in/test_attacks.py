"""oauth.md, "People's sign-in": what must not sign anybody in."""

import pytest

from service.auth.sign_in import attempts, flow, sessions
from service.auth.sign_in.attempts import Attempt
from service.auth.sign_in.tables import SignInAttempt
from service.settings import settings
from tests.auth.conftest import NOW
from tests.auth.sign_in.signing import (
    Departments,
    address_of,
    arrive,
    attempted,
    claims_of,
    leave,
    refused,
    session_count,
)
from tests.web.visiting import heading, visiting

# Mix-up: who answers, and where.


async def test_mix_up_an_answer_at_another_provider_s_address(
    departments: Departments,
) -> None:
    """'own redirect URI per provider': a state sent to one is no other's."""
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(answer), "hmt-1", **claims_of("hmt")
        )
        back["iss"] = departments.defra.url

        assert await refused(await arrive(visitor, departments.defra, back))
    assert "/token" not in departments.defra.asked


async def test_mix_up_an_answer_that_names_another_issuer(
    departments: Departments,
) -> None:
    """'**and** RFC 9207 `iss` check'."""
    answer = await attempted(departments, {"iss": departments.defra.url})

    assert await refused(answer)
    assert "/token" not in departments.hmt.asked, "the code went nowhere"


async def test_a_provider_that_names_itself_always_does(
    departments: Departments,
) -> None:
    assert await refused(await attempted(departments, {"iss": None}))


async def test_a_provider_that_does_not_name_itself_need_not(
    departments: Departments,
) -> None:
    departments.hmt.described = {"authorization_response_iss_parameter_supported": None}

    assert (await attempted(departments, {"iss": None})).status_code == 303


async def test_a_wrong_issuer_counts_even_where_none_is_promised(
    departments: Departments,
) -> None:
    departments.hmt.described = {"authorization_response_iss_parameter_supported": None}

    assert await refused(await attempted(departments, {"iss": "https://evil.example"}))


async def test_twin_without_the_issuer_check_asks_for_tokens(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is this check that keeps the code at home."""
    monkeypatch.setattr(flow, "_check_answer", lambda *_: None)
    answer = await attempted(departments, {"iss": departments.defra.url})

    assert answer.status_code == 303


# State: one browser, once.


@pytest.mark.parametrize("state", [None, "", "x", "é"])
async def test_a_state_that_we_did_not_give_is_refused(
    departments: Departments, state: str | None
) -> None:
    assert await refused(await attempted(departments, {"state": state}))


async def test_login_csrf_another_s_answer_in_my_browser(
    departments: Departments,
) -> None:
    """An attacker's own code and state, sent to a victim, sign the victim in to
    nothing: the state is bound to the browser that began.
    """
    async with (
        visiting(None, app=departments.app) as attacker,
        visiting(None, app=departments.app) as victim,
    ):
        begun = await leave(attacker, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))

        assert await refused(await arrive(victim, departments.hmt, back))


async def test_login_csrf_even_when_the_victim_has_begun_too(
    departments: Departments,
) -> None:
    async with (
        visiting(None, app=departments.app) as attacker,
        visiting(None, app=departments.app) as victim,
    ):
        begun = await leave(attacker, departments.hmt)
        await leave(victim, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))

        assert await refused(await arrive(victim, departments.hmt, back))


async def test_twin_that_forgets_the_browser_signs_the_victim_in(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is the cookie that stops login CSRF."""
    monkeypatch.setattr(Attempt, "is_of", lambda *_: True)
    async with (
        visiting(None, app=departments.app) as attacker,
        visiting(None, app=departments.app) as victim,
    ):
        begun = await leave(attacker, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))
        answer = await arrive(victim, departments.hmt, back)

    assert answer.status_code == 303


async def test_leaving_needs_the_form_s_token(departments: Departments) -> None:
    async with visiting(None, app=departments.app) as visitor:
        answer = await visitor.client.post("/sign-in/hmt", data={"to": "/"})

    assert answer.status_code == 403
    assert await SignInAttempt.count() == 0


async def test_a_callback_serves_once(departments: Departments) -> None:
    """Replayed callback: 'transactions … single use'."""
    async with visiting(None, app=departments.app) as visitor:
        begun = await leave(visitor, departments.hmt)
        browser = visitor.client.cookies[flow.COOKIE]
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))
        first = await arrive(visitor, departments.hmt, back)
        visitor.client.cookies.delete(sessions.COOKIE)
        visitor.client.cookies.set(flow.COOKIE, browser)
        again = await arrive(visitor, departments.hmt, back)

    assert first.status_code == 303
    assert heading(again) == "You are not signed in yet"
    assert await session_count() == 1
    assert departments.hmt.asked.count("/token") == 1


async def test_a_state_is_spent_by_whoever_brings_it_first(
    departments: Departments,
) -> None:
    async with (
        visiting(None, app=departments.app) as owner,
        visiting(None, app=departments.app) as thief,
    ):
        begun = await leave(owner, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))
        assert await refused(await arrive(thief, departments.hmt, back))
        assert await refused(await arrive(owner, departments.hmt, back))


async def test_after_ten_minutes_it_is_too_late(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        begun = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))
        later = NOW + attempts.LONGEST
        monkeypatch.setenv("JOINEDUP_NOW", later.isoformat())
        settings.cache_clear()

        assert await refused(await arrive(visitor, departments.hmt, back))


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
async def test_what_is_there_twice_means_nothing(
    departments: Departments, name: str
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        begun = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(address_of(begun), "hmt-1", **claims_of("hmt"))
        back.setdefault("error", "access_denied")
        pairs = [*back.items(), (name, back[name])]

        assert await refused(await arrive(visitor, departments.hmt, pairs))


@pytest.mark.parametrize(
    "change",
    [
        {"error": "access_denied", "code": None},
        {"error": "<script>alert(1)</script>"},
        {"code": None},
        {"code": ""},
        {"code": "guessed"},
        {"code": "x" * 20_000},
        {"code": "é\r\nX: y"},
    ],
    ids=str,
)
async def test_without_a_code_that_serves_nobody_is_signed_in(
    departments: Departments, change: dict[str, str | None]
) -> None:
    answer = await attempted(departments, change)

    assert await refused(answer)
    assert "<script>alert" not in answer.text


async def test_a_code_of_another_sign_in_is_refused(departments: Departments) -> None:
    """PKCE: a stolen code does not serve in the thief's own sign-in."""
    async with (
        visiting(None, app=departments.app) as victim,
        visiting(None, app=departments.app) as thief,
    ):
        theirs = await leave(victim, departments.hmt)
        stolen = departments.hmt.come_back(
            address_of(theirs), "hmt-1", **claims_of("hmt")
        )
        own = await leave(thief, departments.hmt)
        back = departments.hmt.come_back(address_of(own), "thief")
        back["code"] = stolen["code"]

        assert await refused(await arrive(thief, departments.hmt, back))
