"""One department with an officer of each role, and another department's HR."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from service.access.actions import grant
from service.access.rules import Role
from service.settings import settings
from tests.factories import (
    IN_THE_YEAR,
    OPERATOR,
    a_cycle,
    a_department,
    sharing,
)


@dataclass(frozen=True)
class Office:
    """Who holds which role in hmt, by its name; `nobody` holds none."""

    people: dict[str, UUID]
    head: UUID
    staff: tuple[UUID, ...]
    other_hr: UUID
    """HR administrator of defra."""
    cycle: UUID
    """Of hmt alone."""


async def a_role(person: UUID, role: Role, organisation: str) -> UUID:
    return await grant(
        person,
        role,
        organisation=organisation,
        until=date(2030, 1, 1),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


@pytest.fixture(autouse=True)
def in_the_year(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_NOW", IN_THE_YEAR.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def office(db: None) -> Office:
    hmt, defra = await a_department("hmt", 8), await a_department("defra", 2)
    await sharing("hmt", "defra")
    people = dict(zip([*Role, "nobody"], hmt.people, strict=False))
    for role in Role:
        await a_role(people[role], role, "hmt")
    await a_role(defra.people[0], Role.HR_ADMINISTRATOR, "defra")
    made = await a_cycle(organisations=["hmt"])
    return Office(
        people={str(name): person for name, person in people.items()},
        head=hmt.head,
        staff=hmt.people,
        other_hr=defra.people[0],
        cycle=made.id,
    )
