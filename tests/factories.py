"""One function for each thing a test may need; each gives a valid default.

Rows are written as imports write them, in the transaction that the test rolls back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import httpx

from service.access.actions import agree_to_share
from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Operator, Scope
from service.directory.queries import known_codes
from service.directory.rules import LineKind, NameKind, PostingKind
from service.directory.tables import (
    HrRecord,
    Organisation,
    OrganisationDomain,
    OrganisationName,
    Person,
    PersonDetails,
    PersonIdentifier,
    Posting,
    ReportingLine,
)
from service.records.actions import Opened, open_cycle
from service.records.queries import RecordFact, records

YEAR = 2026
"""The cycle from 1 April 2026 to 31 March 2027."""
LONG_AGO = date(2020, 1, 1)
IN_THE_YEAR = datetime(2026, 6, 1, 9, tzinfo=UTC)
FEEDBACK_OPEN = datetime(2027, 2, 10, 9, tzinfo=UTC)
CLOSED = datetime(2027, 3, 2, 9, tzinfo=UTC)
RELEASED = datetime(2027, 4, 1, 9, tzinfo=UTC)
OPERATOR = Operator("tests")
_number = count(1)


async def an_organisation(code: str, hr_system: str = "workday") -> str:
    await Organisation.insert(
        Organisation(
            code=code,
            parent_name=None,
            hr_system=hr_system,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )
    await OrganisationName.insert(
        OrganisationName(
            organisation=code,
            id=uuid4(),
            name=f"Department {code}",
            kind=NameKind.OFFICIAL,
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )
    await OrganisationDomain.insert(
        OrganisationDomain(
            organisation=code,
            id=uuid4(),
            domain=f"{code}.example",
            valid_from=LONG_AGO,
            valid_to=None,
        )
    )
    return code


async def a_person(
    organisation: str,
    *,
    manager: UUID | None = None,
    external_id: str | None = None,
    record_id: str | None = None,
    since: date = LONG_AGO,
    until: date | None = None,
    source: str = "workday",
) -> UUID:
    """Somebody in post, with an HR record to attach; `manager` is their own."""
    number = next(_number)
    person = uuid4()
    await Person.insert(Person(id=person, discoverable=True))
    await PersonDetails.insert(
        PersonDetails(
            organisation=organisation,
            id=uuid4(),
            person=person,
            given_name="Sam",
            family_name=f"Person{number}",
            email=f"sam.{number}@{organisation}.example",
            valid_from=since,
            valid_to=until,
        )
    )
    await PersonIdentifier.insert(
        PersonIdentifier(
            organisation=organisation,
            id=uuid4(),
            person=person,
            source=source,
            external_id=external_id or f"p{number}",
            valid_from=since,
            valid_to=until,
        )
    )
    await HrRecord.insert(
        HrRecord(
            organisation=organisation,
            id=uuid4(),
            person=person,
            source=source,
            external_record_id=record_id or f"r{number}",
            valid_from=since,
            valid_to=until,
        )
    )
    await a_posting(person, organisation, since=since, until=until)
    if manager is not None:
        await a_line(person, manager, organisation, since=since, until=until)
    return person


async def a_posting(
    person: UUID,
    organisation: str,
    *,
    since: date = LONG_AGO,
    until: date | None = None,
    fte: str = "1.0",
) -> None:
    await Posting.insert(
        Posting(
            organisation=organisation,
            id=uuid4(),
            person=person,
            grade="SCS1",
            title="Deputy Director",
            unit="Policy",
            post_reference=None,
            fte=Decimal(fte),
            kind=PostingKind.SUBSTANTIVE,
            started_on=since,
            valid_from=since,
            valid_to=until,
        )
    )


async def a_line(
    person: UUID,
    manager: UUID,
    organisation: str,
    *,
    since: date = LONG_AGO,
    until: date | None = None,
) -> None:
    await ReportingLine.insert(
        ReportingLine(
            organisation=organisation,
            id=uuid4(),
            person=person,
            manager=manager,
            kind=LineKind.LINE,
            valid_from=since,
            valid_to=until,
        )
    )


async def sharing(*organisations: str) -> None:
    """Agreements between each two of these, for years on either side."""
    for place, one in enumerate(organisations):
        for other in organisations[place + 1 :]:
            await agree_to_share(
                one,
                other,
                purpose="tests",
                start=date(2020, 1, 1),
                end=date(2040, 1, 1),
                known=await known_codes(),
                caller=OPERATOR,
                now=IN_THE_YEAR,
            )


async def a_cycle(year: int = YEAR, organisations: Sequence[str] = ()) -> Opened:
    """An open cycle of all organisations, with every imported record attached."""
    return await open_cycle(
        "uk-scs-2025",
        year,
        organisations=organisations,
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


async def record_of(person: UUID, cycle: UUID) -> RecordFact:
    found = await records(await known_codes(), cycle=cycle, limit=10_000)
    (mine,) = [fact for fact in found if fact.person == person]
    return mine


@dataclass(frozen=True, slots=True)
class Department:
    """One organisation with a head and people who report to the head."""

    code: str
    head: UUID
    people: tuple[UUID, ...]


async def a_department(code: str, people: int = 3) -> Department:
    await an_organisation(code)
    head = await a_person(code)
    staff = [await a_person(code, manager=head) for _ in range(people)]
    return Department(code, head, tuple(staff))


async def a_token(
    client: httpx.AsyncClient, *organisations: str, scopes: Sequence[Scope] = (*Scope,)
) -> dict[str, str]:
    """The headers of a machine bound to these organisations."""
    client_id, secret = await create_client(
        organisations,
        scopes,
        known=await known_codes(),
        caller=OPERATOR,
        now=IN_THE_YEAR,
        record=record,
    )
    answer = await client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, secret),
    )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
