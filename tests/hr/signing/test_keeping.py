"""Every score that leaves is signed, as it leaves, by whichever way."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey

from service.app import create_app
from service.auth.caller import Scope
from service.auth.row_keys import actions as row_keys
from service.db import transaction
from service.hr import queries
from service.hr.signing.completing import complete
from service.hr.signing.signatures import Altered, check
from service.hr.signing.verifying import keys_from, verify
from service.settings import Settings
from tests.conftest import ISSUER
from tests.factories import a_token
from tests.hr.renaming import known_as
from tests.scoring import Scene

NEXT_VERSION = """
UPDATE score SET version = version + 1, changed_at = changed_at + interval '1 day'
WHERE id = $1
"""
STORED = "SELECT signature FROM score WHERE id = $1"


async def keys(client: httpx.AsyncClient) -> dict[str, ECKey]:
    return keys_from((await client.get("/.well-known/jwks.json")).text)


async def rows(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/v1/scores", headers=await a_token(client, "moj"))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def ran(statement: str, *given: object) -> Any:  # noqa: ANN401 - what a row holds
    async with transaction() as connection:
        return await connection.fetchval(statement, *given)


async def test_every_row_of_a_page_is_signed(
    client: httpx.AsyncClient, published: Scene
) -> None:
    found = await rows(client)
    keyed = await keys(client)

    assert found
    for row in found:
        check(row, keyed)


async def test_it_is_the_same_row_whichever_way_it_leaves(
    client: httpx.AsyncClient, published: Scene
) -> None:
    """JSON, lines, one by itself: the same signature, and it holds for each."""
    headers = await a_token(client, "moj")
    lines = await client.get(
        "/v1/scores", headers={**headers, "Accept": "application/x-ndjson"}
    )
    found = {row["id"]: row for row in await rows(client)}
    keyed = await keys(client)
    assert verify(lines.text, keyed).faults == []
    assert [*map(json.loads, lines.text.splitlines())] == [*found.values()]
    for id_, row in found.items():
        one = await client.get(f"/v1/scores/{id_}", headers=headers)
        assert one.json() == row


async def test_the_attachment_of_a_record_holds_the_signed_row(
    client: httpx.AsyncClient, published: Scene
) -> None:
    on = published.records["moj1"]
    headers = await a_token(client, "moj", scopes=[*Scope])
    answer = await client.get(
        f"/v1/records/{on.source}:{on.external_id}", headers=headers
    )

    report = verify(json.dumps(answer.json()["score"]), await keys(client))
    assert (report.rows, report.faults) == (1, [])


async def test_the_feed_tells_of_signed_rows(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "moj", scopes=[*Scope])
    answer = await client.get("/v1/changes?stream=scores", headers=headers)
    told = [item for item in answer.json()["items"] if item["data"]]

    assert {item["data"]["id"] for item in told} == {
        row["id"] for row in await rows(client)
    }
    assert verify(answer.text, await keys(client)).faults == []


async def test_a_row_is_signed_once(
    client: httpx.AsyncClient, published: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await rows(client)

    async def sign_nothing(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(queries, "sign_these", sign_nothing)
    assert await rows(client) == first


async def test_another_version_is_signed_anew_and_the_earlier_one_stays_good(
    client: httpx.AsyncClient, published: Scene
) -> None:
    before, *_ = await rows(client)
    await ran(NEXT_VERSION, UUID(before["id"]))
    assert await ran(STORED, UUID(before["id"])) is None
    after = next(r for r in await rows(client) if r["id"] == before["id"])
    keyed = await keys(client)

    assert after["version"] == before["version"] + 1
    check(after, keyed)
    check(before, keyed)
    with pytest.raises(Altered):
        check({**before, "signature": after["signature"]}, keyed)


async def test_another_id_of_the_person_is_another_row(
    client: httpx.AsyncClient, published: Scene
) -> None:
    before, *_ = await rows(client)
    await known_as(UUID(before["person"]["id"]), "moj", "renamed")
    after = next(r for r in await rows(client) if r["id"] == before["id"])

    assert after["person"]["external_id"] == "renamed"
    check(after, await keys(client))


async def test_elsewhere_the_row_is_another_one(
    client: httpx.AsyncClient, published: Scene
) -> None:
    """Its method's address is: an issuer that moves signs again."""
    here = await queries.scores(["moj"], ISSUER)
    there = await queries.scores(["moj"], "https://moved.example")
    keyed = await keys(client)

    assert here[0].signature != there[0].signature
    for score in (here[0], there[0]):
        check(json.loads(score.model_dump_json()), keyed)


async def test_a_row_outlives_the_key_that_signed_it(
    client: httpx.AsyncClient, published: Scene
) -> None:
    before = await rows(client)
    for _ in range(3):
        await row_keys.rotate()
    await ran(NEXT_VERSION, UUID(before[0]["id"]))
    after = await rows(client)
    keyed = await keys(client)

    for row in [*before, *after]:
        check(row, keyed)
    headers = {row["signature"].partition(".")[0] for row in after}
    assert len(headers) == 2  # Nobody signs again what is signed.


async def test_only_the_last_key_has_a_private_part(db: None) -> None:
    await row_keys.rotate()
    await row_keys.rotate()

    private = "SELECT count(*) FROM row_key WHERE sealed IS NOT NULL"
    assert await ran(private) == 1
    assert all("d" not in key for key in await row_keys.published())


async def test_a_key_of_rows_signs_no_tokens(client: httpx.AsyncClient) -> None:
    """Were one stolen, it would let nobody in."""
    ring = await create_app(Settings(), ISSUER).state.key_ring.current(
        Settings().clock()
    )
    assert {key["kid"] for key in await row_keys.published()}.isdisjoint(ring.verifying)


async def test_all_can_be_signed_ahead_of_whoever_reads_them(
    published: Scene,
) -> None:
    total = await ran("SELECT count(*) FROM score WHERE published_at IS NOT NULL")

    assert await complete(published.departments, ISSUER) == total
    assert await complete(published.departments, ISSUER) == 0
    unsigned = "SELECT count(*) FROM score WHERE signature IS NULL"
    assert await ran(unsigned) == 0


async def test_what_is_not_published_is_not_signed(db: None, scene: Scene) -> None:
    assert await complete(scene.departments, ISSUER) == 0
