"""Panels on pages: opened, sat on, and what they made of judgements."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import pytest

from service.scores.moderation.queries import events_of, judgements_of
from tests.feedback.results.living import clock
from tests.scores.moderation.sitting import (
    CROSS,
    OVERALL,
    PUBLISHED,
    WHY,
    YEAR_END,
    House,
    a_house,
    judged,
)
from tests.scoring import undone
from tests.web.counting import MOST, asked
from tests.web.visiting import Visitor, heading, title, visiting

HERE = "/moderation"


@pytest.fixture(scope="module")
async def house(opened: None) -> AsyncIterator[House]:
    async with undone():
        yield await a_house()


@pytest.fixture
async def db(house: House) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
def at_the_year_s_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, YEAR_END)


async def panel(hr: Visitor, house: House, *members: str, **of: str) -> str:
    """The page of a panel that HR opens, of these people."""
    asked_for = {"cycle": str(house.cycle), "level": "overall", **of}
    got = await hr.post(f"{HERE}/panels/new", asked_for)
    assert got.status_code == 303, got.text
    where: str = got.headers["location"]
    for name in members:
        named = await hr.post(
            f"{where}/members/new",
            {"q": "Sam", "person": str(house.people[name]), "until": "1/1/2028"},
        )
        assert named.status_code == 303, named.text
    return where


def as_(house: House, name: str) -> AbstractAsyncContextManager[Visitor]:
    return visiting(house.people[name], house.organisations[name])


async def test_a_panel_moderates_with_a_reason_and_keeps_what_was_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await judged(house, "p3", "achieving")
    record = house.records["p3"].id
    async with as_(house, "hr") as hr:
        where = await panel(hr, house, "s1", "head")
        seen = await hr.get(where)
        assert str(record) not in seen.text
        assert "for its members to see" in seen.text
        assert (await hr.get(f"{where}/records/{record}")).status_code == 404
    clock(monkeypatch, OVERALL)
    async with as_(house, "s1") as member:
        assert where in (await member.get(HERE)).text
        case = f"{where}/records/{record}"
        assert "Achieving" in (await member.get(f"{where}/records")).text
        none = await member.post(case, {"before": "achieving", "reason": "Kept."})
        assert (none.status_code, title(none)[:6]) == (422, "Error:")
        assert "Select what stands now" in none.text
        assert "Kept." in none.text
        got = await member.post(
            case, {"before": "achieving", "after": "exceeding", "reason": WHY}
        )
        assert got.status_code == 303, got.text
        stale = await member.post(
            case, {"before": "achieving", "after": "achieving", "reason": WHY}
        )
        assert stale.status_code == 422
    (event,) = await events_of([record])
    assert (event.before, event.after) == ("achieving", "exceeding")
    clock(monkeypatch, PUBLISHED)
    async with as_(house, "p3") as subject:
        told = await subject.get(f"{HERE}/records/{record}")
        assert told.status_code == 200
        assert WHY in told.text
    async with as_(house, "dwp1") as stranger:
        assert (await stranger.get(where)).status_code == 404
        assert (await stranger.get(f"{HERE}/records/{record}")).status_code == 404


async def test_a_page_of_a_panel_takes_few_statements(house: House) -> None:
    await judged(house, "p3", "achieving")
    async with as_(house, "hr") as hr:
        where = await panel(hr, house, "s1", "head")
        assert len(await asked(hr, where)) <= MOST
        assert len(await asked(hr, HERE)) <= MOST
    async with as_(house, "s1") as member:
        record = house.records["p3"].id
        for path in (where, f"{where}/records", f"{where}/records/{record}"):
            assert len(await asked(member, path)) <= MOST, path


async def test_a_panel_is_of_a_part_or_of_all(house: House) -> None:
    async with as_(house, "hr") as hr:
        for wrong in (
            {"level": "local"},
            {"level": "overall", "grade": "SCS1"},
            {"level": "local", "unit": "x" * 301},
            {},
        ):
            got = await hr.post(
                f"{HERE}/panels/new", {"cycle": str(house.cycle), **wrong}
            )
            assert (got.status_code, title(got)[:6]) == (422, "Error:"), wrong
        where = await panel(hr, house, level="local", grade="SCS2")
        assert heading(await hr.get(where)) == "Local panel, SCS2"
        twice = await hr.post(
            f"{HERE}/panels/new",
            {"cycle": str(house.cycle), "level": "local", "grade": "SCS2"},
        )
        assert twice.status_code == 422


async def test_members_are_found_named_and_ended(house: House) -> None:
    async with as_(house, "hr") as hr:
        where = await panel(hr, house, "s1")
        found = await hr.get(f"{where}/members/new?q=Sam")
        assert str(house.people["s2"]) in found.text
        bad = await hr.post(f"{where}/members/new", {"q": "Sam", "until": "then"})
        assert (bad.status_code, 'value="then"' in bad.text) == (422, True)
        me = {"q": "Sam", "person": str(house.people["hr"]), "until": "1/1/2028"}
        assert (await hr.post(f"{where}/members/new", me)).status_code == 422
        end = f"{where}/members/{house.people['s1']}/end"
        assert (await hr.get(end)).status_code == 200
        assert (await hr.post(end)).status_code == 303
        assert (await hr.get(end)).status_code == 404
        assert "Nobody yet" in (await hr.get(where)).text
    async with as_(house, "dwp1") as other:
        assert (await other.get(f"{where}/members/new")).status_code == 404
        assert (await other.post(end)).status_code == 404


async def test_a_line_manager_states_a_judgement(house: House) -> None:
    record = house.records["p1"].id
    path = f"{HERE}/records/{record}"
    async with as_(house, "s1") as manager:
        bad = await manager.post(path, {"reason": "Because <b>."})
        assert (bad.status_code, title(bad)[:6]) == (422, "Error:")
        assert "Because &lt;b&gt;." in bad.text
        got = await manager.post(path, {"level": "exceeding", "reason": WHY})
        assert got.status_code == 303
        assert "Exceeding" in (await manager.get(path)).text
        assert len(await asked(manager, path)) <= MOST + 2
    (made,) = await judgements_of(record)
    assert (made.level, made.reason) == ("exceeding", WHY)
    async with as_(house, "hr") as hr:
        assert "State your judgement" not in (await hr.get(path)).text
    async with as_(house, "p1") as subject:
        assert (await subject.get(path)).status_code == 409  # Not told yet.


async def test_views_name_nobody_and_are_the_central_team_s(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("p1", "p2", "p3", "p4"):
        await judged(house, name, "achieving")
    path = f"{HERE}/views/{house.cycle}"
    async with as_(house, "central") as central:
        early = await central.post(path, {"kind": "cross_government"})
        assert (early.status_code, title(early)[:6]) == (422, "Error:")
        clock(monkeypatch, CROSS)
        assert str(house.cycle) in (await central.get(f"{HERE}/views")).text
        none = await central.post(path, {})
        assert "Select which view to take" in none.text
        got = await central.post(path, {"kind": "cross_government"})
        assert got.status_code == 303, got.text
        shown = await central.get(got.headers["location"])
        assert shown.status_code == 200
        never = f"{HERE}/views/{uuid4()}"
        assert (await central.get(never)).status_code == 404
        assert (await central.post(never, {})).status_code == 404
        for person in house.people.values():
            assert str(person) not in shown.text
        assert (
            await central.get(f"{HERE}/views/{uuid4()}/mid_year")
        ).status_code == 404
        assert (await central.get(f"{path}/nonsense")).status_code in {404, 422}
    async with as_(house, "auditor") as auditor:
        listed = await auditor.get(path)
        assert re.search("taken at", listed.text)
        assert (await auditor.post(path, {"kind": "mid_year"})).status_code == 403
