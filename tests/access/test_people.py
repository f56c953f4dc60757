"""Who finds whom over HTTP, and what they are told."""

import asyncio
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from litestar import Litestar

from service.auth.caller import Scope
from service.directory.tables import PersonIdentifier
from tests.access.finding import (
    TODAY,
    YEAR,
    Departments,
    audited,
    departments,
    disclosed,
)
from tests.directory.searched import about, somebody
from tests.factories import a_token

SEEN = {
    "person of hmt": {"hmt", "defra"},
    "person of defra": {"defra", "hmt"},
    "person of mod": {"mod"},
    "machine of hmt": {"hmt"},
    "machine of mod": {"mod"},
    "machine of both": {"hmt", "defra"},
}
"""Without an agreement in force, by one that is over or to come, or of an organisation
that has ended: nobody. A machine: its own organisations' people."""


@pytest.fixture
async def there(app: Litestar, client: httpx.AsyncClient) -> Departments:
    return await departments(app, client)


@pytest.mark.parametrize("way", SEEN)
async def test_each_caller_finds_whom_agreements_allow(
    there: Departments, way: str
) -> None:
    assert await there.found(way) == SEEN[way]
    for code, person in there.gwens.items():
        expected = 200 if code in SEEN[way] else 404
        assert await there.status(way, str(person)) == expected, code
        assert await there.status(way, f"workday:gwen-{code}") == expected, code
        assert await there.status(way, f"{person}", organisation=code) == expected
        asked = await there.get(way, "/v1/people", query="gwen", organisation=code)
        assert asked.status_code == expected


async def test_a_person_is_told_as_much_as_it_takes_to_meet(
    there: Departments,
) -> None:
    answer = await there.get("person of hmt", "/v1/people", query="gwen defra")

    assert answer.json() == {
        "items": [
            {
                "id": str(there.gwens["defra"]),
                "name": "Gwen Defra",
                "title": "Deputy Director",
                "unit": "Policy",
                "organisation": "defra",
            }
        ],
        "next": None,
        "delta": None,
    }
    one = await there.get("person of hmt", f"/v1/people/{there.gwens['defra']}")
    assert one.json() == answer.json()["items"][0]


async def test_what_is_another_s_looks_as_what_does_not_exist(
    there: Departments,
) -> None:
    hidden = await somebody("defra", "Nia", hidden=True, external_id="nia")
    gone = await somebody("defra", "Ann", until=TODAY)
    coming = await somebody("defra", "Eve", since=TODAY + YEAR / 365)
    absent = "00000000-0000-4000-8000-000000000000"

    seen = [
        _without_its_own(await there.get("person of hmt", f"/v1/people/{name}"))
        for name in (
            absent,
            *(hidden, gone, coming, there.gwens["mod"], there.gwens["dfid"]),
            *("workday:nia", "workday:gwen-mod", "workday:nobody", "gwen", ":", "x:"),
        )
    ]

    assert seen[0][0] == 404
    assert all(each == seen[0] for each in seen)


def _without_its_own(answer: httpx.Response) -> tuple[int, object]:
    body = answer.json()
    del body["instance"], body["request_id"]
    return answer.status_code, body


async def test_what_people_work_on_is_found_by_the_parties_alone(
    there: Departments,
) -> None:
    await about("Tidal barrier", ["defra", "mod"], ("defra", there.gwens["defra"]))

    assert await there.found("person of hmt", "tidal barrier") == set()
    assert await there.found("machine of both", "tidal barrier") == {"defra"}
    assert await there.found("person of defra", "tidal barrier") == {"defra"}


async def test_one_id_in_two_organisations_is_ambiguous_only_among_the_findable(
    there: Departments,
) -> None:
    for code in ("hmt", "defra", "mod"):
        await PersonIdentifier.update({"external_id": "same"}).where(
            PersonIdentifier.person == there.gwens[code]
        )
    way, name = "machine of both", "workday:same"

    answer = await there.get(way, f"/v1/people/{name}")

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/ambiguous-identifier")
    assert "defra, hmt:" in answer.json()["detail"]
    assert await there.status(way, name, organisation="defra") == 200
    assert await there.status("machine of mod", name) == 200


async def test_who_is_hidden_makes_no_identifier_ambiguous(there: Departments) -> None:
    await somebody("defra", "Nia", hidden=True, external_id="gwen-hmt")

    assert await there.status("person of hmt", "workday:gwen-hmt") == 200
    assert await there.status("machine of both", "workday:gwen-hmt") == 409


