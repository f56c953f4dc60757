"""The same cycle lived through in different ways by those who are asked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from service.auth.caller import Person
from service.db import transaction
from service.feedback import actions
from service.feedback.form.items import BEHAVIOURS
from service.scores.actions import compute
from tests.factories import CLOSED, FEEDBACK_OPEN, OPERATOR
from tests.feedback.stored import request_of
from tests.scoring import KEY, Scene, filled, give

ACTING: Final = ("dwp1", "moj2", "dwp2", "moj1", "dft2")
"""Whoever acts: what they read of their own is not read here."""
Life = Callable[[Scene], Awaitable[None]]


def rater(scene: Scene, name: str = "dwp1") -> Person:
    return Person(scene.people[name])


async def nobody_acts(scene: Scene) -> None:
    """The life all others are compared with."""


async def one_opens(scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await actions.look(request, caller=rater(scene), now=FEEDBACK_OPEN)


async def one_saves(scene: Scene) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    for level in (2, 3):
        await actions.save(
            request, filled(dict.fromkeys(BEHAVIOURS, level)),
            check=lambda _: None, caller=rater(scene), now=FEEDBACK_OPEN,
        )  # fmt: skip


async def one_answers(scene: Scene) -> None:
    await give(scene, "dwp1", "hmt1")


async def another_answers(scene: Scene) -> None:
    await give(scene, "moj2", "hmt1")


async def five_answer(scene: Scene) -> None:
    for name in ACTING:
        await give(scene, name, "hmt1")


async def five_answer_the_other_way_round(scene: Scene) -> None:
    for name in reversed(ACTING):
        await give(scene, name, "hmt1")


async def one_answers_and_amends(scene: Scene) -> None:
    request = await give(scene, "dwp1", "hmt1")
    for days in (1, 2):
        await actions.submit(
            request,
            filled(dict.fromkeys(BEHAVIOURS, 1)),
            caller=rater(scene),
            now=FEEDBACK_OPEN + timedelta(days=days),
        )


async def one_declines(scene: Scene) -> None:
    """Nobody is left in the pool to be asked instead."""
    await actions.decline(
        await request_of(scene, "dwp1", "hmt1"),
        reason="Too brief.",
        caller=rater(scene),
        now=FEEDBACK_OPEN,
    )


def and_computed(life: Life) -> Life:
    """As that life, with the scores computed and not yet published."""

    async def computed(scene: Scene) -> None:
        await life(scene)
        await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)

    return computed


async def the_answer_is_counted_on_the_record(scene: Scene) -> None:
    """The broken twin: a version that moves when a rater acts."""
    await one_answers(scene)
    async with transaction() as connection:
        await connection.execute(
            "UPDATE appraisal_record SET version = version + 1 WHERE id = $1",
            scene.records["hmt1"].id,
        )


async def the_answer_is_audited(scene: Scene) -> None:
    """Another: an audit entry when a rater acts, though it names nobody."""
    await one_answers(scene)
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO audit_entry (at, actor, action, entity, entity_id)"
            " VALUES ($1, 'rater:1', 'submit', 'feedback_request', '1')",
            FEEDBACK_OPEN,
        )


LIVES = [
    one_opens,
    one_saves,
    one_answers,
    another_answers,
    five_answer,
    five_answer_the_other_way_round,
    one_answers_and_amends,
    one_declines,
]
