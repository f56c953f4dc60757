"""Who is deactivated is out at once, and stays out until activated."""

from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar

from service.directory.provisioning.queries import may_sign_in
from service.directory.tables import HrRecord, PersonIdentifier
from tests.directory.provisioning.an_identity_provider import (
    JOINEDUP,
    IdentityProvider,
    a_user,
    rows,
)
from tests.directory.provisioning.test_users import identifiers_of, today, told_of
from tests.factories import a_person
from tests.signing_in import issuers_of, signed_in

A_ROUTE: Final = "/v1/people?query=sam"
OFF: Final = {"op": "Replace", "path": "active", "value": "False"}
ON: Final = {"op": "Replace", "path": "active", "value": "True"}


class AnEmployee:
    """Somebody of Defra who signs in as `w-17`, and is provisioned."""

    def __init__(self, user: dict[str, Any], headers: dict[str, str]) -> None:
        self.id: str = user["id"]
        self.headers = headers

    async def may_sign_in(self, client: httpx.AsyncClient) -> bool:
        answer = await client.get(A_ROUTE, headers=self.headers)
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 200


@pytest.fixture
async def jo(app: Litestar, defra: IdentityProvider) -> AnEmployee:
    await a_person("defra", external_id="w-17")
    user = await defra.provision(a_user("jo", **{JOINEDUP: {"personId": "w-17"}}))
    issuers = await issuers_of(app, "defra")
    return AnEmployee(user, signed_in(issuers["defra"], "w-17"))


@pytest.mark.parametrize("off", ["patched", "put", "deleted"])
async def test_a_token_given_before_is_no_good_from_that_moment(
    client: httpx.AsyncClient, defra: IdentityProvider, jo: AnEmployee, off: str
) -> None:
    assert await jo.may_sign_in(client)

    if off == "patched":
        await defra.patch(jo.id, OFF)
    elif off == "put":
        described = a_user("jo", active=False, **{JOINEDUP: {"personId": "w-17"}})
        await defra.send("PUT", f"/Users/{jo.id}", described)
    else:
        await defra.send("DELETE", f"/Users/{jo.id}")

    assert not await jo.may_sign_in(client)


async def test_who_is_activated_again_is_who_they_were(
    client: httpx.AsyncClient, defra: IdentityProvider, jo: AnEmployee
) -> None:
    before = await identifiers_of(jo.id)
    await defra.patch(jo.id, OFF)
    for kind in ("details", "identifiers", "postings", "lines"):
        assert await rows(kind, jo.id) == []

    user = await defra.patch(jo.id, ON)

    assert user["active"] is True
    assert await jo.may_sign_in(client)
    assert await identifiers_of(jo.id) == before
    [posting] = await rows("postings", jo.id)
    assert (posting["grade"], posting["valid_from"]) == ("SCS1", today())
    person = UUID(jo.id)
    assert [op for who, op in await told_of("defra") if who == person] == [
        "upsert",
        "delete",
        "upsert",
    ]


async def test_no_extract_lets_in_who_is_deactivated(
    client: httpx.AsyncClient, defra: IdentityProvider, jo: AnEmployee
) -> None:
    await defra.patch(jo.id, OFF)

    await PersonIdentifier.insert(
        PersonIdentifier(
            organisation="defra",
            id=uuid4(),
            person=UUID(jo.id),
            source="workday",
            external_id="w-17",
            valid_from=today(),
            valid_to=None,
        )
    )

    assert not await jo.may_sign_in(client)
    await defra.patch(jo.id, {"op": "replace", "path": "title", "value": "Director"})
    assert await identifiers_of(jo.id) == {"workday": "w-17"}


async def test_who_is_out_everywhere_may_not_sign_in_by_any_way(
    defra: IdentityProvider, hmt: IdentityProvider, jo: AnEmployee
) -> None:
    assert await may_sign_in(UUID(jo.id))
    await defra.patch(jo.id, OFF)
    assert not await may_sign_in(UUID(jo.id))
    await PersonIdentifier.insert(
        PersonIdentifier(
            organisation=hmt.organisation,
            id=uuid4(),
            person=UUID(jo.id),
            source="workday",
            external_id="w-99",
            valid_from=today(),
            valid_to=None,
        )
    )
    assert await may_sign_in(UUID(jo.id))


async def test_appraisal_records_stay_hr_s_affair(
    defra: IdentityProvider, jo: AnEmployee
) -> None:
    await defra.patch(jo.id, OFF)

    [record] = await HrRecord.select().where(HrRecord.person == UUID(jo.id))
    assert record["valid_to"] is None


async def test_who_comes_deactivated_has_nothing_in_the_directory(
    defra: IdentityProvider,
) -> None:
    user = await defra.provision(a_user("jo", active=False))

    assert user["active"] is False
    assert await identifiers_of(user["id"]) == {}
    assert await rows("details", user["id"]) == []
