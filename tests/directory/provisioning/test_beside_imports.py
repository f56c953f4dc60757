"""An HR extract and an identity provider look after the same people."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
import pytest

from service.settings import settings
from tests.directory.files import person, two_organisations
from tests.directory.people import importing, who
from tests.directory.provisioning.an_identity_provider import (
    ENTERPRISE,
    IdentityProvider,
    a_user,
    rows,
)
from tests.directory.provisioning.test_users import identifiers_of
from tests.factories import a_token

OURS: Final = {ENTERPRISE: {"employeeNumber": "E1"}}


def now() -> datetime:
    return settings().clock()


@pytest.fixture
async def folder(db: None, tmp_path: Path) -> Path:
    await two_organisations(tmp_path)
    return tmp_path


@pytest.fixture
async def entra(folder: Path, client: httpx.AsyncClient) -> IdentityProvider:
    """Looks after Defra, of which an extract has been imported."""
    await importing(folder, person(1), person(2, 1), now=now())
    return IdentityProvider(client, "defra", await a_token(client, "defra"))


async def test_who_is_imported_is_known_by_their_employee_number(
    entra: IdentityProvider,
) -> None:
    user = await entra.provision(a_user("jo", title=None, **OURS))

    assert user["id"] == str(await who(1))
    assert await identifiers_of(user["id"]) == {
        "scim": "oid-jo",
        "employee_number": "E1",
        "oracle": "300001",
    }
    [posting] = await rows("postings", user["id"])
    assert (posting["title"], posting["post_reference"]) == ("Deputy Director", "P1")


async def test_an_import_leaves_what_only_the_identity_provider_knows(
    folder: Path, entra: IdentityProvider
) -> None:
    user = await entra.provision(a_user("jo", title=None, **OURS))

    later = now() + timedelta(days=1)
    await importing(folder, person(1, job_title="Director"), person(2, 1), now=later)

    assert (await identifiers_of(user["id"]))["scim"] == "oid-jo"
    [posting] = await rows("postings", user["id"])
    assert posting["title"] == "Director"


async def test_who_is_missing_from_a_complete_extract_may_not_sign_in(
    folder: Path, entra: IdentityProvider
) -> None:
    user = await entra.provision(a_user("jo", title=None, **OURS))

    await importing(folder, person(2), now=now(), complete=["defra"])

    assert await identifiers_of(user["id"]) == {}


async def test_somebody_without_a_number_does_not_take_over_who_is_imported(
    entra: IdentityProvider,
) -> None:
    emails = [{"value": "megan.wright1@defra.example", "type": "work"}]
    unknown = a_user("jo", emails=emails)
    del unknown[ENTERPRISE]

    answer = await entra.send("POST", "/Users", unknown)

    assert answer.status_code == 409
    assert "employeeNumber" in answer.json()["detail"]
    assert await identifiers_of(str(await who(1))) == {
        "employee_number": "E1",
        "oracle": "300001",
    }


async def test_a_manager_may_be_named_who_is_imported_only(
    entra: IdentityProvider,
) -> None:
    enterprise = {"employeeNumber": "E1", "manager": {"value": "E2"}}

    user = await entra.provision(a_user("jo", title=None, **{ENTERPRISE: enterprise}))

    [line] = await rows("lines", user["id"])
    assert line["manager"] == await who(2)
    assert UUID(user["id"]) != await who(2)
