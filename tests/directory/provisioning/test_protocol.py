"""Who may ask, whose people they see, and in what words they are refused."""

from itertools import chain
from typing import Any

import httpx
import pytest

from service.audit.tables import AuditEntry, Disclosure
from service.auth.caller import Scope
from service.db import transaction
from service.db.cluster import Addresses
from service.directory.importing.running import LOCK_KEY
from tests.database import connected
from tests.directory.provisioning.an_identity_provider import (
    IdentityProvider,
    a_user,
    patching,
)
from tests.factories import a_token

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
CHANGE = patching({"op": "replace", "path": "title", "value": "Director"})


def is_refusal(answer: httpx.Response, status: int) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/scim+json")
    assert (body["schemas"], body["status"]) == ([ERROR], str(status))
    assert body["detail"]
    return body


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_another_organisation_cannot_tell_that_a_user_exists(
    defra: IdentityProvider, hmt: IdentityProvider, method: str
) -> None:
    user = await defra.provision(a_user("jo"))
    bodies = {"PUT": a_user("jo"), "PATCH": CHANGE}

    theirs = await hmt.send(method, f"/Users/{user['id']}", bodies.get(method))
    nobody = await hmt.send(
        method, "/Users/2f3a1c9e-0000-4000-8000-000000000000", bodies.get(method)
    )

    is_refusal(theirs, 404)
    assert theirs.content == nobody.content
    read = await defra.send("GET", f"/Users/{user['id']}")
    assert read.json() == user


async def test_another_organisation_s_users_are_not_found(
    defra: IdentityProvider, hmt: IdentityProvider
) -> None:
    user = await defra.provision(a_user("jo"))

    for asked in ('userName eq "jo@defra.example"', f'id eq "{user["id"]}"', "id pr"):
        assert await defra.found(asked) == ["jo@defra.example"]
        assert await hmt.found(asked) == []


async def test_two_organisations_each_have_their_jo(
    defra: IdentityProvider, hmt: IdentityProvider
) -> None:
    theirs = a_user("jo", emails=[{"value": "jo@hmt.example", "type": "work"}])

    one = await defra.provision(a_user("jo"))
    other = await hmt.provision(theirs)

    assert one["id"] != other["id"]


async def test_a_token_of_two_organisations_provisions_neither(
    client: httpx.AsyncClient, defra: IdentityProvider, hmt: IdentityProvider
) -> None:
    both = IdentityProvider(client, "", await a_token(client, "defra", "hmt"))

    for answer in (
        await both.send("GET", "/Users"),
        await both.send("POST", "/Users", a_user("jo")),
        await both.send("GET", "/Schemas"),
    ):
        detail = is_refusal(answer, 403)["detail"]
        assert "defra, hmt" in detail
        assert "joinedup clients create" in detail


async def test_who_may_only_read_changes_nothing(
    client: httpx.AsyncClient, defra: IdentityProvider
) -> None:
    user = await defra.provision(a_user("jo"))
    token = await a_token(client, "defra", scopes=[Scope.PEOPLE_READ])
    reader = IdentityProvider(client, "defra", token)

    assert await reader.found("id pr") == ["jo@defra.example"]
    search = await reader.send("POST", "/Users/.search", {"schemas": [SEARCH]})
    assert search.json()["totalResults"] == 1
    for method in ("PUT", "PATCH", "DELETE"):
        refused = await reader.send(method, f"/Users/{user['id']}", {})
        is_refusal(refused, 403)
        assert 'scope="people:write"' in refused.headers["www-authenticate"]
    is_refusal(await reader.send("POST", "/Users", a_user("kit")), 403)


async def test_refusals_are_in_scim_s_own_words(
    client: httpx.AsyncClient, defra: IdentityProvider
) -> None:
    stranger = IdentityProvider(client, "", {})
    unsigned = await stranger.send("GET", "/Users")
    is_refusal(unsigned, 401)
    assert unsigned.headers["www-authenticate"].startswith("Bearer")
    is_refusal(await defra.send("GET", "/Nothing"), 404)
    wrong = await defra.send("DELETE", "/Users")
    is_refusal(wrong, 405)
    assert "GET" in wrong.headers["allow"]
    text = {"Content_Type": "text/plain"}
    is_refusal(await defra.send("POST", "/Users", a_user("jo"), **text), 415)
    is_refusal(await defra.send("GET", "/Users/no-uuid"), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, 400),
        (b'{"userName": "a", "userName": "b"}', 400),
        (b'{"userName": "a\\u0000b"}', 400),
        (b'{"userName": "a\\ud800b"}', 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff", 400),
        (b'{"userName": NaN}', 400),
        (b" " * 1_000_001, 413),
    ],
)
async def test_no_body_fails_the_service(
    defra: IdentityProvider, body: bytes, status: int
) -> None:
    answer = await defra.client.post(
        "/scim/v2/Users",
        content=body,
        headers={"Content-Type": "application/scim+json", **defra.headers},
    )

    assert is_refusal(answer, status)["status"] == str(status)


