"""HTTP for exports: declare, delegate, present."""

from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from service.auth.caller import Machine, Scope
from service.auth.guard import machine
from service.edge.conditional import unless_known
from service.edge.formats import FILES
from service.hr.exports import actions, queries
from service.hr.exports.downloading import MEDIA_TYPE, download
from service.hr.exports.rules import (
    BadLayout,
    ExportExpired,
    ExportNotReady,
    ExportState,
    LayoutNeedsOrganisation,
    TooManyExports,
)
from service.hr.exports.schemas import ExportIn, ExportOut
from service.settings import settings

Caller = NamedDependency[Machine]
Asked = Request[Any, Any, Any]
ACCESS: Final = machine(Scope.EXPORTS_WRITE, Scope.SCORES_READ)


class ExportController(Controller):
    """Files of scores, made while the client waits."""

    path = "/v1/exports"
    tags = ("Exports",)

    @post(
        operation_id="createExport",
        summary="Ask for a file of scores",
        security=ACCESS,
        status_code=202,
        responses={
            202: ResponseSpec(
                ExportOut,
                generate_examples=False,
                description="It is being made: ask at `Location` until it is ready.",
            )
        },
        opt={
            "idempotency_required": True,
            "refuses": (TooManyExports, LayoutNeedsOrganisation, BadLayout),
        },
    )
    async def create(
        self, request: Asked, caller: Caller, data: JSONBody[ExportIn]
    ) -> Response[bytes]:
        """Have a file made of published scores; it is kept for a day."""
        row = await actions.ask(
            data, id_=uuid4(), machine=caller, now=settings().clock()
        )
        shown = _shown(row, request)
        return Response(
            shown.model_dump_json().encode(),
            status_code=202,
            media_type="application/json",
            headers={"Location": f"{_address(request, shown.id)}", "Retry-After": "2"},
        )

    @get(
        "/{export:uuid}",
        operation_id="getExport",
        summary="Ask how far an export is",
        security=ACCESS,
        responses={
            200: ResponseSpec(
                ExportOut, generate_examples=False, description="The export."
            )
        },
    )
    async def one(
        self, request: Asked, caller: Caller, export: FromPath[UUID]
    ) -> Response[bytes]:
        """Return one of the client's exports, with its `download` once it is ready."""
        row = await queries.export_of(export, caller.client_id, caller.organisations)
        shown = _shown(row, request)
        waits = shown.state is ExportState.WAITING
        return unless_known(
            request,
            shown.model_dump_json().encode(),
            headers={"Retry-After": "2"} if waits else {},
        )

    @get(
        "/{export:uuid}/file",
        operation_id="downloadExport",
        summary="Download the file of an export",
        security=ACCESS,
        responses={
            200: ResponseSpec(
                bytes,
                generate_examples=False,
                media_type="application/octet-stream",
                description="The file: CSV, NDJSON or a zip, as its format says.",
            )
        },
        opt={
            FILES: (*MEDIA_TYPE.values(),),
            "refuses": (ExportNotReady, ExportExpired),
        },
    )
    async def file(self, caller: Caller, export: FromPath[UUID]) -> Response[Any]:
        """Return the file, until it expires."""
        row, path = await actions.take(
            export,
            machine=caller,
            data_dir=settings().data_dir,
            now=settings().clock(),
        )
        return download(row, path)


def _address(request: Asked, export: UUID) -> str:
    return f"{request.app.state.issuer}/v1/exports/{export}"


def _shown(row: dict[str, Any], request: Asked) -> ExportOut:
    over = row["expires_at"] <= settings().clock()
    state = ExportState.EXPIRED if over else ExportState(row["state"])
    ready = state is ExportState.READY
    told = {name: row[name] for name in ExportOut.model_fields if name in row}
    return ExportOut(
        **{
            **told,
            "state": state,
            "download": f"{_address(request, row['id'])}/file" if ready else None,
        }
    )
