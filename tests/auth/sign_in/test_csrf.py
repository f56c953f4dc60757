"""oauth.md, "People's sign-in": '`__Host-csrf` double submit, plus refusal of unsafe
methods whose `Sec-Fetch-Site` is cross-site; `/oauth`, `/v1`, `/scim` take no cookies'.
"""

from typing import Any
from urllib.parse import quote

import pytest
from litestar import Litestar, get, post
from litestar.exceptions import ImproperlyConfiguredException

from service.auth.caller import Scope
from service.auth.declared import check_declared, routes
from service.auth.guard import (
    PUBLIC,
    VISITORS,
    Access,
    access_to,
    machine,
    person,
    signed_in,
)
from service.auth.sign_in import csrf, sessions
from tests.auth.conftest import NOW
from tests.auth.sign_in.conftest import PAGE, Somebody
from tests.web.visiting import visiting

PLACES = ["/mine", "/welcome"]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("place", PLACES)
async def test_a_form_with_its_token_is_taken(
    pages: Litestar, somebody: Somebody, place: str
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        assert (await visitor.post(place, {"text": "é"})).status_code == 200


async def test_the_handler_still_reads_the_form_s_body(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        answer = await visitor.post("/mine", {"text": "a b"})

    assert answer.json()["body"].endswith("&text=a+b")


@pytest.mark.parametrize("place", PLACES)
async def test_without_the_token_it_is_refused(
    pages: Litestar, somebody: Somebody, place: str
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        answer = await visitor.client.post(place, data={"text": "x"})

        assert (answer.status_code, answer.json()) == (
            403,
            {"slug": "form-from-elsewhere"},
        )


async def test_without_the_cookie_it_is_refused(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        token = visitor.token
        visitor.client.cookies.delete(csrf.COOKIE)

        assert (await visitor.post("/mine", {"_csrf": token})).status_code == 403


async def test_a_token_of_another_session_is_refused(
    pages: Litestar, somebody: Somebody
) -> None:
    """An attacker's own token, planted with its cookie, is bound to their session."""
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        for planted in (csrf.new_token(sessions.new_id()), csrf.new_token("")):
            visitor.client.cookies.set(csrf.COOKIE, planted)
            assert (await visitor.post("/mine")).status_code == 403


async def test_a_token_nobody_made_is_refused(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        made = visitor.token
        for forged in (
            "x",
            made[:-1] + "g",
            made[::-1],
            "é",
            "a" * 32 + "." + "0" * 64,
        ):
            visitor.client.cookies.set(csrf.COOKIE, quote(forged))
            assert (await visitor.post("/mine", {"_csrf": forged})).status_code == 403


async def test_twice_the_token_is_none(pages: Litestar, somebody: Somebody) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        twice = [visitor.token, visitor.token]

        assert (await visitor.post("/mine", {"_csrf": twice})).status_code == 403


BODIES: list[tuple[str, bytes]] = [
    (FORM, b""),
    (FORM, b"%"),
    (FORM, b"_csrf=%ff"),
    (FORM, b"\xff\xfe"),
    (FORM, b"_csrf=%00"),
    (FORM, b"_csrf=\xf0\x9f\x98\x80"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"--x\r\nnothing"),
    ("multipart/form-data; boundary=x", b""),
    ("text/plain", b"_csrf=x"),
    ("application/json", b'{"_csrf": "x"}'),
    ("application/json", b"{"),
    ("", b"_csrf=x"),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
async def test_what_cannot_be_read_brings_no_token(
    pages: Litestar, somebody: Somebody, kind: str, body: bytes
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        answer = await visitor.client.post(
            "/mine", content=body, headers={"Content-Type": kind}
        )

    assert answer.status_code == 403


@pytest.mark.parametrize("body", [b"&" * 5000, b"a=b&" * 5000])
async def test_more_fields_than_are_read_are_too_many_and_not_forged(
    pages: Litestar, somebody: Somebody, body: bytes
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        answer = await visitor.client.post(
            "/mine", content=body, headers={"Content-Type": FORM}
        )

    assert (answer.status_code, answer.json()) == (413, {"slug": "too-large"})


async def test_a_file_comes_with_a_token_too(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        send = visitor.client.post
        files = {"file": ("people.csv", b"a,b", "text/csv")}
        taken = await send("/welcome", data={"_csrf": visitor.token}, files=files)
        refused = await send("/welcome", data={"_csrf": "x"}, files=files)
        a_file = await send("/welcome", files={"_csrf": ("t", visitor.token.encode())})
        twice = await send(
            "/welcome", data={"_csrf": [visitor.token, visitor.token]}, files=files
        )

    statuses = [each.status_code for each in (taken, refused, a_file, twice)]
    assert statuses == [200, 403, 403, 403]


CROSSED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "CROSS-SITE"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "https://joinedup.example.evil.example"},
    {"Origin": "http://joinedup.example"},
    {"Origin": "null"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", CROSSED, ids=str)
@pytest.mark.parametrize("place", PLACES)
async def test_a_form_from_elsewhere_is_refused_even_with_a_token(
    pages: Litestar, somebody: Somebody, place: str, headers: dict[str, str]
) -> None:
    """'refusal of unsafe methods whose `Sec-Fetch-Site` is cross-site'."""
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        del visitor.client.headers["Sec-Fetch-Site"]

        assert (await visitor.post(place, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://joinedup.example"},
        # What browsers call our own origin under our own policy for referrers.
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_a_form_from_here_is_taken(
    pages: Litestar, somebody: Somebody, headers: dict[str, str]
) -> None:
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        del visitor.client.headers["Sec-Fetch-Site"]

        assert (await visitor.post("/mine", headers=headers)).status_code == 200


async def test_a_link_from_elsewhere_is_followed(
    pages: Litestar, somebody: Somebody
) -> None:
    """A deep link in a mail opens its page: nothing is changed by looking."""
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        answer = await visitor.get("/mine", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200


async def test_the_token_stays_while_the_session_does(
    pages: Litestar, somebody: Somebody
) -> None:
    async with visiting(None, app=pages) as visitor:
        visitor.client.cookies.clear()
        strangers = (await visitor.get("/welcome")).json()
        session = await sessions.begin(somebody.id, "hmt", "Ada", now=NOW)
        visitor.client.cookies.set(csrf.COOKIE, strangers["token"])
        visitor.client.cookies.set(sessions.COOKIE, session.id)
        renewed = (await visitor.get("/welcome")).json()
        visitor.client.cookies.set(csrf.COOKIE, renewed["token"])
        again = (await visitor.get("/welcome")).json()

    assert (strangers["new"], renewed["new"], again["new"]) == (True, True, False)
    assert renewed["token"] == again["token"] != strangers["token"]


async def test_signing_in_is_guarded_before_there_is_a_session(
    pages: Litestar, db: None
) -> None:
    """Login CSRF: a stranger's form needs a stranger's token."""
    async with visiting(None, app=pages) as visitor:
        assert (await visitor.post("/welcome")).status_code == 200
        assert (await visitor.client.post("/welcome")).status_code == 403


async def test_the_api_takes_no_cookie_and_pages_no_token(
    pages: Litestar, somebody: Somebody
) -> None:
    """'`/oauth`, `/v1`, `/scim` take no cookies at all'."""
    async with visiting(somebody.id, "hmt", app=pages) as visitor:
        assert (await visitor.get("/v1/machines")).status_code == 401
        assert (await visitor.get("/v1/people")).status_code == 401
        assert (await visitor.get("/plain")).json() == {"user": False}
        visitor.client.cookies.clear()
        bearing = {"Authorization": "Bearer a.b.c"}
        answer = await visitor.get("/mine", headers=bearing)

    assert answer.json() == {"slug": "sign-in-needed"}


# How pages declare themselves.


def app_of(*handlers: Any) -> Litestar:
    return Litestar([*handlers], openapi_config=None)


def test_pages_are_listed_as_such(pages: Litestar) -> None:
    listed = {f"{method} {path}": to for method, path, to in routes(pages)}

    assert listed == {
        "GET /mine": "page",
        "POST /mine": "page",
        "GET /hr": "page:hr_administrator",
        "GET /welcome": "public",
        "POST /welcome": "public",
        "GET /plain": "public",
        "GET /v1/machines": "scores:read",
        "GET /v1/people": "person",
    }


def test_a_form_open_to_anyone_without_the_guard_stops_the_start() -> None:
    @post("/form", security=PUBLIC, **PAGE)
    async def form() -> None:
        pass

    with pytest.raises(ImproperlyConfiguredException, match=r"VISITORS.*POST /form"):
        check_declared(app_of(form))


def test_a_page_in_the_openapi_document_stops_the_start() -> None:
    @get("/page", security=signed_in())
    async def page() -> None:
        pass

    with pytest.raises(ImproperlyConfiguredException, match=r"OpenAPI.*GET /page"):
        check_declared(app_of(page))


@pytest.mark.parametrize(
    "security",
    [
        [*signed_in(), *person()],
        [*signed_in(), *machine(Scope.SCORES_READ)],
        [*signed_in("auditor"), *PUBLIC],
        [*PUBLIC, *signed_in()],
        [*signed_in(), *signed_in("auditor")],
        signed_in("HR administrator"),
    ],
)
def test_a_page_serves_people_with_a_session_and_nobody_else(security: Any) -> None:  # noqa: ANN401 - declarations that are none
    @get("/page", security=security, **PAGE)
    async def page() -> None:
        pass

    with pytest.raises(ImproperlyConfiguredException, match="one declaration"):
        check_declared(app_of(page))


def test_an_access_says_whether_it_is_a_page() -> None:
    @get("/page", security=VISITORS, **PAGE)
    async def page() -> None:
        pass

    open_to_all = access_to(page)
    assert open_to_all == Access(visitors=frozenset(), anyone=True)
    assert open_to_all is not None
    assert (open_to_all.public, open_to_all.pages) == (True, True)
    assert (Access().public, Access().pages) == (True, False)
