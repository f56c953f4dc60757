"""What a client is told: all there is, and then each change, once and in order."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.audit.tables import Disclosure
from service.auth.caller import Scope
from service.changes.actions import note
from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.records import actions as records
from service.scores.actions import publish
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    RELEASED,
    a_person,
    a_token,
)
from tests.hr.feed.following import STREAMS, Follower, begun, items_of
from tests.scoring import EXPECTED, KEY, SIZES, Scene

START = "/v1/changes?stream={}"


async def published_now(scene: Scene) -> None:
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def test_scores_appear_when_they_are_published_and_not_before(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, *SIZES)
    items, delta = await items_of(client, headers, START.format("scores"))
    assert items == []

    await published_now(scene)
    items, _ = await items_of(client, headers, delta)

    scores = [item for item in items if item["type"] == "score"]
    assert len(scores) == len(EXPECTED)
    assert {item["op"] for item in items} == {"upsert"}
    for item in scores:
        answer = await client.get(f"/v1/scores/{item['id']}", headers=headers)
        assert item["data"] == answer.json()
        assert item["version"] == item["data"]["version"]


async def test_publication_ends_with_one_event_of_each_organisation(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, *SIZES)
    delta = await begun(client, headers, "scores")
    await published_now(scene)
    items, _ = await items_of(client, headers, delta)

    for code in SIZES:
        ours = [item for item in items if item["organisation"] == code]
        assert [item["type"] for item in ours[:-1]] == ["score"] * (len(ours) - 1)
        assert (ours[-1]["type"], ours[-1]["id"]) == ("published", str(scene.cycle))
        assert ours[-1]["data"] is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_numbers_are_dense_whatever_the_size_of_the_page(
    client: httpx.AsyncClient, scene: Scene, limit: int
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    delta = await begun(client, headers, "scores")
    await published_now(scene)
    whole, _ = await items_of(client, headers, delta)
    items, last = await items_of(client, headers, f"{delta}&limit={limit}")

    assert items == whole
    for code in ("hmt", "dwp"):
        numbers = [i["sequence"] for i in items if i["organisation"] == code]
        assert numbers == [*range(1, len(numbers) + 1)]
    assert await items_of(client, headers, last) == ([], last)


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("limit", [1, 2, 5, 1_000])
async def test_a_full_pull_in_pages_of_any_size_gives_everything_once(
    client: httpx.AsyncClient, published: Scene, stream: str, limit: int
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    start = START.format(stream)
    whole, _ = await items_of(client, headers, start)
    items, _ = await items_of(client, headers, f"{start}&limit={limit}")

    assert len(whole) > 1
    assert items == whole
    assert len({(i["organisation"], i["id"]) for i in items}) == len(items)
    assert {i["organisation"] for i in items} == {"hmt", "dwp"}


@pytest.mark.parametrize("stream", STREAMS)
async def test_what_comes_is_what_the_resource_itself_gives(
    client: httpx.AsyncClient, published: Scene, stream: str
) -> None:
    headers = await a_token(client, "hmt")
    items, _ = await items_of(client, headers, START.format(stream))
    for item in items:
        if stream == "records":
            answer = await client.get("/v1/records", headers=headers)
            assert item["data"] in answer.json()["items"]
            continue
        answer = await client.get(f"/v1/{stream}/{item['id']}", headers=headers)
        if stream == "people" and answer.status_code == 404:
            continue  # In the directory, and not in post today.
        assert answer.status_code == 200, answer.text
        given = answer.json()
        assert given == {name: item["data"][name] for name in given}


@pytest.mark.parametrize("stream", STREAMS)
async def test_the_digest_is_of_what_a_whole_copy_holds(
    client: httpx.AsyncClient, published: Scene, stream: str
) -> None:
    headers = await a_token(client, *SIZES)
    copy = Follower(client, headers, limit=3)
    await copy.follow(stream)
    assert await copy.is_equal(stream) is True

    (first, *_) = copy.held(stream)
    copy.database.execute("UPDATE thing SET version = 99 WHERE id = ?", (first[2],))
    assert await copy.is_equal(stream) is False


async def test_another_s_changes_move_nothing(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "dft")
    delta = await begun(client, headers, "records")
    before = (await client.get(delta, headers=headers)).content
    digest = "/v1/changes/digest?stream=records"
    said = (await client.get(digest, headers=headers)).content

    await note(
        [Change("hmt", Stream.RECORDS, "record", uuid4(), 1)] * 3, now=IN_THE_YEAR
    )

    assert (await client.get(delta, headers=headers)).content == before
    assert (await client.get(digest, headers=headers)).content == said


async def test_what_is_another_s_is_not_told_even_when_it_is_noted_by_mistake(
    client: httpx.AsyncClient, published: Scene
) -> None:
    """The row is of ours; the score it names is not."""
    headers = await a_token(client, "hmt")
    theirs, _ = await items_of(
        client, await a_token(client, "dwp"), START.format("scores")
    )
    delta = await begun(client, headers, "scores")
    wrong = Change("hmt", Stream.SCORES, "score", UUID(theirs[0]["id"]), 9)
    await note([wrong], now=IN_THE_YEAR)

    (item,), _ = await items_of(client, headers, delta)
    assert (item["op"], item["data"]) == ("delete", None)


async def disclosed() -> list[tuple[str, set[UUID]]]:
    rows = await Disclosure.select().order_by(Disclosure.at)
    return [(row["what"], set(row["people"])) for row in rows]


async def test_each_page_writes_down_exactly_whom_it_told_of(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    delta = await begun(client, headers, "scores")
    assert await disclosed() == []
    await published_now(scene)

    told = set[str]()
    address: str | None = f"{delta}&limit=4"
    while address:
        before = len(await disclosed())
        page = (await client.get(address, headers=headers)).json()
        people = {i["data"]["person"]["id"] for i in page["items"] if i["data"]}
        fresh = (await disclosed())[before:]
        assert fresh == ([("scores", {*map(UUID, people)})] if people else [])
        told |= people
        address = page["next"]
    assert len(told) == len([n for n in EXPECTED if n[:3] in {"hmt", "dwp", "new"}])


async def test_a_tombstone_tells_of_nobody(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "people")
    gone = Change("hmt", Stream.PEOPLE, "person", uuid4(), 3, Op.DELETE)
    await note([gone], now=IN_THE_YEAR)
    before = await disclosed()

    (item,), _ = await items_of(client, headers, delta)

    assert item["data"] is None
    assert (item["version"], item["op"]) == (3, "delete")
    assert await disclosed() == before


async def test_what_the_caller_has_is_not_sent_again(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "scores")
    first = await client.get(delta, headers=headers)
    known = headers | {"If-None-Match": first.headers["etag"]}
    assert (await client.get(delta, headers=known)).status_code == 304

    row = Change("hmt", Stream.SCORES, "score", uuid4(), 1)
    await note([row], now=IN_THE_YEAR)
    assert (await client.get(delta, headers=known)).status_code == 200


async def test_an_attached_record_is_told_of(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "records")
    await a_person("hmt", external_id="one", record_id="imported")
    await records.attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    await a_person("hmt", external_id="two", record_id="none")
    body = {
        "cycle": str(scene.cycle),
        "person": {"source_system": "workday", "external_id": "two"},
    }
    for _ in range(2):  # The second time changes nothing.
        answer = await client.put(
            "/v1/records/workday:attached", json=body, headers=headers
        )
        assert answer.is_success, answer.text

    items, _ = await items_of(client, headers, delta)
    told = [item["data"]["external_id"] for item in items]
    assert told == ["imported", "attached"]


COLLECTIONS = {"scores": "/v1/scores", "records": "/v1/records"}


@pytest.mark.parametrize("stream", COLLECTIONS)
@pytest.mark.parametrize("limit", [2, 500])
async def test_a_collection_hands_its_reader_over_from_before_its_first_page(
    client: httpx.AsyncClient, published: Scene, stream: str, limit: int
) -> None:
    headers = await a_token(client, "hmt")
    first = (
        await client.get(f"{COLLECTIONS[stream]}?limit={limit}", headers=headers)
    ).json()
    kind = stream.removesuffix("s")
    entity = UUID(first["items"][0]["id"])
    meanwhile = Change("hmt", Stream(stream), kind, entity, 7)
    await note([meanwhile], now=IN_THE_YEAR)
    page = first
    while page["next"]:
        assert page["delta"] is None
        page = (await client.get(page["next"], headers=headers)).json()

    items, _ = await items_of(client, headers, page["delta"])
    assert [UUID(item["id"]) for item in items] == [entity]


@pytest.mark.parametrize("stream", COLLECTIONS)
async def test_who_reads_a_part_or_may_not_follow_is_not_handed_over(
    client: httpx.AsyncClient, published: Scene, stream: str
) -> None:
    path = COLLECTIONS[stream]
    headers = await a_token(client, "hmt")
    for part in (f"cycle={published.cycle}", "organisation=hmt"):
        page = (await client.get(f"{path}?{part}", headers=headers)).json()
        assert (page["next"], page["delta"]) == (None, None)
    without = [scope for scope in Scope if scope is not Scope.CHANGES_READ]
    headers = await a_token(client, "hmt", scopes=without)
    assert (await client.get(path, headers=headers)).json()["delta"] is None


async def test_feedback_has_no_stream(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    for stream in ("feedback", "requests", "responses", "audit"):
        answer = await client.get(START.format(stream), headers=headers)
        assert answer.status_code == 422, answer.text


async def test_the_digest_and_the_feed_speak_of_the_same_number(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt", "dft")
    await published_now(scene)
    digest: dict[str, Any] = (
        await client.get("/v1/changes/digest?stream=scores", headers=headers)
    ).json()
    page = (await client.get(START.format("scores"), headers=headers)).json()
    said = {s["organisation"]: s["sequence"] for s in digest["organisations"]}
    assert said == page["reached"]


async def test_a_full_pull_leads_on_to_what_changed_meanwhile(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt")
    page = (
        await client.get(f"{START.format('people')}&limit=2", headers=headers)
    ).json()
    meanwhile = Change("hmt", Stream.PEOPLE, "person", uuid4(), 2, Op.DELETE)
    await note([meanwhile], now=IN_THE_YEAR)

    items, _ = await items_of(client, headers, page["next"])
    assert [item["id"] for item in items if item["sequence"]] == [str(meanwhile.entity)]
    assert items[-1]["id"] == str(meanwhile.entity)


@pytest.mark.parametrize("stream", STREAMS)
async def test_a_larger_page_costs_no_more_statements(
    client: httpx.AsyncClient, published: Scene, stream: str
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    delta = await begun(client, headers, stream)
    kind = {"people": "person"}.get(stream, stream.removesuffix("s"))
    things, _ = await items_of(client, headers, START.format(stream))
    await note(
        [
            Change(each["organisation"], Stream(stream), kind, UUID(each["id"]), 9)
            for each in things
        ],
        now=IN_THE_YEAR,
    )
    counts = []
    for limit in (1, 1_000):
        said: list[str] = []
        async with transaction() as connection:
            with connection.query_logger(lambda query: said.append(query.query)):  # noqa: B023 - used at once
                answer = await client.get(f"{delta}&limit={limit}", headers=headers)
        assert len(answer.json()["items"]) == min(limit, len(things))
        counts.append(len([each for each in said if "pg_catalog.pg_type" not in each]))
    assert counts[1] <= counts[0]
