"""Add to the audit, inside the transaction that makes it true."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Caller, Machine
from service.db import transaction
from service.db.reach import LISTED, listed
from service.logs import request_id

ADD_ENTRY = (
    "INSERT INTO audit_entry (at, actor, action, organisation, entity, entity_id,"
    " reason, before, after, request_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10)"
)
ADD_ENTRIES = (
    "INSERT INTO audit_entry (at, actor, action, organisation, entity, entity_id,"
    " before, after, request_id)"
    " SELECT $1, $2, action, organisation, entity, entity_id, before::jsonb,"
    " after::jsonb, $3 FROM unnest($4::varchar[], $5::varchar[], $6::varchar[],"
    " $7::varchar[], $8::text[], $9::text[]) WITH ORDINALITY"
    " AS entry (action, organisation, entity, entity_id, before, after, place)"
    " ORDER BY place"
)
DISCLOSURE = ("uuid", "timestamptz", "text", "text", "text", "text", "text")
"""Types of what `disclosure` gives."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many changes that a caller makes at once."""

    action: str
    entity: str
    entity_id: object
    organisation: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


async def record(
    caller: Caller,
    action: str,
    entity: str,
    entity_id: object,
    *,
    now: datetime,
    organisation: str | None = None,
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry; values of `before` and `after` are written as JSON."""
    async with transaction() as connection:
        await connection.execute(
            ADD_ENTRY,
            now,
            caller.key,
            action,
            organisation,
            entity,
            str(entity_id),
            reason,
            _as_json(before),
            _as_json(after),
            request_id(),
        )


async def record_many(
    caller: Caller, entries: Sequence[Entry], *, now: datetime
) -> None:
    """Add many entries in one statement, as an import needs; in the order given."""
    async with transaction() as connection:
        await connection.execute(
            ADD_ENTRIES,
            now,
            caller.key,
            request_id(),
            [entry.action for entry in entries],
            [entry.organisation for entry in entries],
            [entry.entity for entry in entries],
            [str(entry.entity_id) for entry in entries],
            [_as_json(entry.before) for entry in entries],
            [_as_json(entry.after) for entry in entries],
        )


def _as_json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, default=str, sort_keys=True)


async def disclose(
    machine: Machine, what: str, people: Iterable[UUID], *, now: datetime, purpose: str
) -> None:
    """Record that `machine` was told `what` about each of `people`."""
    given = disclosure(uuid4(), machine, what, now=now, purpose=purpose)
    async with transaction() as connection:
        await connection.execute(ADD_DISCLOSURE, *given, [*people])


def disclosing(rows: str, first: int) -> str:
    """Return the SQL that records who was told of the `people`, an array, of `rows`.

    `first` is the number of the first of its parameters, which `disclosure` gives.
    """
    id_, at, client, organisations, what, purpose, request = (
        f"${number}::{kind}" for number, kind in enumerate(DISCLOSURE, first)
    )
    return f"""
    INSERT INTO disclosure (id, at, client, organisations, what, people, purpose,
        request_id)
    SELECT {id_}, {at}, {client}, {LISTED.format(organisations)}, {what},
        ARRAY(SELECT DISTINCT unnest(people) ORDER BY 1), {purpose}, {request}
    FROM {rows}
    """  # noqa: S608 - our own


ADD_DISCLOSURE = disclosing(
    f"(SELECT ${len(DISCLOSURE) + 1}::uuid[] AS people) AS told", 1
)


def disclosure(
    id_: UUID, machine: Machine, what: str, *, now: datetime, purpose: str
) -> tuple[Any, ...]:
    """Return what `disclosing` is given of one disclosure, beside the people."""
    organisations = listed(machine.organisations)
    return id_, now, machine.key, organisations, what, purpose, request_id()
