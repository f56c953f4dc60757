"""A whole cycle by the real actions, with somebody in every state a score can have.

Four organisations share one objective; who answers whom is written down in `REPLIES`,
so that a test can say of everybody why they have a number or none.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.db import DB
from service.feedback import actions as feedback
from service.feedback import asking
from service.feedback.filling import Filled
from service.feedback.form.items import (
    BEHAVIOURS,
    EXTREMES,
    Basis,
    ContactFrequency,
)
from service.feedback.nominating import Nominee, nominate
from service.feedback.rules import Origin
from service.objectives import actions as objectives
from service.objectives.agreement import actions as agreement
from service.objectives.content import Content, Contributed
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.records.queries import RecordFact
from service.scores.actions import compute, publish
from tests.factories import (
    CLOSED,
    FEEDBACK_OPEN,
    IN_THE_YEAR,
    OPERATOR,
    RELEASED,
    Department,
    a_cycle,
    a_department,
    a_person,
    record_of,
    sharing,
)

KEY = b"k" * 32
SIZES = MappingProxyType({"hmt": 6, "dwp": 2, "moj": 2, "dft": 2})
HMT = tuple(f"hmt{number}" for number in range(1, 7))
REST = ("dwp1", "dwp2", "moj1", "moj2", "dft1", "dft2")
REPLIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hmt1": REST,
        "hmt2": REST,
        "hmt3": REST,
        "hmt4": REST[:5],
        "hmt5": REST[:4],  # too few for a number, enough for words
        "hmt6": ("dwp1", "moj1"),  # too few for words
        "dwp1": HMT[:5],  # enough people, of one other organisation
        "dwp2": (
            *HMT[:3],
            "dft1",
            "moj1",
        ),  # one form too empty to count: see `answers`
        "moj1": (*HMT, "dwp1", "dwp2", "dft1", "dft2"),
        "moj2": (*HMT, "dwp1", "dwp2"),
        "dft1": (*HMT, "moj1"),
        "dft2": (*HMT[:4], "moj2"),  # as few as a number needs
        "newcomer": REST,  # with forms enough, but too short a time in post
    }
)
"""Subject to the raters who answer; everybody else who is asked stays silent."""
EXPECTED: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "hmt1": ("published", None),
        "hmt2": ("published", None),
        "hmt3": ("published", None),
        "hmt4": ("published", None),
        "hmt5": ("indicative", "below_minimum_raters"),
        "hmt6": ("insufficient", "below_minimum_raters"),
        "dwp1": ("insufficient", "below_minimum_organisations"),
        "dwp2": ("indicative", "below_minimum_raters"),
        "moj1": ("published", None),
        "moj2": ("published", None),
        "dft1": ("published", None),
        "dft2": ("published", None),
        "newcomer": ("not_eligible", "below_minimum_exposure"),
        "hmt-head": ("insufficient", "below_minimum_organisations"),
        "dwp-head": ("insufficient", "below_minimum_organisations"),
        "moj-head": ("insufficient", "below_minimum_organisations"),
        "dft-head": ("insufficient", "below_minimum_organisations"),
    }
)
"""Name to the state and reason that follow."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A cycle and the people in it, by name."""

    cycle: UUID
    people: Mapping[str, UUID]
    records: Mapping[str, RecordFact]
    departments: Mapping[str, Department]

    def name_of(self, person: UUID) -> str:
        (name,) = [name for name, id_ in self.people.items() if id_ == person]
        return name


async def a_shared_objective() -> Scene:
    """Everyone but heads and the newcomer shares one agreed objective."""
    departments = {code: await a_department(code, n) for code, n in SIZES.items()}
    people: dict[str, UUID] = {}
    for code, department in departments.items():
        people[f"{code}-head"] = department.head
        for number, person in enumerate(department.people, start=1):
            people[f"{code}{number}"] = person
    people["newcomer"] = await a_person(
        "hmt", manager=people["hmt-head"], since=FEEDBACK_OPEN.date().replace(day=1)
    )
    await sharing(*SIZES)
    cycle = (await a_cycle()).id
    records = {name: await record_of(id_, cycle) for name, id_ in people.items()}
    scene = Scene(cycle, people, records, departments)
    await _agree(scene)
    return scene


