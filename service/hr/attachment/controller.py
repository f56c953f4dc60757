"""HTTP for a record's whole attachment: declare, delegate, present."""

import re
from typing import Annotated, Any, Final

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.audit.actions import disclose
from service.auth.caller import Machine, Scope
from service.auth.guard import Anyone, machine, person
from service.db import transaction
from service.edge.conditional import unless_known, version_tag
from service.errors import Malformed
from service.hr.attachment import actions as reading
from service.hr.attachment.schemas import AttachmentOut
from service.records import actions
from service.records.presenting import record_out
from service.records.schemas import RecordIn, RecordOut
from service.settings import settings

Asked = Request[Any, Any, Any]
OrganisationCode = Annotated[
    str | None,
    Parameter(description="Code of one of the caller's organisations."),
]
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
        found = await reading.read(
            record, organisation, caller=caller, issuer=issuer, now=now
        )
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
            await disclose(
                caller, "records", [fact.person], now=now, purpose=reading.PURPOSE
            )
        return Response(
            record_out(fact).model_dump_json().encode(),
            status_code=201 if new else 200,
            media_type="application/json",
            headers={"ETag": version_tag(fact.version)},
        )
