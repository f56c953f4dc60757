"""How colleagues stand to subjects on any day, against plain Python on any chart.

Postings, lines and agreements begin and end at random; who may rate whom follows from
what was in force on the day that is asked about, and from nothing before or after it.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from uuid import UUID

import pytest

from service.access.tables import DataSharing
from service.db import transaction
from service.directory.rules import LineKind
from service.directory.tables import Posting, ReportingLine
from service.feedback import queries
from service.feedback.queries import Judged
from service.feedback.rules import Grounds
from service.records.queries import RecordFact
from tests.scoring import SIZES, Scene
from tests.sizes import SEED

BEGINS = date(2026, 4, 1)
DAYS = 365
ASKED = 250
"""Of each chart, in one statement."""
GRADES = ("SCS1", "SCS2")


@dataclass(frozen=True)
class Chart:
    """What is in force when, as it was written."""

    postings: list[Posting]
    lines: list[ReportingLine]
    agreements: list[DataSharing]
    records: list[RecordFact]

    def main(self, person: UUID, day: date) -> Posting | None:
        held = [
            each
            for each in self.postings
            if each.person == person and in_force(each, day)
        ]
        held.sort(key=lambda p: (-p.fte, p.valid_from, p.organisation, p.id))
        return held[0] if held else None

    def above(self, person: UUID, day: date) -> set[UUID]:
        found: set[UUID] = set()
        new = {person}
        while new:
            new = {
                line.manager
                for line in self.lines
                if line.person in new and in_force(line, day)
            } - found
            found |= new
        return found

    def share(self, one: str, other: str, day: date) -> bool:
        return one == other or any(
            {each.organisation, each.partner} == {one, other} and in_force(each, day)
            for each in self.agreements
        )

    def grounds(self, on: RecordFact, person: UUID, day: date) -> dict[str, object]:
        mine, theirs = self.main(person, day), self.main(on.person, day)
        keeps = any(
            each.person == person and each.organisation == on.organisation
            for each in self.records
        )
        at = None if mine is None else mine.organisation
        return {
            "organisation": at,
            "home": {on.organisation} | ({theirs.organisation} if theirs else set()),
            "keeper": on.organisation,
            "is_subject": person == on.person,
            "in_line": on.person in self.above(person, day)
            or person in self.above(on.person, day),
            "competes": mine is not None and theirs is not None
            and mine.grade == theirs.grade and keeps,
            "shares": at is not None and self.share(on.organisation, at, day),
        }  # fmt: skip


def in_force(each: Posting | ReportingLine | DataSharing, day: date) -> bool:
    return each.valid_from <= day and (each.valid_to is None or day < each.valid_to)


def spans(chance: random.Random) -> list[tuple[date, date | None]]:
    """One after another, with gaps; the last may go on."""
    days = sorted(chance.sample(range(DAYS), 4))
    first, second, third, last = (BEGINS + timedelta(days=each) for each in days)
    return [(first, second), (third, chance.choice([None, last]))]


async def a_chart(scene: Scene, seed: str) -> Chart:
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    people, codes = [*scene.people.values()], [*SIZES]
    (kept, *_) = await Posting.select().limit(1)
    postings = [
        Posting(**{
            **kept, "id": UUID(int=chance.getrandbits(128)), "person": person,
            "organisation": code, "grade": chance.choice(GRADES), "fte": fte,
            "started_on": since, "valid_from": since, "valid_to": until,
        })
        for person in people
        for code, fte in zip(
            chance.sample(codes, 2),
            chance.choice([(Decimal("0.6"), Decimal("0.4"))] * 2
                          + [(Decimal("0.5"), Decimal("0.5"))]),
            strict=True,
        )
        for since, until in spans(chance)
    ]  # fmt: skip
    lines = [
        ReportingLine(
            organisation=chance.choice(codes), id=UUID(int=chance.getrandbits(128)),
            person=person, manager=manager, kind=LineKind.LINE, valid_from=since,
            valid_to=until,
        )
        for person in people
        for since, until in spans(chance)
        if (manager := chance.choice(people)) != person and chance.random() < 0.7
    ]  # fmt: skip
    agreements = [
        DataSharing(
            organisation=one, partner=other, id=UUID(int=chance.getrandbits(128)),
            purpose="tests", valid_from=since, valid_to=until or date(2030, 1, 1),
        )
        for one, other in combinations(sorted(codes), 2)
        for since, until in spans(chance)
    ]  # fmt: skip
    for table in (Posting, ReportingLine, DataSharing):
        await table.delete(force=True)
    await Posting.insert(*postings)
    await ReportingLine.insert(*lines)
    await DataSharing.insert(*agreements)
    return Chart(postings, lines, agreements, [*scene.records.values()])


@pytest.mark.parametrize("number", range(4))
async def test_it_follows_from_what_was_in_force_that_day(
    db: None, scene: Scene, number: int
) -> None:
    chart = await a_chart(scene, f"{SEED} {number}")
    chance = random.Random(f"asked {SEED} {number}")  # noqa: S311 - likewise
    of = {on.id: on for on in chart.records}
    asked = {
        Judged(
            chance.choice([*of]),
            chance.choice([*scene.people.values()]),
            BEGINS + timedelta(days=chance.randrange(-5, DAYS + 5)),
        )
        for _ in range(ASKED)
    }
    async with transaction() as connection:
        found = dict(await queries.grounds(connection, sorted(asked)))
        first = min(asked)
        assert await queries.grounds(connection, [first]) == [(first, found[first])]
    assert found.keys() == asked
    for each, stands in found.items():
        wanted = chart.grounds(of[each.record], each.person, each.day)
        assert told(stands) == wanted, each
    for name in ("is_subject", "in_line", "competes", "shares"):
        assert {getattr(stands, name) for stands in found.values()} == {True, False}


def told(stands: Grounds) -> dict[str, object]:
    return {
        "organisation": stands.organisation,
        "home": set(stands.home),
        "keeper": stands.keeper,
        "is_subject": stands.is_subject,
        "in_line": stands.in_line,
        "competes": stands.competes,
        "shares": stands.shares,
    }
