"""Break-glass over HTTP: two people, one hour, told and audited each time."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from service.access.rules import Role
from service.auth.caller import Person
from service.db import transaction
from service.directory.queries import details_of
from service.directory.tables import PersonDetails
from service.feedback import actions
from service.feedback.break_glass.tables import BreakGlass
from tests.factories import FEEDBACK_OPEN, a_token
from tests.feedback.break_glass.asking import (
    APPROVES,
    ASKS,
    BESIDE,
    GLASS,
    HOUR,
    WHY,
    approve,
    ask,
    asked,
    read,
)
from tests.feedback.over_http import Callers, slug
from tests.feedback.results.living import answer, clock, role, told
from tests.feedback.stored import asked as asked_in_fact
from tests.feedback.stored import request_of
from tests.scoring import Scene, undone

pytestmark = pytest.mark.usefixtures("officers")


async def test_two_people_learn_who_was_asked_and_who_answered(
    callers: Callers, scene: Scene
) -> None:
    await answer(scene, "dwp1", "hmt1")
    await actions.decline(
        await request_of(scene, "moj1", "hmt1"),
        reason="Too brief.",
        caller=Person(scene.people["moj1"]),
        now=FEEDBACK_OPEN,
    )
    id_ = await asked(callers)
    approved = await approve(callers, id_)
    assert approved.status_code == 201, approved.text
    assert approved.json()["approved_by"] == str(scene.people[APPROVES])

    items = (await read(callers, id_)).json()["items"]
    found = {each["person"]: each for each in items}
    people = await asked_in_fact(scene.records["hmt1"])
    assert {*found} == {str(person) for person in people}
    names = await callers.names()
    mine = found[str(scene.people["dwp1"])]
    assert (mine["name"], mine["state"]) == (names["dwp1"], "submitted")
    assert mine["organisation"] == "dwp"
    assert found[str(scene.people["moj1"])]["state"] == "declined"


async def test_what_is_read_holds_no_answer_word_or_request(
    callers: Callers, scene: Scene
) -> None:
    request = await answer(scene, "dwp1", "hmt1", {"keep_doing": "A canary."})
    id_ = await asked(callers)
    await approve(callers, id_)
    got = await read(callers, id_)
    async with transaction() as connection:
        response = await connection.fetchval("SELECT response FROM feedback_answer")
    for word in ("canary", str(request), str(response), "shares_early"):
        assert word not in got.text
    fields = {"person", "name", "organisation", "state"}
    assert {frozenset(each) for each in got.json()["items"]} == {frozenset(fields)}


async def test_it_opens_at_the_approval_and_shuts_an_hour_later(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await asked(callers)
    got = await read(callers, id_)
    assert (got.status_code, slug(got)) == (409, "break-glass-not-approved")
    await approve(callers, id_)
    clock(monkeypatch, FEEDBACK_OPEN + HOUR - timedelta(seconds=1))
    assert (await read(callers, id_)).status_code == 200
    clock(monkeypatch, FEEDBACK_OPEN + HOUR)
    got = await read(callers, id_)
    assert (got.status_code, slug(got)) == (409, "break-glass-over")
    assert (await approve(callers, id_)).status_code == 409
    assert slug(await read(callers, id_)) == "break-glass-over"


@pytest.mark.parametrize("name", ["dwp1", "hmt1", "hmt-head", "hmt5", APPROVES])
async def test_nobody_else_asks_about_a_record(callers: Callers, name: str) -> None:
    got = await ask(callers, name)
    assert got.status_code in {403, 404}
    assert await BreakGlass.count() == 0


async def test_another_organisation_cannot_tell_that_it_was_asked(
    callers: Callers,
) -> None:
    id_ = await asked(callers)
    for known, nobody in (
        (
            await approve(callers, id_, "dwp2"),
            await approve(callers, str(uuid4()), "dwp2"),
        ),
        (await read(callers, id_, "dwp1"), await read(callers, str(uuid4()), "dwp1")),
    ):
        assert known.status_code == nobody.status_code == 404
        assert told(known)[0] == told(nobody)[0]
        assert slug(known) == slug(nobody) == "not-found"


async def test_only_whoever_asked_reads(callers: Callers, scene: Scene) -> None:
    await role(scene.people["hmt5"], Role.HR_ADMINISTRATOR, "hmt")
    id_ = await asked(callers)
    await approve(callers, id_)
    assert (await read(callers, id_, "hmt5")).status_code == 404
    assert slug(await read(callers, id_, APPROVES)) == "missing-role"
    machine = await a_token(callers.client, "hmt")
    got = await callers.client.get(f"{GLASS}/{id_}/raters", headers=machine)
    assert (got.status_code, slug(got)) == (403, "wrong-caller")


async def test_whoever_holds_both_roles_does_neither(
    callers: Callers, scene: Scene
) -> None:
    id_ = await asked(callers)
    await role(scene.people[BESIDE], Role.HR_ADMINISTRATOR, "hmt")
    for got in (await ask(callers, BESIDE), await approve(callers, id_, BESIDE)):
        assert (got.status_code, slug(got)) == (403, "break-glass-both-roles")


async def test_two_accounts_of_one_person_are_one_person(
    callers: Callers, scene: Scene
) -> None:
    id_ = await asked(callers)
    known = (await details_of([scene.people[ASKS]]))[scene.people[ASKS]]
    await PersonDetails.insert(
        PersonDetails(
            organisation="dwp",
            id=uuid4(),
            person=scene.people[APPROVES],
            given_name="Sam",
            family_name="Elsewhere",
            email=known.email.upper(),
            valid_from=FEEDBACK_OPEN.date(),
            valid_to=None,
        )
    )
    got = await approve(callers, id_)
    assert (got.status_code, slug(got)) == (403, "break-glass-same-person")


async def test_nobody_asks_or_approves_about_whoever_answers_to_them(
    callers: Callers, scene: Scene
) -> None:
    await role(scene.people["hmt-head"], Role.HR_ADMINISTRATOR, "hmt")
    await role(scene.people["hmt1"], Role.DATA_PROTECTION_OFFICER, "hmt")
    assert slug(await ask(callers, "hmt-head")) == "break-glass-too-close"
    assert slug(await ask(callers, ASKS, ASKS)) == "break-glass-too-close"
    id_ = await asked(callers)
    assert slug(await approve(callers, id_, "hmt1")) == "break-glass-too-close"


async def test_it_is_approved_once(callers: Callers) -> None:
    id_ = await asked(callers)
    assert (await approve(callers, id_)).status_code == 201
    for name in (APPROVES, BESIDE):
        got = await approve(callers, id_, name)
        assert (got.status_code, slug(got)) == (409, "break-glass-approved")


async def test_both_see_what_was_asked_for(callers: Callers, scene: Scene) -> None:
    id_ = await asked(callers)
    for name in (ASKS, APPROVES, BESIDE):
        got = await callers.get(name, f"{GLASS}/{id_}")
        assert got.json()["reason"] == WHY
        assert got.json()["record"] == str(scene.records["hmt1"].id)
        assert got.json()["expires_at"] is None
    await approve(callers, id_)
    got = await callers.get(APPROVES, f"{GLASS}/{id_}")
    assert got.json()["expires_at"] == "2027-02-10T10:00:00Z"
    assert (await callers.get("dwp2", f"{GLASS}/{id_}")).status_code == 404


@pytest.mark.parametrize("reason", ["", "  ", None])
async def test_it_needs_a_reason(callers: Callers, reason: str | None) -> None:
    record = str(callers.scene.records["hmt1"].id)
    body = {"record": record, "reason": reason}
    assert (await callers.ask(ASKS, "POST", GLASS, body)).status_code == 422


async def test_the_database_holds_it_to_two_people(
    callers: Callers, scene: Scene
) -> None:
    one = scene.people[ASKS]
    for approved_by, approved_at, broken in (
        (one, FEEDBACK_OPEN, "takes_two"),
        (None, FEEDBACK_OPEN, "at_once"),
        (scene.people[APPROVES], FEEDBACK_OPEN - HOUR, "in_order"),
    ):
        with pytest.raises(asyncpg.CheckViolationError, match=broken):
            async with undone():
                await BreakGlass.insert(
                    BreakGlass(
                        organisation="hmt",
                        id=uuid4(),
                        record=scene.records["hmt1"].id,
                        reason=WHY,
                        asked_by=one,
                        asked_at=FEEDBACK_OPEN,
                        approved_by=approved_by,
                        approved_at=approved_at,
                    )
                )