async def test_a_problem_elsewhere_is_no_scim_error(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/nothing")

    assert answer.headers["content-type"] == "application/problem+json"


async def test_whoever_has_the_last_version_is_told_nothing_new(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    path, tag = f"/Users/{user['id']}", user["meta"]["version"]

    again = await defra.send("GET", path, If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    changed = await defra.send("PATCH", path, CHANGE, If_Match=tag)
    assert changed.headers["etag"] == changed.json()["meta"]["version"] != tag
    stale = await defra.send("PATCH", path, CHANGE, If_Match=tag)
    is_refusal(stale, 412)
    is_refusal(await defra.send("DELETE", path, If_Match=tag), 412)
    assert (await defra.send("GET", path)).json() == changed.json()


async def test_a_new_user_s_address_is_the_issuer_s(defra: IdentityProvider) -> None:
    answer = await defra.send("POST", "/Users", a_user("jo"), Host="evil.example")

    location = f"https://joinedup.example/scim/v2/Users/{answer.json()['id']}"
    assert answer.headers["location"] == answer.json()["meta"]["location"] == location


async def test_there_are_no_groups(defra: IdentityProvider) -> None:
    found = await defra.send("GET", "/Groups?filter=displayName%20eq%20%22a%22")

    assert found.json()["totalResults"] == 0
    is_refusal(await defra.send("GET", "/Groups/1"), 404)
    is_refusal(await defra.send("POST", "/Groups", {"displayName": "a"}), 405)


async def test_only_what_is_kept_is_published(defra: IdentityProvider) -> None:
    schemas = (await defra.send("GET", "/Schemas")).json()["Resources"]

    named = {each["name"] for schema in schemas for each in schema["attributes"]}
    assert named == {
        "active",
        "department",
        "displayName",
        "emails",
        "employeeNumber",
        "grade",
        "manager",
        "name",
        "personId",
        "postReference",
        "title",
        "userName",
    }


async def test_what_a_client_is_told_of_people_is_disclosed(
    defra: IdentityProvider,
) -> None:
    jo, kit = [(await defra.provision(a_user(n)))["id"] for n in ("jo", "kit")]
    before = {each["id"] for each in await Disclosure.select()}

    await defra.send("GET", f"/Users/{jo}")
    await defra.found("id pr")
    await defra.found('userName eq "nobody"')
    await defra.send("GET", "/Schemas")

    told = [each for each in await Disclosure.select() if each["id"] not in before]
    assert {each["what"] for each in told} == {"provisioned users"}
    people = sorted(sorted(map(str, each["people"])) for each in told)
    assert people == sorted([[jo], sorted([jo, kit])])


async def test_the_audit_says_what_was_stated_and_never_a_name(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    await defra.send("PATCH", f"/Users/{user['id']}", CHANGE)
    off = patching({"op": "replace", "path": "active", "value": False})
    await defra.send("PATCH", f"/Users/{user['id']}", off)
    await defra.send("DELETE", f"/Users/{user['id']}")

    entries = (
        await AuditEntry.select()
        .where(AuditEntry.entity_id == user["id"])
        .order_by(AuditEntry.id)
    )
    assert [each["action"] for each in entries] == [
        "person.provisioned",
        "person.restated",
        "person.deactivated",
        "person.deprovisioned",
    ]
    assert '"stated": ["title"]' in entries[1]["after"]
    written = " ".join(f"{each['before']} {each['after']}" for each in entries)
    assert not [word for word in ("Smith", "jo@", '"Jo"') if word in written]


async def test_nobody_is_provisioned_beside_an_import(
    defra: IdentityProvider, addresses: Addresses
) -> None:
    async with transaction() as ours, connected(addresses.application) as importing:
        await ours.execute("SET LOCAL lock_timeout = '100ms'")
        await importing.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        refused = await defra.send("POST", "/Users", a_user("jo"))

    is_refusal(refused, 503)
    assert refused.headers["retry-after"] == "10"
    assert await defra.found("id pr") == []


async def test_pages_hold_each_user_once_in_the_order_in_which_they_came(
    defra: IdentityProvider,
) -> None:
    names = ["kit", "ann", "jo", "eve", "bob"]
    for name in names:
        await defra.provision(a_user(name))

    pages = [
        await defra.found("id pr", startIndex=start, count=2) for start in (1, 3, 5)
    ]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {*chain(*pages)} == {f"{name}@defra.example" for name in names}
    by_name = await defra.found("id pr", sortBy="userName", sortOrder="descending")
    assert by_name == sorted((f"{n}@defra.example" for n in names), reverse=True)
    beyond = await defra.client.get(
        "/scim/v2/Users?startIndex=99999999999999999999", headers=defra.headers
    )
    assert (beyond.status_code, beyond.json()["totalResults"]) == (200, 5)
