"""security.md 33: 'every non-GET web route without token: 403 x 100 %', and no page
that asks who somebody is shows itself to a stranger.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.app import create_app
from service.auth.authentication import remember_nothing
from service.auth.declared import _all, _Route
from service.auth.guard import Access
from service.auth.sign_in import csrf
from service.edge.bodies import LIMIT
from service.settings import Settings, settings
from tests.conftest import ISSUER
from tests.factories import IN_THE_YEAR, OPERATOR, a_person, an_organisation
from tests.web.visiting import Visitor, title, visiting

ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
REFUSED = "This form was not sent from a page of this service"


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()


def pages(app: Litestar) -> list[tuple[_Route, Access]]:
    return [
        (route, route.access)
        for route in _all(app)
        if route.access is not None and route.access.pages
    ]


def path_of(route: _Route) -> str:
    return route.path.format_map(defaultdict(lambda: str(uuid4())))


@pytest.fixture
def served(db: None) -> Litestar:
    app = create_app(Settings(), ISSUER)
    remember_nothing(app.state)
    return app


async def test_every_form_refuses_a_missing_or_cross_site_token(
    served: Litestar,
) -> None:
    code = await an_organisation("hmt")
    person = await a_person(code)
    for role in Role:
        await grant(
            person,
            role,
            organisation=code,
            until=(IN_THE_YEAR + timedelta(days=9)).date(),
            caller=OPERATOR,
            now=IN_THE_YEAR,
        )
    unsafe = [each for each, _ in pages(served) if each.method in csrf.UNSAFE]
    async with visiting(person, code, app=served) as visitor:
        taken = {
            f"{route.method} {route.path} {how}"
            for route in unsafe
            for how, refused in (await ways_in(visitor, route)).items()
            if not refused
        }

    assert len(unsafe) >= 3
    assert taken == set()


async def ways_in(visitor: Visitor, route: _Route) -> dict[str, bool]:
    """Whether a form is refused: without its token, with another's, and from afar."""
    send, path = visitor.client.request, path_of(route)
    token = {"_csrf": visitor.token}
    answers = {
        "no token": await send(route.method, path),
        "another's": await send(route.method, path, data={"_csrf": csrf.new_token("")}),
        "cross-site": await send(route.method, path, data=token, headers=ELSEWHERE),
    }
    return {
        how: answer.status_code == 403 and REFUSED in answer.text
        for how, answer in answers.items()
    }


CHUNK = 50_000


def parts(fields: Mapping[str, str]) -> Iterator[bytes]:
    for name, value in fields.items():
        yield (
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        ).encode()
    yield b"--x--\r\n"


FIELDS = {f"field_{number}": "x" for number in range(2_000)}
LONG = {f"field_{number}": CHUNK * "x" for number in range(200)}


@pytest.mark.parametrize("fields", [FIELDS, LONG], ids=["many", "long"])
@pytest.mark.parametrize("kind", ["form", "parts"])
@pytest.mark.parametrize("token", ["with its token", ""])
async def test_a_form_that_is_too_large_is_told_so_and_not_read_to_its_end(
    served: Litestar, kind: str, fields: Mapping[str, str], token: str
) -> None:
    code = await an_organisation("hmt")
    read = 0

    async def sending(whole: Iterator[bytes]) -> AsyncIterator[bytes]:
        nonlocal read
        for chunk in whole:
            read += len(chunk)
            yield chunk

    async with visiting(await a_person(code), code, app=served) as visitor:
        sent = {"_csrf": visitor.token, **fields} if token else fields
        whole: Iterator[bytes] = parts(sent)
        media = "multipart/form-data; boundary=x"
        if kind == "form":
            whole = (f"{name}={value}&".encode() for name, value in sent.items())
            media = "application/x-www-form-urlencoded"
        answer = await visitor.client.post(
            "/sign-out", content=sending(whole), headers={"Content-Type": media}
        )

    assert answer.status_code == 413
    assert title(answer) == "That is too large - Joined-up Appraisal"
    assert "more than the service reads at a time. Send less." in answer.text
    assert read <= LIMIT + 2 * CHUNK


async def test_a_stranger_is_led_to_sign_in_from_every_page_that_asks_who(
    served: Litestar,
) -> None:
    closed = [each for each, access in pages(served) if not access.anyone]
    async with visiting(None, app=served) as visitor:
        shown = {
            f"{route.method} {route.path}: {answer.status_code}"
            for route in closed
            for answer in [await visitor.client.request(route.method, path_of(route))]
            if not (
                answer.status_code == 401
                if route.method in csrf.UNSAFE
                else answer.headers.get("location", "").startswith("/sign-in?")
            )
        }

    assert len(closed) >= 1
    assert shown == set()


async def test_a_wrong_address_leaves_the_forms_of_other_windows_their_token(
    served: Litestar,
) -> None:
    """Nobody knows whose visit it is there: a new token would be a stranger's."""
    code = await an_organisation("hmt")
    async with visiting(await a_person(code), code, app=served) as visitor:
        answers = [
            await visitor.get(path)
            for path in ("/nowhere", "/embed/records/x?key=x", "/docs/nowhere")
        ]

    assert {answer.status_code for answer in answers} == {404}
    assert [answer.headers.get("set-cookie") for answer in answers] == [None] * 3
