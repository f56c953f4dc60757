"""What the HR system knows somebody by, on their scores and in what is told of them."""

from uuid import uuid4

import httpx

from service.db import transaction
from service.directory.dated import IDENTIFIERS, Changes, IdentifierFacts
from service.directory.feed import tell_of_people
from service.hr.signing.verifying import keys_from, verify
from tests.factories import IN_THE_YEAR, RELEASED, a_token
from tests.hr.feed.following import Follower, begun, items_of, said
from tests.hr.renaming import known_as
from tests.scoring import Scene

ALSO = """
INSERT INTO person_identifier (organisation, id, person, source, external_id,
    valid_from)
SELECT organisation, $2, person, source, $3, valid_from FROM person_identifier
WHERE organisation = 'moj' AND person = $1
ORDER BY (source = 'workday') DESC, valid_to DESC NULLS FIRST LIMIT 1
"""


async def test_another_id_of_a_person_is_a_version_of_their_score_that_is_told(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "moj")
    delta = await begun(client, headers, "scores")
    person = published.people["moj1"]

    await known_as(person, "moj", "renumbered")

    (item,), _ = await items_of(client, headers, delta)
    assert (item["version"], item["data"]["version"]) == (2, 2)
    assert item["data"]["person"]["external_id"] == "renumbered"
    assert item["data"]["person"]["id"] == str(person)
    one = await client.get(f"/v1/scores/{item['id']}", headers=headers)
    assert one.json() == item["data"]
    jwks = keys_from((await client.get("/.well-known/jwks.json")).text)
    assert verify(one.text, jwks).faults == []


async def test_a_copy_that_followed_has_the_new_id(
    client: httpx.AsyncClient, published: Scene
) -> None:
    follower = Follower(client, await a_token(client, "moj"))
    await follower.follow("scores")
    await known_as(published.people["moj1"], "moj", "renumbered")
    await follower.follow("scores")

    assert await follower.is_equal("scores") is True
    assert any("renumbered" in held[4] for held in follower.held("scores"))


async def test_the_same_id_again_is_no_version(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "moj")
    delta = await begun(client, headers, "scores")
    on = published.records["moj1"]

    await known_as(published.people["moj1"], "moj", str(on.person_external_id))

    assert await items_of(client, headers, delta) == ([], delta)


async def test_who_leaves_is_known_as_they_were(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "moj")
    delta = await begun(client, headers, "scores")
    changes = Changes()
    async with transaction() as connection:
        for held in await IDENTIFIERS.open_rows(connection, ["moj"]):
            changes.close(IDENTIFIERS, held, RELEASED.date())
        await changes.write(connection)
        await tell_of_people(changes, now=RELEASED)

    assert await items_of(client, headers, delta) == ([], delta)


async def test_of_two_ids_at_once_every_reading_gives_the_one_that_was_signed(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "moj")
    person = published.people["moj1"]
    path = f"/v1/people/{person}/scores"
    jwks = keys_from((await client.get("/.well-known/jwks.json")).text)
    before = (await client.get(path, headers=headers)).json()["items"]
    for name in ("a-second", "z-third"):
        await said(ALSO, person, uuid4(), name)
        # What the planner finds first is chance: here it is what was written last.
        await said(
            "UPDATE person_identifier SET valid_from = valid_from WHERE person = $1"
            " AND external_id <> $2",
            person,
            name,
        )
        answer = await client.get(path, headers=headers)
        assert answer.json()["items"] == before
        assert verify(answer.text, jwks).faults == []


async def test_another_organisation_s_score_of_the_same_person_stays(
    client: httpx.AsyncClient, published: Scene
) -> None:
    """Who moved is known by another id in each."""
    headers = await a_token(client, "moj")
    delta = await begun(client, headers, "scores")
    person = published.people["moj1"]
    changes = Changes()
    facts = IdentifierFacts(person, "workday", "elsewhere")
    changes.open(IDENTIFIERS, "hmt", facts, IN_THE_YEAR.date())
    async with transaction() as connection:
        await changes.write(connection)
        await tell_of_people(changes, now=IN_THE_YEAR)

    assert await items_of(client, headers, delta) == ([], delta)
