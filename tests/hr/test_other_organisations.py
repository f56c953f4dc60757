"""Another organisation's people do not exist here, and what is told is written down."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.audit.tables import Disclosure
from service.auth import authentication
from service.db.reach import EVERYONE
from service.directory.tables import PersonIdentifier
from service.hr import actions, queries
from service.scores.tables import Score
from tests.factories import a_cycle, a_token, an_organisation
from tests.scoring import Scene

Attack = Callable[[httpx.AsyncClient, Scene, dict[str, str]], Awaitable[bool]]


async def masked(
    client: httpx.AsyncClient, headers: dict[str, str], path: str, name: str
) -> tuple[int, str]:
    """Status and body of an answer, without the name asked for and the request's id."""
    answer = await client.get(path.format(name), headers=headers)
    body = answer.text.replace(answer.headers["x-request-id"], "")
    return answer.status_code, body.replace(name, "NAME")


async def score_of(scene: Scene, name: str) -> UUID:
    row = await Score.select(Score.id).where(Score.person == scene.people[name]).first()
    assert row is not None
    id_: UUID = row["id"]
    return id_


async def is_as_if_absent(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    path: str,
    *,
    theirs: object,
    absent: object,
) -> bool:
    found = await masked(client, headers, path, str(theirs))
    assert found[0] < 500  # Or a broken test would look like a leak.
    return found[0] == 404 and found == await masked(client, headers, path, str(absent))


async def a_foreign_score(
    client: httpx.AsyncClient, scene: Scene, headers: dict[str, str]
) -> bool:
    theirs = await score_of(scene, "dwp1")
    path = "/v1/scores/{}"
    return await is_as_if_absent(client, headers, path, theirs=theirs, absent=uuid4())


async def a_foreign_person_by_uuid(
    client: httpx.AsyncClient, scene: Scene, headers: dict[str, str]
) -> bool:
    path, theirs = "/v1/people/{}/scores", scene.people["dwp1"]
    return await is_as_if_absent(client, headers, path, theirs=theirs, absent=uuid4())


async def a_foreign_person_by_external_id(
    client: httpx.AsyncClient, scene: Scene, headers: dict[str, str]
) -> bool:
    theirs = scene.records["dwp1"].person_external_id
    path = "/v1/people/workday:{}/scores"
    return await is_as_if_absent(client, headers, path, theirs=theirs, absent="p0")


async def a_foreign_organisation(
    client: httpx.AsyncClient, scene: Scene, headers: dict[str, str]
) -> bool:
    paths = (
        "/v1/scores?organisation={}",
        f"/v1/cycles/{scene.cycle}/scores?organisation={{}}",
        f"/v1/people/{scene.people['hmt1']}/scores?organisation={{}}",
    )
    of = {"theirs": "dwp", "absent": "nope"}
    return all([await is_as_if_absent(client, headers, path, **of) for path in paths])


