"""Assessments over HTTP: who is served, what is read, and what is refused."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from service.audit.tables import Disclosure
from tests.factories import a_token
from tests.objectives.asking import slug
from tests.objectives.assessing.assessed import (
    agreed,
    assess,
    countersign,
    outcomes,
    part_of,
    stage_of,
)
from tests.objectives.assessing.signed import Signed
from tests.objectives.joint import Joint
from tests.signing_in import issuers_of

BODY: dict[str, Any] = {
    "attainment": "met",
    "reasons": "Forms are asked for once.",
    "evidence": [
        {"title": "Report", "url": "https://intranet.hmt.example/report?year=2027"}
    ],
}


@pytest.fixture
async def people(app: Litestar, client: httpx.AsyncClient, joint: Joint) -> Signed:
    return Signed(client, await issuers_of(app, "hmt", "dft", "moj"))


async def test_two_departments_assess_it_and_each_contribution(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    at = f"/v1/objectives/{fact.id}"
    assessed = await people.post(joint.hmt.head, f"{at}/assessments", BODY)
    assert assessed.status_code == 201, assessed.text
    one = assessed.json()
    assert (one["state"], one["evidence"], one["capacity"]) == (
        "waiting",
        BODY["evidence"],
        "owner_manager",
    )
    signed = await people.post(
        joint.dft.head,
        f"{at}/assessments/{one['id']}/countersignature",
        {"comment": "So it is."},
    )
    assert signed.status_code == 201, signed.text
    assert signed.json()["answer"]["comment"] == "So it is."
    assert signed.json()["state"] == "countersigned"
    part = part_of(fact, joint.partner)
    contributed = await people.post(
        joint.dft.head, f"{at}/contributions/{part.id}/assessments", BODY
    )
    assert contributed.status_code == 201, contributed.text
    assert contributed.json()["episodes"][0]["organisation"] == "dft"

    read = await people.get(joint.subject, f"{at}/assessments")
    assert read.json() == {
        "outcome": [signed.json()],
        "contributions": [contributed.json()],
    }
    assert (await people.get(joint.subject, at)).json()["stage"] == "assessed"


async def test_an_objection_goes_back_with_its_reason(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    at = f"/v1/objectives/{fact.id}/assessments/{new}/objection"
    without = await people.post(joint.dft.head, at, {"reason": ""})
    assert (without.status_code, slug(without)) == (422, "invalid")

    answer = await people.post(joint.dft.head, at, {"reason": "Not for ours."})
    assert answer.status_code == 201
    assert answer.json()["state"] == "objected"
    assert answer.json()["answer"]["comment"] == "Not for ours."
    assert await stage_of(fact) == "agreed"


async def test_the_refusals_name_themselves(people: Signed, joint: Joint) -> None:
    fact = await agreed(joint)
    at = f"/v1/objectives/{fact.id}/assessments"
    stranger = await people.post(joint.moj.head, at, BODY)
    assert (stranger.status_code, slug(stranger)) == (404, "not-found")
    another = await people.post(joint.dft.head, at, BODY)
    assert (another.status_code, slug(another)) == (403, "objective-not-yours")
    new = await assess(fact, joint.hmt.head)
    again = await people.post(joint.hmt.head, at, BODY)
    assert (again.status_code, slug(again)) == (409, "assessment-waits")
    own = await people.post(joint.hmt.head, f"{at}/{new}/countersignature", {})
    assert (own.status_code, slug(own)) == (403, "objective-not-yours")
    await countersign(fact, new, joint.dft.head)
    late = await people.post(joint.dft.head, f"{at}/{new}/countersignature", {})
    assert (late.status_code, slug(late)) == (409, "assessment-settled")


async def test_a_retry_countersigns_once(people: Signed, joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    at = f"/v1/objectives/{fact.id}/assessments/{new}/countersignature"
    once = {"Idempotency-Key": "once"}
    first = await people.post(joint.dft.head, at, {}, **once)
    again = await people.post(joint.dft.head, at, {}, **once)
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())


async def test_a_machine_assesses_and_signs_nothing(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    part = part_of(fact, joint.partner)
    headers = await a_token(people.client, "dft")
    for path, body in (
        ("assessments", BODY),
        (f"assessments/{new}/countersignature", {}),
        (f"assessments/{new}/objection", {"reason": "No."}),
        (f"contributions/{part.id}/assessments", BODY),
    ):
        answer = await people.client.post(
            f"/v1/objectives/{fact.id}/{path}", json=body, headers=headers
        )
        assert (answer.status_code, slug(answer)) == (403, "wrong-caller")


async def test_a_machine_reads_capacities_of_others_and_people_of_its_own(
    people: Signed, joint: Joint
) -> None:
    fact = await agreed(joint)
    await countersign(fact, await assess(fact, joint.hmt.head), joint.dft.head)
    at = f"/v1/objectives/{fact.id}/assessments"
    read = await people.client.get(at, headers=await a_token(people.client, "dft"))
    (one,) = read.json()["outcome"]
    assert (one["organisation"], one["capacity"], one["person"]) == (
        "hmt",
        "owner_manager",
        None,
    )
    assert one["answer"]["capacity"] == "partner_manager"
    assert one["answer"]["person"] == {"id": str(joint.dft.head), "name": None}
    assert str(joint.hmt.head) not in read.text
    assert str(joint.subject) not in read.text
    (told,) = await Disclosure.select()
    assert told["what"] == "assessments"
    assert {*told["people"]} == {joint.partner, joint.dft.head}

    outside = await people.client.get(at, headers=await a_token(people.client, "moj"))
    assert outside.status_code == 404


NUL = "\0"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"attainment": "brilliant"}, "#/attainment"),
        ({"attainment": None}, "#/attainment"),
        ({"attainment": 3}, "#/attainment"),
        ({"reasons": ""}, "#/reasons"),
        ({"reasons": "x" * 4001}, "#/reasons"),
        ({"marking": "high"}, "#/marking"),
        ({"evidence": [{"title": "", "url": "https://a.example/"}]}, "#/evidence/0"),
        ({"evidence": [{"title": "Report"}]}, "#/evidence/0/url"),
        (
            {"evidence": [{"title": "T", "url": "https://a.example/"}] * 21},
            "#/evidence",
        ),
    ],
)
async def test_what_has_not_the_shape_is_refused_where_it_is_wrong(
    people: Signed, joint: Joint, change: dict[str, Any], pointer: str
) -> None:
    fact = await agreed(joint)
    answer = await people.post(
        joint.hmt.head, f"/v1/objectives/{fact.id}/assessments", BODY | change
    )
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert await outcomes(fact) == []


LONGEST = "https://a.example/" + "x" * (2000 - len("https://a.example/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/report",
        "https://sam:secret@a.example/report",
        "https://sam@a.example/report",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.example/report",
        "https://",
        "https://10.0.0.1/report",
        "https://localhost/report",
        "https://a.example:8443/report",
        "https://a.example/a report",
        "https://a.example/\u202ereport",
        "https://a.example\\@b.example/",
        LONGEST + "x",
    ],
)
async def test_evidence_is_a_plain_https_link(
    people: Signed, joint: Joint, url: str
) -> None:
    fact = await agreed(joint)
    body = BODY | {"evidence": [{"title": "Report", "url": url}]}
    answer = await people.post(
        joint.hmt.head, f"/v1/objectives/{fact.id}/assessments", body
    )
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "#/evidence/0/url"
    assert "secret" not in answer.text


async def test_the_longest_link_is_kept_whole(people: Signed, joint: Joint) -> None:
    fact = await agreed(joint)
    body = BODY | {"evidence": [{"title": "Report", "url": LONGEST}]}
    answer = await people.post(
        joint.hmt.head, f"/v1/objectives/{fact.id}/assessments", body
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["evidence"][0]["url"] == LONGEST


async def test_text_with_nul_is_refused(people: Signed, joint: Joint) -> None:
    fact = await agreed(joint)
    answer = await people.post(
        joint.hmt.head,
        f"/v1/objectives/{fact.id}/assessments",
        BODY | {"reasons": f"So{NUL}so"},
    )
    assert answer.status_code == 422
    assert await outcomes(fact) == []
