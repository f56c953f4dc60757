import asyncio
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from service.db import transaction
from service.edge import idempotency
from service.edge.idempotency import KEPT_FOR, forget_old
from service.edge.tables import KeptAnswer
from service.settings import Settings, settings
from tests.edge.small_app import ISSUER, calling, small_app

KEY = {"idempotency-key": "0af76519-16cd-43dd-8448-eb211c80319c"}
THING = {"name": "a thing"}


async def things(name: str = "%") -> int:
    async with transaction() as connection:
        found = await connection.fetchval(
            "SELECT count(*) FROM kept_answer WHERE caller = 'thing' AND key LIKE $1",
            name,
        )
    return int(found)


async def kept() -> int:
    async with transaction() as connection:
        found = await connection.fetchval(
            "SELECT count(*) FROM kept_answer WHERE caller <> 'thing'"
        )
    return int(found)


def slug(response: httpx.Response) -> str:
    return str(response.json()["type"]).removeprefix(f"{ISSUER}/problems/")


async def test_the_same_request_is_done_once_and_answered_twice(
    db: None, caller: httpx.AsyncClient
) -> None:
    first = await caller.post("/v1/things", json=THING, headers=KEY)
    again = await caller.post("/v1/things", json=THING, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    for name in ("content-type", "location", "etag", "content-length"):
        assert first.headers[name] == again.headers[name]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert "x-other" not in again.headers
    assert again.headers["cache-control"] == "no-store"
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert await things() == 1


async def test_without_a_key_each_request_is_its_own(
    db: None, caller: httpx.AsyncClient
) -> None:
    await caller.post("/v1/things", json={"name": "one"})
    await caller.post("/v1/things", json={"name": "two"})

    assert (await things(), await kept()) == (2, 0)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/things", b'{"name":"another"}'),
        ("/v1/things", b'{"name": "a thing"} '),
        ("/v1/things?x=1", b'{"name":"a thing"}'),
        ("/v1/things/bulk", b'[{"name":"a thing"}]'),
    ],
)
async def test_a_key_is_of_one_request(
    db: None, caller: httpx.AsyncClient, path: str, body: bytes
) -> None:
    headers = {**KEY, "content-type": "application/json"}
    await caller.post("/v1/things", content=b'{"name":"a thing"}', headers=headers)

    response = await caller.post(path, content=body, headers=headers)

    assert (response.status_code, slug(response)) == (422, "idempotency-mismatch")
    assert await things() == 1


async def test_keys_of_two_callers_never_meet(db: None) -> None:
    async with calling(small_app(), "hr") as one, calling(small_app(), "pay") as two:
        first = await one.post("/v1/things", json=THING, headers=KEY)
        other = await two.post("/v1/things", json={"name": "two"}, headers=KEY)

    assert (first.json()["name"], other.json()["name"]) == ("a thing", "two")
    assert "idempotent-replayed" not in other.headers


async def test_of_one_person_neither_employer_is_told_what_the_other_was(
    db: None,
) -> None:
    app = small_app()
    async with calling(app, "jo@hmt") as here, calling(app, "jo@moj") as there:
        await here.post("/v1/things", json=THING, headers=KEY)
        other = await there.post("/v1/things", json=THING, headers=KEY)

    assert (other.status_code, slug(other)) == (422, "idempotency-mismatch")


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [("refused", 422, "test-too-much"), ("broken", 500, "unexpected")],
)
async def test_what_failed_leaves_nothing_and_may_be_tried_again(
    db: None, caller: httpx.AsyncClient, name: str, status: int, told: str
) -> None:
    for _ in range(2):
        response = await caller.post("/v1/things", json={"name": name}, headers=KEY)
        assert (response.status_code, slug(response)) == (status, told)
        assert "idempotent-replayed" not in response.headers

    assert (await things(), await kept()) == (0, 0)


