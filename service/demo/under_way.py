"""What people do in the year under way: share objectives, propose raters, draw.

The law: each does what they could do by themselves; who is asked has not answered.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from service.auth.caller import Person
from service.demo.groups import Colleague
from service.demo.steps import OPERATOR, draw_key
from service.directory.queries import line_managers_on
from service.feedback import asking
from service.feedback.nominating import Nominee, nominate
from service.feedback.rules import Origin, PoolTooSmall
from service.objectives import actions as objectives
from service.objectives.agreement import actions as agreement
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.schemas import ContributionIn, Named, NewObjectiveIn
from service.records.queries import RecordFact

WHOLE: Final = 100
"""Per cent."""


@dataclass(frozen=True, slots=True)
class Text:
    """What an objective says, and what is contributed to it."""

    title: str
    outcome: str
    measures: str
    gives: str


AGREED: Final = Text(
    "One number for everybody who reports a flood",
    "Whoever sees a flood rings one number, and every department hears of it.",
    "Share of reports that reach every department within ten minutes.",
    "People for the first line, and the reports that reach us.",
)
WAITING: Final = Text(
    "Flood warnings in every language that people asked for",
    "Warnings go out in each language that a home at risk has asked for.",
    "Share of homes that were warned in the language they chose.",
    "Translators, two days a week.",
)


async def set_objective(
    text: Text,
    on: RecordFact,
    members: Sequence[Colleague],
    id_: UUID,
    now: datetime,
) -> None:
    """Have the first one's line manager put an objective to the others."""
    managers = await line_managers_on([on.person], now.date())
    part = WHOLE // len(members)
    wanted = NewObjectiveIn(
        title=text.title,
        outcome=text.outcome,
        measures=text.measures,
        ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
        kind=Kind.DELIVERY_OBJECTIVE,
        contributions=[
            ContributionIn(
                organisation=member.organisation,
                person=Named(id=member.person),
                role=ContributionRole.MAJOR if place else ContributionRole.LEAD,
                share=part if place else WHOLE - part * (len(members) - 1),
                commitment=text.gives,
            )
            for place, member in enumerate(members)
        ],
    )
    manager = Person(managers[on.person])
    await objectives.set_objective(on, wanted, id_=id_, caller=manager, now=now)


async def agree(
    id_: UUID, members: Sequence[Colleague], now: datetime, *, managers: bool = True
) -> None:
    """Have the first agree, and the line managers of all unless it is to wait."""
    people = [member.person for member in members]
    managed = await line_managers_on(people, now.date()) if managers else {}
    for person in dict.fromkeys([people[0], *managed.values()]):
        await agreement.agree(id_, comment="Agreed.", caller=Person(person), now=now)


async def propose(on: RecordFact, known: Sequence[Colleague], now: datetime) -> None:
    """Have the subject and their line manager each propose half of whom they know."""
    managers = await line_managers_on([on.person], now.date())
    nominees = [Nominee(colleague.person) for colleague in known]
    for origin, person, half in (
        (Origin.SUBJECT, on.person, nominees[::2]),
        (Origin.MANAGER, managers[on.person], nominees[1::2]),
    ):
        await nominate(on, half, origin, caller=Person(person), now=now)


async def draw(on: RecordFact, name: str, seed: int, now: datetime) -> None:
    """Draw and invite; whose colleagues may not rate them goes without, as in life."""
    drawn_by = sha256(f"{seed} this year {name}".encode()).hexdigest()
    with suppress(PoolTooSmall):
        await asking.draw(
            on, seed=drawn_by, caller=OPERATOR, now=now, key=draw_key(seed)
        )
