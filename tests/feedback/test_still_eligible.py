"""A rater is judged again on the day they answer."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from service.access.rules import NotShared
from service.access.tables import DataSharing
from service.audit.tables import AuditEntry
from service.auth.caller import Person
from service.directory.tables import Posting
from service.feedback import actions, rules
from service.feedback.form.items import BEHAVIOURS
from tests.factories import FEEDBACK_OPEN, a_line
from tests.feedback.stored import request_of, state_of, stored
from tests.scoring import Scene, filled

LATER = FEEDBACK_OPEN + timedelta(days=5)
FORM = filled(dict.fromkeys(BEHAVIOURS, 4))


async def test_who_moved_to_the_subjects_organisation_since_is_refused(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await moves(scene, "dwp1", "hmt")
    assert "other organisations" in await why_refused(scene, request, "dwp1")


async def test_whom_the_subject_has_joined_since_is_refused(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await moves(scene, "hmt1", "dwp")
    assert "other organisations" in await why_refused(scene, request, "dwp1")


async def test_who_became_the_subjects_manager_since_is_refused(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await a_line(scene.people["hmt-head"], scene.people["dwp1"], "hmt")
    assert "manager or report" in await why_refused(scene, request, "dwp1")


async def test_who_left_since_is_refused(db: None, scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await Posting.update({Posting.valid_to: LATER.date()}).where(
        Posting.person == scene.people["dwp1"]
    )
    assert "no posting" in await why_refused(scene, request, "dwp1")


async def test_who_moved_to_a_third_organisation_since_may_still_answer(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await moves(scene, "dwp1", "moj")
    caller = Person(scene.people["dwp1"])
    await actions.submit(request, FORM, caller=caller, now=LATER)
    assert await state_of(request) == "submitted"


async def test_nothing_is_given_once_the_sharing_agreement_is_over(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await DataSharing.update({DataSharing.valid_to: LATER.date()}).where(
        DataSharing.organisation == "dwp", DataSharing.partner == "hmt"
    )
    with pytest.raises(NotShared):
        await actions.submit(
            request,
            FORM,
            caller=Person(scene.people["dwp1"]),
            now=LATER,
        )
    assert await stored(scene, "hmt1") == []


async def moves(scene: Scene, name: str, to: str) -> None:
    """Move somebody's posting to another organisation, two days after the draw."""
    person, day = scene.people[name], FEEDBACK_OPEN.date() + timedelta(days=2)
    (held,) = await Posting.objects().where(Posting.person == person)
    await Posting.update({Posting.valid_to: day}).where(Posting.id == held.id)
    held.id, held.organisation = uuid4(), to
    held.valid_from, held.started_on = day, day
    await Posting.insert(held)


async def why_refused(scene: Scene, request: UUID, rater: str) -> str:
    """Return what somebody is told who may give feedback no more: and nothing is."""
    with pytest.raises(rules.NotEligible) as refused:
        await actions.submit(
            request,
            FORM,
            caller=Person(scene.people[rater]),
            now=LATER,
        )
    assert await state_of(request) == "invited"
    assert await AuditEntry.count().where(AuditEntry.entity_id == str(request)) == 0
    return str(refused.value)
