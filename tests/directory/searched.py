"""People to search for, and what a search finds."""

from collections.abc import Collection
from datetime import date
from uuid import UUID, uuid4

from service.directory.searching import Sight, Topic, search, works_on
from service.directory.tables import Person, PersonDetails, Posting
from tests.factories import IN_THE_YEAR, LONG_AGO, a_person

DAY = IN_THE_YEAR.date()


async def somebody(
    organisation: str,
    name: str = "Megan Wright",
    title: str = "Deputy Director",
    unit: str | None = "Policy",
    *,
    hidden: bool = False,
    external_id: str | None = None,
    since: date = LONG_AGO,
    until: date | None = None,
) -> UUID:
    """A person in post, by what they are searched by."""
    person = await a_person(
        organisation, external_id=external_id, since=since, until=until
    )
    given, _, family = name.partition(" ")
    await PersonDetails.update({"given_name": given, "family_name": family}).where(
        PersonDetails.person == person
    )
    await Posting.update({"title": title, "unit": unit}).where(Posting.person == person)
    if hidden:
        await Person.update({"discoverable": False}).where(Person.id == person)
    return person


def sight(*own: str, partners: Collection[str] = ()) -> Sight:
    return Sight(frozenset(own), frozenset(partners))


async def names(
    query: str, seen: Sight, *, day: date = DAY, limit: int = 5_000
) -> list[str]:
    """The names that a search finds, the nearest first."""
    found = await search(query, seen, day, limit=limit)
    return [f"{each.given_name} {each.family_name}" for each in found]


async def about(
    words: str,
    parties: Collection[str],
    *contributors: tuple[str, UUID],
    objective: UUID | None = None,
) -> UUID:
    """An objective that these people work on and these organisations may know of."""
    topic = Topic(
        objective or uuid4(), words, frozenset(parties), frozenset(contributors)
    )
    await works_on([topic])
    return topic.objective
