"""What an identity provider does: provisions somebody, restates them, lets them go.

Each runs in the transaction that `serving` opens for one request. Many run beside each
other; none runs beside an import, which has read what they would change.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from service.audit.actions import record_many
from service.auth.caller import Machine
from service.db import Connection
from service.directory.dated import Changes
from service.directory.feed import tell_of_people
from service.directory.importing.organisations_file import DOMAIN
from service.directory.importing.people_file import LOCAL, LONGEST_LOCAL
from service.directory.importing.people_plan import Plan, entry_of
from service.directory.importing.running import LOCK_KEY
from service.directory.provisioning import queries
from service.directory.provisioning.queries import Provisioned
from service.directory.provisioning.restating import (
    Known,
    Statement,
    leave,
    restate,
)
from service.directory.provisioning.rules import (
    NAMES,
    Said,
    UserTaken,
    UserUnfit,
    check,
    check_domain,
    compared,
)
from service.errors import Unavailable

HERE: Final = ZoneInfo("Europe/London")
ADD: Final = """
INSERT INTO provisioned_user (organisation, person, user_name, name_key, external_id,
    active, said, version, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, 1, $8, $8)
"""
CHANGE: Final = """
UPDATE provisioned_user SET user_name = $3, name_key = $4, external_id = $5,
    active = $6, said = $7::jsonb, version = version + 1, changed_at = $8
WHERE organisation = $1 AND person = $2
"""
DELETE: Final = "DELETE FROM provisioned_user WHERE organisation = $1 AND person = $2"
TAKEN: Final[Mapping[str, str]] = {
    "provisioned_user_name": "userName",
    "provisioned_user_external_id": "externalId",
    "person_identifier_means_one": "externalId, employeeNumber or personId",
    "person_details_email": "emails.value",
    "posting_post_once": "postReference",
}
"""What is somebody's already, by the index that says so."""


class ImportUnderWay(Unavailable):
    """An import is running, beside which nobody can be provisioned."""

    slug = "import-under-way"


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose behalf, by whom and when."""

    organisation: str
    caller: Machine
    now: datetime

    @property
    def today(self) -> date:
        """Return the day from which changes hold."""
        return self.now.astimezone(HERE).date()


@dataclass(frozen=True, slots=True)
class Described:
    """A user as a client describes them: whole, and the facts in it."""

    whole: Mapping[str, Any]
    said: Said


async def provision(
    connection: Connection, described: Described, asking: Asking
) -> UUID:
    """Keep somebody new to SCIM, and return who they are in the directory."""
    await begin(connection)
    said = described.said
    hr_system = await queries.hr_system_of(connection, asking.organisation)
    found = await queries.who(connection, asking.organisation, hr_system, said)
    if found is not None and found[1]:
        raise UserTaken(
            "A user with this externalId, employeeNumber or personId is there already:"
            " change that one."
        )
    person = uuid4() if found is None else found[0]
    statement = await _statement(connection, described, None, asking)
    plan = Plan(created=[person] if found is None else [])
    known = await queries.known(connection, asking.organisation, person, hr_system)
    plan.dated.add(restate(known, statement, asking.today))
    await _write(connection, plan)
    await _keep(connection, ADD, person, described, asking)
    await _note(known, plan.dated, "provisioned", statement, asking)
    return person


async def begin(connection: Connection) -> None:
    """Wait until no import runs, and keep one from beginning before the commit."""
    try:
        await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", LOCK_KEY)
    except asyncpg.LockNotAvailableError as error:
        raise ImportUnderWay(
            "Nothing was changed: send it again when the import has ended.",
            headers={"Retry-After": "10"},
        ) from error


async def _statement(
    connection: Connection,
    described: Described,
    before: Said | None,
    asking: Asking,
) -> Statement:
    said, organisation = described.said, asking.organisation
    check(said, described.whole)
    if said.email is not None and (before is None or said.email != before.email):
        await _check_address(said.email, organisation)
    named_before = None if before is None else before.manager
    return Statement(
        said,
        before,
        await queries.manager_named(connection, organisation, said.manager),
        await queries.manager_named(connection, organisation, named_before),
    )


async def _check_address(email: str, organisation: str) -> None:
    local, _, domain = email.rpartition("@")
    fits = LOCAL.fullmatch(local) and len(local) <= LONGEST_LOCAL
    if not (fits and DOMAIN.fullmatch(domain)):
        raise UserUnfit(
            "emails.value: write one address, such as jo.smith@defra.example."
        )
    check_domain(domain, *await queries.domains_of(organisation, domain))


async def _write(connection: Connection, plan: Plan) -> None:
    try:
        await plan.write(connection)
    except asyncpg.UniqueViolationError as error:
        raise taken(error) from error


def taken(error: asyncpg.UniqueViolationError) -> UserTaken:
    """Say what it is that somebody else has."""
    what = TAKEN.get(error.constraint_name or "", "What was sent")
    return UserTaken(
        f"{what}: somebody else in the organisation has it. If they are one person,"
        " delete this user and provision them anew with their employeeNumber."
    )


async def _keep(
    connection: Connection,
    statement: str,
    person: UUID,
    described: Described,
    asking: Asking,
) -> None:
    said = described.said
    try:
        await connection.execute(
            statement,
            asking.organisation,
            person,
            said.user_name,
            compared(said.user_name),
            said.external_id,
            said.active,
            json.dumps(described.whole),
            asking.now,
        )
    except asyncpg.UniqueViolationError as error:
        raise taken(error) from error


async def _note(
    known: Known,
    changes: Changes,
    what: str,
    statement: Statement | None,
    asking: Asking,
) -> None:
    """Tell the audit which facts were stated, and followers what came of it."""
    entry = entry_of(what, known.person, asking.organisation, changes)
    if statement is not None:
        news = statement.now.news(statement.before)
        stated = sorted(NAMES.get(name, name) for name in news)
        entry = replace(entry, after={**(entry.after or {}), "stated": stated})
    await record_many(asking.caller, [entry], now=asking.now)
    await tell_of_people(changes, now=asking.now)


async def describe(
    connection: Connection,
    kept: Provisioned,
    before: Said,
    described: Described,
    asking: Asking,
) -> None:
    """Keep what is said of somebody now; `before` is what `kept` says."""
    await begin(connection)
    statement = await _statement(connection, described, before, asking)
    known = await _known(connection, kept.person, asking)
    plan = Plan(dated=restate(known, statement, asking.today))
    await _write(connection, plan)
    await _keep(connection, CHANGE, kept.person, described, asking)
    what = "restated"
    if before.active != described.said.active:
        what = "activated" if described.said.active else "deactivated"
    await _note(known, plan.dated, what, statement, asking)


async def _known(connection: Connection, person: UUID, asking: Asking) -> Known:
    hr_system = await queries.hr_system_of(connection, asking.organisation)
    return await queries.known(connection, asking.organisation, person, hr_system)


async def deprovision(
    connection: Connection, kept: Provisioned, asking: Asking
) -> None:
    """Let somebody go, and forget all that was said of them beyond the directory."""
    await begin(connection)
    known = await _known(connection, kept.person, asking)
    plan = Plan(dated=leave(known, asking.today))
    await _write(connection, plan)
    await connection.execute(DELETE, asking.organisation, kept.person)
    await _note(known, plan.dated, "deprovisioned", None, asking)