# What is asked.


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ({}, "It is required."),
        ({"query": ""}, "It should be 1 or more characters long."),
        ({"query": "x" * 201}, "It should be 200 or fewer characters long."),
        ({"query": " & "}, "It should hold a letter or a digit."),
        ({"query": "gwen", "limit": "0"}, "It should be 1 or more."),
        ({"query": "gwen", "limit": "5001"}, "It should be 5000 or less."),
    ],
)
async def test_what_cannot_be_searched_for_is_said(
    there: Departments, asked: dict[str, str], detail: str
) -> None:
    answer = await there.get("person of hmt", "/v1/people", **asked)

    assert answer.status_code == 422, answer.text
    assert [each["detail"] for each in answer.json()["errors"]] == [detail]


async def test_a_query_that_cannot_be_stored_is_refused(there: Departments) -> None:
    answer = await there.client.get(
        "/v1/people?query=gwen%00", headers=there.ways["person of hmt"]
    )

    assert answer.status_code in {400, 422}
    assert answer.json()["type"].partition("/problems/")[2]


async def test_pages_lead_from_one_to_the_next(there: Departments) -> None:
    for number in range(5):
        await somebody("defra", f"Gwen {number}")
    way = "person of hmt"
    whole = (await there.get(way, "/v1/people", query="gwen")).json()["items"]

    read = []
    asked: dict[str, str] | None = {"query": "gwen", "limit": "3"}
    while asked:
        answer = await there.get(way, "/v1/people", **asked)
        read += answer.json()["items"]
        following = answer.json()["next"]
        assert ('rel="next"' in answer.headers.get("link", "")) is bool(following)
        asked = dict(parse_qsl(urlsplit(following).query)) if following else None

    assert len(whole) == 7
    assert read == whole


@pytest.mark.parametrize(
    ("way", "other"),
    [
        ("person of defra", {}),
        ("machine of both", {}),
        ("person of hmt", {"query": "g"}),
    ],
)
async def test_a_cursor_is_of_use_to_whom_and_for_what_it_was_given(
    there: Departments, way: str, other: dict[str, str]
) -> None:
    first = await there.get("person of hmt", "/v1/people", query="gwen", limit="1")
    asked = dict(parse_qsl(urlsplit(first.json()["next"]).query)) | other

    answer = await there.get(way, "/v1/people", **asked)

    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/bad-cursor")


async def test_what_has_not_changed_is_not_sent_again(there: Departments) -> None:
    way = "person of hmt"
    first = await there.get(way, "/v1/people", query="gwen")
    again = await there.client.get(
        "/v1/people?query=gwen",
        headers=there.ways[way] | {"If-None-Match": first.headers["etag"]},
    )

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


# What is kept of it.


async def test_a_machine_is_told_on_record(there: Departments) -> None:
    await there.found("machine of both")
    await there.status("machine of both", str(there.gwens["hmt"]))
    await there.found("machine of both", "zyxwvu")

    both = {there.gwens["hmt"], there.gwens["defra"]}
    assert await disclosed() == [("people", both), ("people", {there.gwens["hmt"]})]


async def test_what_a_person_read_is_audited_but_not_what_they_typed(
    there: Departments,
) -> None:
    await there.found("person of hmt", "gwen deputy")
    await there.status("person of hmt", str(there.gwens["defra"]))
    await there.found("person of hmt", "zyxwvu")

    found, one = await audited("person.find")
    both = {str(there.gwens["hmt"]), str(there.gwens["defra"])}
    assert {*found["after"]["people"]} == both
    assert (found["actor"], found["organisation"], found["entity_id"]) == (
        f"person:{there.gwens['hmt']}",
        "hmt",
        "*",
    )
    assert one["entity_id"] == str(there.gwens["defra"])
    assert "deputy" not in str(found)
    assert await disclosed() == []


async def test_a_machine_needs_the_scope(there: Departments) -> None:
    others = [scope for scope in Scope if scope is not Scope.PEOPLE_READ]
    headers = await a_token(there.client, "hmt", scopes=others)

    for path in ("/v1/people?query=gwen", f"/v1/people/{there.gwens['hmt']}"):
        answer = await there.client.get(path, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/insufficient-scope")


async def test_without_a_token_nobody_is_found(there: Departments) -> None:
    answers = await asyncio.gather(
        *(there.client.get(path) for path in ("/v1/people?query=gwen", "/v1/people/x"))
    )

    assert {answer.status_code for answer in answers} == {401}
