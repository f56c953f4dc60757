from collections.abc import Mapping

import httpx
import pytest
from litestar import Litestar

from service.audit.tables import AuditEntry, Disclosure
from service.edge.tables import KeptAnswer, RateWindow
from tests.factories import a_department, a_person, a_token
from tests.signing_in import issuers_of, signed_in

FORM = "/v1/feedback-forms/1"
ITS_OWN = {"x-request-id", "ratelimit", "date"}


@pytest.fixture
async def people(app: Litestar, client: httpx.AsyncClient) -> list[dict[str, str]]:
    """Two people of different departments, by their tokens."""
    for code in ("hmt", "dft"):
        department = await a_department(code)
        await a_person(code, manager=department.head, external_id="7")
    issuers = await issuers_of(app, "hmt", "dft")
    return [signed_in(issuer, "7") for issuer in issuers.values()]


async def test_everybody_is_given_the_same_bytes(
    client: httpx.AsyncClient, people: list[dict[str, str]]
) -> None:
    one, other = [await client.get(FORM, headers=who) for who in people]

    assert one.status_code == 200
    assert one.content == other.content
    assert shared(one) == shared(other)


def shared(answer: httpx.Response) -> Mapping[str, str]:
    return {k: v for k, v in answer.headers.items() if k not in ITS_OWN}


async def test_that_somebody_looked_leaves_no_trace(
    client: httpx.AsyncClient, people: list[dict[str, str]]
) -> None:
    before = await traces()
    assert (await client.get(FORM, headers=people[0])).status_code == 200
    assert await traces() == before

    await client.get("/v1/notices", headers=people[0])
    assert await traces() != before, "other routes count who asks"


async def traces() -> dict[str, int]:
    """How many rows stand in each table that tells who asked for what."""
    return {
        table._meta.tablename: await table.count()
        for table in (RateWindow, KeptAnswer, AuditEntry, Disclosure)
    }


async def test_it_comes_in_english_unless_welsh_is_asked_for(
    client: httpx.AsyncClient, people: list[dict[str, str]]
) -> None:
    for query, language, title in (
        ("", "en", "Feedback on working across departments"),
        ("?language=en", "en", "Feedback on working across departments"),
        ("?language=cy", "cy", "Adborth ar weithio ar draws adrannau"),
    ):
        body = (await client.get(FORM + query, headers=people[0])).json()

        assert (body["version"], body["language"], body["title"]) == (
            1,
            language,
            title,
        )
        assert len(body["behaviours"]) == 8


async def test_a_caller_who_has_it_is_not_sent_it_again(
    client: httpx.AsyncClient, people: list[dict[str, str]]
) -> None:
    first = await client.get(FORM, headers=people[0])
    known = {**people[0], "If-None-Match": first.headers["etag"]}
    again = await client.get(FORM, headers=known)
    welsh = await client.get(FORM + "?language=cy", headers=known)

    assert first.headers["cache-control"] == "private, max-age=86400"
    assert (again.status_code, again.content) == (304, b"")
    assert welsh.status_code == 200


@pytest.mark.parametrize("path", ["/v1/feedback-forms/2", "/v1/feedback-forms/0"])
async def test_a_version_that_there_is_not_is_not_found(
    client: httpx.AsyncClient, people: list[dict[str, str]], path: str
) -> None:
    assert (await client.get(path, headers=people[0])).status_code == 404


async def test_a_language_that_there_is_not_is_refused_by_name(
    client: httpx.AsyncClient, people: list[dict[str, str]]
) -> None:
    answer = await client.get(FORM + "?language=gd", headers=people[0])

    assert answer.status_code == 422
    assert [fault["parameter"] for fault in answer.json()["errors"]] == ["language"]


async def test_only_people_are_given_it(client: httpx.AsyncClient) -> None:
    await a_department("hmt")

    assert (await client.get(FORM)).status_code == 401
    machine = await a_token(client, "hmt")
    assert (await client.get(FORM, headers=machine)).status_code == 403