async def test_a_guarded_answer_is_not_replayed_to_a_stranger(
    db: None, caller: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await caller.post("/v1/things", json=THING, headers=KEY)

    response = await stranger.post("/v1/things", json=THING, headers=KEY)

    assert response.status_code == 401


async def test_after_a_day_a_key_is_new(
    db: None, caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await caller.post("/v1/things", json=THING, headers=KEY)
    later = settings().clock() + KEPT_FOR + timedelta(seconds=1)
    monkeypatch.setattr(idempotency, "settings", lambda: Settings(now=later))

    response = await caller.post("/v1/things", json={"name": "new"}, headers=KEY)
    again = await caller.post("/v1/things", json={"name": "new"}, headers=KEY)

    assert (response.status_code, response.json()["name"]) == (201, "new")
    assert "idempotent-replayed" not in response.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (await things(), await kept()) == (2, 1)


async def test_just_before_a_day_is_over_it_is_not(
    db: None, caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await caller.post("/v1/things", json=THING, headers=KEY)
    at = (await KeptAnswer.select(KeptAnswer.kept_at))[-1]["kept_at"]
    later = at + KEPT_FOR - timedelta(microseconds=1)
    monkeypatch.setattr(idempotency, "settings", lambda: Settings(now=later))

    again = await caller.post("/v1/things", json=THING, headers=KEY)

    assert again.headers["idempotent-replayed"] == "true"


async def test_old_answers_are_forgotten(db: None, caller: httpx.AsyncClient) -> None:
    await caller.post("/v1/things", json=THING, headers=KEY)
    now = settings().clock()

    assert await forget_old(now) == 0
    assert (
        await forget_old(now + KEPT_FOR + timedelta(seconds=1)) == 2
    )  # Thing and all.
    assert await kept() == 0


@pytest.mark.parametrize("key", ["", " ", "has space", "é", "x" * 256, "tab\tin"])
async def test_a_key_is_visible_ascii(caller: httpx.AsyncClient, key: str) -> None:
    response = await caller.post(
        "/v1/things", json=THING, headers={b"idempotency-key": key.encode()}
    )

    assert (response.status_code, slug(response)) == (400, "idempotency-key-malformed")


async def test_two_keys_are_one_too_many(caller: httpx.AsyncClient) -> None:
    headers = [("idempotency-key", "a"), ("idempotency-key", "b")]
    response = await caller.post("/v1/things", json=THING, headers=headers)

    assert slug(response) == "idempotency-key-malformed"


async def test_the_longest_key_is_kept(db: None, caller: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "~" * 255}
    first = await caller.post("/v1/things", json=THING, headers=headers)
    again = await caller.post("/v1/things", json=THING, headers=headers)

    assert first.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"


async def test_where_a_key_is_required_it_is_asked_for(
    db: None, caller: httpx.AsyncClient
) -> None:
    without = await caller.post("/v1/things/bulk", json=[THING])
    answered = await caller.post("/v1/things/bulk", json=[THING], headers=KEY)

    assert (without.status_code, slug(without)) == (400, "idempotency-key-missing")
    assert without.json()["errors"][0]["parameter"] == "Idempotency-Key"
    assert answered.status_code == 201


async def test_only_a_post_takes_a_key(caller: httpx.AsyncClient) -> None:
    """Without a database, so that taking it would be a 503."""
    headers = {**KEY, "if-match": '"3"'}
    put = await caller.put("/v1/things/a", json=THING, headers=headers)
    get = await caller.get("/v1/things", headers=KEY)

    assert (put.status_code, get.status_code) == (200, 200)


class Gate:
    """Holds the handler until the test lets it go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self, _: str) -> None:
        self.reached.set()
        await self.open.wait()

    def app(self) -> Litestar:
        return small_app(before=self)


async def test_while_the_first_is_answered_the_second_is_told_so(
    committing: None,
) -> None:
    gate = Gate()
    async with calling(gate.app()) as client:
        first = asyncio.create_task(client.post("/v1/things", json=THING, headers=KEY))
        await gate.reached.wait()
        second = await client.post("/v1/things", json=THING, headers=KEY)
        gate.open.set()
        answered = await first
        third = await client.post("/v1/things", json=THING, headers=KEY)

    assert (second.status_code, slug(second)) == (409, "idempotency-in-progress")
    assert second.headers["retry-after"] == "1"
    assert answered.status_code == 201
    assert third.headers["idempotent-replayed"] == "true"
    assert third.content == answered.content
    assert await things() == 1


async def test_the_handler_keeps_its_own_patience_for_locks(committing: None) -> None:
    waits: list[str] = []

    async def note(_: str) -> None:
        async with transaction() as connection:
            waits.append(await connection.fetchval("SHOW lock_timeout"))

    async with calling(small_app(before=note)) as client:
        await client.post("/v1/things", json=THING, headers=KEY)

    assert waits == ["5s"]


async def test_many_at_once_are_done_once(committing: None) -> None:
    async with calling(small_app()) as client:
        answers = await asyncio.gather(
            *(client.post("/v1/things", json=THING, headers=KEY) for _ in range(8))
        )

    done = [each for each in answers if each.status_code == 201]
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.content for each in done}) == 1
    fresh = [each for each in done if "idempotent-replayed" not in each.headers]
    assert (len(fresh), await things()) == (1, 1)


async def test_a_caller_who_goes_away_leaves_nothing_half_done(
    committing: None,
) -> None:
    gate = Gate()
    async with calling(gate.app()) as client:
        first = asyncio.create_task(client.post("/v1/things", json=THING, headers=KEY))
        await gate.reached.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await things(), await kept()) == (0, 0)
        gate.open.set()
        again = await client.post("/v1/things", json=THING, headers=KEY)

    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers


async def test_an_answer_is_not_given_before_it_is_committed(
    committing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(idempotency, "_keep", lost)
    async with calling(small_app()) as client:
        response = await client.post("/v1/things", json=THING, headers=KEY)

    assert (response.status_code, slug(response)) == (503, "database-interrupted")
    assert response.headers["retry-after"] == "2"
    assert await things() == 0
