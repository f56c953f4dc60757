"""Among whose records and cycles each caller may look."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.access.rules import Role
from service.auth.caller import Machine, Scope, SignedIn
from service.errors import NotFound
from service.records.queries import SeenBy
from service.records.whose import Whose, whose
from tests.factories import (
    IN_THE_YEAR,
    YEAR,
    a_cycle,
    a_person,
    record_of,
)
from tests.objectives.acting import a_functional_manager
from tests.objectives.asking import People, an_administrator, people_of, told
from tests.objectives.assessing.assessed import managed_by
from tests.objectives.joint import Joint, a_joint_department

TODAY = IN_THE_YEAR.date()


@dataclass
class Asked:
    people: People
    joint: Joint

    async def get(
        self, who: tuple[UUID, str], path: str = "/v1/records"
    ) -> httpx.Response:
        return await self.people.ask(who, "GET", path)

    async def listed(self, person: UUID, code: str, query: str = "") -> set[UUID]:
        """Whose records somebody is shown."""
        answer = await self.get((person, code), f"/v1/records{query}")
        assert answer.status_code == 200, answer.text
        return {UUID(record["person"]) for record in answer.json()["items"]}


@pytest.fixture
async def asked(app: Litestar, client: httpx.AsyncClient, db: None) -> Asked:
    joint = await a_joint_department()
    return Asked(await people_of(app, client), joint)


async def test_people_look_at_their_own_record(asked: Asked) -> None:
    joint = asked.joint
    assert await asked.listed(joint.subject, "hmt") == {joint.subject}
    assert await asked.listed(joint.subject, "hmt", "?organisation=hmt") == {
        joint.subject
    }
    assert await asked.listed(joint.subject, "hmt", "?organisation=dft") == set()


async def test_managers_look_at_those_of_their_reports(asked: Asked) -> None:
    joint = asked.joint
    department = {joint.hmt.head, *joint.hmt.people}
    assert await asked.listed(joint.hmt.head, "hmt") == department


async def test_functional_managers_look_at_those_they_answer_for(asked: Asked) -> None:
    joint = asked.joint
    await a_functional_manager(joint.subject, joint.hmt.people[1], "hmt")
    assert await asked.listed(joint.hmt.people[1], "hmt") == {
        joint.subject,
        joint.hmt.people[1],
    }


async def test_whoever_no_longer_answers_for_somebody_looks_no_more(
    asked: Asked,
) -> None:
    joint = asked.joint
    former, present, coming = [await a_person("hmt") for _ in range(3)]
    days = (TODAY - timedelta(30), TODAY, TODAY + timedelta(1))
    for person, since in zip((former, present, coming), days, strict=True):
        await managed_by(joint.subject, person, "hmt", since=since)
    assert await asked.listed(present, "hmt") == {joint.subject}
    for person in (joint.hmt.head, former, coming):
        assert joint.subject not in await asked.listed(person, "hmt")
        answer = await asked.get((person, "hmt"), f"/v1/records/{joint.on.id}")
        assert answer.status_code == 404


async def test_a_manager_of_another_organisation_answers_as_any_other(
    asked: Asked,
) -> None:
    joint = asked.joint
    await a_functional_manager(joint.subject, joint.moj.head, "hmt")
    assert joint.subject in await asked.listed(joint.moj.head, "moj")
    answer = await asked.get((joint.moj.head, "moj"), f"/v1/records/{joint.on.id}")
    assert answer.status_code == 200


async def test_hr_administrators_look_at_their_organisations(asked: Asked) -> None:
    joint = asked.joint
    administrator = await an_administrator(joint.hmt)
    department = {joint.hmt.head, *joint.hmt.people}
    assert await asked.listed(administrator, "hmt") == department


async def test_the_role_takes_nothing_from_those_who_answer_for_others(
    asked: Asked,
) -> None:
    joint = asked.joint
    administrator = await an_administrator(joint.hmt)
    await a_functional_manager(joint.partner, administrator, "dft")
    found = await asked.listed(administrator, "hmt")
    assert found == {joint.partner, joint.hmt.head, *joint.hmt.people}
    of_dft = await asked.listed(administrator, "hmt", "?organisation=dft")
    assert of_dft == {joint.partner}


async def test_a_page_of_ones_reports_goes_on_where_it_ended(asked: Asked) -> None:
    head = (asked.joint.hmt.head, "hmt")
    seen: list[str] = []
    path = "/v1/records?limit=1"
    while path:
        page = (await asked.get(head, path)).json()
        seen += [record["person"] for record in page["items"]]
        path = page["next"]
        assert len(seen) <= 3, "the pages never end"
    assert {UUID(id_) for id_ in seen} == {head[0], *asked.joint.hmt.people}


async def test_what_is_another_persons_is_as_absent_as_none(asked: Asked) -> None:
    joint = asked.joint
    theirs = await record_of(joint.hmt.people[1], joint.on.cycle)
    names: list[Any] = [theirs.id, f"workday:{theirs.external_id}", "workday:none"]
    answers = [
        await asked.get((joint.subject, "hmt"), f"/v1/records/{name}") for name in names
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({str(told(answer)) for answer in answers}) == 1


async def test_people_see_the_cycles_of_their_organisation(asked: Asked) -> None:
    joint = asked.joint
    other = await a_cycle(YEAR + 1, organisations=["dft"])
    subject = (joint.subject, "hmt")
    listed = (await asked.get(subject, "/v1/cycles")).json()["items"]
    assert [cycle["id"] for cycle in listed] == [str(joint.on.cycle)]
    assert [cycle["organisations"] for cycle in listed] == [["hmt"]]
    one = await asked.get(subject, f"/v1/cycles/{joint.on.cycle}")
    assert one.json() == listed[0]
    hidden = await asked.get(subject, f"/v1/cycles/{other.id}")
    assert hidden.status_code == 404


def test_a_machine_looks_within_its_organisations_alone() -> None:
    hr = Machine("hr", frozenset({"hmt", "dft"}), frozenset(Scope))
    assert whose(hr, None, TODAY) == Whose(["dft", "hmt"], None)
    assert whose(hr, "dft", TODAY) == Whose(["dft"], None)
    with pytest.raises(NotFound):
        whose(hr, "moj", TODAY)


def test_nobody_else_looks_at_a_whole_organisation() -> None:
    person = UUID(int=1)
    for role in Role:
        found = whose(SignedIn(person, "hmt", frozenset({role})), None, TODAY)
        administers = {"hmt"} if role == Role.HR_ADMINISTRATOR else set()
        assert found == Whose(None, SeenBy(person, TODAY, frozenset(administers)))
