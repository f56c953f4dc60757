"""People read their own notices, each signed in by their department's issuer."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar

from service.jobs.outbox import tell
from service.jobs.rules import NoticeKind
from tests.factories import a_person, a_token, an_organisation
from tests.jobs.waiting import NOW, a_notice
from tests.signing_in import issuers_of, signed_in

ISSUER = "https://joinedup.example"


@dataclass
class Told:
    """Two people of one department and one of another, each told something."""

    client: httpx.AsyncClient
    sam: UUID
    headers: dict[str, dict[str, str]]

    async def read(self, who: str, path: str = "/v1/notices") -> httpx.Response:
        return await self.client.get(path, headers=self.headers[who])

    async def keys_of(self, who: str, path: str = "/v1/notices") -> list[str]:
        """What `who` was told, by number, page by page."""
        found, following = [], path
        while following:
            page = (await self.read(who, following)).json()
            found += [str(item["count"]) for item in page["items"]]
            following = page["next"]
        return found

    async def mark(self, who: str, notice: str | UUID) -> httpx.Response:
        return await self.client.put(
            f"/v1/notices/{notice}/reading", headers=self.headers[who]
        )


@pytest.fixture
async def told(app: Litestar, client: httpx.AsyncClient) -> Told:
    issuers = await issuers_of(
        app, await an_organisation("hmt"), await an_organisation("defra")
    )
    people = {
        name: await a_person(code, external_id=name)
        for name, code in (("sam", "hmt"), ("alex", "hmt"), ("kim", "defra"))
    }
    codes = {"sam": "hmt", "alex": "hmt", "kim": "defra"}
    for number in range(1, 6):
        await tell(
            [a_notice(people["sam"], key=str(number), count=number)],
            now=NOW + timedelta(minutes=number),
        )
    # At one instant, the order is still one.
    await tell(
        [a_notice(people["kim"], "defra", key=str(n), count=7) for n in range(5)],
        now=NOW,
    )
    return Told(
        client,
        people["sam"],
        {name: signed_in(issuers[code], name) for name, code in codes.items()},
    )


async def test_a_person_reads_what_they_were_told(told: Told) -> None:
    about = uuid4()
    due = date(2026, 7, 1)
    await tell(
        [
            a_notice(
                told.sam,
                kind=NoticeKind.ASSIGNED_IN_BULK,
                about=about,
                count=12,
                due_on=due,
            )
        ],
        now=NOW + timedelta(days=1),
    )
    first = (await told.read("sam")).json()["items"][0]
    UUID(first.pop("id"))
    assert first == {
        "kind": "assigned_in_bulk",
        "about": str(about),
        "count": 12,
        "due_on": "2026-07-01",
        "created_at": "2026-06-02T09:00:00Z",
        "read_at": None,
    }


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
async def test_the_newest_comes_first_on_pages_of_any_size(
    told: Told, limit: int
) -> None:
    assert await told.keys_of("sam", f"/v1/notices?limit={limit}") == list("54321")
    assert await told.keys_of("kim", f"/v1/notices?limit={limit}") == ["7"] * 5


async def test_nobody_reads_what_another_was_told(told: Told) -> None:
    assert await told.keys_of("alex") == []
    theirs = (await told.read("sam", "/v1/notices?limit=1")).json()
    absent = await told.mark("alex", uuid4())
    for who in ("alex", "kim"):
        answer = await told.mark(who, theirs["items"][0]["id"])
        assert answer.status_code == absent.status_code == 404
        assert answer.json()["type"] == absent.json()["type"]
        with_their_cursor = await told.read(who, theirs["next"])
        assert with_their_cursor.status_code == 400
    assert (await told.read("sam", "/v1/notices?limit=1")).json() == theirs


async def test_what_is_read_stays_read_since_then(told: Told) -> None:
    notice = (await told.read("sam")).json()["items"][0]["id"]
    first = await told.mark("sam", notice)
    again = await told.mark("sam", notice)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["read_at"]
    assert await told.keys_of("sam") == list("54321")
    assert await told.keys_of("sam", "/v1/notices?unread=true&limit=1") == list("4321")


async def test_a_cursor_is_of_one_question(told: Told) -> None:
    following = (await told.read("sam", "/v1/notices?limit=1")).json()["next"]
    assert following.startswith(f"{ISSUER}/v1/notices?limit=1&cursor=")
    answer = await told.read("sam", f"{following}&unread=true")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/bad-cursor")


async def test_a_machine_is_told_nothing(told: Told) -> None:
    headers = await a_token(told.client, "hmt")
    answer = await told.client.get("/v1/notices", headers=headers)
    assert answer.status_code == 403
