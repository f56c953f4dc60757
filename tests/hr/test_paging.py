"""Page by page, every published row once; and nothing sent that is known already."""

import base64
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.db import transaction
from tests.factories import a_token
from tests.scoring import EXPECTED, Scene

CODES = ("hmt", "dwp", "moj", "dft")


async def pages(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> list[list[str]]:
    """The ids of each page, following `next` to the end."""
    found: list[list[str]] = []
    following: str | None = path
    while following:
        answer = await client.get(following, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found.append([item["id"] for item in page["items"]])
        following = page["next"]
        link = answer.headers.get("link")
        assert link == (f'<{following}>; rel="next"' if following else None)
    return found


async def stored(*codes: str) -> list[str]:
    async with transaction() as connection:
        rows = await connection.fetch(
            "SELECT id FROM score WHERE organisation = ANY ($1)"
            " AND published_at IS NOT NULL",
            list(codes),
        )
    return sorted(str(row["id"]) for row in rows)


@pytest.mark.parametrize("limit", range(1, len(EXPECTED) + 2))
async def test_pages_of_any_size_hold_every_row_once(
    client: httpx.AsyncClient, published: Scene, limit: int
) -> None:
    headers = await a_token(client, *CODES)
    found = await pages(client, headers, f"/v1/scores?limit={limit}")
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert 1 <= len(found[-1]) <= limit
    assert [id_ for page in found for id_ in page] == await stored(*CODES)


async def test_pages_hold_the_rows_of_the_clients_organisations_only(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt", "dft")
    found = await pages(client, headers, "/v1/scores?limit=2")
    assert [id_ for page in found for id_ in page] == await stored("hmt", "dft")


async def test_pages_keep_to_the_question(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, *CODES)
    for path in (
        "/v1/scores?limit=2&organisation=hmt",
        f"/v1/scores?organisation=hmt&cycle={published.cycle}&limit=2",
        f"/v1/cycles/{published.cycle}/scores?limit=2&organisation=hmt",
        "/v1/scores?changed_since=2027-01-01T00:00:00%2B00:00&limit=2&organisation=hmt",
    ):
        found = await pages(client, headers, path)
        assert [id_ for page in found for id_ in page] == await stored("hmt"), path


async def first_cursor(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    page = await client.get("/v1/scores?limit=1", headers=headers)
    return httpx.URL(page.json()["next"]).params["cursor"]


async def refusal(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, **query: Any
) -> tuple[int, str]:
    answer = await client.get(path, params=query, headers=headers)
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


BAD_CURSOR = (400, "bad-cursor")


async def test_a_cursor_is_of_no_use_to_another_client(
    client: httpx.AsyncClient, published: Scene
) -> None:
    mine = await first_cursor(client, await a_token(client, "hmt"))
    for codes in (("hmt",), ("dwp",), ("hmt", "dwp")):
        headers = await a_token(client, *codes)
        found = await refusal(client, headers, "/v1/scores", cursor=mine)
        assert found == BAD_CURSOR


async def test_a_cursor_is_of_no_use_for_another_question(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    cursor = await first_cursor(client, headers)
    questions: list[tuple[str, dict[str, object]]] = [
        ("/v1/scores", {"organisation": "dwp"}),
        ("/v1/scores", {"cycle": published.cycle}),
        ("/v1/scores", {"changed_since": "2027-01-01T00:00:00Z"}),
        ("/v1/records", {}),
        (f"/v1/people/{published.people['hmt1']}/scores", {}),
    ]
    for path, query in questions:
        found = await refusal(client, headers, path, cursor=cursor, **query)
        assert found == BAD_CURSOR


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_a_cursor_that_was_tampered_with_is_refused(
    client: httpx.AsyncClient, published: Scene, data: st.DataObject
) -> None:
    headers = await a_token(client, "hmt")
    cursor = await first_cursor(client, headers)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    found = await refusal(client, headers, "/v1/scores", cursor=forged)
    assert found == BAD_CURSOR


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "é", "A" * 4096])
async def test_a_cursor_that_is_none_of_ours_is_refused(
    client: httpx.AsyncClient, published: Scene, cursor: str
) -> None:
    headers = await a_token(client, "hmt")
    answer = await client.get("/v1/scores", params={"cursor": cursor}, headers=headers)
    assert answer.status_code in {400, 422}, answer.text


async def test_what_the_caller_has_is_not_sent_again(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    page = await client.get("/v1/scores?limit=2", headers=headers)
    id_ = page.json()["items"][0]["id"]
    for path in ("/v1/scores?limit=2", f"/v1/scores/{id_}"):
        tag = (await client.get(path, headers=headers)).headers["etag"]
        known = await client.get(path, headers=headers | {"If-None-Match": tag})
        assert (known.status_code, known.content) == (304, b"")
        assert known.headers["etag"] == tag
        other = await client.get(path, headers=headers | {"If-None-Match": '"x"'})
        assert other.status_code == 200


async def test_a_page_that_changed_is_sent(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    for path in ("/v1/scores", f"/v1/people/{published.people['hmt1']}/scores"):
        before = await client.get(path, headers=headers)
        async with transaction() as connection:
            await connection.execute(
                "UPDATE score SET value = low, version = version + 1 WHERE person = $1",
                published.people["hmt1"],
            )
        known = headers | {"If-None-Match": before.headers["etag"]}
        assert (await client.get(path, headers=known)).status_code == 200
