"""Last year's pool, proposed again: never whom last year's draw took."""

from uuid import uuid4

import pytest

from service.auth.caller import Person
from service.feedback import asking
from service.feedback.life import Step
from service.feedback.nominating import (
    NominationFact,
    Nominee,
    nominate,
    pool_of,
    take_out,
)
from service.feedback.rules import Limits, Origin, PoolFull
from service.records.queries import RecordFact, records_by_id
from service.records.tables import AppraisalRecord
from tests.factories import FEEDBACK_OPEN, IN_THE_YEAR, OPERATOR, a_cycle
from tests.feedback.stored import asked, proposed
from tests.scoring import REST, Scene

HEADS = ("dwp-head", "moj-head", "dft-head")
NEXT_YEAR = IN_THE_YEAR.replace(year=2027)


async def next_year(scene: Scene, subject: str = "hmt-head") -> RecordFact:
    """The subject's record in the next cycle, as their HR system attaches it."""
    cycle = await a_cycle(2027)
    (row,) = await AppraisalRecord.select().where(
        AppraisalRecord.id == scene.records[subject].id
    )
    row |= {"id": uuid4(), "cycle": cycle.id, "external_id": "next year's"}
    await AppraisalRecord.insert(AppraisalRecord(**row))
    (on,) = await records_by_id([row["id"]])
    return on


async def pool(on: RecordFact) -> list[NominationFact]:
    return await pool_of(on, caller=Person(on.person), now=NEXT_YEAR)


async def test_whom_last_year_s_pool_had_is_proposed_again(
    db: None, scene: Scene
) -> None:
    await proposed(scene.records["hmt-head"], [scene.people[name] for name in REST])
    carried = await pool(await next_year(scene))
    assert {each.person for each in carried} == {scene.people[name] for name in REST}
    assert {each.origin for each in carried} == {Origin.CARRIED}


async def test_the_pool_of_next_year_does_not_tell_whom_last_year_s_draw_took(
    db: None, scene: Scene
) -> None:
    on = scene.records["hmt-head"]
    everyone = {scene.people[name] for name in (*REST, *HEADS)}
    await proposed(on, [*everyone])
    with pytest.MonkeyPatch.context() as patch:

        async def limits_of(_: object) -> Limits:
            return Limits(3, 3, 20, 2, 50, 3, own_organisation_may_rate=False)

        patch.setattr("service.feedback.queries.limits_of", limits_of)
        await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
    assert len(await asked(on)) < len(everyone)
    assert {each.person for each in await pool(await next_year(scene))} == everyone


async def test_who_was_vetoed_is_not_proposed_again(db: None, scene: Scene) -> None:
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in REST])
    (gone, *_) = await pool_of(on, caller=Person(on.person), now=FEEDBACK_OPEN)
    await take_out(
        on, gone.id, Step.OBJECT, reason="Rivals.", caller=Person(on.person),
        now=FEEDBACK_OPEN,
    )  # fmt: skip
    carried = {each.person for each in await pool(await next_year(scene))}
    assert carried == {scene.people[name] for name in REST} - {gone.person}


async def test_an_address_is_carried_as_an_address(db: None, scene: Scene) -> None:
    on = scene.records["hmt-head"]
    unknown = [Nominee(email="new.starter@dft.example")]
    await nominate(
        on, unknown, Origin.SUBJECT, caller=Person(on.person), now=FEEDBACK_OPEN
    )
    (carried,) = await pool(await next_year(scene))
    assert (carried.person, carried.email) == (None, "new.starter@dft.example")


async def test_who_came_by_an_objective_is_not_carried_without_one(
    db: None, scene: Scene
) -> None:
    assert await pool(await next_year(scene, "hmt1")) == []


async def test_no_more_are_carried_than_may_be_proposed(db: None, scene: Scene) -> None:
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in (*REST, *HEADS)])
    following = await next_year(scene)
    twelve = [Nominee(email=f"colleague{n}@dwp.example") for n in range(12)]
    caller = Person(on.person)
    # Nine of last year's come first, and with twelve more they would be 21.
    with pytest.raises(PoolFull, match="at most 20"):
        await nominate(following, twelve, Origin.SUBJECT, caller=caller, now=NEXT_YEAR)
    await nominate(following, twelve[:11], Origin.SUBJECT, caller=caller, now=NEXT_YEAR)
    assert len(await pool(following)) == 20
