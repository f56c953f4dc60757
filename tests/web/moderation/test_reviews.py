"""Scores that hang on one form: reviewed by outsiders, read by auditors after."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from service.access.rules import Role
from service.feedback.signals import rules
from service.feedback.signals.actions import find
from service.feedback.signals.tables import ScoreReview
from service.feedback.tables import Answer
from tests.factories import (
    CLOSED,
    OPERATOR,
    RELEASED,
    a_department,
    a_person,
    sharing,
)
from tests.feedback.results.living import clock, close, release, role
from tests.scoring import SIZES, Scene, an_answered_cycle, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import Visitor, title, visiting

HERE = "/hr/reviews"
LINK = re.compile(r'href="(/hr/reviews/[0-9a-f-]{36})"')
WHY = {"decision": "withhold", "reason": "One of six forms differs."}


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        yield await an_answered_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
async def reviewer(
    scene: Scene, db: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Visitor]:
    """Of `co`; the window has closed and hmt1's score hangs on one form."""
    monkeypatch.setattr(rules, "FEWEST_FORMS", 10)
    on = scene.records["hmt1"].id
    row = await Answer.select(Answer.response).where(Answer.record == on).first()
    assert row is not None
    await Answer.update({Answer.value: 5}).where(Answer.response == row["response"])
    clock(monkeypatch, CLOSED)
    department = await a_department("co", 1)
    person = await a_person("co", manager=department.head)
    await role(person, Role.TEXT_MODERATOR, "co")
    await sharing("co", *SIZES)
    await close()
    await find(scene.cycle, chance=b"once" * 8, caller=OPERATOR, now=CLOSED)
    async with visiting(person, "co") as visitor:
        yield visitor


async def waiting(visitor: Visitor) -> list[str]:
    return LINK.findall((await visitor.get(HERE)).text)


async def test_a_reviewer_decides_with_a_reason_and_learns_of_nobody(
    reviewer: Visitor, scene: Scene
) -> None:
    first, *_ = await waiting(reviewer)
    one = await reviewer.get(first)
    assert one.status_code == 200
    for name, person in scene.people.items():
        assert str(person) not in one.text, name
    assert len(await asked(reviewer, HERE)) <= MOST
    none = await reviewer.post(first, {"decision": "withhold"})
    assert (none.status_code, title(none)[:6]) == (422, "Error:")
    assert "Enter a reason" in none.text
    assert re.search(r'value="withhold"\s+checked', none.text)
    got = await reviewer.post(first, WHY)
    assert got.status_code == 303
    assert first not in await waiting(reviewer)
    assert (await reviewer.post(f"{HERE}/{uuid4()}", WHY)).status_code == 404
    assert await ScoreReview.count() == 1


async def test_an_auditor_reads_what_was_decided_after_the_release_alone(
    reviewer: Visitor, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in await waiting(reviewer):
        await reviewer.post(each, WHY)
    await role(scene.people["hmt3"], Role.AUDITOR, "hmt")
    await role(scene.people["dwp2"], Role.AUDITOR, "dwp")
    path = f"{HERE}?cycle={scene.cycle}"
    async with visiting(scene.people["hmt3"], "hmt") as auditor:
        before = await auditor.get(path)
        assert (before.status_code, WHY["reason"] in before.text) == (409, False)
        assert LINK.findall((await auditor.get(HERE)).text) == []
        await release()
        clock(monkeypatch, RELEASED)
        after = await auditor.get(path)
        assert str(scene.records["hmt1"].id) in after.text
        assert WHY["reason"] in after.text
        assert (await auditor.get(f"{HERE}?cycle={uuid4()}")).status_code == 404
    async with visiting(scene.people["dwp2"], "dwp") as other:
        theirs = await other.get(path)
        assert str(scene.records["hmt1"].id) not in theirs.text