async def _agree(scene: Scene) -> None:
    lead, others = HMT[0], [*HMT[1:], *REST]
    parts = [(lead, ContributionRole.LEAD, 100 - 8 * len(others))]
    parts += [(name, ContributionRole.MAJOR, 8) for name in others]
    drafted = await objectives.draft(
        scene.records[lead],
        Content(
            title="One front door",
            outcome="One place to apply.",
            measures="Days from application to answer.",
            ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
            kind=Kind.DELIVERY_OBJECTIVE,
            owners=((scene.people[lead],),),
            contributions=tuple(
                Contributed(
                    scene.records[name].organisation,
                    scene.people[name],
                    role,
                    share,
                    "People and time.",
                )
                for name, role, share in parts
            ),
        ),
        id_=uuid4(),
        caller=Person(scene.people["hmt-head"]),
        now=IN_THE_YEAR,
    )
    caller = Person(scene.people["hmt-head"])
    await objectives.propose(drafted.id, caller=caller, now=IN_THE_YEAR)
    for name in (lead, *(f"{code}-head" for code in SIZES)):
        await agreement.agree(
            drafted.id,
            comment="Agreed.",
            caller=Person(scene.people[name]),
            now=IN_THE_YEAR,
        )


async def an_asked_cycle() -> Scene:
    """As above, with everybody's raters drawn; nobody has answered yet."""
    scene = await a_shared_objective()
    for name in REPLIES:
        on = scene.records[name]
        if name == "newcomer":
            known = [Nominee(scene.people[rater]) for rater in REST]
            manager = Person(scene.people["hmt-head"])
            await nominate(on, known, Origin.MANAGER, caller=manager, now=FEEDBACK_OPEN)
        await asking.draw(
            on, seed=f"seed of {name}", caller=OPERATOR, now=FEEDBACK_OPEN
        )
    return scene


def answers(rater: str, subject: str) -> dict[str, int | None]:
    """Marks that tell people apart: 2 to 4 by subject, up to 0.4 more by rater."""
    everyone = [*HMT, *REST, "newcomer"]
    level = 2 + everyone.index(subject) % 3
    generous = everyone.index(rater) % 4
    form: dict[str, int | None] = {
        item: level + (place < generous) for place, item in enumerate(BEHAVIOURS)
    }
    if (rater, subject) == ("moj1", "dwp2"):
        form.update(dict.fromkeys([*BEHAVIOURS][2:]))
    return form


def filled(answers: Mapping[str, int | None], **other: Any) -> Filled:
    """A form with these answers, and all else that it asks for."""
    says = Filled(
        answers,
        examples={
            item: "They sent us the draft in May."
            for item, value in answers.items()
            if value in EXTREMES
        },
        months=9,
        frequency=ContactFrequency.MOST_MONTHS,
        basis=Basis.GENERAL,
    )
    return replace(says, **other)


async def give(scene: Scene, rater: str, subject: str) -> UUID:
    """Have a rater who was asked answer; return the request."""
    person = scene.people[rater]
    waiting = await feedback.waiting(person, scene.cycle)
    (request,) = [
        request
        for request, record in waiting.items()
        if record == scene.records[subject].id
    ]
    await feedback.submit(
        request,
        filled(answers(rater, subject)),
        caller=Person(person),
        now=FEEDBACK_OPEN,
    )
    return request


async def an_answered_cycle() -> Scene:
    """As above, with the answers of `REPLIES` in."""
    scene = await an_asked_cycle()
    for subject, raters in REPLIES.items():
        for rater in raters:
            await give(scene, rater, subject)
    return scene


async def a_computed_cycle() -> Scene:
    """As above, computed after the window closed, not published."""
    scene = await an_answered_cycle()
    await compute(scene.cycle, method=None, key=KEY, caller=OPERATOR, now=CLOSED)
    return scene


async def a_scored_cycle() -> Scene:
    """As above, published."""
    scene = await a_computed_cycle()
    await publish(scene.cycle, key=KEY, caller=OPERATOR, now=RELEASED)
    return scene


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """Undo all that is written inside: a savepoint in whatever is open already."""
    opened = DB.transaction()
    await opened.__aenter__()
    try:
        yield
    finally:
        undo = Undo()
        await opened.__aexit__(Undo, undo, None)


class Undo(Exception):
    """Makes a transaction roll back."""
