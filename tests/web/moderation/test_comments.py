"""Text moderators pass comments or withhold them, and learn of nobody."""

import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from service.access.rules import Role
from service.db import transaction
from service.feedback.form.sealing import seal
from service.feedback.moderation.tables import Moderation
from tests.factories import CLOSED, RELEASED, a_department, a_person, sharing
from tests.feedback.results.living import clock, close, release, role, six_answer
from tests.scoring import REST, SIZES, Scene, an_asked_cycle, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import Visitor, heading, title, visiting

HERE = "/comments"
LINK = re.compile(r'href="(/comments/[0-9a-f-]{36})"')


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        scene = await an_asked_cycle()
        await six_answer(scene)
        await close()
        yield scene


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
async def moderator(
    scene: Scene, db: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Visitor]:
    """Of `co`, which is in nobody's line or pool."""
    clock(monkeypatch, CLOSED)
    department = await a_department("co", 1)
    person = await a_person("co", manager=department.head)
    await role(person, Role.TEXT_MODERATOR, "co")
    await sharing("co", *SIZES)
    async with visiting(person, "co") as visitor:
        yield visitor


async def waiting(visitor: Visitor) -> list[str]:
    return LINK.findall((await visitor.get(HERE)).text)


async def test_a_moderator_sees_words_and_neither_rater_nor_subject(
    moderator: Visitor, scene: Scene
) -> None:
    page = await moderator.get(HERE)
    assert "6 comments wait." in page.text
    for rater in REST:
        assert f"Words of {rater}." in page.text
    one = await moderator.get((await waiting(moderator))[0])
    assert heading(one) == "Check a comment"
    for name, person in scene.people.items():
        assert str(person) not in page.text + one.text, name
    assert len(await asked(moderator, HERE)) <= MOST
    assert len(await asked(moderator, (await waiting(moderator))[0])) <= MOST


async def test_a_comment_is_passed_or_withheld_once(moderator: Visitor) -> None:
    first, second, *_ = await waiting(moderator)
    passed = await moderator.post(first, {"decision": "pass", "reason": "abusive"})
    assert passed.status_code == 303, passed.text
    withheld = await moderator.post(
        second, {"decision": "withhold", "reason": "identifies_rater"}
    )
    assert withheld.status_code == 303
    kept = {each["decision"]: each["reason"] for each in await Moderation.select()}
    assert kept == {"pass": None, "withhold": "identifies_rater"}
    assert len(await waiting(moderator)) == 4
    assert (await moderator.get(first)).status_code == 404
    again = await moderator.post(first, {"decision": "withhold", "reason": "abusive"})
    assert again.status_code == 409


async def test_to_withhold_takes_a_reason(moderator: Visitor) -> None:
    first, *_ = await waiting(moderator)
    got = await moderator.post(first, {"decision": "withhold"})
    assert (got.status_code, title(got)[:6]) == (422, "Error:")
    assert "Select why it is withheld" in got.text
    assert re.search(r'value="withhold"\s+checked', got.text)
    none = await moderator.post(first, {})
    assert "Select whether to pass or withhold the comment" in none.text
    assert await Moderation.count() == 0


async def test_words_are_shown_as_words(moderator: Visitor) -> None:
    async with transaction() as connection:
        row, *_ = await connection.fetch(
            "SELECT id, response, field FROM feedback_text"
        )
        sealed = seal("<script>alert(1)</script>", row["response"], row["field"])
        await connection.execute(
            "UPDATE feedback_text SET sealed = $2 WHERE id = $1", row["id"], sealed
        )
    page = await moderator.get(HERE)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("member", ["hmt2", "dwp2"])
async def test_who_is_near_finds_nothing_there(
    moderator: Visitor, scene: Scene, member: str
) -> None:
    organisation = scene.records[member].organisation
    await role(scene.people[member], Role.TEXT_MODERATOR, organisation)
    there = (await waiting(moderator))[0]
    async with visiting(scene.people[member], organisation) as near:
        assert await waiting(near) == []
        for path in (there, f"{HERE}/{uuid4()}"):
            assert (await near.get(path)).status_code == 404
            assert (await near.post(path, {"decision": "pass"})).status_code == 404


async def test_after_the_release_it_is_over(
    moderator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = (await waiting(moderator))[0]
    await release()
    clock(monkeypatch, RELEASED)
    assert await waiting(moderator) == []
    assert (await moderator.get(there)).status_code == 404
    assert UUID(there.rpartition("/")[2])
