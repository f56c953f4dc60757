"""Who is nothing to a page cannot tell it from one that never was."""

import re
from uuid import UUID, uuid4

import httpx
import pytest

from tests.web.everywhere.conftest import Hung
from tests.web.everywhere.gallery import BESIDE, STRANGER, Visit
from tests.web.everywhere.looking import looking
from tests.web.everywhere.routing import page_routes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]
APART = ("apart", "officer")
"""Of a department that has to do with nothing here; the second holds every role."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PASSING = re.compile(r'name="_csrf" value="[^"]*"|app-words">[0-9a-f]{32}<')

REFUSED = {403, 404}
NEVER = "hr-never"


def guarded(hung: Hung) -> list[Visit]:
    """The visits to pages that are not open to anyone."""
    anyone = {each.path for each in page_routes(hung.app) if each.anyone}
    return [each for each in hung.visits if each.route not in anyone | BESIDE]


async def got(hung: Hung, visit: Visit, who: str, path: str) -> httpx.Response:
    async with looking(hung.app, hung.world, visit, who) as visitor:
        return await visitor.get(path)


def told(answer: httpx.Response, *named: str) -> tuple[int, str, list[tuple[str, str]]]:
    """All that an answer says but for what differs from one request to another."""
    text = PASSING.sub("", answer.text)
    for each in named:
        text = text.replace(each, "")
    own = {"x-request-id", "content-length", "set-cookie", "ratelimit"}
    headers = [each for each in answer.headers.multi_items() if each[0] not in own]
    return answer.status_code, text, headers


async def test_a_stranger_signs_in_first(hung: Hung) -> None:
    wrong = []
    for visit in guarded(hung):
        answer = await got(hung, visit, STRANGER, visit.path)
        there = answer.headers.get("location", "")
        if (answer.status_code, there[:12]) != (303, "/sign-in?to="):
            wrong.append((visit.route, answer.status_code, there))
    assert wrong == []


@pytest.mark.parametrize("who", APART)
async def test_somebody_apart_sees_nothing_and_cannot_tell_that_it_is_there(
    hung: Hung, who: str
) -> None:
    wrong, looked = [], 0
    for visit in guarded(hung):
        if not (naming := named(hung, visit)):
            continue
        looked += 1
        never = other(visit.path, naming)
        is_ = await got(hung, visit, who, visit.path)
        was = await got(hung, visit, who, never)
        mine = told(is_, visit.path, *naming)
        theirs = told(was, never, NEVER, *ids(never))
        if is_.status_code not in REFUSED or mine != theirs:
            wrong.append(
                (visit.route, is_.status_code, was.status_code, mine == theirs)
            )
    assert wrong == []
    assert looked > 60


def named(hung: Hung, visit: Visit) -> list[str]:
    """What a visit's path names: ids, and a client, which has a name."""
    found = [each for each in ids(visit.path) if "{" in visit.route]
    client = hung.world.things["client"]
    return [*found, client] if client in visit.path else found


def ids(path: str) -> list[str]:
    return ID.findall(path.partition("?")[0])


def other(path: str, names: list[str]) -> str:
    """The same path of something that never was."""
    for name in names:
        path = path.replace(name, str(uuid4()) if ID.fullmatch(name) else NEVER)
    return path


async def test_an_id_that_never_was_is_another() -> None:
    path = f"/records/{UUID(int=1)}/decision?to={UUID(int=2)}"
    assert other(path, ids(path)) != path
