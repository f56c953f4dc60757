"""Requests that meet, each in a transaction that really commits."""

from asyncio import gather
from collections import Counter
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
from litestar import Litestar

from service.auth.authentication import remember_nothing
from service.db.cluster import Addresses
from tests.conftest import ISSUER
from tests.database import connected
from tests.directory.provisioning.an_identity_provider import (
    IdentityProvider,
    a_user,
    patching,
    rows,
)
from tests.factories import a_token, an_organisation

CODE: Final = "at-once"
ENOUGH: Final = 8


@pytest.fixture
async def crowd(
    app: Litestar, opened: None, addresses: Addresses
) -> AsyncIterator[IdentityProvider]:
    remember_nothing(app.state)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # As in `client`.
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        await an_organisation(CODE)
        yield IdentityProvider(client, CODE, await a_token(client, CODE))
    await swept(addresses)


async def swept(addresses: Addresses) -> None:
    """Take out all that the test committed, which append-only tables would keep."""
    async with connected(addresses.owner) as owner, owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        for table in (
            "provisioned_user",
            "person_details",
            "person_identifier",
            "posting",
            "person_search",
            "change_log",
            "feed_head",
            "oauth_client_organisation",
            "organisation_name",
            "organisation_domain",
        ):
            await owner.execute(f"DELETE FROM {table} WHERE organisation = $1", CODE)  # noqa: S608 - as above
        await owner.execute("DELETE FROM organisation WHERE code = $1", CODE)


def at_work(name: str) -> dict[str, object]:
    address = {"value": f"{name}@{CODE}.example", "type": "work"}
    return a_user(name, emails=[address])


async def test_one_of_many_who_provision_somebody_at_once_does(
    crowd: IdentityProvider,
) -> None:
    user = at_work("jo")

    answers = await gather(*(crowd.send("POST", "/Users", user) for _ in range(ENOUGH)))

    assert Counter(each.status_code for each in answers) == {201: 1, 409: ENOUGH - 1}
    [made] = [each.json() for each in answers if each.status_code == 201]
    assert len(await rows("postings", made["id"], open_only=False)) == 1


async def test_changes_that_meet_are_all_made_one_after_another(
    crowd: IdentityProvider,
) -> None:
    user = await crowd.provision(at_work("kit"))

    answers = await gather(
        *(
            crowd.send(
                "PATCH",
                f"/Users/{user['id']}",
                patching({"op": "replace", "path": "title", "value": f"Title {n}"}),
            )
            for n in range(ENOUGH)
        )
    )

    assert {each.status_code for each in answers} == {200}
    versions = {each.json()["meta"]["version"] for each in answers}
    assert versions == {f'W/"{n}"' for n in range(2, ENOUGH + 2)}
    assert len(await rows("postings", user["id"])) == 1
    assert len(await rows("postings", user["id"], open_only=False)) == ENOUGH + 1