ATTACKS = [
    a_foreign_score,
    a_foreign_person_by_uuid,
    a_foreign_person_by_external_id,
    a_foreign_organisation,
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_is_anothers_is_as_if_it_were_not_there(
    client: httpx.AsyncClient, published: Scene, attack: Attack
) -> None:
    assert await attack(client, published, await a_token(client, "hmt"))


def without_the_first_wall(patch: pytest.MonkeyPatch, scene: Scene) -> None:
    """The broken twin: any organisation may be asked for, and all of them are read."""
    everywhere = sorted(scene.departments)
    page, document = queries.page, queries.document

    def anywhere(_: object, wanted: str | None) -> list[str]:
        return [wanted] if wanted else everywhere

    async def all_pages(question: queries.Question, *args: Any) -> object:
        return await page(replace(question, organisations=everywhere), *args)

    async def all_documents(score: UUID, _: object, *args: Any) -> object:
        return await document(score, everywhere, *args)

    patch.setattr(actions, "within", anywhere)
    patch.setattr(queries, "page", all_pages)
    patch.setattr(queries, "document", all_documents)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_guards_taken_away_would_be_found(
    client: httpx.AsyncClient,
    published: Scene,
    attack: Attack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = await a_token(client, "hmt")
    without_the_first_wall(monkeypatch, published)
    monkeypatch.setattr(authentication, "only", lambda _: EVERYONE)
    assert not await attack(client, published, headers)


async def test_behind_the_first_wall_stands_a_second(
    client: httpx.AsyncClient, published: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await a_token(client, "hmt")
    without_the_first_wall(monkeypatch, published)
    assert await a_foreign_score(client, published, headers)
    answer = await client.get("/v1/scores?organisation=dwp", headers=headers)
    assert str(published.people["dwp1"]) not in answer.text
    assert len(answer.json()["items"]) == 8  # the caller's own


async def test_a_cycle_that_the_client_takes_no_part_in_is_not_there(
    client: httpx.AsyncClient, published: Scene
) -> None:
    await an_organisation("elsewhere")
    other = (await a_cycle(2027, ["elsewhere"])).id
    headers = await a_token(client, "hmt")
    for path in ("/v1/cycles/{}/scores", "/v1/scores?cycle={}"):
        assert await is_as_if_absent(
            client, headers, path, theirs=other, absent=uuid4()
        )


async def test_no_page_holds_another_organisations_person(
    client: httpx.AsyncClient, published: Scene
) -> None:
    answer = await client.get("/v1/scores", headers=await a_token(client, "hmt"))
    for name, person in published.people.items():
        ours = name.startswith(("hmt", "newcomer"))
        assert (str(person) in answer.text) == ours


async def test_one_name_in_two_organisations_is_asked_about_and_not_guessed(
    client: httpx.AsyncClient, published: Scene
) -> None:
    shared = published.records["dwp1"].person_external_id
    await PersonIdentifier.update({PersonIdentifier.external_id: shared}).where(
        PersonIdentifier.person == published.people["hmt1"]
    )
    headers = await a_token(client, "hmt", "dwp")
    path = f"/v1/people/workday:{shared}/scores"
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 409
    assert "organisation=CODE" in answer.json()["detail"]
    mended = await client.get(path, params={"organisation": "dwp"}, headers=headers)
    (item,) = mended.json()["items"]
    assert item["person"]["id"] == str(published.people["dwp1"])


async def disclosed() -> dict[UUID, tuple[str, list[UUID]]]:
    rows = await Disclosure.select()
    return {row["id"]: (row["what"], row["people"]) for row in rows}


async def test_each_answer_writes_down_exactly_whom_it_told_of(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "hmt", "dwp")
    score, person = await score_of(published, "hmt2"), published.people["hmt1"]
    for path in (
        "/v1/scores?limit=3",
        "/v1/scores?limit=5000",
        "/v1/scores?organisation=dwp",
        f"/v1/cycles/{published.cycle}/scores",
        f"/v1/people/{person}/scores",
        f"/v1/scores/{score}",
    ):
        before = await disclosed()
        answer = await client.get(path, headers=headers)
        body = answer.json()
        told = {item["person"]["id"] for item in body.get("items", [body])}
        fresh = [row for id_, row in (await disclosed()).items() if id_ not in before]
        assert fresh == [("scores", sorted(map(UUID, told)))]


async def test_following_pages_writes_each_page_down(
    client: httpx.AsyncClient, published: Scene
) -> None:
    headers = await a_token(client, "dwp")
    following: str | None = "/v1/scores?limit=1"
    while following:
        following = (await client.get(following, headers=headers)).json()["next"]
    told = [people for _, people in (await disclosed()).values()]
    assert [len(people) for people in told] == [1, 1, 1]
    dwp = {published.people[name] for name in ("dwp-head", "dwp1", "dwp2")}
    assert {person for people in told for person in people} == dwp


async def test_what_told_of_nobody_is_not_written_down(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    await client.get("/v1/scores", headers=headers)
    await client.get(f"/v1/scores/{await score_of(scene, 'hmt1')}", headers=headers)
    await client.get("/v1/scores?organisation=dwp", headers=headers)
    assert await disclosed() == {}


async def test_before_publication_a_computed_score_is_not_there(
    client: httpx.AsyncClient, scene: Scene
) -> None:
    headers = await a_token(client, "hmt")
    ours, path = await score_of(scene, "hmt1"), "/v1/scores/{}"
    assert await is_as_if_absent(client, headers, path, theirs=ours, absent=uuid4())
    for path in (
        "/v1/scores",
        f"/v1/cycles/{scene.cycle}/scores",
        f"/v1/people/{scene.people['hmt1']}/scores",
    ):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["items"]) == (200, [])
