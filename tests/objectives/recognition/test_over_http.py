"""Thanks over HTTP: by people, once, in plain text."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.factories import a_token
from tests.objectives.asking import slug
from tests.objectives.assessing.assessed import agreed, part_of
from tests.objectives.assessing.signed import Signed
from tests.objectives.joint import Joint
from tests.signing_in import issuers_of


@pytest.fixture
async def people(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> Signed:
    return Signed(client, await issuers_of(app, "hmt", "dft", "moj"))


async def test_thanks_are_given_once_and_read_by_the_contributor(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    at = f"/v1/objectives/{fact.id}/recognitions"
    body = {
        "contribution": str(part_of(fact, joint.partner).id),
        "text": "Gladly\nand soon. <b>Thanks</b>",
    }
    answer = await people.post(joint.subject, at, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["text"] == body["text"]
    assert answer.json()["quarter"] == "2026-04-01"

    again = await people.post(joint.hmt.head, at, body)
    assert (again.status_code, slug(again)) == (409, "recognition-given")
    assert "from 2026-07-01" in again.json()["detail"]
    own = await people.post(joint.dft.head, at, body)
    assert (own.status_code, slug(own)) == (422, "recognition-own-organisation")

    read = await people.get(joint.partner, at)
    assert read.json() == [answer.json()]
    assert (await people.get(joint.moj.head, at)).status_code == 404


async def test_a_machine_thanks_nobody_and_reads_of_its_own_people(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    at = f"/v1/objectives/{fact.id}/recognitions"
    body = {"contribution": str(part_of(fact, joint.partner).id), "text": "Thanks."}
    await people.post(joint.subject, at, body)
    headers = await a_token(people.client, "hmt")

    refused = await people.client.post(at, json=body, headers=headers)
    assert (refused.status_code, slug(refused)) == (403, "wrong-caller")
    read = await people.client.get(at, headers=headers)
    (one,) = read.json()
    assert (one["contributor"], one["text"]) == (None, None)
    assert one["contributor_organisation"] == "dft"
    assert one["person"]["id"] == str(joint.subject)
    assert str(joint.partner) not in read.text


NUL = "\0"


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": " \n "},
        {"text": "x" * 1001},
        {"text": f"Than{NUL}ks"},
        {"text": None},
        {"contribution": "the lead's"},
        {"person": "Sam"},
    ],
)
async def test_what_cannot_be_thanks_is_refused(
    people: Signed, joint: Joint, change: dict[str, Any]
) -> None:
    fact = await agreed(joint)
    at = f"/v1/objectives/{fact.id}/recognitions"
    body = {"contribution": str(part_of(fact, joint.partner).id), "text": "Thanks."}
    answer = await people.post(joint.subject, at, body | change)
    assert answer.status_code == 422
    assert (await people.get(joint.subject, at)).json() == []
