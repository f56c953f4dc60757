"""What happens to the demo's joint objective: who says and does what, and when."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from service.auth.caller import Person
from service.demo.groups import Colleague
from service.demo.steps import Year
from service.objectives import actions
from service.objectives.agreement import actions as agreement
from service.objectives.agreement import disputing
from service.objectives.assessing import actions as assessing
from service.objectives.assessing.schemas import AssessmentIn, EvidenceIn
from service.objectives.measuring import Direction
from service.objectives.progress import indicators, milestones, statuses
from service.objectives.progress.rules import Status
from service.objectives.progress.schemas import (
    DissentIn,
    IndicatorIn,
    MilestoneIn,
    ReadingIn,
    StatusIn,
)
from service.objectives.queries import objective
from service.objectives.recognition import actions as recognition
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.schemas import (
    ChangeIn,
    ContributionIn,
    Named,
    NewObjectiveIn,
    PriorityIn,
    ValueIn,
)
from service.records.combining import Attainment
from service.records.frameworks import Stage

SHARES: Final = (50, 30, 20)
AFTER_THE_DISPUTE: Final = (55, 30, 15)
ROLES: Final = (
    ContributionRole.LEAD,
    ContributionRole.MAJOR,
    ContributionRole.SUPPORTING,
)
GIVES: Final = (
    "A team of six, and the programme office.",
    "The data of every river gauge, read daily.",
    "One analyst who knows the claims.",
)
VALUES: Final[tuple[dict[str, Any], ...]] = (
    {
        "puts_in": "Programme and warnings",
        "money_in": Decimal(1_200_000),
        "people_in": Decimal(6),
        "gains": "Fewer rescues",
    },
    {"puts_in": "Data", "people_in": Decimal("1.5"), "gains": "Gauges that are read"},
    {
        "puts_in": "Analysis",
        "days_in": 120,
        "gains": "Fewer claims",
        "money_out": Decimal(3_400_000),
    },
)
INDICATOR: Final = IndicatorIn(
    title="Homes flooded that were warned twelve hours before",
    unit="per cent",
    baseline=Decimal(61),
    target=Decimal(90),
    direction=Direction.INCREASE,
    change_at=Decimal(3),
)
REPORTS: Final = (
    (5, 62, Status.AT_RISK, "Half of the gauges are read by hand."),
    (100, 78, Status.ON_TRACK, "All gauges are read daily."),
)
"""Days into the quarters, what is read, and what the owner says."""
TITLE: Final = "Homes warned of floods in time to act"
OUTCOME: Final = "Nine homes in ten at risk are warned twelve hours ahead."
MEASURES: Final = "Share of homes flooded that had a warning twelve hours before."


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: the lead first, each with the line manager of the day."""

    members: tuple[Colleague, ...]
    managers: tuple[UUID, ...]

    @property
    def organisations(self) -> tuple[str, ...]:
        """Return the three departments."""
        return tuple(member.organisation for member in self.members)


def _says(cast: Cast, shares: Sequence[int]) -> NewObjectiveIn:
    return NewObjectiveIn(
        title=TITLE,
        outcome=OUTCOME,
        measures=MEASURES,
        ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
        kind=Kind.DELIVERY_OBJECTIVE,
        contributions=[
            ContributionIn(
                organisation=member.organisation,
                person=Named(id=member.person),
                role=role,
                share=share,
                commitment=gives,
            )
            for member, role, share, gives in zip(
                cast.members, ROLES, shares, GIVES, strict=True
            )
        ],
        value_map=[
            ValueIn(organisation=code, **puts_in_and_gains)
            for code, puts_in_and_gains in zip(cast.organisations, VALUES, strict=True)
        ],
        priority=PriorityIn(scheme="un-sdg-2030", code="13"),
    )


