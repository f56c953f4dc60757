"""oauth.md, "People's sign-in": from the choice of a department to a visit."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from service.auth.sign_in import actions, attempts, csrf, flow, sessions
from service.auth.sign_in.flow import COOKIE
from service.auth.sign_in.tables import SignInAttempt, SignInProvider, WebSession
from service.db import transaction
from tests.auth.conftest import NOW, Audited
from tests.auth.sign_in.a_provider import SECRET
from tests.auth.sign_in.signing import (
    Departments,
    address_of,
    arrive,
    claims_of,
    leave,
    register,
    session_count,
    session_in,
)
from tests.conftest import ISSUER
from tests.factories import OPERATOR
from tests.web.counting import asked
from tests.web.visiting import heading, visiting


async def test_a_person_signs_in_with_their_department(
    departments: Departments,
) -> None:
    answer = await departments.signs_in(
        departments.hmt, "hmt-1", to="/records?a=b", **claims_of("hmt")
    )
    session = await session_in(answer)

    assert (answer.status_code, answer.headers["location"]) == (303, "/records?a=b")
    assert session is not None
    assert (session.person, session.organisation) == (departments.ada, "hmt")
    assert session.provider == "hmt"
    assert session.name.startswith("Sam Person")


async def test_several_providers_one_per_department(departments: Departments) -> None:
    """'Several providers, one per department (Entra, Google, Keycloak, any)'."""
    for provider, person in (
        (departments.hmt, departments.ada),
        (departments.defra, departments.bea),
    ):
        code = provider.path
        answer = await departments.signs_in(provider, f"{code}-1", **claims_of(code))
        session = await session_in(answer)

        assert session is not None
        assert (session.person, session.organisation) == (person, code)


async def test_who_signs_in_chooses_their_department(departments: Departments) -> None:
    async with visiting(None, app=departments.app) as visitor:
        page = await visitor.get("/sign-in", params={"to": "/records"})

    assert heading(page) == "Which department do you work for?"
    for provider in ("hmt", "defra"):
        assert f'formaction="/sign-in/{provider}"' in page.text
        assert f"Sign in with Department {provider}" in page.text
    assert '<input type="hidden" name="to" value="/records">' in page.text


async def test_authorisation_code_with_pkce_state_and_nonce(
    departments: Departments,
) -> None:
    """'authorisation code + PKCE S256 + state + nonce'."""
    async with visiting(None, app=departments.app) as visitor:
        begun = [
            parse_qs(
                urlsplit(address_of(await leave(visitor, departments.hmt))).query,
                strict_parsing=True,
            )
            for _ in range(2)
        ]

    for query in begun:
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        first, second = (query[name][0] for query in begun)
        assert len(first) >= 43
        assert first != second


async def test_own_redirect_uri_per_provider(departments: Departments) -> None:
    """'own redirect URI per provider'."""
    for provider in (departments.hmt, departments.defra):
        code = provider.path
        await departments.signs_in(provider, f"{code}-1", **claims_of(code))

        assert provider.redirected == [f"{ISSUER}/sign-in/{code}/callback"]


async def test_only_digests_of_what_a_browser_brings_are_kept(
    departments: Departments,
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)
    state = parse_qs(urlsplit(address_of(answer)).query)["state"][0]
    rows = await SignInAttempt.select()

    assert len(rows) == 1
    assert state not in repr(rows)
    assert answer.cookies[COOKIE] not in repr(rows)


async def test_the_cookie_of_an_attempt_is_for_this_host_and_ten_minutes(
    departments: Departments,
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)
    (cookie,) = [
        each
        for each in answer.headers.get_list("set-cookie")
        if each.startswith(COOKIE)
    ]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}

    assert parts == {"path=/", "secure", "httponly", "samesite=lax", "max-age=600"}


async def test_a_new_id_at_sign_in(departments: Departments) -> None:
    """'new id at sign-in': whatever the browser had before is over."""
    async with visiting(departments.bea, "defra", app=departments.app) as visitor:
        before = visitor.client.cookies[sessions.COOKIE]
        answer = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(answer), "hmt-1", **claims_of("hmt")
        )
        arrived = await arrive(visitor, departments.hmt, back)

    assert arrived.status_code == 303
    assert arrived.cookies[sessions.COOKIE] != before
    assert await sessions.current(before, NOW) is None
    assert await session_count() == 1


async def test_an_id_that_was_planted_is_not_taken(departments: Departments) -> None:
    """Fixation: session id before != after, and the one before is nobody's."""
    planted = sessions.new_id()
    async with visiting(None, app=departments.app) as visitor:
        visitor.client.cookies.set(sessions.COOKIE, planted)
        answer = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(answer), "hmt-1", **claims_of("hmt")
        )
        arrived = await arrive(visitor, departments.hmt, back)
    (cookie,) = [
        each
        for each in arrived.headers.get_list("set-cookie")
        if each.startswith(sessions.COOKIE)
    ]

    assert planted not in cookie
    assert await sessions.current(planted, NOW) is None
    assert await session_count() == 1


