"""How an objective gets on, one line a step; each gives a valid default."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Caller, Person
from service.objectives import actions
from service.objectives.presenting import Sight
from service.objectives.progress import queries
from service.objectives.progress.indicators import (
    add_indicator,
    add_reading,
    change_indicator,
)
from service.objectives.progress.milestones import add_milestone, change_milestone
from service.objectives.progress.rules import MilestoneState
from service.objectives.progress.schemas import (
    DissentIn,
    IndicatorIn,
    MilestoneChangeIn,
    MilestoneIn,
    ProgressOut,
    ReadingIn,
    StatusIn,
)
from service.objectives.progress.statuses import dissent, report
from service.objectives.queries import ObjectiveFact
from service.objectives.queries import objective as stored
from service.objectives.rules import OwnershipModel
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, agree

TODAY = IN_THE_YEAR.date()
AUTUMN = date(2026, 9, 30)
WHOLE = Sight(None, {})
"""As a party sees it."""
WAITS: dict[str, Any] = {
    "title": "Waiting time",
    "unit": "days",
    "baseline": 60,
    "target": 30,
    "direction": "decrease",
}


def fresh(_: int) -> None:
    """Have read whatever there is."""


async def planned(objective: UUID, caller: Caller, due_on: date = AUTUMN) -> UUID:
    id_ = uuid4()
    wanted = MilestoneIn(title="One form", due_on=due_on)
    await add_milestone(objective, wanted, id_=id_, caller=caller, now=IN_THE_YEAR)
    return id_


async def moved(
    objective: UUID,
    id_: UUID,
    caller: Caller,
    state: MilestoneState,
    *,
    title: str = "One form",
    due_on: date = AUTUMN,
    checked: Callable[[int], None] = fresh,
) -> None:
    await change_milestone(
        objective,
        id_,
        MilestoneChangeIn(title=title, due_on=due_on, state=state),
        caller=caller,
        now=IN_THE_YEAR,
        checked=checked,
    )


async def measured(objective: UUID, caller: Caller, **other: Any) -> UUID:
    id_ = uuid4()
    wanted = IndicatorIn(**(WAITS | other))
    await add_indicator(objective, wanted, id_=id_, caller=caller, now=IN_THE_YEAR)
    return id_


async def restated(objective: UUID, id_: UUID, caller: Caller, **other: Any) -> None:
    await change_indicator(
        objective,
        id_,
        IndicatorIn(**(WAITS | other)),
        caller=caller,
        now=IN_THE_YEAR,
        checked=fresh,
    )


async def read(
    objective: UUID, indicator: UUID, caller: Caller, value: object, **other: Any
) -> UUID:
    id_ = uuid4()
    wanted = ReadingIn(**({"value": value, "as_of": TODAY} | other))
    await add_reading(
        objective, indicator, wanted, id_=id_, caller=caller, now=IN_THE_YEAR
    )
    return id_


async def said(objective: UUID, person: UUID, status: str = "on_track") -> None:
    await report(
        objective,
        StatusIn.model_validate({"status": status, "text": f"We are {status}."}),
        id_=uuid4(),
        caller=Person(person),
        now=IN_THE_YEAR,
    )


async def dissented(
    objective: UUID, person: UUID, status: int = 1, text: str = "Not as we see it."
) -> None:
    await dissent(
        objective,
        DissentIn(status=status, text=text),
        id_=uuid4(),
        caller=Person(person),
        now=IN_THE_YEAR,
    )


async def stands(objective: UUID, sight: Sight = WHOLE) -> ProgressOut:
    return (await queries.progress_of([objective], sight))[objective]


async def agreed_by(joint: Joint, *owners: tuple[UUID, ...]) -> ObjectiveFact:
    """An agreed objective of these accountable owners: one, or several together."""
    model = OwnershipModel.COLLECTIVE_ACCOUNTABILITY
    if len(owners) > 1:
        made = await joint.drafted(owners=owners, ownership_model=model)
    else:
        made = await joint.drafted(owners=owners)
    await actions.propose(made.id, caller=joint.machine, now=IN_THE_YEAR)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(made.id, person)
    return await stored(made.id)
