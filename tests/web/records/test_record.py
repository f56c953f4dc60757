"""A record as a page: whole, and to those whom the API shows it."""

import pytest

from service.records.rules import CycleState
from service.records.tables import Cycle
from tests.hr.attachment.whole import whole
from tests.objectives.asking import an_administrator
from tests.objectives.joint import Joint
from tests.web.counting import MOST, asked
from tests.web.visiting import heading, title, visiting


async def test_the_subject_and_the_manager_see_it_whole(joint: Joint) -> None:
    fact = await whole(joint)
    for person, said in ((joint.subject, "Your record"), (joint.hmt.head, "Sam ")):
        async with visiting(person, "hmt") as visitor:
            page = await visitor.get(f"/records/{joint.on.id}")
        assert page.status_code == 200, page.text
        assert heading(page).startswith(said)
        assert title(page) == f"{heading(page)} - Joined-up Appraisal"
        assert fact.content.title in page.text
        for part in ("Assessed", "Thanks", "sees it differently", "Not published yet"):
            assert part in page.text, part
        assert f"/records/{joint.on.id}/results" in page.text
        assert 'style="' not in page.text


async def test_hr_sees_it_and_is_led_to_no_feedback(joint: Joint) -> None:
    async with visiting(await an_administrator(joint.hmt), "hmt") as visitor:
        page = await visitor.get(f"/records/{joint.on.id}")
    assert page.status_code == 200
    assert "/results" not in page.text
    assert "/raters" not in page.text


async def test_to_everybody_else_it_is_not_there(joint: Joint) -> None:
    for person, code in (
        (joint.partner, "dft"),
        (joint.hmt.people[1], "hmt"),
        (await an_administrator(joint.dft), "dft"),
    ):
        async with visiting(person, code) as visitor:
            page = await visitor.get(f"/records/{joint.on.id}")
            none = await visitor.get(f"/records/{joint.subject}")
        assert (page.status_code, none.status_code) == (404, 404)


async def test_a_stranger_signs_in_first(joint: Joint) -> None:
    async with visiting(None) as visitor:
        page = await visitor.get(f"/records/{joint.on.id}")
    assert page.status_code in {303, 401}


@pytest.mark.parametrize("path", ["/records/{}", "/records", "/people"])
async def test_it_takes_few_statements(joint: Joint, path: str) -> None:
    await whole(joint)
    for person in (joint.subject, joint.hmt.head):
        async with visiting(person, "hmt") as visitor:
            said = await asked(visitor, path.format(joint.on.id))
        assert len(said) <= MOST, said


async def test_it_is_in_welsh_for_whoever_asks_for_it(joint: Joint) -> None:
    await whole(joint)
    welsh = {"Accept-Language": "cy"}
    async with visiting(joint.hmt.head, "hmt") as visitor:
        for path in ("/", "/people", "/records", f"/records/{joint.on.id}",
                     f"/records/{joint.on.id}/raters",
                     f"/records/{joint.on.id}/results"):  # fmt: skip
            page = await visitor.get(path, headers=welsh)
            assert page.status_code == 200, page.text
            assert '<html lang="cy"' in page.text
            assert "%(" not in page.text
            assert "%%" not in page.text


async def test_what_people_write_is_shown_as_they_wrote_it(joint: Joint) -> None:
    await joint.agreed(title="<script>alert(1)</script>", outcome='"><img src=x>')
    async with visiting(joint.hmt.head, "hmt") as visitor:
        for path in ("/", f"/records/{joint.on.id}"):
            page = await visitor.get(path)
            assert "<script>alert" not in page.text
            assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


async def test_once_the_scores_are_due_no_objective_is_offered_to_be_set(
    joint: Joint,
) -> None:
    record, new = f"/records/{joint.on.id}", f"/objectives/new?record={joint.on.id}"
    async with visiting(joint.hmt.head, "hmt") as visitor:
        assert new in (await visitor.get(record)).text
        assert (await visitor.get(new)).status_code == 200
        for state in (CycleState.PUBLISHING, CycleState.PUBLISHED):
            await Cycle.update({Cycle.state: state}).where(Cycle.id == joint.on.cycle)
            page = await visitor.get(record)
            assert page.status_code == 200
            assert "/objectives/new" not in page.text
            refused = await visitor.get(new)
            assert refused.status_code == 409
            assert heading(refused) == "This cannot be done now"
            assert (await visitor.post(new, {})).status_code == 409
