"""HTTP for cycles and records: declare, delegate, present."""

import json
import re
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.access.rules import within
from service.audit.actions import disclose
from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.db import transaction
from service.edge.conditional import unless_known, version_tag
from service.edge.paging import (
    HIGHEST_LIMIT,
    USUAL_LIMIT,
    Bound,
    address,
    link,
    seal,
    unseal,
)
from service.errors import Malformed
from service.records import actions, queries
from service.records.queries import RecordFact
from service.records.schemas import CycleOut, CyclePage, RecordIn, RecordOut, RecordPage
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[Machine]
Organisation = Annotated[
    str | None,
    Parameter(description="Code of one of the client's organisations."),
]
RecordName = Annotated[
    str, Parameter(description="The record's id, or source:external_record_id.")
]
PURPOSE = "appraisal record"
ATTACHABLE: Final = re.compile("([^:]{1,40}):(.{1,120})", re.DOTALL)
"""As long as the names are that are stored."""


class BadRecordName(Malformed):
    """A record is attached by its HR system and its id there."""

    slug = "record-name-malformed"


class CycleController(Controller):
    """Appraisal years."""

    path = "/v1/cycles"
    tags = ("Cycles",)

    @get(
        operation_id="listCycles",
        summary="List cycles",
        security=machine(Scope.CYCLES_READ),
    )
    async def all(self, caller: Caller) -> CyclePage:
        """Return the cycles that the client's organisations take part in."""
        found = await queries.cycles(caller.organisations)
        return CyclePage(items=[_cycle(row) for row in found])

    @get(
        "/{cycle:uuid}",
        operation_id="getCycle",
        summary="Get a cycle",
        security=machine(Scope.CYCLES_READ),
    )
    async def one(self, caller: Caller, cycle: FromPath[UUID]) -> CycleOut:
        """Return one cycle that the client's organisations take part in."""
        return _cycle(await queries.cycle_of(cycle, caller.organisations))


def _cycle(row: dict[str, Any]) -> CycleOut:
    return CycleOut.model_validate(
        {name: row[name] for name in CycleOut.model_fields}
        | {"stages": json.loads(row["stages"])}
    )


class RecordController(Controller):
    """Appraisal records, attached to HR systems' own."""

    path = "/v1/records"
    tags = ("Records",)

    @get(
        operation_id="listRecords",
        summary="List records",
        security=machine(Scope.RECORDS_READ),
        responses={
            200: ResponseSpec(
                RecordPage, generate_examples=False, description="One page of records."
            )
        },
    )
    async def all(
        self,
        request: Asked,
        caller: Caller,
        organisation: FromQuery[Organisation] = None,
        cycle: FromQuery[UUID | None] = None,
        limit: FromQuery[Annotated[int, Parameter(ge=1, le=HIGHEST_LIMIT)]] = (
            USUAL_LIMIT
        ),
        cursor: FromQuery[Annotated[str | None, Parameter(max_length=4096)]] = None,
    ) -> Response[bytes]:
        """Return the records of the client's organisations' people."""
        scope = within(caller.organisations, organisation)
        bound = Bound(
            client=caller.client_id,
            organisations=caller.organisations,
            stream="records",
            filter={"organisation": organisation, "cycle": str(cycle or "")},
        )
        state = request.app.state
        key: bytes = state.cursor_key
        after = (
            UUID(unseal(cursor, key=key, bound_to=bound)["after"]) if cursor else None
        )
        async with transaction():
            found = await queries.records(
                scope, cycle=cycle, after=after, limit=limit + 1
            )
            shown = found[:limit]
            await _disclose(caller, shown)
        following = None
        if len(found) > limit:
            position = seal({"after": str(shown[-1].id)}, key=key, bound_to=bound)
            asked = [*request.query_params.multi_items()]
            following = address(state.issuer, request.url.path, asked, position)
        page = RecordPage(items=[_record(fact) for fact in shown], next=following)
        return unless_known(
            request, page.model_dump_json().encode(), headers=link(page)
        )

    @get(
        "/{record:str}",
        operation_id="getRecord",
        summary="Get a record",
        security=machine(Scope.RECORDS_READ),
        responses={
            200: ResponseSpec(
                RecordOut, generate_examples=False, description="The record."
            )
        },
    )
    async def one(
        self,
        request: Asked,
        caller: Caller,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Return one record, by its id or by the HR system's."""
        async with transaction():
            scope = within(caller.organisations, organisation)
            fact = await queries.record_named(record, scope)
            await _disclose(caller, [fact])
        return _tagged(request, fact)

    @put(
        "/{record:str}",
        operation_id="attachRecord",
        summary="Attach an HR system's record",
        security=machine(Scope.RECORDS_WRITE),
        responses={
            200: ResponseSpec(
                RecordOut,
                generate_examples=False,
                description="It was attached already.",
            ),
            201: ResponseSpec(
                RecordOut, generate_examples=False, description="It is attached now."
            ),
        },
    )
    async def attach(
        self,
        caller: Caller,
        record: FromPath[
            Annotated[str, Parameter(description="source:external_record_id.")]
        ],
        data: JSONBody[RecordIn],
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Attach the record; the same again changes nothing."""
        name = ATTACHABLE.fullmatch(record)
        if name is None:
            raise BadRecordName(
                "Name the record as source:external_record_id, such as"
                " workday:57f4928e: at most 40 and 120 characters."
            )
        async with transaction():
            fact, new = await actions.attach(
                name[1],
                name[2],
                cycle=data.cycle,
                person=(data.person.source_system, data.person.external_id),
                organisation=organisation,
                machine=caller,
                now=settings().clock(),
            )
            await _disclose(caller, [fact])
        return Response(
            _record(fact).model_dump_json().encode(),
            status_code=201 if new else 200,
            media_type="application/json",
            headers={"ETag": version_tag(fact.version)},
        )


def _record(fact: RecordFact) -> RecordOut:
    return RecordOut(
        id=fact.id,
        organisation=fact.organisation,
        cycle=fact.cycle,
        source_system=fact.source,
        external_id=fact.external_id,
        person=fact.person,
        version=fact.version,
    )


async def _disclose(caller: Machine, facts: list[RecordFact]) -> None:
    if facts:
        people = [fact.person for fact in facts]
        now = settings().clock()
        await disclose(caller, "records", people, now=now, purpose=PURPOSE)


def _tagged(request: Asked, fact: RecordFact) -> Response[bytes]:
    content = _record(fact).model_dump_json().encode()
    return unless_known(request, content, etag=version_tag(fact.version))
