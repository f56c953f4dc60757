"""What is published rests on the forms that are released, and on the days by now."""

from uuid import uuid4

import pytest

from service.db import transaction
from service.directory.rules import LineKind
from service.directory.tables import ReportingLine
from service.feedback.closing import release
from service.scores.actions import compute, publish
from service.scores.rules import InputsChanged
from service.scores.traces import LENGTH
from tests.factories import CLOSED, LONG_AGO, OPERATOR, RELEASED
from tests.scoring import KEY, Scene

RELEASED_FORMS = "SELECT count(*) FROM feedback_rater WHERE record = $1 AND counted"
SCORED_FORMS = """
SELECT length(i.forms) FROM score s
JOIN score_input i ON i.run = s.run AND i.record = s.record WHERE s.record = $1
"""
CAME_IN_APRIL = """
UPDATE posting SET valid_from = '2026-04-01', started_on = '2026-04-01'
WHERE person = $1
"""


async def answers_to(scene: Scene, subject: str, manager: str) -> None:
    """HR corrects whom somebody answered to functionally: who is never to rate them."""
    of_them = ReportingLine.person == scene.people[subject]
    functional = ReportingLine.kind == LineKind.FUNCTIONAL
    await ReportingLine.delete().where(of_them, functional)
    await ReportingLine.insert(
        ReportingLine(
            organisation=scene.records[subject].organisation,
            id=uuid4(),
            person=scene.people[subject],
            manager=scene.people[manager],
            kind=LineKind.FUNCTIONAL,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )


async def test_as_many_other_forms_are_other_forms(db: None, scene: Scene) -> None:
    """One rater out, another in: the number is the same, the forms are not."""
    await answers_to(scene, "moj1", "dwp1")
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    await answers_to(scene, "moj1", "dft2")
    with pytest.raises(InputsChanged):
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def test_what_was_released_is_what_is_scored_whatever_is_known_since(
    db: None, scene: Scene
) -> None:
    """Else the difference between the two would be one rater's form."""
    on = scene.records["hmt1"].id
    await release(scene.cycle, caller=OPERATOR, now=RELEASED)
    await answers_to(scene, "hmt1", "dwp1")
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=RELEASED)
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    async with transaction() as connection:
        released = await connection.fetchval(RELEASED_FORMS, on)
        scored = await connection.fetchval(SCORED_FORMS, on)
    assert released > 0
    assert scored == LENGTH * released


async def test_days_in_post_are_what_they_are_when_it_is_published(
    db: None, scene: Scene
) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    async with transaction() as connection:
        await connection.execute(CAME_IN_APRIL, scene.people["newcomer"])
    with pytest.raises(InputsChanged):
        await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)


async def test_under_another_key_no_form_is_known_again(db: None, scene: Scene) -> None:
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    with pytest.raises(InputsChanged):
        await publish(scene.cycle, key=b"other", caller=OPERATOR, now=RELEASED)
