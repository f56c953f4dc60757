import httpx
import pytest

from service.edge.conditional import etag_of, version_tag
from tests.edge.small_app import ISSUER


def test_an_etag_is_of_exactly_these_bytes() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"')
    assert version_tag(3) == '"3"'


@pytest.mark.parametrize(
    "known", ['"3"', 'W/"3"', '"1", "3"', '"a,b", W/"3"', "*", ' "3" ']
)
async def test_what_the_caller_has_is_not_sent_again(
    caller: httpx.AsyncClient, known: str
) -> None:
    response = await caller.get("/v1/things/a", headers={"if-none-match": known})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == '"3"'


@pytest.mark.parametrize("known", ['"4"', '"33"', "3", "", '"', 'W/"'])
async def test_what_the_caller_does_not_have_is_sent(
    caller: httpx.AsyncClient, known: str
) -> None:
    response = await caller.get("/v1/things/a", headers={"if-none-match": known})

    assert (response.status_code, response.json()) == (200, {"name": "a"})
    assert response.headers["etag"] == '"3"'
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("known", ['"3"', '"1", "3"', "*"])
async def test_whoever_has_read_it_may_change_it(
    caller: httpx.AsyncClient, known: str
) -> None:
    response = await caller.put(
        "/v1/things/a", json={"name": "b"}, headers={"if-match": known}
    )

    assert (response.status_code, response.json()["name"]) == (200, "b")


@pytest.mark.parametrize("known", ['"2"', 'W/"3"', "3", "", '"'])
async def test_whoever_read_it_before_may_not(
    caller: httpx.AsyncClient, known: str
) -> None:
    response = await caller.put(
        "/v1/things/a", json={"name": "b"}, headers={"if-match": known}
    )

    assert response.status_code == 412
    assert response.headers["etag"] == '"3"'
    assert response.json()["type"] == f"{ISSUER}/problems/stale"


async def test_a_change_must_say_what_it_changes(caller: httpx.AsyncClient) -> None:
    response = await caller.put("/v1/things/a", json={"name": "b"})

    assert response.status_code == 428
    assert response.json()["type"] == f"{ISSUER}/problems/precondition-required"
