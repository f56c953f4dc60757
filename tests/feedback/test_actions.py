"""What a rater does with a request, from the draw to the release."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.auth.caller import Person
from service.errors import NotFound
from service.feedback import actions, asking, drawing, rules
from service.feedback.form.items import BEHAVIOURS
from service.feedback.life import WrongState
from service.feedback.tables import Draw
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.stored import (
    asked,
    proposed,
    request_of,
    state_of,
    stored,
    window,
)
from tests.scoring import REST, Scene, answers, filled, give

LATER = FEEDBACK_OPEN + timedelta(days=5)
FORM = filled(dict.fromkeys(BEHAVIOURS, 4))


async def test_a_rater_answers_what_waits_for_them(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    assert await state_of(request) == "submitted"
    assert await stored(scene, "hmt1") == [answers("dwp1", "hmt1")]
    assert request not in await actions.waiting(scene.people["dwp1"], scene.cycle)


async def test_answers_given_again_replace_the_first(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    changed: dict[str, int | None] = dict.fromkeys(BEHAVIOURS, 5) | {"credits": None}
    await actions.submit(
        request, filled(changed), caller=Person(scene.people["dwp1"]), now=LATER
    )
    assert await stored(scene, "hmt1") == [changed]
    assert await state_of(request) == "submitted"


async def test_a_stranger_cannot_tell_that_a_request_exists(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    said = []
    for stranger in ("dwp2", "hmt1", "hmt-head", "dwp-head"):
        for id_ in (request, uuid4()):
            caller = Person(scene.people[stranger])
            with pytest.raises(NotFound) as refused:
                await actions.submit(id_, FORM, caller=caller, now=LATER)
            said.append(str(refused.value))
            with pytest.raises(NotFound) as refused:
                await actions.decline(id_, reason="No.", caller=caller, now=LATER)
            said.append(str(refused.value))
    assert len(set(said)) == 1
    assert await state_of(request) == "invited"
    assert await stored(scene, "hmt1") == []


async def test_a_form_with_faults_stores_nothing(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    with pytest.raises(rules.BadAnswers):
        await actions.submit(
            request,
            filled(dict.fromkeys(BEHAVIOURS, 4) | {"credits": 6}),
            caller=Person(scene.people["dwp1"]),
            now=LATER,
        )
    assert await state_of(request) == "invited"
    assert await stored(scene, "hmt1") == []


async def test_too_short_a_contact_is_refused(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    with pytest.raises(rules.NotEligible, match="3 months"):
        await actions.submit(
            request,
            replace(FORM, months=2),
            caller=Person(scene.people["dwp1"]),
            now=LATER,
        )
    assert await state_of(request) == "invited"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1)])
@pytest.mark.parametrize("step", ["submit", "amend", "decline"])
async def test_what_comes_late_is_refused_with_the_closing_instant(
    db: None, scene: Scene, late: timedelta, step: str
) -> None:
    caller = Person(scene.people["dwp1"])
    closes_at = (await window(scene)).closes_at
    if step == "amend":
        request = await give(scene, "dwp1", "hmt1")
    else:
        request = await request_of(scene, "dwp1", "hmt1")
    before = await state_of(request), await stored(scene, "hmt1")
    now = closes_at + late
    if step == "decline":
        doing = actions.decline(request, reason="No time.", caller=caller, now=now)
    else:
        doing = actions.submit(request, FORM, caller=caller, now=now)
    with pytest.raises(rules.NotOpen) as refused:
        await doing
    assert closes_at.isoformat() in str(refused.value)
    assert (await state_of(request), await stored(scene, "hmt1")) == before


async def test_the_last_moment_is_in_time(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    now = (await window(scene)).closes_at - timedelta(microseconds=1)
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, FORM, caller=caller, now=now)
    assert await state_of(request) == "submitted"


async def test_declining_needs_a_reason(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    with pytest.raises(rules.NoReason, match="Say in a few words why"):
        await actions.decline(request, reason="  ", caller=caller, now=LATER)
    assert request in await actions.waiting(caller.id, scene.cycle)


async def test_what_was_declined_stays_declined(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.decline(request, reason="Too brief.", caller=caller, now=LATER)
    assert request not in await actions.waiting(scene.people["dwp1"], scene.cycle)
    with pytest.raises(WrongState):
        await actions.submit(request, FORM, caller=caller, now=LATER)
    before = await asked(scene.records["hmt1"])
    await actions.decline(request, reason="Again.", caller=caller, now=LATER)
    assert await state_of(request) == "declined"
    assert await asked(scene.records["hmt1"]) == before


async def test_what_was_submitted_cannot_be_declined(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    with pytest.raises(WrongState):
        await actions.decline(
            request, reason="On reflection.", caller=Person(scene.people["dwp1"]),
            now=LATER,
        )  # fmt: skip
    assert len(await stored(scene, "hmt1")) == 1


async def test_each_who_declines_is_replaced_by_the_next_in_turn(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = scene.records["hmt-head"]
    pool = [*REST, "dwp-head", "moj-head", "dft-head"]
    people = {name: scene.people[name] for name in pool}
    await proposed(on, [*people.values()])

    async def limits_of(cycle: UUID) -> rules.Limits:
        return rules.Limits(4, 3, 8, 2, 50, 3, own_organisation_may_rate=False)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)
    await asking.draw(on, seed="turns", caller=OPERATOR, now=FEEDBACK_OPEN)
    (kept,) = await Draw.objects().where(Draw.record == on.id)
    turns = drawing.thaw(kept.frozen, kept.id).in_turn("turns")
    order = [candidate.person for candidate in turns]
    assert {*order} == {*people.values()}
    assert await asked(on) == set(order[:4])
    for number in range(5, 10):
        declines = scene.name_of(order[number - 5])
        request = await request_of(scene, declines, "hmt-head")
        caller = Person(scene.people[declines])
        await actions.decline(request, reason="Brief.", caller=caller, now=LATER)
        # As many as may be asked at all, and then nobody more.
        assert await asked(on) == set(order[: min(number, 8)])


async def test_when_nobody_is_left_a_decline_is_not_replaced(
    db: None, scene: Scene
) -> None:
    before = await asked(scene.records["hmt1"])
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.decline(request, reason="Too brief.", caller=caller, now=LATER)
    assert await asked(scene.records["hmt1"]) == before
