"""What windows do by themselves, by the clock alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.directory.tables import Posting
from service.feedback import actions, asking
from service.feedback.life import State
from service.feedback.rules import Limits
from service.feedback.schedule import see_to_windows
from service.feedback.tables import Draw, FeedbackRequest
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.stored import asked, proposed, request_of, state_of, window
from tests.scoring import REST, Scene, give

HEADS = ("dwp-head", "moj-head", "dft-head")
LATER = FEEDBACK_OPEN + timedelta(days=3)


async def test_raters_are_drawn_when_the_window_opens_and_not_before(
    db: None, scene: Scene
) -> None:
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in REST])
    opens_at = (await window(scene)).opens_at
    await see_to_windows(opens_at - timedelta(seconds=1))
    assert await asked(on) == set()
    await see_to_windows(opens_at)
    assert await asked(on) == {scene.people[name] for name in REST}
    (entry,) = await AuditEntry.select().where(
        AuditEntry.action == "draw", AuditEntry.entity_id == str(on.id)
    )
    assert entry["actor"] == "operator:schedule"


async def test_each_draw_has_a_seed_of_its_own(db: None, scene: Scene) -> None:
    for name in ("hmt-head", "dwp-head"):
        others = [n for n in (*REST, "hmt1", "hmt2") if n[:3] != name[:3]]
        await proposed(scene.records[name], [scene.people[n] for n in others])
    await see_to_windows(FEEDBACK_OPEN)
    seeds = await Draw.select(Draw.seed).where(
        Draw.record.is_in([scene.records[n].id for n in ("hmt-head", "dwp-head")])
    )
    assert len({row["seed"] for row in seeds}) == 2


async def test_a_pool_too_small_waits_until_it_is_large_enough(
    db: None, scene: Scene
) -> None:
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in REST[:2]])
    await see_to_windows(FEEDBACK_OPEN)
    assert await asked(on) == set()
    await proposed(on, [scene.people[name] for name in REST[2:]])
    await see_to_windows(LATER)
    assert len(await asked(on)) == len(REST)


async def test_done_twice_it_does_no_harm(db: None, scene: Scene) -> None:
    await proposed(scene.records["hmt-head"], [scene.people[name] for name in REST])
    await see_to_windows(FEEDBACK_OPEN)
    before = await FeedbackRequest.select().order_by(FeedbackRequest.id)
    await see_to_windows(LATER)
    assert await FeedbackRequest.select().order_by(FeedbackRequest.id) == before


async def leaves(scene: Scene, name: str) -> None:
    await Posting.update({Posting.valid_to: LATER.date()}).where(
        Posting.person == scene.people[name]
    )


@pytest.mark.parametrize("looked", [True, False])
async def test_who_has_left_is_replaced_by_the_next_in_turn(
    db: None, scene: Scene, monkeypatch: pytest.MonkeyPatch, *, looked: bool
) -> None:
    async def limits_of(cycle: UUID) -> Limits:
        return Limits(4, 3, 20, 2, 50, 3, own_organisation_may_rate=False)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in (*REST, *HEADS)])
    await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
    before = await asked(on)
    name = next(name for name in (*REST, *HEADS) if scene.people[name] in before)
    request = await request_of(scene, name, "hmt-head")
    if looked:
        caller = Person(scene.people[name])
        await actions.look(request, caller=caller, now=FEEDBACK_OPEN)
    await leaves(scene, name)
    await see_to_windows(LATER)
    assert await state_of(request) == "withdrawn"
    after = await asked(on)
    assert before < after
    assert len(after) == len(before) + 1
    assert not await actions.waiting(scene.people[name], scene.cycle)


async def test_what_a_leaver_has_submitted_stays(db: None, scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    await leaves(scene, "dwp1")
    await see_to_windows(LATER)
    assert await state_of(request) == "submitted"


async def test_what_is_due_follows_from_nothing_that_raters_do(
    db: None, scene: Scene
) -> None:
    """Who acted and who did not are treated alike while they may still answer."""
    await give(scene, "dwp1", "hmt1")
    await see_to_windows(LATER)
    rows = await FeedbackRequest.select(FeedbackRequest.state)
    assert {row["state"] for row in rows} == {State.INVITED, State.SUBMITTED}


async def test_a_window_closes_by_itself(db: None, scene: Scene) -> None:
    await see_to_windows(CLOSED)
    assert (await window(scene)).closed_at == CLOSED
    rows = await FeedbackRequest.select(FeedbackRequest.state)
    assert {row["state"] for row in rows} == {State.EXPIRED}


async def test_cycles_that_have_not_begun_are_left_alone(
    db: None, scene: Scene
) -> None:
    await see_to_windows(datetime(2026, 6, 1, tzinfo=UTC))
    assert (await window(scene)).closed_at is None