async def test_a_key_of_our_own_proves_who_we_are(departments: Departments) -> None:
    await SignInProvider.delete().where(SignInProvider.id == "hmt")
    departments.hmt.our_key = await register(departments.hmt, secret=None)
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert departments.hmt.our_key is not None
    assert "d" not in departments.hmt.our_key
    assert await session_in(answer) is not None


async def test_secrets_are_stored_sealed(departments: Departments) -> None:
    row = await SignInProvider.select().where(SignInProvider.id == "hmt").first()

    assert row is not None
    assert SECRET.encode() not in row["sealed"]


async def test_what_only_userinfo_says_is_asked_for(departments: Departments) -> None:
    departments.hmt.in_userinfo = ("email", "employee")
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert await session_in(answer) is not None
    assert departments.hmt.asked.count("/me") == 1


async def test_a_provider_without_userinfo_says_it_all_at_once(
    departments: Departments,
) -> None:
    departments.hmt.described = {"userinfo_endpoint": None}
    answer = await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert await session_in(answer) is not None


async def test_a_description_is_asked_for_once_an_hour(
    departments: Departments,
) -> None:
    for _ in range(3):
        await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))

    assert departments.hmt.asked.count("/.well-known/openid-configuration") == 2, (
        "once when it was registered, once since"
    )
    assert departments.hmt.asked.count("/keys") == 2


LOCAL = ["/", "/records", "/records?a=b&c=%2F%2Fevil.example", "/a/b#c", "/people?q=x"]
ELSEWHERE = """
//evil.example
///evil.example
////evil.example
/\\evil.example
\\\\evil.example
/\\/evil.example
\\/evil.example
https://evil.example
http://evil.example
HTTPS://evil.example
https:evil.example
https:/evil.example
javascript:alert(1)
JAVASCRIPT:alert(1)
 javascript:alert(1)
java\tscript:alert(1)
data:text/html,x
vbscript:x
mailto:a@b
evil.example
@evil.example
.evil.example
%2f%2fevil.example
%2F%2Fevil.example
%5c%5cevil.example
/\tevil.example
/\t/evil.example
/ /evil.example
 //evil.example
//evil.example/%2f..
//joinedup.example@evil.example
//joinedup.example.evil.example
https://joinedup.example@evil.example
https://joinedup.example
?to=//evil.example
#//evil.example
/\u2028evil
//\u3002evil
\u2044\u2044evil.example
/\u2603
/\u00e9
""".strip("\n").split("\n")


@pytest.mark.parametrize("to", LOCAL)
async def test_next_is_a_local_path(departments: Departments, to: str) -> None:
    """'`next` only local paths'."""
    answer = await departments.signs_in(
        departments.hmt, "hmt-1", to=to, **claims_of("hmt")
    )

    assert (answer.status_code, answer.headers["location"]) == (303, to)


