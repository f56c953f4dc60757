"""Whom an identity provider looks after, and what the directory holds of them.

The law: every question names one organisation; another's people do not exist.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import Connection, transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.dated import (
    DETAILS,
    IDENTIFIERS,
    LINES,
    POSTINGS,
    Dated,
    DetailsFacts,
    Facts,
    Held,
    IdentifierFacts,
    PostingFacts,
)
from service.directory.provisioning.restating import Known
from service.directory.provisioning.rules import PROVISIONED, Said
from service.directory.rules import EMPLOYEE_NUMBER

COLUMNS: Final = "person, said, version, created_at, changed_at"
ONE: Final = f"""
SELECT {COLUMNS} FROM provisioned_user WHERE organisation = $1 AND person = $2
"""  # noqa: S608 - names from this module
SIGNING_IN: Final = """
SELECT i.person FROM person_identifier i
WHERE i.source = $1 AND i.external_id = $2 AND i.organisation = $3
    AND i.valid_to IS NULL AND NOT EXISTS (SELECT FROM provisioned_user u
        WHERE u.organisation = i.organisation AND u.person = i.person AND NOT u.active)
"""
MAY_SIGN_IN: Final = """
SELECT EXISTS (SELECT FROM person_identifier i
WHERE i.person = $1 AND i.valid_to IS NULL
    AND NOT EXISTS (SELECT FROM provisioned_user u
        WHERE u.organisation = i.organisation AND u.person = i.person AND NOT u.active))
"""
WHO: Final = """
SELECT i.person, u.person IS NOT NULL AS provisioned
FROM person_identifier i
JOIN unnest($2::varchar[], $3::varchar[]) WITH ORDINALITY
    AS named (source, external_id, place) USING (source, external_id)
LEFT JOIN provisioned_user u ON u.organisation = i.organisation AND u.person = i.person
WHERE i.organisation = $1
ORDER BY i.valid_to DESC NULLS FIRST, named.place, i.id LIMIT 1
"""
"""By what is open first, then by what was closed last."""
HR_SYSTEM: Final = "SELECT hr_system FROM organisation WHERE code = $1"
LAST_DETAILS: Final = """
SELECT person, given_name, family_name, email FROM person_details
WHERE organisation = $1 AND person = $2 AND valid_to IS NOT NULL
ORDER BY valid_to DESC, valid_from DESC, id LIMIT 1
"""
LAST_POSTING: Final = """
SELECT person, grade, title, unit, post_reference, fte, kind, started_on, valid_to
FROM posting WHERE organisation = $1 AND person = $2 AND valid_to IS NOT NULL
ORDER BY valid_to DESC, fte DESC, valid_from DESC, id LIMIT 1
"""
LAST_IDENTIFIERS: Final = """
SELECT DISTINCT ON (source) person, source, external_id FROM person_identifier i
WHERE organisation = $1 AND person = $2 AND valid_to IS NOT NULL
    AND NOT EXISTS (SELECT FROM person_identifier o WHERE o.organisation = $1
        AND o.source = i.source AND o.external_id = i.external_id
        AND o.valid_to IS NULL)
ORDER BY source, valid_to DESC, valid_from DESC, id
"""
MANAGER: Final = """
SELECT person FROM provisioned_user
WHERE organisation = $1 AND person::text = lower($2)
UNION ALL
SELECT person FROM person_identifier WHERE organisation = $1
    AND source = 'employee_number' AND external_id = $2 AND valid_to IS NULL
LIMIT 1
"""
DOMAINS: Final = """
SELECT organisation, domain FROM organisation_domain
WHERE valid_to IS NULL AND (organisation = $1 OR domain = $2)
"""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A person as an identity provider described them last."""

    person: UUID
    whole: dict[str, Any]
    """The resource as SCIM writes it, without what the service adds."""
    version: int
    created_at: datetime
    changed_at: datetime


async def person_signing_in(
    source: str, external_id: str, *, organisation: str
) -> UUID | None:
    """Return whom an organisation knows by it, unless they have been deactivated."""
    async with transaction() as connection:
        found: UUID | None = await connection.fetchval(
            SIGNING_IN, source, external_id, organisation
        )
    return found


async def may_sign_in(person: UUID) -> bool:
    """Tell whether any organisation within reach still knows them, and lets them in."""
    async with transaction() as connection:
        found: bool = await connection.fetchval(MAY_SIGN_IN, person)
    return found


