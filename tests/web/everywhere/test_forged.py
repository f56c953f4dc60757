"""No form is taken that no page of ours sent: each unsafe route, each way to forge."""

import hmac
from uuid import uuid4

import httpx
import pytest

from service.auth.sign_in import csrf, sessions
from tests.web.everywhere.conftest import Hung
from tests.web.everywhere.gallery import Visit
from tests.web.everywhere.looking import looking
from tests.web.everywhere.routing import Route, page_routes
from tests.web.everywhere.scene import AFTER
from tests.web.visiting import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
WHO = "officer"
"""Holds every role, so that nothing but the token stands in the way."""
FILE = {"file": ("people.csv", b"x", "text/csv")}


def unsafe(hung: Hung) -> list[Route]:
    found = [each for each in page_routes(hung.app) if each.method in csrf.UNSAFE]
    assert len(found) > 60
    return found


async def statuses(
    hung: Hung, forged: dict[str, str] | None, **headers: str
) -> dict[str, int]:
    """What each unsafe route answers to a form with this token, or with its own."""
    visit = Visit("", "", WHO, AFTER)
    found = {}
    for route in unsafe(hung):
        # Each with a session of its own: some of them end it.
        async with looking(hung.app, hung.world, visit) as visitor:
            answer = await sent(visitor, route, forged, headers)
        found[f"{route.method} {route.path}"] = answer.status_code
    return found


async def sent(
    visitor: Visitor,
    route: Route,
    forged: dict[str, str] | None,
    headers: dict[str, str],
) -> httpx.Response:
    names = {part[1:-1] for part in route.path.split("/") if part.startswith("{")}
    path = route.path.format_map({name: str(uuid4()) for name in names})
    fields = {csrf.FIELD: visitor.token} if forged is None else forged
    upload = FILE if path == "/hr/people-import" else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await visitor.client.request(
        route.method, path, data=fields, files=upload, headers=named
    )


def forgeries() -> dict[str, dict[str, str]]:
    another = csrf.new_token("another session")
    return {
        "none": {},
        "empty": {csrf.FIELD: ""},
        "wrong": {csrf.FIELD: "x" * 97},
        "another's": {csrf.FIELD: another},
        "a stranger's": {csrf.FIELD: csrf.new_token("")},
    }


@pytest.mark.parametrize("how", forgeries())
async def test_a_form_without_its_own_token_is_refused(hung: Hung, how: str) -> None:
    found = await statuses(hung, forgeries()[how])
    assert {name: is_ for name, is_ in found.items() if is_ != 403} == {}


@pytest.mark.parametrize("cookie", ["another session", ""])
async def test_nor_one_whose_cookie_was_planted(hung: Hung, cookie: str) -> None:
    """By whoever can set a cookie for us: it repeats the token, of another session."""
    planted = csrf.new_token(cookie)
    visit = Visit("", "", WHO, AFTER)
    wrong = {}
    for route in unsafe(hung):
        async with looking(hung.app, hung.world, visit) as visitor:
            visitor.client.cookies.clear()
            assert visitor.session is not None
            visitor.client.cookies.set(sessions.COOKIE, visitor.session.id)
            visitor.client.cookies.set(csrf.COOKIE, planted)
            answer = await sent(visitor, route, {csrf.FIELD: planted}, {})
            if answer.status_code != 403:
                wrong[route.path] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
async def test_nor_one_from_another_site_though_its_token_is_right(
    hung: Hung, site: str
) -> None:
    found = await statuses(hung, None, sec_fetch_site=site)
    assert {name: is_ for name, is_ in found.items() if is_ != 403} == {}


async def test_a_form_of_our_own_is_taken(hung: Hung) -> None:
    """The twin of the others: it is the token that was refused."""
    found = await statuses(hung, None)
    assert [name for name, status in found.items() if status == 403] == []


async def test_a_guard_that_looks_at_nothing_would_be_seen(
    hung: Hung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csrf, "is_bound", lambda *_: True)
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)
    found = await statuses(hung, forgeries()["none"])
    assert set(found.values()) != {403}
