"""What happens when the window has closed: forms are counted, then released once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.directory.tables import Posting
from service.feedback import actions, closing, rules
from service.feedback.form.items import BEHAVIOURS
from service.feedback.forms import Form
from service.feedback.raters import RaterIdentity
from service.feedback.tables import FeedbackRequest, FeedbackWindow
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR, a_line
from tests.feedback.stored import request_of, state_of, window
from tests.scoring import KEY, Scene, filled, give

TICK = timedelta(microseconds=1)


async def forms(scene: Scene) -> list[Form]:
    return await closing.closed_forms(scene.cycle, key=KEY, now=CLOSED)


async def states(scene: Scene) -> list[str]:
    rows = await FeedbackRequest.select(FeedbackRequest.state)
    return sorted({row["state"] for row in rows})


async def test_forms_are_not_read_before_the_window_closes(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    closes_at = (await window(scene)).closes_at
    with pytest.raises(rules.NotOpen) as refused:
        await closing.closed_forms(scene.cycle, key=KEY, now=closes_at - TICK)
    assert closes_at.isoformat() in str(refused.value)
    assert len(await closing.closed_forms(scene.cycle, key=KEY, now=closes_at)) == 1


async def test_exactly_what_was_submitted_counts(db: None, scene: Scene) -> None:
    await give(scene, "dwp1", "hmt1")
    await give(scene, "moj1", "hmt1")
    declined = await request_of(scene, "dft1", "hmt1")
    await actions.decline(
        declined,
        reason="Too brief.",
        caller=Person(scene.people["dft1"]),
        now=FEEDBACK_OPEN,
    )
    counted = await forms(scene)
    assert {form.record for form in counted} == {scene.records["hmt1"].id}
    assert sorted(form.rater_organisation for form in counted) == ["dwp", "moj"]
    assert len({form.rater for form in counted}) == 2


@pytest.mark.parametrize(("items", "counts"), [(0, 0), (2, 0), (3, 1), (8, 1)])
async def test_a_form_with_too_few_observed_items_does_not_count(
    db: None, scene: Scene, items: int, counts: int
) -> None:
    form: dict[str, int | None] = {
        item: 4 if place < items else None for place, item in enumerate(BEHAVIOURS)
    }
    await actions.submit(
        await request_of(scene, "dwp1", "hmt1"),
        filled(form),
        caller=Person(scene.people["dwp1"]),
        now=FEEDBACK_OPEN,
    )
    found = await forms(scene)
    assert [dict(form.answers) for form in found] == [form] * counts


async def test_a_form_stays_when_its_rater_moves_after_the_draw(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    day = FEEDBACK_OPEN.date() + timedelta(days=1)
    (held,) = await Posting.objects().where(Posting.person == scene.people["dwp1"])
    await Posting.update({Posting.valid_to: day}).where(Posting.id == held.id)
    held.id, held.organisation, held.valid_from = uuid4(), "hmt", day
    await Posting.insert(held)
    assert [form.rater_organisation for form in await forms(scene)] == ["dwp"]


async def test_a_form_goes_when_its_rater_turns_out_to_have_sat_with_the_subject(
    db: None, scene: Scene
) -> None:
    """The extract was wrong on the day of the draw and is corrected afterwards."""
    await give(scene, "dwp1", "hmt1")
    await give(scene, "moj1", "hmt1")
    await Posting.update({Posting.organisation: "hmt"}).where(
        Posting.person == scene.people["dwp1"]
    )
    assert [form.rater_organisation for form in await forms(scene)] == ["moj"]


async def test_a_form_goes_when_its_rater_turns_out_to_have_stood_in_line_that_day(
    db: None, scene: Scene
) -> None:
    """On the day they answered, not on the day they were invited."""
    later = FEEDBACK_OPEN + timedelta(days=5)
    request = await request_of(scene, "dwp1", "hmt1")
    form = filled(dict.fromkeys(BEHAVIOURS, 4))
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, form, caller=caller, now=later)
    assert len(await forms(scene)) == 1
    await a_line(
        scene.people["hmt-head"], caller.id, "hmt", since=later.date(),
        until=later.date() + timedelta(days=1),
    )  # fmt: skip
    assert await forms(scene) == []
    # Nor does it count once the release has forgotten on which day that was.
    releases_at = (await window(scene)).releases_at
    await closing.release(scene.cycle, caller=OPERATOR, now=releases_at)
    assert await forms(scene) == []


async def test_a_form_stays_when_its_rater_comes_to_stand_in_line_later(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    day = FEEDBACK_OPEN.date() + timedelta(days=1)
    await a_line(scene.people["hmt-head"], scene.people["dwp1"], "hmt", since=day)
    assert len(await forms(scene)) == 1


async def test_a_form_goes_whose_contact_was_too_brief_after_all(
    db: None, scene: Scene
) -> None:
    request = await give(scene, "dwp1", "hmt1")
    await RaterIdentity.update({RaterIdentity.contact_months: 2}).where(
        RaterIdentity.request == request
    )
    assert await forms(scene) == []


async def test_what_was_sealed_and_dated_for_raters_goes_with_the_release(
    db: None, scene: Scene
) -> None:
    request = await give(scene, "dwp1", "hmt1")
    (rater,) = await RaterIdentity.select().where(RaterIdentity.request == request)
    assert rater["answered_on"] == FEEDBACK_OPEN.date()
    releases_at = (await window(scene)).releases_at
    await closing.release(scene.cycle, caller=OPERATOR, now=releases_at)
    (rater,) = await RaterIdentity.select().where(RaterIdentity.request == request)
    assert rater["answered_on"] is None
    drafts = await FeedbackRequest.select(FeedbackRequest.draft)
    assert {row["draft"] for row in drafts} == {None}


async def test_feedback_is_released_at_its_instant_and_not_before(
    db: None, scene: Scene
) -> None:
    await give(scene, "dwp1", "hmt1")
    releases_at = (await window(scene)).releases_at
    with pytest.raises(rules.NotYetReleased) as refused:
        await closing.release(scene.cycle, caller=OPERATOR, now=releases_at - TICK)
    assert releases_at.isoformat() in str(refused.value)
    assert (await window(scene)).released_at is None
    assert await states(scene) == ["invited", "submitted"]

    await closing.release(scene.cycle, caller=OPERATOR, now=releases_at)
    assert (await window(scene)).released_at == releases_at
    assert await states(scene) == ["expired", "submitted"]


async def test_feedback_is_released_once(db: None, scene: Scene) -> None:
    first = (await window(scene)).releases_at
    for later in range(3):
        now = first + timedelta(days=later)
        await closing.release(scene.cycle, caller=OPERATOR, now=now)
    assert (await window(scene)).released_at == first
    assert await AuditEntry.count().where(AuditEntry.action == "release") == 1


async def test_what_was_not_answered_cannot_be_answered_after_release(
    db: None, scene: Scene
) -> None:
    request: UUID = await request_of(scene, "dwp1", "hmt1")
    now = (await window(scene)).releases_at
    await closing.release(scene.cycle, caller=OPERATOR, now=now)
    with pytest.raises(rules.NotOpen):
        await actions.decline(
            request, reason="Late.", caller=Person(scene.people["dwp1"]), now=now
        )
    assert await state_of(request) == "expired"


async def test_where_nothing_was_asked_nothing_is_released(
    db: None, scene: Scene
) -> None:
    await closing.release(uuid4(), caller=OPERATOR, now=CLOSED)
    assert await FeedbackWindow.count() == 1
    assert await AuditEntry.count().where(AuditEntry.action == "release") == 0
