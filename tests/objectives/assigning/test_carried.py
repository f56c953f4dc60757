"""What goes with a copy: what is not yet met, and who was proposed as a rater."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.feedback.carrying import carry_nominations
from service.feedback.nominating import Nominee, nominate
from service.feedback.rules import Origin
from service.feedback.tables import Draw, Nomination
from service.feedback.windows import open_window
from service.objectives.measuring import Direction
from service.objectives.progress.indicators import add_indicator, add_reading
from service.objectives.progress.milestones import add_milestone, change_milestone
from service.objectives.progress.rules import MilestoneState
from service.objectives.progress.schemas import (
    IndicatorIn,
    MilestoneChangeIn,
    MilestoneIn,
    ReadingIn,
)
from service.objectives.queries import ObjectiveFact, objective
from service.records.queries import record_named
from tests.factories import IN_THE_YEAR
from tests.objectives.assigning.many import Many
from tests.objectives.assigning.test_copies import copied

DUE = date(2027, 1, 31)


async def a_milestone(many: Many, of: UUID, title: str, *, met: bool = False) -> None:
    id_ = uuid4()
    wanted = MilestoneIn(title=title, due_on=DUE)
    caller = Person(many.joint.hmt.head)
    await add_milestone(of, wanted, id_=id_, caller=caller, now=IN_THE_YEAR)
    if met:
        change = MilestoneChangeIn(title=title, due_on=DUE, state=MilestoneState.MET)
        await change_milestone(
            of, id_, change, caller=caller, now=IN_THE_YEAR, checked=lambda _: None
        )


async def an_indicator(
    many: Many,
    of: UUID,
    title: str,
    direction: Direction,
    *readings: str,
    now: datetime = IN_THE_YEAR,
) -> None:
    id_, caller = uuid4(), Person(many.joint.subject)
    target = {"increase": 100, "decrease": 0, "maintain": 50}[direction]
    wanted = IndicatorIn(
        title=title,
        unit="per cent",
        baseline=Decimal(50),
        target=Decimal(target),
        direction=direction,
        change_at=Decimal(5),
    )
    await add_indicator(of, wanted, id_=id_, caller=caller, now=now)
    for day, value in enumerate(readings, start=1):
        reading = ReadingIn(value=Decimal(value), as_of=date(2026, 5, day), note="read")
        await add_reading(of, id_, reading, id_=uuid4(), caller=caller, now=now)


async def shown(many: Many, id_: str, what: str) -> list[Any]:
    answer = await many.client.get(
        f"/v1/objectives/{id_}/{what}", headers=many.tokens["hmt"]
    )
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()
    return found


async def test_what_is_not_met_goes_on_with_its_last_reading(
    many: Many, going_on: ObjectiveFact
) -> None:
    of = going_on.id
    await a_milestone(many, of, "forms joined")
    await a_milestone(many, of, "law changed", met=True)
    await an_indicator(many, of, "told once", Direction.INCREASE, "55", "70")
    await an_indicator(many, of, "all done", Direction.INCREASE, "55", "100")
    await an_indicator(many, of, "gone", Direction.DECREASE, "20", "0")
    await an_indicator(many, of, "kept up", Direction.MAINTAIN, "50")
    await an_indicator(many, of, "never read", Direction.DECREASE)
    answer = await copied(many, of, continues=True)

    assert answer.status_code == 201, answer.text
    new = answer.json()["id"]
    milestones = await shown(many, new, "milestones")
    assert [(m["title"], m["state"], m["version"]) for m in milestones] == [
        ("forms joined", "planned", 1)
    ]
    indicators = await shown(many, new, "indicators")
    assert {i["title"] for i in indicators} == {"told once", "kept up", "never read"}
    (told,) = [i for i in indicators if i["title"] == "told once"]
    readings = await shown(many, new, f"indicators/{told['id']}/readings")
    assert [(r["value"], r["as_of"], r["note"]) for r in readings] == [
        ("70", "2026-05-02", "read")
    ]
    assert told["trend"] == "improving"
    (before,) = [
        i for i in await shown(many, str(of), "indicators") if i["title"] == "told once"
    ]
    history = await shown(many, str(of), f"indicators/{before['id']}/readings")
    assert [reading["value"] for reading in history] == ["55", "70"]


async def test_a_copy_that_begins_anew_carries_no_progress(
    many: Many, going_on: ObjectiveFact
) -> None:
    await a_milestone(many, going_on.id, "forms joined")
    new = (await copied(many, going_on.id)).json()["id"]
    assert await shown(many, new, "milestones") == []


async def proposed(many: Many) -> None:
    """The subject, and their manager, propose one each this year."""
    joint = many.joint
    for person, origin, nominee in (
        (joint.subject, Origin.SUBJECT, joint.dft.people[1]),
        (joint.hmt.head, Origin.MANAGER, joint.dft.head),
    ):
        await nominate(
            joint.on,
            [Nominee(nominee)],
            origin,
            caller=Person(person),
            now=IN_THE_YEAR,
        )


async def pool(record: UUID) -> set[tuple[UUID | None, str]]:
    rows = await Nomination.select().where(Nomination.record == record)
    return {(row["person"], row["origin"]) for row in rows}


async def test_proposals_of_raters_go_with_a_copy(
    many: Many, going_on: ObjectiveFact
) -> None:
    await proposed(many)
    for _ in range(2):  # Another copy adds nobody twice.
        assert (await copied(many, going_on.id)).status_code == 201
    on = await record_named("workday:next-0", ["hmt"])
    dft = many.joint.dft
    carried = {(dft.people[1], "carried"), (dft.head, "carried")}
    assert await pool(on.id) == carried
    other = await copied(many, going_on.id, record="workday:next-1")
    theirs = await objective(UUID(other.json()["id"]))
    assert await pool(theirs.record) == set()


async def test_a_pool_that_was_drawn_from_takes_nobody_in(
    many: Many, going_on: ObjectiveFact
) -> None:
    await proposed(many)
    on = await record_named("workday:next-0", ["hmt"])
    window = await open_window(on.cycle)
    await Draw.insert(
        Draw(
            organisation="hmt",
            id=uuid4(),
            window=window.id,
            record=on.id,
            seed="seed",
            pool_digest="digest",
            pool_size=0,
            drawn=0,
            drawn_at=IN_THE_YEAR,
        )
    )
    caller = many.joint.machine
    assert await carry_nominations(on, caller=caller, now=IN_THE_YEAR) == 0
    assert (await copied(many, going_on.id)).status_code == 201
    assert await pool(on.id) == set()
