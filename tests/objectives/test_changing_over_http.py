"""What is done to an objective over HTTP, by those who have read what they change."""

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from service.objectives import queries
from service.objectives.stages import Stage
from tests.objectives.acting import a_new_manager
from tests.objectives.asking import People, Service, named, slug
from tests.objectives.joint import agree


async def put(
    service: Service, id_: str, code: str = "hmt", **headers: str
) -> httpx.Response:
    body = {key: value for key, value in service.wanted.items() if key != "stage"}
    return await service.client.put(
        f"/v1/objectives/{id_}",
        json=body,
        headers=service.tokens[code]
        | {key.replace("_", "-"): value for key, value in headers.items()},
    )


async def test_a_change_names_what_it_has_read(service: Service) -> None:
    posted = await service.post()
    id_, tag = posted.json()["id"], posted.headers["etag"]
    service.wanted["title"] = "Two front doors"

    missing = await put(service, id_)
    assert (missing.status_code, slug(missing)) == (428, "precondition-required")
    stale = await put(service, id_, If_Match='"1"')
    assert (stale.status_code, slug(stale)) == (412, "stale")
    assert stale.headers["etag"] == tag
    done = await put(service, id_, If_Match=tag)
    assert (done.status_code, done.headers["etag"]) == (200, '"3"')
    assert done.json()["title"] == "Two front doors"
    again = await put(service, id_, If_Match=tag)
    assert again.status_code == 412


async def test_the_same_again_answers_the_same_and_changes_nothing(
    service: Service,
) -> None:
    posted = await service.post()
    same = await put(service, posted.json()["id"], If_Match=posted.headers["etag"])
    assert same.status_code == 200
    assert same.json() == posted.json()
    assert same.headers["etag"] == posted.headers["etag"]


async def test_who_has_it_as_it_is_is_told_so(service: Service) -> None:
    posted = await service.post()
    path = f"/v1/objectives/{posted.json()['id']}"
    answer = await service.client.get(
        path, headers=service.tokens["hmt"] | {"If-None-Match": posted.headers["etag"]}
    )
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_partner_cannot_change_it_and_a_stranger_cannot_tell_it_is_there(
    service: Service,
) -> None:
    id_ = (await service.post()).json()["id"]
    partner = await put(service, id_, "dft", If_Match='"2"')
    assert (partner.status_code, slug(partner)) == (403, "objective-not-yours")
    stranger = await put(service, id_, "moj", If_Match='"2"')
    absent = await put(service, str(uuid4()), "moj", If_Match='"2"')
    assert (stranger.status_code, absent.status_code) == (404, 404)
    assert slug(stranger) == slug(absent)


@pytest.mark.parametrize("end", ["withdrawal", "draft withdrawal"])
async def test_what_is_over_is_not_changed(service: Service, end: str) -> None:
    if end.startswith("draft"):
        service.wanted["stage"] = "draft"
    id_ = (await service.post()).json()["id"]
    headers = service.tokens["hmt"]
    missing = await service.client.post(
        f"/v1/objectives/{id_}/withdrawal", json={}, headers=headers
    )
    assert (missing.status_code, slug(missing)) == (422, "invalid")
    over = await service.client.post(
        f"/v1/objectives/{id_}/withdrawal", json={"reason": "Over."}, headers=headers
    )
    assert (over.status_code, over.json()["stage"]) == (201, "withdrawn")
    service.wanted["title"] = "Back again"
    answer = await put(service, id_, If_Match=over.headers["etag"])
    assert (answer.status_code, slug(answer)) == (409, "objective-wrong-stage")
    for route in ("proposals", "withdrawal", "closure"):
        answer = await service.client.post(
            f"/v1/objectives/{id_}/{route}", json={"reason": "x"}, headers=headers
        )
        assert (answer.status_code, slug(answer)) == (409, "objective-wrong-stage")


async def test_only_what_is_assessed_is_closed(service: Service) -> None:
    id_ = UUID((await service.post()).json()["id"])
    for person in (
        service.joint.subject,
        service.joint.hmt.head,
        service.joint.dft.head,
    ):
        await agree(id_, person)
    path = f"/v1/objectives/{id_}/closure"
    answer = await service.client.post(path, headers=service.tokens["hmt"])
    assert (answer.status_code, slug(answer)) == (409, "objective-wrong-stage")
    assert (await queries.objective(id_)).stage == Stage.AGREED


async def test_a_draft_is_put_to_others_once(service: Service) -> None:
    service.wanted["stage"] = "draft"
    posted = await service.post()
    id_ = posted.json()["id"]
    assert (posted.json()["stage"], posted.headers["etag"]) == ("draft", '"1"')
    path = f"/v1/objectives/{id_}/proposals"
    done = await service.client.post(path, headers=service.tokens["hmt"])
    assert (done.status_code, done.json()["stage"]) == (201, "proposed")
    twice = await service.client.post(path, headers=service.tokens["hmt"])
    assert (twice.status_code, slug(twice)) == (409, "objective-wrong-stage")
    partner = await service.client.post(path, headers=service.tokens["dft"])
    assert (partner.status_code, slug(partner)) == (403, "objective-not-yours")


# Agreement by version, and disputes.


