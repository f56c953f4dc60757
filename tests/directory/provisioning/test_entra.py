"""PATCH requests as Entra ID and Okta send them, oddities and all.

From Microsoft's documents on SCIM and its list of known issues, and from Okta's.
"""

from typing import Any

import pytest

from tests.directory.provisioning.an_identity_provider import (
    ENTERPRISE,
    JOINEDUP,
    IdentityProvider,
    a_user,
    patching,
    rows,
)

WORK = 'emails[type eq "work"].value'
ADDRESS = "jo.new@defra.example"


def op(name: str, path: str | None, value: object = None) -> dict[str, Any]:
    whole = {"op": name, "path": path, "value": value}
    return {key: each for key, each in whole.items() if each is not None}


def at(user: dict[str, Any], path: str) -> object:
    """A value in a user, by a path of names with strokes between."""
    value: Any = user
    for step in path.split("|"):
        value = value[int(step)] if isinstance(value, list) else value.get(step)
        if value is None:
            return None
    return value


@pytest.mark.parametrize(
    ("operation", "where", "expected"),
    [
        (op("Replace", "active", "False"), "active", False),
        (op("Replace", "active", "True"), "active", True),
        (op("replace", "active", value=False), "active", False),
        (op("Replace", None, {"active": "False"}), "active", False),
        (op("Add", "title", "Director"), "title", "Director"),
        (op("Replace", WORK, ADDRESS), "emails|0|value", ADDRESS),
        (op("Add", WORK, ADDRESS), "emails|0|value", ADDRESS),
        (
            op("Add", 'emails[type eq "work" and primary eq true].value', ADDRESS),
            "emails|0|value",
            ADDRESS,
        ),
        (
            op("replace", "emails", [{"value": ADDRESS, "type": "work"}]),
            "emails|0|value",
            ADDRESS,
        ),
        (op("Replace", "name.givenName", "Joan"), "name|givenName", "Joan"),
        (op("Replace", None, {"name.familyName": "Ray"}), "name|familyName", "Ray"),
        (op("replace", None, {"name": {"givenName": "X"}}), "name|familyName", "Smith"),
        (
            op("Add", f"{ENTERPRISE}:department", "Rivers"),
            f"{ENTERPRISE}|department",
            "Rivers",
        ),
        (
            op("Add", None, {f"{ENTERPRISE}:department": "Rivers"}),
            f"{ENTERPRISE}|department",
            "Rivers",
        ),
        (
            op("replace", None, {ENTERPRISE: {"department": "Rivers"}}),
            f"{ENTERPRISE}|employeeNumber",
            "n-jo",
        ),
        (op("Add", f"{JOINEDUP}:grade", "SCS2"), f"{JOINEDUP}|grade", "SCS2"),
        (
            op("Add", f"{ENTERPRISE}:manager", "n-ann"),
            f"{ENTERPRISE}|manager|value",
            "n-ann",
        ),
        (
            op("Add", f"{ENTERPRISE}:manager.value", "n-ann"),
            f"{ENTERPRISE}|manager|value",
            "n-ann",
        ),
        (
            op("Replace", f"{ENTERPRISE}:manager", {"value": "n-ann", "$ref": "../x"}),
            f"{ENTERPRISE}|manager|value",
            "n-ann",
        ),
        (op("Remove", f"{ENTERPRISE}:manager"), f"{ENTERPRISE}|manager", None),
        (op("Remove", "title"), "title", None),
        (op("remove", 'emails[type eq "home"]'), "emails|0|type", "work"),
        # What is not kept is passed over: to refuse it would stop the whole cycle.
        (op("Add", 'phoneNumbers[type eq "mobile"].value', "0"), "phoneNumbers", None),
        (op("Add", 'addresses[type eq "work"].locality', "x"), "addresses", None),
        (op("Add", f"{ENTERPRISE}:costCenter", "x"), f"{ENTERPRISE}|costCenter", None),
        (op("Add", 'roles[primary eq "True"].value', "x"), "roles", None),
        (op("Add", "urn:example:ext:2.0:User:shoe", "x"), "urn:example:ext", None),
    ],
)
async def test_each_is_understood(
    defra: IdentityProvider, operation: dict[str, Any], where: str, expected: object
) -> None:
    user = await defra.provision(a_user("jo"))

    changed = await defra.patch(user["id"], operation)

    assert at(changed, where) == expected
    read = await defra.send("GET", f"/Users/{user['id']}")
    assert at(read.json(), where) == expected


async def test_the_directory_follows_an_address_that_is_added_in_brackets(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))

    await defra.patch(user["id"], op("Replace", WORK, ADDRESS))

    [details] = await rows("details", user["id"])
    assert details["email"] == ADDRESS


async def test_all_of_several_operations_are_done_or_none(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))

    answer = await defra.send(
        "PATCH",
        f"/Users/{user['id']}",
        patching(op("Replace", "title", "Director"), op("Replace", "userName", "")),
    )

    assert answer.status_code == 400
    read = await defra.send("GET", f"/Users/{user['id']}")
    assert read.json()["title"] == "Deputy Director"


@pytest.mark.parametrize(
    "operation",
    [
        op("replace", "id", "another"),
        op("replace", "meta.version", 'W/"9"'),
        op("replace", "meta", {"created": "2020-01-01T00:00:00Z"}),
        op("replace", "organisation.secrets[", "x"),
        op("replace", "emails[" + "(" * 500, "x"),
        op("replace", 'emails[type eq "\\u0000"].value', "a@defra.example"),
        op("replace", 'emails[type eq "\\ud800"].value', "a@defra.example"),
        op("replace", "title", {"$gt": ""}),
        op("replace", "title", "x" * 301),
        op("replace", "title", "line\nbreak"),
        op("replace", "displayName", "x" * 10_000),
        op("replace", "userName", "x" * 255),
        op("replace", "emails", [{"value": "no address"}]),
        op("replace", "emails", [{"value": f"a{n}@b.example"} for n in range(99)]),
        op("drop", "title"),
        op("remove", None),
        op("replace", f"{ENTERPRISE}:manager", [[[]]]),
        {"op": "replace", "path": "active", "value": "perhaps"},
        {"op": "replace", "path": 7, "value": "x"},
        {},
    ],
)
async def test_a_clever_patch_is_a_bad_request_and_changes_nothing(
    defra: IdentityProvider, operation: dict[str, Any]
) -> None:
    user = await defra.provision(a_user("jo"))

    answer = await defra.send("PATCH", f"/Users/{user['id']}", patching(operation))

    read = await defra.send("GET", f"/Users/{user['id']}")
    if answer.status_code == 200:  # Passed over, as what is not kept is.
        assert read.json() == user
        return
    assert answer.status_code == 400, answer.text
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert "pydantic" not in answer.text
    assert read.json() == user
