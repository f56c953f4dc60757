"""Setting what a template says on several records, in a browser."""

from uuid import UUID, uuid4

import pytest

from service.directory.queries import details_of
from service.objectives.assigning import templates
from service.objectives.assigning.schemas import TemplateIn, TemplateOut
from service.objectives.tables import SharedObjective
from tests.factories import IN_THE_YEAR, OPERATOR, record_of
from tests.objectives.assigning.many import an_objective
from tests.objectives.joint import Joint
from tests.web.counting import MOST, asked
from tests.web.objectives.people import Browsers, refused, went_to, words


@pytest.fixture
async def template(joint: Joint) -> TemplateOut:
    partner = {
        "organisation": "dft",
        "role": "major",
        "share": 40,
        "commitment": "data",
    }
    return await templates.create(
        {"hmt"},
        TemplateIn.model_validate(an_objective(partners=[partner])),
        id_=uuid4(),
        listed=True,
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


async def called(person: UUID) -> str:
    known = (await details_of([person]))[person]
    return f"{known.given_name} {known.family_name}"


async def test_a_template_is_set_on_the_records_that_were_chosen(
    browsers: Browsers, joint: Joint, template: TemplateOut
) -> None:
    other = await record_of(joint.hmt.people[1], joint.on.cycle)
    visitor = await browsers.of("manager")
    assert "One front door" in words(await visitor.get("/objectives/templates"))
    at = f"/objectives/templates/{template.id}"
    page = await visitor.get(at)
    assert await called(joint.subject) in words(page)
    filled = {
        "records": [str(joint.on.id), str(other.id)],
        "person_0": (await called(joint.partner)).upper(),
        "stage": "proposed",
    }
    went_to(await visitor.post(at, filled), "/objectives?done=assigned")
    rows = await SharedObjective.select().where(SharedObjective.template == template.id)
    assert {row["record"] for row in rows} == {joint.on.id, other.id}
    page = await visitor.get("/objectives?done=assigned")
    assert "The objective is set on each record that you chose" in words(page)


async def test_what_is_wrong_is_said_and_nothing_is_set(
    browsers: Browsers, joint: Joint, template: TemplateOut
) -> None:
    visitor = await browsers.of("manager")
    at = f"/objectives/templates/{template.id}"
    refused(
        await visitor.post(at, {}),
        "Choose at least one person",
        "Choose what happens next",
        "Enter who contributes for them",
    )
    filled = {"records": str(joint.on.id), "stage": "proposed", "person_0": "Sam"}
    answer = await visitor.post(at, filled)
    refused(answer, "people are found by this name")
    assert 'href="#person_0"' in answer.text
    stranger = {**filled, "person_0": await called(joint.partner)}
    answer = await visitor.post(at, stranger | {"records": str(uuid4())})
    refused(answer, "There is no such record")
    assert not await SharedObjective.exists().where(
        SharedObjective.template == template.id
    )


@pytest.mark.parametrize("who", ["partner manager", "stranger"])
async def test_another_department_s_template_is_not_there(
    browsers: Browsers, template: TemplateOut, who: str
) -> None:
    visitor = await browsers.of(who)
    answer = await visitor.get(f"/objectives/templates/{template.id}")
    assert answer.status_code == 404
    assert "keeps no objectives" in words(await visitor.get("/objectives/templates"))


async def test_whoever_manages_nobody_is_told_so(
    browsers: Browsers, template: TemplateOut
) -> None:
    visitor = await browsers.of("subject")
    page = await visitor.get(f"/objectives/templates/{template.id}")
    assert "You manage nobody with a record in an open year." in words(page)


async def test_its_pages_take_few_statements(
    browsers: Browsers, template: TemplateOut
) -> None:
    visitor = await browsers.of("manager")
    for path in ("/objectives/templates", f"/objectives/templates/{template.id}"):
        assert len(await asked(visitor, path)) <= MOST
