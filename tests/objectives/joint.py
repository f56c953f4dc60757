"""Two departments that share data, and what they would own together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from service.access.tables import DataSharing
from service.audit.tables import AuditEntry
from service.auth.caller import Caller, Machine, Person, Scope
from service.objectives import actions
from service.objectives.drafting import Draft
from service.objectives.rules import (
    ContributionRole,
    Kind,
    ObjectiveFact,
    OwnershipModel,
    Part,
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

    def parts(self) -> list[Part]:
        return [
            Part("hmt", self.subject, ContributionRole.LEAD, 60),
            Part("dft", self.partner, ContributionRole.MAJOR, 40),
        ]

    def wanted(self, parts: Sequence[Part] = (), **other: Any) -> Draft:
        made = tuple(parts or self.parts())
        draft = Draft(
            title="One front door",
            outcome="People tell government once",
            measures="Forms asked for twice",
            ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
            kind=Kind.DELIVERY_OBJECTIVE,
            accountable_owner=self.subject,
            parts=made,
            commitments=tuple(f"commitment {n}" for n, _ in enumerate(made)),
        )
        return replace(draft, **other)

    async def drafted(
        self, parts: Sequence[Part] = (), caller: Caller | None = None, **other: Any
    ) -> ObjectiveFact:
        return await actions.draft(
            self.on,
            self.wanted(parts, **other),
            id_=uuid4(),
            caller=caller or self.machine,
            now=IN_THE_YEAR,
        )

    async def proposed(self, parts: Sequence[Part] = ()) -> ObjectiveFact:
        made = await self.drafted(parts)
        return await actions.propose(made.id, caller=self.machine, now=IN_THE_YEAR)

    async def agreed(self) -> ObjectiveFact:
        fact = await self.proposed()
        for person in (self.subject, self.hmt.head, self.dft.head):
            fact = await agree(fact.id, person)
        return fact


async def a_joint_department() -> Joint:
    hmt, dft, moj = [await a_department(code, 2) for code in ("hmt", "dft", "moj")]
    await sharing("hmt", "dft")
    opened = await a_cycle()
    return Joint(hmt, dft, moj, await record_of(hmt.people[0], opened.id))


def machine_of(*organisations: str) -> Machine:
    return Machine("hr", frozenset(organisations), frozenset(Scope))


async def agree(id_: UUID, person: UUID) -> ObjectiveFact:
    return await actions.agree(id_, comment="", caller=Person(person), now=IN_THE_YEAR)


async def shared_no_more() -> None:
    """End every agreement to share today."""
    today = IN_THE_YEAR.date()
    await DataSharing.update({DataSharing.valid_to: today}, force=True)


async def audited(id_: UUID) -> list[tuple[str, str]]:
    rows = (
        await AuditEntry.select()
        .where(AuditEntry.entity == "objective", AuditEntry.entity_id == str(id_))
        .order_by(AuditEntry.id)
    )
    return [(row["actor"], row["action"]) for row in rows]