async def agree(year: Year, id_: UUID, cast: Cast) -> None:
    """Set it; a partner disputes their share; it is changed, and agreed by everyone."""
    lead, *_ = cast.members
    on = year.of[lead.person]
    manager, partner, disputer = map(Person, cast.managers)
    then = year.day(Stage.OBJECTIVE_SETTING, 35)
    wanted = _says(cast, SHARES)
    await actions.set_objective(on, wanted, id_=id_, caller=manager, now=then)
    await agreement.agree(id_, comment="Agreed.", caller=partner, now=then)
    fact = await objective(id_)
    (part,) = [p for p in fact.live if p.person == cast.members[2].person]
    await disputing.dispute(
        id_,
        reason="20 % is more than one analyst can carry.",
        contribution=part.id,
        caller=disputer,
        now=year.day(Stage.OBJECTIVE_SETTING, 37),
    )
    changed = _says(cast, AFTER_THE_DISPUTE).model_dump(exclude={"stage"})
    await actions.change(
        id_,
        ChangeIn.model_validate(changed),
        reason="The analyst's share is what one analyst can carry.",
        caller=manager,
        now=year.day(Stage.OBJECTIVE_SETTING, 40),
        checked=None,
    )
    for person in dict.fromkeys([lead.person, *cast.managers]):
        await agreement.agree(
            id_,
            comment="Agreed.",
            caller=Person(person),
            now=year.day(Stage.OBJECTIVE_SETTING, 42),
        )


async def report(year: Year, id_: UUID, cast: Cast) -> None:
    """Measure it; the owner says how it goes; a partner sees that differently."""
    new = _ids(f"{id_} reported")
    owner = Person(cast.members[0].person)
    set_at = year.day(Stage.OBJECTIVE_SETTING, 45)
    indicator = new()
    await indicators.add_indicator(
        id_, INDICATOR, id_=indicator, caller=owner, now=set_at
    )
    due = year.day(Stage.MID_YEAR_CONSISTENCY_CHECK).date()
    milestone = MilestoneIn(title="Every gauge read daily", due_on=due)
    await milestones.add_milestone(id_, milestone, id_=new(), caller=owner, now=set_at)
    for days, value, status, text in REPORTS:
        then = year.day(Stage.QUARTERLY_CONVERSATIONS, days)
        reading = ReadingIn(value=Decimal(value), as_of=then.date())
        await indicators.add_reading(
            id_, indicator, reading, id_=new(), caller=owner, now=then
        )
        said = StatusIn(status=status, text=text)
        await statuses.report(id_, said, id_=new(), caller=owner, now=then)
    await _answer(id_, cast, new, then)


def _ids(seed: str) -> Callable[[], UUID]:
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return lambda: UUID(int=chance.getrandbits(128), version=4)


async def _answer(
    id_: UUID, cast: Cast, new: Callable[[], UUID], now: datetime
) -> None:
    """Have a partner dissent, and thank the third department's contributor."""
    partner = Person(cast.members[1].person)
    seen = DissentIn(
        status=len(REPORTS), text="Two gauges in ten fail every week: at risk, to us."
    )
    await statuses.dissent(id_, seen, id_=new(), caller=partner, now=now)
    (helped,) = [
        p for p in (await objective(id_)).live if p.person == cast.members[2].person
    ]
    await recognition.recognise(
        id_,
        helped.id,
        text="Found the homes that no list had. Thank you.",
        new=new(),
        caller=partner,
        now=now,
    )


async def assess(year: Year, id_: UUID, cast: Cast) -> None:
    """Assess each contribution and the outcome; a partner's manager countersigns."""
    new = _ids(f"{id_} assessed")
    now = year.day(Stage.END_YEAR_ASSESSMENT, 5)
    for part in (await objective(id_)).live:
        place = cast.organisations.index(part.organisation)
        await assessing.assess_contribution(
            id_,
            part.id,
            AssessmentIn(
                attainment=Attainment.MET, reasons="Did what was committed, in time."
            ),
            new=new(),
            caller=Person(cast.managers[place]),
            now=now,
        )
    assessment = new()
    await assessing.assess(
        id_,
        AssessmentIn(
            attainment=Attainment.MET,
            reasons="91 in 100 homes were warned, and the figure is audited.",
            evidence=(
                EvidenceIn(
                    title="Flood warnings, annual figures",
                    url="https://statistics.example/flood-warnings",
                ),
            ),
        ),
        new=assessment,
        caller=Person(cast.managers[0]),
        now=now,
    )
    await assessing.countersign(
        id_,
        assessment,
        comment="It is what our gauges say as well.",
        caller=Person(cast.managers[1]),
        now=now,
    )
