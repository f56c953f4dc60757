"""People agree over HTTP, each signed in by their own department's issuer."""

from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.directory.tables import PersonIdentifier
from service.objectives.tables import Agreement
from tests.auth.an_issuer import AnIssuer
from tests.factories import a_token
from tests.objectives.joint import Joint, audited, shared_no_more
from tests.signing_in import issuers_of, signed_in


class Issuers:
    """The departments' issuers, and the service that takes their tokens."""

    def __init__(self, client: httpx.AsyncClient, by_code: dict[str, AnIssuer]) -> None:
        self.client = client
        self.by_code = by_code

    async def agree(
        self, id_: UUID, person: UUID, code: str, *, key: str = "", comment: str = ""
    ) -> httpx.Response:
        (external_id,) = await (
            PersonIdentifier.select(PersonIdentifier.external_id)
            .where(PersonIdentifier.person == person)
            .output(as_list=True)
        )
        headers = signed_in(self.by_code[code], external_id)
        return await self.client.post(
            f"/v1/objectives/{id_}/agreements",
            json={"comment": comment},
            headers=headers | ({"Idempotency-Key": key} if key else {}),
        )


@pytest.fixture
async def issuers(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> Issuers:
    return Issuers(client, await issuers_of(app, "hmt", "dft", "moj"))


async def test_everyones_agreement_makes_it_agreed(
    issuers: Issuers, joint: Joint
) -> None:
    fact = await joint.proposed()
    stages = []
    for person, code in (
        (joint.subject, "hmt"),
        (joint.hmt.head, "hmt"),
        (joint.dft.head, "dft"),
    ):
        answer = await issuers.agree(fact.id, person, code, comment="Gladly.")
        assert answer.status_code == 201, answer.text
        stages.append(answer.json()["stage"])
    assert stages == ["proposed", "proposed", "agreed"]
    assert {part["agreed"] for part in answer.json()["contributions"]} == {True}
    comments = await Agreement.select(Agreement.comment).output(as_list=True)
    assert set(comments) == {"Gladly."}
    assert (f"person:{joint.subject}", "agree") in await audited(fact.id)


async def test_who_is_not_asked_cannot_tell_that_it_exists(
    issuers: Issuers, joint: Joint
) -> None:
    fact = await joint.proposed()
    absent = await issuers.agree(UUID(int=7), joint.subject, "hmt")
    for person, code in ((joint.hmt.people[1], "hmt"), (joint.moj.head, "moj")):
        answer = await issuers.agree(fact.id, person, code)
        assert answer.status_code == 404
        assert answer.json()["detail"] == absent.json()["detail"]
        assert answer.json()["type"] == absent.json()["type"]
    assert await Agreement.count() == 0


async def test_another_departments_issuer_cannot_name_our_people(
    issuers: Issuers, joint: Joint
) -> None:
    """Abuse case 31: the issuer of one asserts another's person."""
    fact = await joint.proposed()
    for code in ("dft", "moj"):
        answer = await issuers.agree(fact.id, joint.subject, code)
        assert answer.status_code == 401
    assert await Agreement.count() == 0


async def test_a_machine_agrees_for_nobody(issuers: Issuers, joint: Joint) -> None:
    fact = await joint.proposed()
    answer = await issuers.client.post(
        f"/v1/objectives/{fact.id}/agreements",
        json={},
        headers=await a_token(issuers.client, "hmt"),
    )
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/wrong-caller")


async def test_a_retry_agrees_once(issuers: Issuers, joint: Joint) -> None:
    fact = await joint.proposed()
    first = await issuers.agree(fact.id, joint.subject, "hmt", key="once")
    again = await issuers.agree(fact.id, joint.subject, "hmt", key="once")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    by_subject = await Agreement.count().where(Agreement.person == joint.subject)
    assert by_subject == len(await Agreement.select())


async def test_nothing_is_agreed_while_nothing_is_shared(
    issuers: Issuers, joint: Joint
) -> None:
    fact = await joint.proposed()
    await shared_no_more()
    answer = await issuers.agree(fact.id, joint.subject, "hmt")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/data-sharing-missing")
