"""What happens in three departments, one thing after another, by chance.

Each thing is done by the service's own actions, so that whoever forgets to tell the
feed of it is found by whoever follows.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID, uuid4

from service.access.tables import DataSharing
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import transaction
from service.directory import tables
from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    POSTINGS,
    Changes,
    DetailsFacts,
    IdentifierFacts,
    PostingFacts,
)
from service.directory.feed import TOLD, tell_of_people
from service.directory.tables import HrRecord
from service.errors import Refusal
from service.objectives import queries as objectives
from service.objectives.content import Contributed
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import ContributionRole, OwnershipModel
from service.objectives.stages import Stage
from service.records.actions import attach_imported
from service.scores.actions import compute, publish
from tests.factories import (
    IN_THE_YEAR,
    LONG_AGO,
    OPERATOR,
    a_cycle,
    a_department,
    record_of,
    sharing,
)
from tests.hr.renaming import known_as
from tests.objectives.acting import decline, leave, withdraw
from tests.objectives.joint import Joint, agree, propose, shared_no_more

T = TypeVar("T")
CODES = ("dft", "hmt", "moj")
TODAY = IN_THE_YEAR.date()
FREELY = OwnershipModel.VOLUNTARY_COORDINATION


@dataclass
class Life:
    """Three departments that share data, and the chance that moves them."""

    joint: Joint
    past: UUID
    """A cycle whose window has closed."""
    chance: random.Random
    people: dict[UUID, str | None] = field(default_factory=dict)
    """Where those work who were taken on in this life, if anywhere."""
    shared: list[UUID] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def go_on(self) -> None:
        """Have one thing happen; what the rules refuse does not."""
        happens = self.chance.choice(HAPPENINGS)
        with suppress(Refusal):
            async with transaction():
                await happens(self)
            self.done.append(happens.__name__)

    async def hire(self) -> None:
        person, code = uuid4(), self.chance.choice(CODES)
        await tables.Person.insert(tables.Person(id=person, discoverable=True))
        changes = Changes()
        self._enter(changes, person, code)
        await self._write(changes)
        self.people[person] = code
        if self.chance.random() < 0.7:
            await HrRecord.insert(_hr_record(person, code))
            await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)

    async def rename(self) -> None:
        person, code = self._somebody()
        changes = Changes()
        async with transaction() as connection:
            held = await DETAILS.open_rows(connection, [code])
        (mine,) = [each for each in held if each.facts.person == person]
        changes.close(DETAILS, mine, TODAY)
        named = mine.facts._replace(family_name=f"Name{self.chance.randrange(10**6)}")
        changes.open(DETAILS, code, named, TODAY)
        await self._write(changes)

    async def move(self) -> None:
        person, code = self._somebody()
        to = self.chance.choice([each for each in CODES if each != code])
        changes = Changes()
        await self._leave(changes, person, code)
        self._enter(changes, person, to)
        await self._write(changes)
        self.people[person] = to

    async def leave(self) -> None:
        person, code = self._somebody()
        changes = Changes()
        await self._leave(changes, person, code)
        await self._write(changes)
        self.people[person] = None

    async def come_back(self) -> None:
        person = self._one_of([p for p, code in self.people.items() if code is None])
        code = self.chance.choice(CODES)
        changes = Changes()
        self._enter(changes, person, code)
        await self._write(changes)
        self.people[person] = code

    def _somebody(self) -> tuple[UUID, str]:
        employed = [(p, code) for p, code in self.people.items() if code is not None]
        return self._one_of(employed)

    def _one_of(self, those: Sequence[T]) -> T:
        if not those:
            raise NothingToDo("")
        return self.chance.choice(those)

    def _enter(self, changes: Changes, person: UUID, code: str) -> None:
        name = f"{person.hex[:8]}@{code}.example"
        changes.open(DETAILS, code, DetailsFacts(person, "Sam", "New", name), TODAY)
        known = IdentifierFacts(person, "workday", person.hex[:12])
        changes.open(IDENTIFIERS, code, known, TODAY)
        held = PostingFacts(
            person, "SCS1", "Director", None, None, Decimal(1), "substantive", TODAY
        )
        changes.open(POSTINGS, code, held, TODAY)

    async def _leave(self, changes: Changes, person: UUID, code: str) -> None:
        async with transaction() as connection:
            for table in TOLD:
                for held in await table.open_rows(connection, [code]):
                    if held.facts.person == person:
                        changes.close(table, held, TODAY)

    async def _write(self, changes: Changes) -> None:
        async with transaction() as connection:
            await changes.write(connection)
            await tell_of_people(changes, now=IN_THE_YEAR)

    async def draft(self) -> None:
        parts = [
            Contributed("hmt", self.joint.subject, ContributionRole.LEAD, 50, "1"),
            Contributed("dft", self.joint.partner, ContributionRole.MAJOR, 30, "2"),
            Contributed(
                "moj", self.joint.moj.people[0], ContributionRole.SUPPORTING, 20, "3"
            ),
        ]
        made = await self.joint.drafted(
            parts, title=f"Title {len(self.shared)}", ownership_model=FREELY
        )
        self.shared.append(made.id)

    async def put_to_others(self) -> None:
        await propose((await self._objective(Stage.DRAFT)).id, self.joint.machine)

    async def agree(self) -> None:
        fact = await self._objective(Stage.PROPOSED)
        people = [self.joint.subject]
        people += [each.head for each in (self.joint.hmt, self.joint.dft)]
        for person in (*people, self.joint.moj.head):
            with suppress(Refusal):
                await agree(fact.id, person)

    async def refuse(self) -> None:
        fact = await self._objective(Stage.PROPOSED)
        part = self._one_of([p for p in fact.live if p.organisation != "hmt"])
        await decline(fact.id, part.id, self._head(part.organisation))

    async def leave_it(self) -> None:
        fact = await self._objective(Stage.AGREED)
        part = self._one_of([p for p in fact.live if p.organisation != "hmt"])
        await leave(fact.id, part.id, self._head(part.organisation))

    async def say_otherwise(self) -> None:
        fact = await self._objective()
        title = f"Title {self.chance.randrange(10**6)}"
        alone = [replace(fact.content.contributions[0], share=100)]
        parts = alone if self.chance.random() < 0.3 else fact.content.contributions
        await self.joint.changed(fact, title=title, contributions=tuple(parts))

    async def take_back(self) -> None:
        await withdraw((await self._objective()).id, self.joint.hmt.head)

    async def share_no_more(self) -> None:
        if self.chance.random() < 0.7:
            raise NothingToDo("")
        await shared_no_more()

    async def share_again(self) -> None:
        await DataSharing.update({DataSharing.valid_to: date(2040, 1, 1)}, force=True)

    def _head(self, code: str) -> UUID:
        by_code = {d.code: d.head for d in (self.joint.dft, self.joint.moj)}
        return by_code[code]

    async def _objective(self, *stages: Stage) -> ObjectiveFact:
        facts = await objectives.objectives(self.shared, None)
        fit = [fact for fact in facts if not stages or fact.stage in stages]
        return self._one_of(fit)

    async def renumber(self) -> None:
        """Somebody has another id in the HR system."""
        person = self._one_of(self.joint.hmt.people)
        name = f"n{self.chance.randrange(10**6)}"
        await known_as(person, self.joint.hmt.code, name, IN_THE_YEAR)

    async def publish(self) -> None:
        key, now = b"k" * 32, IN_THE_YEAR
        await compute(self.past, method=None, key=key, caller=OPERATOR, now=now)
        await publish(self.past, key=key, caller=OPERATOR, now=now, at_once=5)

    async def decide(self) -> None:
        """A score has a new version, as each decision and appeal leaves behind."""
        async with transaction() as connection:
            row = await connection.fetchrow(
                "UPDATE score SET version = version + 1 WHERE id = (SELECT id FROM"
                " score WHERE published_at IS NOT NULL ORDER BY md5(id::text || $1)"
                " LIMIT 1) RETURNING organisation, id, version",
                str(self.chance.random()),
            )
        if row is None:
            raise NothingToDo("")
        await note([Change(row[0], Stream.SCORES, "score", *row[1:])], now=IN_THE_YEAR)


class NothingToDo(Refusal):
    """Nothing is there to do it with."""


Happening = Callable[[Life], Awaitable[None]]
HAPPENINGS: list[Happening] = [
    Life.hire,
    Life.hire,
    Life.rename,
    Life.move,
    Life.move,
    Life.leave,
    Life.come_back,
    Life.draft,
    Life.draft,
    Life.put_to_others,
    Life.put_to_others,
    Life.agree,
    Life.refuse,
    Life.leave_it,
    Life.say_otherwise,
    Life.take_back,
    Life.share_no_more,
    Life.share_again,
    Life.publish,
    Life.decide,
    Life.renumber,
]


async def three_departments() -> tuple[Joint, UUID]:
    """Each with a head and two people, in a cycle that is over and in one that runs."""
    hmt, dft, moj = [await a_department(code, 2) for code in ("hmt", "dft", "moj")]
    await sharing(*CODES)
    past = (await a_cycle(IN_THE_YEAR.year - 1)).id
    for each in (hmt, dft, moj):
        for person in (each.head, *each.people):
            await HrRecord.insert(_hr_record(person, each.code))
    now = (await a_cycle()).id
    await attach_imported(caller=OPERATOR, now=IN_THE_YEAR)
    return Joint(hmt, dft, moj, await record_of(hmt.people[0], now)), past


def _hr_record(person: UUID, code: str) -> HrRecord:
    return HrRecord(
        organisation=code,
        id=uuid4(),
        person=person,
        source="workday",
        external_record_id=uuid4().hex[:12],
        valid_from=LONG_AGO + timedelta(days=1),
        valid_to=None,
    )
