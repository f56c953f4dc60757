"""The pool as pages: proposed, vetoed, objected to; and never who was drawn."""

import re
from urllib.parse import quote
from uuid import UUID

import httpx

from service.auth.caller import Person
from service.directory.queries import details_of
from service.feedback import actions, asking
from service.feedback.nominating import nominations
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.over_http import an_administrator
from tests.feedback.stored import request_of
from tests.scoring import REST, Scene, answers, filled
from tests.web.counting import MOST, asked
from tests.web.visiting import Visitor, heading, title, visiting

LINK = re.compile(r'href="(/records/[^"]*/(?:veto|objection))"')
TOKEN = re.compile(r'name="_csrf" value="[^"]*"')


def path_of(scene: Scene, name: str = "fresh") -> str:
    return f"/records/{scene.records[name].id}/raters"


def choice(scene: Scene, *names: str) -> dict[str, list[str]]:
    return {
        "people": [
            f"{scene.records[name].organisation}:{scene.people[name]}" for name in names
        ]
    }


async def called(scene: Scene, name: str) -> str:
    known = (await details_of([scene.people[name]]))[scene.people[name]]
    return f"{known.given_name} {known.family_name}"


async def address(scene: Scene, name: str) -> str:
    return (await details_of([scene.people[name]]))[scene.people[name]].email


async def proposed(visitor: Visitor, scene: Scene, *names: str) -> httpx.Response:
    sent = await visitor.post(path_of(scene), choice(scene, *names))
    assert sent.status_code == 303, sent.text
    return await visitor.get(sent.headers["location"])


async def test_the_subject_proposes_whom_they_find_and_by_email(wide: Scene) -> None:
    async with visiting(wide.people["fresh"], "hmt") as visitor:
        before = await visitor.get(path_of(wide))
        assert before.status_code == 200, before.text
        assert heading(before) == "Colleagues who can give feedback on you"
        name = await called(wide, "dwp1")
        found = await visitor.get(f"{path_of(wide)}/find?q={quote(name)}")
        assert found.status_code == 200, found.text
        assert f'value="dwp:{wide.people["dwp1"]}"' in found.text
        after = await proposed(visitor, wide, "dwp1")
        assert name in after.text
        assert "They are in the pool now" in after.text
        sent = await visitor.post(path_of(wide), {"email": await address(wide, "moj1")})
        assert sent.status_code == 303
        assert await address(wide, "moj1") in (await visitor.get(path_of(wide))).text


async def test_what_is_wrong_is_said_at_its_field_and_words_are_kept(
    wide: Scene,
) -> None:
    async with visiting(wide.people["fresh"], "hmt") as visitor:
        for fields, said in (
            ({}, "Choose a colleague"),
            ({"email": "jo@nowhere.example"}, "is the domain of no member"),
            ({"email": "two@a.example, three@b.example"}, "one plain address"),
        ):
            page = await visitor.post(path_of(wide), fields)
            assert page.status_code == 422, page.text
            assert title(page).startswith("Error: ")
            assert said in page.text
            assert fields.get("email", "") in page.text
        nothing = await visitor.get(f"{path_of(wide)}/find?q=")
        assert nothing.status_code == 422
    assert await nominations(wide.records["fresh"], None) == []


async def test_the_manager_vetoes_and_the_subject_objects_once(wide: Scene) -> None:
    async with visiting(wide.people["fresh"], "hmt") as subject:
        page = await proposed(subject, wide, *REST[:3])
        objections = LINK.findall(page.text)
        assert len(objections) == 3
        assert all(path.endswith("/objection") for path in objections)
        bad = await subject.post(objections[0], {"reason": " "})
        assert bad.status_code == 422
        assert "Say in a few words why" in bad.text
        good = await subject.post(objections[0], {"reason": "We argue."})
        assert good.status_code == 303
        page = await subject.get(path_of(wide))
        assert "We argue." in page.text
        assert LINK.findall(page.text) == []
        again = await subject.post(objections[1], {"reason": "And we do."})
        assert again.status_code == 422
        assert "You have objected to a colleague already" in again.text
    async with visiting(wide.people["hmt-head"], "hmt") as manager:
        page = await manager.get(path_of(wide))
        vetoes = LINK.findall(page.text)
        assert len(vetoes) == 2
        look = await manager.get(vetoes[0])
        assert heading(look).startswith("Veto Sam ")
        assert (await manager.post(vetoes[0], {"reason": "A feud."})).status_code == 303
        assert "A feud." in (await manager.get(path_of(wide))).text
        theirs = objections[1].replace("objection", "objection")
        assert (await manager.get(theirs)).status_code == 403


async def test_to_everybody_else_there_is_no_pool(wide: Scene) -> None:
    await an_administrator(wide, "hmt2")
    one = (await nominations(wide.records["hmt1"], None))[0].id
    for name in ("hmt2", "hmt3", "dwp1", "dwp-head"):
        code = wide.records[name].organisation
        async with visiting(wide.people[name], code) as other:
            for path in ("", "/find?q=sam", f"/{one}/veto", f"/{one}/objection"):
                page = await other.get(path_of(wide, "hmt1") + path)
                assert page.status_code == 404, (name, path)
            sent = await other.post(path_of(wide, "hmt1"), choice(wide, "dwp1"))
            assert sent.status_code == 404, name


async def test_after_the_draw_nothing_changes_and_nothing_tells_whom_it_took(
    wide: Scene,
) -> None:
    async with visiting(wide.people["fresh"], "hmt") as visitor:
        await proposed(visitor, wide, *REST)
        before = await visitor.get(path_of(wide))
        on = wide.records["fresh"]
        await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
        after = await visitor.get(path_of(wide))
        late = await visitor.post(path_of(wide), choice(wide, "dwp-head"))
    assert "The draw has been made" in after.text
    names = [await called(wide, name) for name in REST]
    for name in names:
        assert before.text.count(name) > after.text.count(name) == 1
    assert LINK.findall(after.text) == []
    assert late.status_code == 422
    assert "The raters of this record have been drawn" in late.text


async def test_no_page_moves_when_a_rater_answers(wide: Scene) -> None:
    on = wide.records["hmt1"]
    paths = ("/records", "/people", f"/records/{on.id}", path_of(wide, "hmt1"), "/")
    request = await request_of(wide, "dwp1", "hmt1")

    async def seen() -> list[str]:
        found = []
        for name in ("hmt1", "hmt-head"):
            async with visiting(wide.people[name], "hmt") as visitor:
                for path in paths:
                    page = await visitor.get(path)
                    assert page.status_code == 200, path
                    found.append(TOKEN.sub("", page.text))
        return found

    before = await seen()
    rater: UUID = wide.people["dwp1"]
    await give_as(rater, request)
    assert await seen() == before


async def give_as(rater: UUID, request: UUID) -> None:
    await actions.submit(
        request,
        filled(answers("dwp1", "hmt1")),
        caller=Person(rater),
        now=FEEDBACK_OPEN,
    )


async def test_it_takes_few_statements(wide: Scene) -> None:
    for name in ("hmt1", "hmt-head"):
        async with visiting(wide.people[name], "hmt") as visitor:
            said = await asked(visitor, path_of(wide, "hmt1"))
        assert len(said) <= MOST, said
