"""One objective assigned to many records, over HTTP."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.access.actions import grant
from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.changes.tables import ChangeLog
from service.db import transaction
from service.jobs.tables import StoredNotice
from service.objectives.content import digest
from service.objectives.queries import objective
from service.objectives.stages import ContributionState, Stage
from service.objectives.tables import SharedObjective, StepTaken, Version
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.objectives.asking import named, slug
from tests.objectives.assigning.many import Many
from tests.objectives.joint import agree


async def test_each_record_gets_an_objective_of_its_own(many: Many) -> None:
    answer = await many.post(many.body())

    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert [item["stage"] for item in said["items"]] == ["proposed", "proposed"]
    assert len({item["objective"] for item in said["items"]}) == 2
    for item, subject in zip(said["items"], many.joint.hmt.people, strict=True):
        fact = await objective(UUID(item["objective"]))
        assert (str(fact.record), fact.person) == (item["record"], subject)
        assert (fact.stage, fact.shared) == (Stage.PROPOSED, True)
        assert str(fact.template) == said["template"]
        assert fact.content.owners == ((subject,),)
        assert {(p.organisation, p.person, p.share) for p in fact.contributions} == {
            ("hmt", subject, 60),
            ("dft", many.joint.partner, 40),
        }
        assert {p.state for p in fact.contributions} == {ContributionState.INVITED}
        assert set(fact.parties) == {"hmt", "dft"}


async def test_what_it_leaves_behind_is_what_a_single_one_leaves(many: Many) -> None:
    said = (await many.post(many.body())).json()

    for item in said["items"]:
        id_ = UUID(item["objective"])
        (version,) = await Version.select().where(Version.objective == id_)
        assert version["digest"] == digest(json.loads(version["content"]))
        steps = await StepTaken.select().where(StepTaken.objective == id_)
        assert [(s["step"], s["was"], s["became"], s["revision"]) for s in steps] == [
            ("propose", "draft", "proposed", 1)
        ]
        audit = await AuditEntry.select().where(AuditEntry.entity_id == str(id_))
        assert [(a["action"], a["organisation"]) for a in audit] == [("assign", "hmt")]
        feed = await ChangeLog.select().where(ChangeLog.entity == id_)
        assert sorted((f["organisation"], f["version"]) for f in feed) == [
            ("dft", 1),
            ("hmt", 1),
        ]


async def test_what_was_assigned_can_be_agreed_and_changed_like_any_other(
    many: Many,
) -> None:
    item = (await many.post(many.body())).json()["items"][0]
    joint, id_ = many.joint, UUID(item["objective"])
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(id_, person)
    assert (fact.stage, fact.revision) == (Stage.AGREED, 4)


async def test_everyone_is_told_once_of_how_many(many: Many) -> None:
    said = (await many.post(many.body())).json()

    joint = many.joint
    notices = await StoredNotice.select().order_by(StoredNotice.person)
    assert {n["kind"] for n in notices} == {"assigned_in_bulk"}
    assert {str(n["about"]) for n in notices} == {said["template"]}
    assert {n["person"]: n["count"] for n in notices} == {
        joint.hmt.people[0]: 1,
        joint.hmt.people[1]: 1,
        joint.hmt.head: 2,
        joint.dft.head: 2,
    }


async def test_a_draft_is_nobodys_but_its_line_managers(many: Many) -> None:
    answer = await many.post(many.body(stage="draft"))

    assert answer.status_code == 201, answer.text
    assert await StoredNotice.count() == 0
    id_ = UUID(answer.json()["items"][0]["objective"])
    feed = await ChangeLog.select().where(ChangeLog.entity == id_)
    assert [row["organisation"] for row in feed] == ["hmt"]
    assert not (await objective(id_)).shared
    assert await StepTaken.count() == 0
    path = f"/v1/objectives/{id_}"
    assert (await many.client.get(path, headers=many.tokens["dft"])).status_code == 404


async def test_a_draft_is_proposed_later_like_any_other(many: Many) -> None:
    said = (await many.post(many.body(stage="draft"))).json()
    path = f"/v1/objectives/{said['items'][0]['objective']}/proposals"
    answer = await many.client.post(path, headers=many.tokens["hmt"])
    assert (answer.status_code, answer.json()["stage"]) == (201, "proposed")


async def test_a_draft_need_not_be_whole_yet(many: Many) -> None:
    body = many.body(stage="draft", contributions=[])
    assert (await many.post(body)).status_code == 201


async def test_a_line_manager_assigns_to_their_own_reports(many: Many) -> None:
    headers = await many.sign_in(many.joint.hmt.head, "hmt")
    answer = await many.post(many.body(), headers)

    assert answer.status_code == 201, answer.text
    told = await StoredNotice.select(StoredNotice.person).output(as_list=True)
    assert many.joint.hmt.head not in told  # They did it.


@pytest.mark.parametrize(
    ("who", "code"), [("subject", "hmt"), ("administrator", "hmt"), ("dft", "dft")]
)
async def test_who_is_not_their_line_manager_is_told_that_there_is_no_such_record(
    many: Many, who: str, code: str
) -> None:
    joint = many.joint
    people = {"subject": joint.subject, "administrator": joint.hmt.people[1]}
    person = people.get(who, joint.dft.head)
    if who == "administrator":
        await grant(
            person,
            Role.HR_ADMINISTRATOR,
            organisation="hmt",
            until=date(2030, 1, 1),
            caller=OPERATOR,
            now=IN_THE_YEAR,
        )
    theirs = await many.post(many.body(), await many.sign_in(person, code))
    absent = await many.post(
        many.body("workday:nothing", "workday:at-all"),
        await many.sign_in(person, code),
    )
    assert (theirs.status_code, slug(theirs)) == (422, "objective-bulk-refused")
    assert theirs.json()["errors"] == absent.json()["errors"]


async def test_a_partners_system_assigns_nothing_to_our_records(many: Many) -> None:
    for code in ("dft", "moj"):
        theirs = await many.post(many.body(), many.tokens[code])
        absent = await many.post(many.body("workday:x", "workday:y"), many.tokens[code])
        assert theirs.status_code == 422
        assert theirs.json()["errors"] == absent.json()["errors"]
    assert not await SharedObjective.exists()


async def test_a_key_is_required(many: Many) -> None:
    answer = await many.post(many.body(), key=None)
    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-missing")


async def test_the_same_again_is_answered_and_not_done(many: Many) -> None:
    first = await many.post(many.body(), key="once")
    again = await many.post(many.body(), key="once")

    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert await SharedObjective.count() == 2
    other = await many.post(many.body(stage="draft"), key="once")
    assert (other.status_code, slug(other)) == (422, "idempotency-mismatch")


async def test_a_refusal_leaves_nothing_and_keeps_the_key_free(many: Many) -> None:
    bad = await many.post(many.body(*many.names, "workday:nobody"), key="again")

    assert (bad.status_code, slug(bad)) == (422, "objective-bulk-refused")
    assert [e["pointer"] for e in bad.json()["errors"]] == ["#/records/2"]
    async with transaction() as connection:
        for table in ("shared_objective", "objective_template", "notice", "outbox"):
            count = f"SELECT count(*) FROM {table}"  # noqa: S608 - named here
            assert await connection.fetchval(count) == 0
    assert (await many.post(many.body(), key="again")).status_code == 201


async def test_a_record_may_differ_in_its_partners_and_its_owner(many: Many) -> None:
    joint = many.joint
    body = many.body()
    other = {**many.contributions[0], "person": await named(joint.dft.people[1])}
    body["records"][1] |= {
        "contributions": [other],
        "accountable_owner": await named(joint.hmt.head),
    }
    said = (await many.post(body)).json()

    first, second = [await objective(UUID(item["objective"])) for item in said["items"]]
    assert {p.person for p in first.contributions} == {joint.subject, joint.partner}
    assert {p.person for p in second.contributions} == {
        joint.hmt.people[1],
        joint.dft.people[1],
    }
    assert second.content.owners == ((joint.hmt.head,),)
    assert second.owning == {joint.hmt.head: "hmt"}


async def test_items_are_answered_in_the_order_asked_for(many: Many) -> None:
    body = many.body(*reversed(many.names))
    said = (await many.post(body)).json()
    facts = [await objective(UUID(item["objective"])) for item in said["items"]]
    assert [fact.person for fact in facts] == [*reversed(many.joint.hmt.people)]


async def test_records_are_named_by_their_ids_as_well(many: Many) -> None:
    answer = await many.post(many.body(str(many.joint.on.id)))
    assert answer.json()["items"][0]["record"] == str(many.joint.on.id)


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        (("records",), [], "#/records"),
        (("stage",), "agreed", "#/stage"),
        (("rating",), 5, "#/rating"),
        (("records", 1, "record"), "", "#/records/1/record"),
        (("records", 1, "share"), 5, "#/records/1/share"),
        (("contributions", 0, "role"), "lead", "#/contributions/0/role"),
        (("contributions", 0, "share"), 0, "#/contributions/0/share"),
        (("objective", "title"), "x" * 201, "#/objective/title"),
        (("objective", "lead", "share"), 101, "#/objective/lead/share"),
        (("objective", "parent"), None, "#/objective/parent"),
        (("template",), "10000000-0000-0000-0000-000000000000", "#"),
    ],
)
async def test_a_body_of_another_shape_is_refused_by_its_place(
    many: Many, place: tuple[Any, ...], value: object, pointer: str
) -> None:
    body = json.loads(json.dumps(many.body()))
    inner: Any = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    answer = await many.post(body)

    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert answer.json()["errors"][0].get("pointer", "#") == pointer
