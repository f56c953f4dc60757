"""People in protected posts: hidden by their own organisation, at once."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.directory.discoverability import discoverability_of, set_discoverable
from service.directory.queries import discoverable
from service.directory.tables import PersonIdentifier
from service.errors import Stale
from tests.access.finding import (
    TODAY,
    Departments,
    administrates,
    audited,
    departments,
)
from tests.directory.searched import somebody
from tests.factories import IN_THE_YEAR, OPERATOR

HIDE: Mapping[str, Any] = {"discoverable": False, "reason": "Protected post."}
SHOW: Mapping[str, Any] = {"discoverable": True, "reason": "Post has changed."}


@pytest.fixture
async def there(app: Litestar, client: httpx.AsyncClient) -> Departments:
    """HM Treasury's and Defra's Gwens are HR administrators there."""
    made = await departments(app, client)
    for code in ("hmt", "defra"):
        await administrates(made.gwens[code], code)
    return made


async def put(
    there: Departments,
    person: object,
    data: Mapping[str, Any],
    *,
    way: str = "person of defra",
    etag: str | None = None,
) -> httpx.Response:
    return await there.client.put(
        f"/v1/people/{person}/discoverability",
        json=data,
        headers=there.ways[way] | ({} if etag is None else {"If-Match": etag}),
    )


async def etag_of(there: Departments, person: object) -> str:
    path = f"/v1/people/{person}/discoverability"
    answer = await there.get("person of defra", path)
    assert answer.status_code == 200
    return str(answer.headers["etag"])


async def test_who_is_hidden_is_found_by_nobody_outside_from_then_on(
    there: Departments,
) -> None:
    nia = await somebody("defra", "Nia Rees", external_id="nia")
    assert await there.found("person of hmt", "nia") == {"defra"}

    answer = await put(there, nia, HIDE, etag=await etag_of(there, nia))

    assert answer.status_code == 200
    assert answer.json() == {"person": str(nia), "discoverable": False, "version": 2}
    assert await there.found("person of hmt", "nia") == set()
    assert await there.status("person of hmt", str(nia)) == 404
    assert await there.status("person of hmt", "workday:nia") == 404
    assert await there.found("person of defra", "nia") == {"defra"}
    assert await there.found("machine of both", "nia") == {"defra"}

    await put(there, nia, SHOW, etag=answer.headers["etag"])
    assert await there.found("person of hmt", "nia") == {"defra"}


async def test_each_change_is_audited_with_its_reason(there: Departments) -> None:
    nia = await somebody("defra", "Nia Rees")
    first = await put(there, nia, HIDE, etag=await etag_of(there, nia))
    await put(there, nia, SHOW, etag=first.headers["etag"])

    [hidden] = await audited("person.hidden")
    [shown] = await audited("person.shown")
    assert (hidden["actor"], hidden["reason"], hidden["entity_id"]) == (
        f"person:{there.gwens['defra']}",
        "Protected post.",
        str(nia),
    )
    assert (hidden["before"], hidden["after"]) == (
        {"discoverable": True},
        {"discoverable": False},
    )
    assert (shown["organisation"], shown["after"]) == ("defra", {"discoverable": True})


async def test_what_is_so_already_is_no_change(there: Departments) -> None:
    nia = await somebody("defra", "Nia Rees")

    answer = await put(there, nia, SHOW)

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert await audited("person.shown") == []


@pytest.mark.parametrize(
    ("etag", "status"), [(None, 428), ('"7"', 412), ('W/"1"', 412), ('"1"', 200)]
)
async def test_nobody_changes_what_they_have_not_read(
    there: Departments, etag: str | None, status: int
) -> None:
    nia = await somebody("defra", "Nia Rees")

    assert (await put(there, nia, HIDE, etag=etag)).status_code == status
    fact = await discoverability_of(nia, "defra")
    assert fact.discoverable is (status != 200)


async def test_of_two_who_change_it_at_once_one_is_told_to_read_again(
    there: Departments,
) -> None:
    nia = await somebody("defra", "Nia Rees")
    said: dict[str, Any] = {"reason": "r", "caller": OPERATOR, "now": IN_THE_YEAR}
    await set_discoverable(nia, "defra", discoverable=False, version=1, **said)

    with pytest.raises(Stale):
        await set_discoverable(nia, "defra", discoverable=True, version=1, **said)


async def test_another_organisation_s_people_are_not_there_to_hide(
    there: Departments,
) -> None:
    way = "person of hmt"
    for person in (there.gwens["defra"], there.gwens["mod"], uuid4(), "gwen"):
        path = f"/v1/people/{person}/discoverability"
        answers = [
            await put(there, person, HIDE, way=way, etag="*"),
            await there.get(way, path),
        ]
        assert [answer.status_code for answer in answers] == [404, 404], person
    assert await there.found(way) == {"hmt", "defra"}


async def test_it_takes_an_hr_administrator(there: Departments) -> None:
    mod = there.gwens["mod"]

    answers = [
        await put(there, mod, HIDE, way=way, etag="*")
        for way in ("person of mod", "machine of mod", "machine of both")
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert [answer.json()["type"].rpartition("/")[2] for answer in answers] == [
        "missing-role",
        "wrong-caller",
        "wrong-caller",
    ]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"discoverable": False},
        {"discoverable": False, "reason": ""},
        {"discoverable": False, "reason": "x" * 201},
        {"discoverable": "perhaps", "reason": "r"},
        {"discoverable": False, "reason": "r", "until": "2030-01-01"},
    ],
)
async def test_a_change_that_cannot_be_read_changes_nothing(
    there: Departments, data: Mapping[str, Any]
) -> None:
    nia = await somebody("defra", "Nia Rees")

    assert (await put(there, nia, data, etag='"1"')).status_code == 422
    assert (await discoverability_of(nia, "defra")).discoverable


async def test_who_has_not_begun_can_be_hidden_before(there: Departments) -> None:
    nia = await somebody("defra", "Nia Rees", since=TODAY.replace(year=TODAY.year + 1))

    assert (await put(there, nia, HIDE, etag='"1"')).status_code == 200


async def test_who_has_left_is_no_longer_theirs_to_show(there: Departments) -> None:
    nia = await somebody("defra", "Nia Rees", hidden=True)
    await PersonIdentifier.update({"valid_to": TODAY}).where(
        PersonIdentifier.person == nia
    )

    assert (await put(there, nia, SHOW, etag='"1"')).status_code == 404


async def test_other_rooms_learn_whom_an_organisation_may_name(
    there: Departments,
) -> None:
    nia = await somebody("defra", "Nia Rees", hidden=True)
    gwen, nobody = there.gwens["defra"], uuid4()
    asked = [nia, gwen, nobody]

    assert await discoverable(asked, "defra") == {nia, gwen}
    assert await discoverable(asked, "hmt") == {gwen}
    assert await discoverable([], "hmt") == set()