@pytest.mark.parametrize(
    "to", [*ELSEWHERE, "/a\r\nSet-Cookie: x=y", "/a\nb", "/" + "a" * 600, ""]
)
async def test_next_leads_nowhere_else(departments: Departments, to: str) -> None:
    """security.md 32: '`next` from local paths only', 40 payloads."""
    answer = await departments.signs_in(
        departments.hmt, "hmt-1", to=to, **claims_of("hmt")
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "x=y" not in str(answer.headers)


async def test_a_mail_s_link_carries_no_authority(departments: Departments) -> None:
    """'A deep link to the task, then sign-in': looking at the link does nothing."""
    async with visiting(None, app=departments.app) as visitor:
        page = await visitor.get(
            "/sign-in", params={"to": "/feedback/1?token=x"}, follow_redirects=True
        )

    assert page.status_code == 200
    assert await session_count() == 0
    assert sessions.COOKIE not in str(page.headers)


async def test_who_has_signed_in_already_goes_on(departments: Departments) -> None:
    async with visiting(departments.ada, "hmt", app=departments.app) as visitor:
        answer = await visitor.get("/sign-in", params={"to": "/records"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/records")


# Signing out.


async def test_signing_out_ends_the_visit_here_and_there(
    departments: Departments,
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(answer), "hmt-1", **claims_of("hmt")
        )
        await arrive(visitor, departments.hmt, back)
        session = visitor.client.cookies[sessions.COOKIE]
        visitor.client.cookies.delete(csrf.COOKIE)
        visitor.client.cookies.set(csrf.COOKIE, csrf.new_token(session))
        out = await visitor.post("/sign-out")

    parts = urlsplit(address_of(out))
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{departments.hmt.url}/out"
    )
    assert query["post_logout_redirect_uri"] == f"{ISSUER}/signed-out"
    assert query["client_id"] == "joined-up"
    assert query["id_token_hint"].count(".") == 2
    assert heading(out) == "You have signed out"
    assert "Signed in as" not in out.text
    assert await session_count() == 0
    gone = [each for each in out.headers.get_list("set-cookie") if "Max-Age=0" in each]
    assert {each.partition("=")[0] for each in gone} == {sessions.COOKIE, csrf.COOKIE}


async def test_where_the_provider_has_no_end_of_visits_it_ends_here(
    departments: Departments,
) -> None:
    departments.hmt.described = {"end_session_endpoint": None}
    async with visiting(departments.ada, "hmt", app=departments.app) as visitor:
        out = await visitor.post("/sign-out")
        goodbye = await visitor.get("/signed-out")

    assert (out.status_code, out.headers["location"]) == (303, "/signed-out")
    assert heading(goodbye) == "You have signed out"
    assert await session_count() == 0


async def test_an_id_token_is_kept_sealed_and_only_to_sign_out(
    departments: Departments,
) -> None:
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    departments.defra.described = {"end_session_endpoint": None}
    await departments.signs_in(departments.defra, "defra-1", **claims_of("defra"))
    rows = {row["organisation"]: row["id_token"] for row in await WebSession.select()}

    assert rows["defra"] is None
    assert b"eyJ" not in rows["hmt"]


async def test_a_provider_that_is_disabled_lets_nobody_in_or_stay(
    departments: Departments,
) -> None:
    await departments.signs_in(departments.hmt, "hmt-1", **claims_of("hmt"))
    async with visiting(None, app=departments.app) as visitor:
        under_way = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(under_way), "hmt-1", **claims_of("hmt")
        )
        await actions.disable("hmt", caller=OPERATOR, now=NOW, record=Audited())
        assert await session_count() == 0
        arrived = await arrive(visitor, departments.hmt, back)
        offered = await visitor.get("/sign-in")
        begun = await leave(visitor, departments.hmt)

    assert (arrived.status_code, begun.status_code) == (404, 404)
    assert 'formaction="/sign-in/hmt"' not in offered.text
    assert await session_count() == 0


async def test_who_never_comes_back_is_forgotten(departments: Departments) -> None:
    async with visiting(None, app=departments.app) as visitor:
        await leave(visitor, departments.hmt)

    assert await attempts.forget_attempts(NOW + timedelta(minutes=9)) == 0
    assert await attempts.forget_attempts(NOW + timedelta(minutes=10)) == 1


async def test_a_provider_that_is_not_there_is_not_found(
    departments: Departments,
) -> None:
    async with visiting(None, app=departments.app) as visitor:
        answers = [
            await visitor.post("/sign-in/nobody", {"to": "/"}),
            await visitor.get("/sign-in/nobody/callback", params={"state": "x"}),
        ]

    assert [each.status_code for each in answers] == [404, 400]


async def test_one_address_begins_so_many_and_no_more(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt is a row that anybody can have written."""
    monkeypatch.setattr(flow, "MOST_A_MINUTE", 3)
    async with visiting(None, app=departments.app) as visitor:
        statuses = [
            (await leave(visitor, departments.hmt)).status_code for _ in range(4)
        ]

    assert statuses == [200, 200, 200, 429]
    assert await SignInAttempt.count() == 3


async def test_a_page_of_somebody_signed_in_takes_two_statements(
    departments: Departments,
) -> None:
    """Whose visit it is, and what roles they hold now."""
    async with visiting(departments.ada, "hmt", app=departments.app) as visitor:
        assert len(await asked(visitor, "/help")) == 2


async def test_of_fifteen_who_bring_a_state_one_gets_the_attempt(opened: None) -> None:
    """'transactions … single use by DELETE … RETURNING'."""
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO organisation (code, hr_system, valid_from)"
            " VALUES ('ZX2', 'oracle', '2020-01-01')"
        )
        await connection.execute(
            "INSERT INTO sign_in_provider (organisation, id, name, issuer, client_id,"
            " sealed, algorithms, person_claim, person_source, checks_email,"
            " created_at) VALUES ('ZX2', 'zx2', 'x', 'x', 'x', 'x', '{RS256}', 'x',"
            " 'x', true, $1)",
            NOW,
        )
    try:
        begun = await attempts.begin("zx2", "/", NOW)
        taken = await asyncio.gather(*(attempts.take(begun.state) for _ in range(15)))
    finally:
        async with transaction() as connection:
            for table in ("sign_in_attempt", "sign_in_provider"):
                await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names above
            await connection.execute("DELETE FROM organisation WHERE code = 'ZX2'")

    assert [each is not None for each in taken].count(True) == 1
