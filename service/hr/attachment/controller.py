"""HTTP for a record's whole attachment: declare, delegate, present."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter
from pydantic import BaseModel

from service.audit.actions import disclose
from service.audit.actions import record as audit
from service.auth.caller import Machine, Scope, SignedIn
from service.auth.guard import Anyone, machine, person
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.edge.conditional import unless_known, version_tag
from service.errors import Malformed
from service.hr.attachment.queries import attachment
from service.hr.attachment.schemas import AttachmentOut
from service.objectives.presenting import PersonOut
from service.records import actions
from service.records.presenting import record_out
from service.records.schemas import RecordIn, RecordOut
from service.records.whose import record_for
from service.settings import settings

Asked = Request[Any, Any, Any]
OrganisationCode = Annotated[
    str | None,
    Parameter(description="Code of one of the caller's organisations."),
]
PURPOSE = "appraisal record"
ATTACHABLE: Final = re.compile("([^:]{1,40}):(.{1,120})", re.DOTALL)
"""As long as the names are that are stored."""


class BadRecordName(Malformed):
    """A record is attached by its HR system and its id there."""

    slug = "record-name-malformed"


class AttachmentController(Controller):
    """What this service attaches to appraisal records."""

    path = "/v1/records"
    tags = ("Records",)

    @get(
        "/{record:str}",
        operation_id="getRecord",
        summary="Get a record with all that is attached to it",
        security=[*machine(Scope.RECORDS_READ), *person()],
        responses={
            200: ResponseSpec(
                AttachmentOut, generate_examples=False, description="The record."
            )
        },
    )
    async def one(
        self,
        request: Asked,
        caller: Anyone,
        record: FromPath[
            Annotated[
                str,
                Parameter(description="The record's id, or source:external_record_id."),
            ]
        ],
        organisation: FromQuery[OrganisationCode] = None,
    ) -> Response[bytes]:
        """Return objectives, progress, assessments, thanks and score of one record.

        A person is shown what they are party to.
        """
        now = settings().clock()
        issuer: str = request.app.state.issuer
        async with transaction():
            on = await record_for(record, caller, organisation, now.date())
            # Who answers for partners' people is looked up; the reach changes but once.
            with within_reach(EVERYONE):
                async with transaction():
                    found = await attachment(on, caller, issuer, now.date())
                    await _told_of(found, caller, now)
        return unless_known(request, found.model_dump_json().encode())

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
        caller: NamedDependency[Machine],
        record: FromPath[
            Annotated[str, Parameter(description="source:external_record_id.")]
        ],
        data: JSONBody[RecordIn],
        organisation: FromQuery[OrganisationCode] = None,
    ) -> Response[bytes]:
        """Attach the record; the same again changes nothing."""
        name = ATTACHABLE.fullmatch(record)
        if name is None:
            raise BadRecordName(
                "Name the record as source:external_record_id, such as"
                " workday:57f4928e: at most 40 and 120 characters."
            )
        now = settings().clock()
        async with transaction():
            fact, new = await actions.attach(
                name[1],
                name[2],
                cycle=data.cycle,
                person=(data.person.source_system, data.person.external_id),
                organisation=organisation,
                machine=caller,
                now=now,
            )
            await disclose(caller, "records", [fact.person], now=now, purpose=PURPOSE)
        return Response(
            record_out(fact).model_dump_json().encode(),
            status_code=201 if new else 200,
            media_type="application/json",
            headers={"ETag": version_tag(fact.version)},
        )


async def _told_of(
    found: AttachmentOut, caller: Machine | SignedIn, now: datetime
) -> None:
    """Write down who was told about whom, before it leaves."""
    if isinstance(caller, Machine):
        people = {found.person, *_people(found)}
        await disclose(caller, "record", people, now=now, purpose=PURPOSE)
        return
    await audit(
        caller, "read", "record", found.id, now=now, organisation=found.organisation
    )


def _people(part: object) -> Iterator[UUID]:
    """Return everybody who is shown, wherever: nobody is told of unseen."""
    match part:
        case PersonOut(id=person):
            yield person
        case BaseModel():
            for _, value in part:
                yield from _people(value)
        case list():
            for value in part:
                yield from _people(value)
