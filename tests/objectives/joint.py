"""Two departments that share data, what they would own together, and their people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from service.access.rules import Role
from service.access.tables import DataSharing
from service.audit.tables import AuditEntry
from service.auth.caller import Caller, Machine, Person, Scope, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.tables import PersonIdentifier
from service.objectives import actions
from service.objectives.agreement import actions as agreement
from service.objectives.changing import Checked
from service.objectives.content import Content, Contributed
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.schemas import (
    ContributionIn,
    Named,
    ObjectiveIn,
    OwnerIn,
    PriorityIn,
    ValueIn,
)
from service.records.queries import RecordFact
from tests.factories import (
    IN_THE_YEAR,
    Department,
    a_cycle,
    a_department,
    record_of,
    sharing,
)

LEAD, MAJOR, SUPPORTING = ContributionRole
TODAY = IN_THE_YEAR.date()


@dataclass(frozen=True)
class Joint:
    """`subject` of hmt leads, `partner` of dft contributes; moj shares with nobody."""

    hmt: Department
    dft: Department
    moj: Department
    on: RecordFact
    """The subject's record."""

    @property
    def subject(self) -> UUID:
        return self.hmt.people[0]

    @property
    def partner(self) -> UUID:
        return self.dft.people[0]

    @property
    def machine(self) -> Machine:
        return machine_of("hmt")

    def parts(self) -> list[Contributed]:
        return [
            Contributed("hmt", self.subject, ContributionRole.LEAD, 60, "two analysts"),
            Contributed("dft", self.partner, ContributionRole.MAJOR, 40, "data"),
        ]

    def wanted(self, parts: Sequence[Contributed] = (), **other: Any) -> Content:
        says = Content(
            title="One front door",
            outcome="People tell government once",
            measures="Forms asked for twice",
            ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
            kind=Kind.DELIVERY_OBJECTIVE,
            owners=((self.subject,),),
            contributions=tuple(parts or self.parts()),
        )
        return replace(says, **other)

    async def drafted(
        self,
        parts: Sequence[Contributed] = (),
        caller: Caller | None = None,
        **other: Any,
    ) -> ObjectiveFact:
        return await actions.draft(
            self.on,
            self.wanted(parts, **other),
            id_=uuid4(),
            caller=caller or self.machine,
            now=IN_THE_YEAR,
        )

    async def proposed(
        self, parts: Sequence[Contributed] = (), **other: Any
    ) -> ObjectiveFact:
        made = await self.drafted(parts, **other)
        return await propose(made.id, self.machine)

    async def agreed(
        self, parts: Sequence[Contributed] = (), **other: Any
    ) -> ObjectiveFact:
        fact = await self.proposed(parts, **other)
        for person in (self.subject, self.hmt.head, self.dft.head):
            fact = await agree(fact.id, person)
        return fact

    async def three(self) -> list[Contributed]:
        """Contributions of three departments, which share data with each other."""
        await sharing("hmt", "moj")
        await sharing("dft", "moj")
        third = Contributed("moj", self.moj.people[0], SUPPORTING, 10, "a court")
        lead, major = self.parts()
        return [replace(lead, share=50), major, third]

    async def changed(
        self, fact: ObjectiveFact, caller: Caller | None = None, **other: Any
    ) -> ObjectiveFact:
        """Have it say the same but for `other`."""
        return await change(fact, caller or Person(self.hmt.head), **other)


async def a_joint_department() -> Joint:
    hmt, dft, moj = [await a_department(code, 2) for code in ("hmt", "dft", "moj")]
    await sharing("hmt", "dft")
    opened = await a_cycle()
    return Joint(hmt, dft, moj, await record_of(hmt.people[0], opened.id))


def machine_of(*organisations: str) -> Machine:
    return Machine("hr", frozenset(organisations), frozenset(Scope))


def hr_administrator(department: Department) -> SignedIn:
    """Somebody of the department who has to do with none of its objectives."""
    return SignedIn(uuid4(), department.code, frozenset({Role.HR_ADMINISTRATOR}))


async def propose(id_: UUID, caller: Caller) -> ObjectiveFact:
    return await actions.propose(id_, caller=caller, now=IN_THE_YEAR)


async def agree(id_: UUID, person: UUID, version: int | None = None) -> ObjectiveFact:
    return await agreement.agree(
        id_, comment="", version=version, caller=Person(person), now=IN_THE_YEAR
    )


async def change(
    fact: ObjectiveFact,
    caller: Caller,
    *,
    reason: str = "",
    checked: Checked | None = None,
    **other: Any,
) -> ObjectiveFact:
    """Have an objective say the same but for `other`."""
    says = replace(fact.content, **other)
    people = [person for owner in says.owners for person in owner]
    known = PersonIdentifier.select().where(PersonIdentifier.person.is_in(people))
    with within_reach(EVERYONE):
        async with transaction():
            rows = await known
    return await actions.change(
        fact.id,
        stated(says, {row["person"]: row["organisation"] for row in rows}),
        reason=reason,
        caller=caller,
        now=IN_THE_YEAR,
        checked=checked,
    )


def stated(says: Content, known_to: Mapping[UUID, str]) -> ObjectiveIn:
    """What a caller sends to have an objective say this, its people by their ids."""
    return ObjectiveIn(
        title=says.title,
        outcome=says.outcome,
        measures=says.measures,
        ownership_model=says.ownership_model,
        kind=says.kind,
        accountable_owners=[
            OwnerIn(
                organisation=known_to[owner[0]],
                people=[Named(id=person) for person in owner],
            )
            for owner in says.owners
        ],
        contributions=[
            ContributionIn(
                organisation=part.organisation,
                person=Named(id=part.person),
                role=part.role,
                share=part.share,
                commitment=part.commitment,
            )
            for part in says.contributions
        ],
        value_map=[
            ValueIn.model_validate(value, from_attributes=True)
            for value in says.value_map
        ],
        element=says.element,
        weight=says.weight,
        standard=says.standard,
        priority=(
            PriorityIn(scheme=says.priority.scheme, code=says.priority.code)
            if says.priority
            else None
        ),
        parent=says.parent,
        ends_on=says.ends_on,
    )


async def shared_no_more(*pair: str) -> None:
    """End every agreement to share today, or that of a pair, named in order."""
    ended = DataSharing.update({DataSharing.valid_to: TODAY}, force=True)
    if pair:
        one, other = pair
        ended = ended.where(
            DataSharing.organisation == one, DataSharing.partner == other
        )
    await ended


async def audited(id_: UUID) -> list[tuple[str, str]]:
    rows = (
        await AuditEntry.select()
        .where(AuditEntry.entity == "objective", AuditEntry.entity_id == str(id_))
        .order_by(AuditEntry.id)
    )
    return [(row["actor"], row["action"]) for row in rows]
