"""What an identity provider says, as it then stands in the directory."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from service.changes.tables import ChangeLog
from service.directory.provisioning.actions import HERE
from service.directory.provisioning.tables import ProvisionedUser
from service.directory.tables import PersonDetails, PersonIdentifier, Posting
from service.settings import settings
from tests.directory.provisioning.an_identity_provider import (
    ENTERPRISE,
    JOINEDUP,
    IdentityProvider,
    a_user,
    rows,
)
from tests.factories import LONG_AGO, a_person

MANAGER = f"{ENTERPRISE}:manager"


def today() -> date:
    return settings().clock().astimezone(HERE).date()


async def identifiers_of(person: str) -> dict[str, str]:
    return {
        each["source"]: each["external_id"]
        for each in await rows("identifiers", person)
    }


async def told_of(organisation: str) -> list[tuple[UUID, str]]:
    """What was noted for the feed of people, in order."""
    noted = (
        await ChangeLog.select(ChangeLog.entity, ChangeLog.op, ChangeLog.version)
        .where(ChangeLog.organisation == organisation, ChangeLog.stream == "people")
        .order_by(ChangeLog.id)
    )
    versions = [(each["entity"], each["version"]) for each in noted]
    assert sorted(versions) == sorted({*versions})
    return [(each["entity"], each["op"]) for each in noted]


async def test_a_new_user_enters_the_directory_today(defra: IdentityProvider) -> None:
    user = await defra.provision(a_user("jo"))

    [details] = await rows("details", user["id"])
    assert (details["given_name"], details["email"]) == ("Jo", "jo@defra.example")
    assert await identifiers_of(user["id"]) == {
        "scim": "oid-jo",
        "employee_number": "n-jo",
    }
    [posting] = await rows("postings", user["id"])
    assert (posting["title"], posting["unit"]) == ("Deputy Director", "Floods")
    assert (posting["grade"], posting["fte"]) == ("SCS1A", Decimal(1))
    assert {details["valid_from"], posting["valid_from"]} == {today()}
    assert await rows("lines", user["id"]) == []
    assert await told_of("defra") == [(UUID(user["id"]), "upsert")]


async def test_who_has_no_address_yet_is_in_the_directory_once_they_have(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo", emails=[]))
    assert await rows("details", user["id"]) == []
    assert await rows("identifiers", user["id"]) == []
    assert await told_of("defra") == []

    address = {"op": "add", "path": 'emails[type eq "work"].value'}
    await defra.patch(user["id"], {**address, "value": "jo@defra.example"})

    assert len(await rows("details", user["id"])) == 1
    assert len(await rows("identifiers", user["id"])) == 2
    assert len(await rows("postings", user["id"])) == 1


async def test_who_is_known_by_the_hr_system_s_id_is_that_person(
    defra: IdentityProvider,
) -> None:
    known = await a_person("defra", external_id="w-17")

    user = await defra.provision(a_user("jo", **{JOINEDUP: {"personId": "w-17"}}))

    assert user["id"] == str(known)
    assert (await identifiers_of(user["id"]))["workday"] == "w-17"


async def test_what_was_so_before_is_closed_and_not_overwritten(
    defra: IdentityProvider,
) -> None:
    known = await a_person("defra", external_id="w-17")

    await defra.provision(a_user("jo", **{JOINEDUP: {"personId": "w-17"}}))

    before, now = await rows("details", str(known), open_only=False)
    assert (before["given_name"], before["valid_from"]) == ("Sam", LONG_AGO)
    assert before["valid_to"] == today() == now["valid_from"]
    assert (now["given_name"], now["valid_to"]) == ("Jo", None)
    _, posting = await rows("postings", str(known), open_only=False)
    assert (posting["unit"], posting["grade"]) == ("Floods", "SCS1")


async def test_what_an_extract_says_later_is_not_overruled_by_what_was_said_before(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    await Posting.update({Posting.title: "Director"}).where(
        Posting.person == UUID(user["id"])
    )

    await defra.patch(
        user["id"], {"op": "replace", "path": "displayName", "value": "Jo"}
    )

    [posting] = await rows("postings", user["id"])
    assert posting["title"] == "Director"


async def test_a_change_of_nothing_changes_nothing(defra: IdentityProvider) -> None:
    user = await defra.provision(a_user("jo"))

    same = await defra.patch(
        user["id"], {"op": "replace", "path": "title", "value": "Deputy Director"}
    )

    assert same["meta"] == user["meta"]
    assert len(await told_of("defra")) == 1


async def test_a_manager_is_a_line_until_another_is_named_or_none(
    defra: IdentityProvider,
) -> None:
    head, deputy = [await defra.provision(a_user(name)) for name in ("ann", "bob")]
    user = await defra.provision(
        a_user("jo", **{ENTERPRISE: {"manager": {"value": head["id"]}}})
    )

    async def manager() -> list[Any]:
        return [each["manager"] for each in await rows("lines", user["id"])]

    assert await manager() == [UUID(head["id"])]
    await defra.patch(
        user["id"], {"op": "replace", "path": MANAGER, "value": deputy["id"]}
    )
    assert await manager() == [UUID(deputy["id"])]
    await defra.patch(
        user["id"], {"op": "replace", "path": MANAGER, "value": {"value": "n-ann"}}
    )
    assert await manager() == [UUID(head["id"])]
    await defra.patch(user["id"], {"op": "remove", "path": MANAGER})
    assert await manager() == []


@pytest.mark.parametrize("name", ["nobody", str(UUID(int=7)), "n-jo"])
async def test_a_manager_who_is_not_known_or_oneself_is_no_line(
    defra: IdentityProvider, name: str
) -> None:
    manager = {"value": name}
    user = await defra.provision(
        a_user("jo", **{ENTERPRISE: {"employeeNumber": "n-jo", "manager": manager}})
    )

    assert user[ENTERPRISE]["manager"]["value"] == name
    assert await rows("lines", user["id"]) == []


async def test_another_organisation_s_person_is_nobody_s_manager_here(
    defra: IdentityProvider, hmt: IdentityProvider
) -> None:
    theirs = a_user("ann", emails=[{"value": "ann@hmt.example", "type": "work"}])
    head = await hmt.provision(theirs)

    user = await defra.provision(
        a_user("jo", **{ENTERPRISE: {"manager": {"value": head["id"]}}})
    )

    assert await rows("lines", user["id"]) == []


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        ("userName", {"userName": "JO@defra.example"}),
        ("externalId", {"externalId": "oid-jo"}),
        ("personId", {ENTERPRISE: {"employeeNumber": "n-jo"}}),
        ("emails.value", {"emails": [{"value": "Jo@defra.example", "type": "work"}]}),
    ],
)
async def test_nobody_takes_what_is_somebody_else_s(
    defra: IdentityProvider, taken: str, said: dict[str, Any]
) -> None:
    await defra.provision(a_user("jo"))

    answer = await defra.send("POST", "/Users", a_user("kit", **said))

    assert answer.status_code == 409
    assert answer.json()["scimType"] == "uniqueness"
    assert taken in answer.json()["detail"]
    assert await defra.found('userName sw "kit"') == []


async def test_an_address_of_another_s_domain_is_refused(
    defra: IdentityProvider,
) -> None:
    user = a_user("jo", emails=[{"value": "jo@elsewhere.example", "type": "work"}])

    answer = await defra.send("POST", "/Users", user)

    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidValue"
    assert "elsewhere.example" in answer.json()["detail"]


async def test_what_has_no_place_in_an_appraisal_is_kept_nowhere(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(
        a_user(
            "jo",
            phoneNumbers=[{"value": "07700 900123", "type": "mobile"}],
            addresses=[{"formatted": "1 Home Street", "type": "home"}],
            password="hunter2hunter2",  # noqa: S106 - nobody.s; it must not be kept
        )
    )

    [said] = await rows_of_said(user["id"])
    kept = f"{user}{said}"
    assert not [s for s in ("07700", "Home Street", "hunter2") if s in kept]


async def rows_of_said(person: str) -> list[str]:
    found: list[str] = (
        await ProvisionedUser.select(ProvisionedUser.said)
        .where(ProvisionedUser.person == UUID(person))
        .output(as_list=True)
    )
    return found


async def test_a_user_who_is_deleted_has_left_and_is_forgotten(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))

    gone = await defra.send("DELETE", f"/Users/{user['id']}")

    assert (gone.status_code, gone.content) == (204, b"")
    assert (await defra.send("GET", f"/Users/{user['id']}")).status_code == 404
    assert await rows_of_said(user["id"]) == []
    for kind in ("details", "identifiers", "postings"):
        assert await rows(kind, user["id"]) == []
        assert await rows(kind, user["id"], open_only=False) != []
    assert (await told_of("defra"))[-1] == (UUID(user["id"]), "delete")


async def test_who_is_provisioned_again_is_the_same_person(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    await defra.send("DELETE", f"/Users/{user['id']}")

    again = await defra.provision(a_user("jo", externalId="oid-new", title="Director"))

    assert again["id"] == user["id"]
    assert await identifiers_of(again["id"]) == {
        "scim": "oid-new",
        "employee_number": "n-jo",
    }
    [posting] = await rows("postings", again["id"])
    assert posting["title"] == "Director"


async def test_whom_hr_has_let_go_no_mere_change_brings_back(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    for table in (PersonDetails, PersonIdentifier, Posting):
        await table.update({table.valid_to: today()}).where(
            table.person == UUID(user["id"])
        )

    await defra.patch(
        user["id"], {"op": "replace", "path": "title", "value": "Director"}
    )

    for kind in ("details", "identifiers", "postings"):
        assert await rows(kind, user["id"]) == []


async def test_a_posting_that_hr_ended_is_not_opened_again_by_a_title(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo"))
    await Posting.update({Posting.valid_to: today()}).where(
        Posting.person == UUID(user["id"])
    )

    await defra.patch(
        user["id"], {"op": "replace", "path": "title", "value": "Director"}
    )

    assert await rows("postings", user["id"]) == []