async def test_whoever_read_another_version_does_not_agree_to_this(
    service: Service, people: People
) -> None:
    posted = await service.post()
    id_ = posted.json()["id"]
    service.wanted["title"] = "Two front doors"
    await put(service, id_, If_Match=posted.headers["etag"])
    who, path = (service.joint.dft.head, "dft"), f"/v1/objectives/{id_}/agreements"

    answer = await people.ask(who, "POST", path, {"version": 1})
    assert (answer.status_code, slug(answer)) == (409, "objective-version-differs")
    assert answer.json()["errors"][0]["pointer"] == "#/version"
    answer = await people.ask(who, "POST", path, {"version": 2, "comment": "Yes."})
    assert answer.status_code == 201
    given = await people.ask(who, "GET", path)
    (mine,) = given.json()["given"]
    assert (mine["version"], mine["comment"], mine["counts"]) == (2, "Yes.", True)
    assert len(given.json()["outstanding"]) == 2


async def test_a_manager_of_a_third_department_agrees_with_a_key_and_without(
    service: Service, people: People
) -> None:
    """Their department is no party, and its row security shows them nothing."""
    await a_new_manager(service.joint.partner, service.joint.moj.head, "dft")
    who = (service.joint.moj.head, "moj")
    keys: list[dict[str, str]] = [{}, {"Idempotency_Key": "once"}]
    for key in keys:
        id_ = (await service.post()).json()["id"]
        path = f"/v1/objectives/{id_}/agreements"
        answer = await people.ask(who, "POST", path, {}, **key)
        assert answer.status_code == 201, answer.text
        parts = {p["organisation"]: p["agreed"] for p in answer.json()["contributions"]}
        assert parts == {"hmt": False, "dft": True}


async def test_a_dispute_goes_its_way_over_http(
    service: Service, people: People
) -> None:
    joint = service.joint
    id_ = (await service.post()).json()["id"]
    path = f"/v1/objectives/{id_}/disputes"
    theirs, boss = (joint.dft.head, "dft"), (joint.hmt.head, "hmt")
    wrong: list[dict[str, object]] = [{}, {"reason": ""}, {"reason": "x", "extra": 1}]
    for body in wrong:
        answer = await people.ask(theirs, "POST", path, body)
        assert (answer.status_code, slug(answer)) == (422, "invalid")
    answer = await people.ask(theirs, "POST", path, {"reason": "Too much."})
    assert (answer.status_code, answer.json()["stage"]) == (201, "disputed")
    answer = await people.ask(theirs, "POST", path, {"reason": "Too much."})
    assert (answer.status_code, slug(answer)) == (409, "dispute-open")

    (raised,) = (await people.ask(boss, "GET", path)).json()
    assert (raised["reason"], raised["outcome"]) == ("Too much.", None)
    assert raised["person"]["id"] == str(joint.dft.head)
    settle = f"{path}/{raised['id']}/settlement"
    kept = {"outcome": "kept", "reply": "It is half."}
    mine = await people.ask(theirs, "POST", settle, kept)
    assert (mine.status_code, slug(mine)) == (403, "objective-not-yours")
    done = await people.ask(boss, "POST", settle, kept)
    assert (done.status_code, done.json()["stage"]) == (201, "proposed")
    twice = await people.ask(boss, "POST", settle, kept)
    assert (twice.status_code, slug(twice)) == (409, "dispute-settled")
    (raised,) = (await people.ask(theirs, "GET", path)).json()
    assert (raised["outcome"], raised["reply"]) == ("kept", "It is half.")
    machine = await service.get("hmt", path)
    assert machine.json()[0]["person"] is None


async def test_declining_and_asking_again_over_http(
    service: Service, people: People
) -> None:
    joint, posted = service.joint, await service.post()
    id_ = posted.json()["id"]
    part = next(p for p in posted.json()["contributions"] if p["role"] == "major")
    path = f"/v1/objectives/{id_}/contributions/{part['id']}"
    for route in ("departure", "refusal"):
        answer = await people.ask(
            (joint.hmt.head, "hmt"), "POST", f"{path}/{route}", {"reason": "x"}
        )
        assert (answer.status_code, slug(answer)) == (403, "objective-not-yours")
    answer = await people.ask(
        (joint.dft.head, "dft"), "POST", f"{path}/refusal", {"reason": "No room."}
    )
    assert (answer.status_code, answer.json()["stage"]) == (201, "sent_back")
    assert (await service.get("dft", f"/v1/objectives/{id_}")).status_code == 404
    lead = (await service.get("hmt", f"/v1/objectives/{id_}")).headers["etag"]
    again = await put(service, id_, If_Match=lead)
    states = {p["organisation"]: p["state"] for p in again.json()["contributions"]}
    assert states == {"hmt": "invited", "dft": "invited"}
    assert (await service.get("dft", f"/v1/objectives/{id_}")).status_code == 200


# Owners, in both forms.


async def test_owners_are_named_in_one_form_or_the_other(service: Service) -> None:
    joint, before = service.joint, deepcopy(service.wanted)
    owner = await named(joint.dft.people[1])
    several: list[dict[str, Any]] = [{"organisation": "dft", "people": [owner]}]
    service.wanted["accountable_owner"] = await named(joint.hmt.head)
    service.wanted["accountable_owners"] = several
    answer = await service.post()
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert "not both" in answer.text

    service.wanted = before | {"accountable_owners": several}
    answer = await service.post()
    assert answer.status_code == 201
    (shown,) = answer.json()["accountable_owners"]
    assert shown == {"organisation": "dft", "people": []}
    of_hmt = {"organisation": "hmt", "people": [owner]}
    for wrong in ([], several * 2, [*several, of_hmt]):
        service.wanted["accountable_owners"] = wrong
        answer = await service.post()
        assert answer.status_code in {404, 422}
        assert answer.status_code == 422
        assert slug(answer) in {"objective-owners-invalid", "objective-person-unknown"}
        assert "#/accountable_owner" in answer.text