async def provisioned(
    connection: Connection, organisation: str, person: UUID, *, writing: bool = False
) -> Provisioned | None:
    """Return one of the organisation's people; locked until the commit, to write."""
    lock = " FOR UPDATE" if writing else ""
    row = await connection.fetchrow(ONE + lock, organisation, person)
    return None if row is None else _provisioned(row)


def _provisioned(row: Record) -> Provisioned:
    return Provisioned(
        row["person"],
        json.loads(row["said"]),
        row["version"],
        row["created_at"],
        row["changed_at"],
    )


async def find(
    connection: Connection,
    condition: str,
    order: str,
    arguments: Sequence[object],
    *,
    skip: int,
    limit: int,
) -> tuple[int, list[Provisioned]]:
    """Return how many fit, and a page of them.

    `condition` and `order` are SQL that `filters` wrote, with $1, the organisation, and
    the arguments after it; none of it is a caller's.
    """
    within = f"FROM provisioned_user WHERE organisation = $1 AND {condition}"
    total: int = await connection.fetchval(f"SELECT count(*) {within}", *arguments)
    rows = await connection.fetch(
        f"SELECT {COLUMNS} {within} ORDER BY {order} LIMIT {limit:d} OFFSET {skip:d}",
        *arguments,
    )
    return total, [_provisioned(row) for row in rows]


async def who(
    connection: Connection, organisation: str, hr_system: str, said: Said
) -> tuple[UUID, bool] | None:
    """Return who the organisation knows by what is stated, and whether by SCIM."""
    named = {
        hr_system: said.person_id,
        EMPLOYEE_NUMBER: said.employee_number,
        PROVISIONED: said.external_id,
    }
    stated = {source: id_ for source, id_ in named.items() if id_ is not None}
    row = await connection.fetchrow(
        WHO, organisation, list(stated), list(stated.values())
    )
    return None if row is None else (row["person"], row["provisioned"])


async def hr_system_of(connection: Connection, organisation: str) -> str:
    """Return what the organisation calls its HR system's identifiers."""
    code: str = await connection.fetchval(HR_SYSTEM, organisation)
    return code


async def known(
    connection: Connection, organisation: str, person: UUID, hr_system: str
) -> Known:
    """Return what the directory holds of a person in the organisation."""
    last_details = await connection.fetchrow(LAST_DETAILS, organisation, person)
    last_posting = await connection.fetchrow(LAST_POSTING, organisation, person)
    last = await connection.fetch(LAST_IDENTIFIERS, organisation, person)
    return Known(
        organisation,
        person,
        hr_system,
        details=await _open(connection, DETAILS, organisation, person),
        identifiers=await _open(connection, IDENTIFIERS, organisation, person),
        postings=await _open(connection, POSTINGS, organisation, person),
        lines=await _open(connection, LINES, organisation, person),
        last_details=DetailsFacts(*last_details) if last_details else None,
        last_posting=PostingFacts(*tuple(last_posting)[:-1]) if last_posting else None,
        last_identifiers=[IdentifierFacts(*row) for row in last],
        ended=last_posting["valid_to"] if last_posting else None,
    )


async def _open(
    connection: Connection, table: Dated[Facts], organisation: str, person: UUID
) -> list[Held[Facts]]:
    rows = await connection.fetch(
        f"SELECT id, valid_from, {table.columns} FROM {table.name}"  # noqa: S608 - names from `dated`
        " WHERE organisation = $1 AND person = $2 AND valid_to IS NULL ORDER BY id",
        organisation,
        person,
    )
    return [
        Held(organisation, row["id"], table.facts(*tuple(row)[2:]), row["valid_from"])
        for row in rows
    ]


async def manager_named(
    connection: Connection, organisation: str, name: str | None
) -> UUID | None:
    """Return whom the organisation knows by an id given here or an employee number."""
    if name is None:
        return None
    found: UUID | None = await connection.fetchval(MANAGER, organisation, name)
    return found


async def domains_of(
    organisation: str, domain: str
) -> tuple[frozenset[str], str | None]:
    """Return the organisation's e-mail domains, and whose `domain` is."""
    with within_reach(EVERYONE):  # A domain may be a partner's.
        async with transaction() as connection:
            rows = await connection.fetch(DOMAINS, organisation, domain)
    own = frozenset(r["domain"] for r in rows if r["organisation"] == organisation)
    owners = (row["organisation"] for row in rows if row["domain"] == domain)
    return own, next(owners, None)
