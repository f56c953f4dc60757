"""The colleagues whom somebody proposes, found by the names that they give.

The law: whoever is named is looked for only where data is shared, and of another
organisation's people nobody learns whether the name was wrong or its owner hidden; an
address is looked up for nobody.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from service.access.queries import check_shared
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import Fault, Unprocessable
from service.feedback.nominating import Nominee
from service.feedback.schemas import NomineeIn
from service.objectives.assigning.naming import People, Sought, people_named
from service.records.queries import RecordFact

ADDRESS: Final = re.compile(r"[^\s@,;:<>()\[\]\"\\+]{1,64}@([a-z0-9.-]{1,253})")
"""One address of one person: no list, no name beside it and no tag after a plus."""
DOMAINS: Final = """
SELECT domain, organisation FROM organisation_domain
WHERE domain = ANY ($1) AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
"""


class UnknownNominee(Unprocessable):
    """Somebody who was proposed is nobody whom the caller may propose."""

    slug = "feedback-nominee-unknown"


async def named(
    on: RecordFact, wanted: Sequence[NomineeIn], day: date
) -> list[Nominee]:
    """Find the people of a proposal; refuse all of it if one is unknown."""
    emails = {_email(each) for each in wanted} - {None}
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(
                DOMAINS, [email.partition("@")[2] for email in emails if email], day
            )
            at = {row["domain"]: row["organisation"] for row in rows}
            named = {each.organisation for each in wanted if each.organisation}
            await check_shared(on.organisation, {*named, *at.values()}, day)
            people = await people_named(
                [sought for each in wanted if (sought := _sought(on, each))]
            )
    faults = [
        fault
        for place, each in enumerate(wanted)
        if (fault := _fault(place, on, each, at, people))
    ]
    if faults:
        raise UnknownNominee("Mend this and propose them again.", faults=faults)
    return [_nominee(on, each, people) for each in wanted]


def _email(wanted: NomineeIn) -> str | None:
    return None if wanted.email is None else wanted.email.strip().lower()


def _sought(on: RecordFact, wanted: NomineeIn) -> Sought | None:
    if wanted.organisation is None or wanted.person is None:
        return None
    return Sought(on.organisation, wanted.organisation, wanted.person)


def _fault(
    place: int,
    on: RecordFact,
    wanted: NomineeIn,
    at: Mapping[str, str],
    people: People,
) -> Fault | None:
    email = _email(wanted)
    if email is not None:
        address = ADDRESS.fullmatch(email)
        if address is None:
            text = "Write one plain address, such as sam.jones@dwp.example."
            return Fault(text, pointer=f"#/people/{place}/email")
        if address[1] not in at:
            text = f"{address[1]} is the domain of no member organisation."
            return Fault(text, pointer=f"#/people/{place}/email")
        return None
    sought = _sought(on, wanted)
    if sought is None or people.find(sought) is None:
        text = f"{wanted.organisation} has nobody of this id whom you may name."
        return Fault(text, pointer=f"#/people/{place}/person")
    return None


def _nominee(on: RecordFact, wanted: NomineeIn, people: People) -> Nominee:
    sought = _sought(on, wanted)
    if sought is None:
        return Nominee(email=_email(wanted))
    return Nominee(person=people.find(sought))
