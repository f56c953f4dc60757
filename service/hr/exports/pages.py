"""Pages on which HR administrators have files of scores made for themselves."""

from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.hr.exports import actions, queries
from service.hr.exports.downloading import download
from service.hr.exports.rules import ExportFormat, ExportState
from service.hr.exports.schemas import ExportIn
from service.records.queries import cycles
from service.settings import settings
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/exports"
FORMATS: Final = {
    ExportFormat.CSV: mark("CSV, for a spreadsheet"),
    ExportFormat.NDJSON: mark("NDJSON, one score in each line"),
    ExportFormat.ORACLE_HDL: mark("Oracle HCM Data Loader"),
    ExportFormat.SUCCESSFACTORS_CSV: mark("SAP SuccessFactors CSV"),
    ExportFormat.WORKDAY_CSV: mark("Workday CSV"),
}
STATES: Final = {
    ExportState.WAITING: mark("Being made"),
    ExportState.READY: mark("Ready"),
    ExportState.FAILED: mark("Failed"),
    ExportState.EXPIRED: mark("Deleted"),
}


class ExportForm(Form):
    """Which scores go into a file, and of what format."""

    format: ExportFormat
    cycle: UUID | None = None


SENTENCES: Final = {
    ("format", "*"): mark("Select a format"),
    ("cycle", "*"): mark("Select a cycle, or all of them"),
}


class ExportPages(Controller):
    """Files of scores of one organisation."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def all(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """List the exports that the caller asked for, and offer another."""
        return await _listed(request, caller, started(format=ExportFormat.CSV))

    @post(security=ADMINISTRATOR, **PAGE)
    async def ask(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Have a file made."""
        filled = await read(request, ExportForm, SENTENCES)
        if filled.form is not None:
            wanted = ExportIn(
                format=filled.form.format,
                organisation=caller.organisation,
                cycle=filled.form.cycle,
            )
            try:
                await actions.ask(
                    wanted,
                    id_=uuid4(),
                    machine=actions.as_machine(caller),
                    now=settings().clock(),
                    by=caller,
                )
                return see_other(HERE)
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _listed(request, caller, filled, status=UNPROCESSABLE)

    @get("/{export:uuid}/file", security=ADMINISTRATOR, **PAGE)
    async def file(self, caller: Caller, export: FromPath[UUID]) -> Response[Any]:
        """Hand a file out to whoever asked for it; that is audited."""
        row, path = await actions.take(
            export,
            machine=actions.as_machine(caller),
            data_dir=settings().data_dir,
            now=settings().clock(),
            by=caller,
        )
        sent = download(row, path)
        sent.headers["Cache-Control"] = "no-store"
        return sent


async def _listed(
    request: AnyRequest, caller: SignedIn, filled: Filled[Any], status: int = 200
) -> Response[str]:
    found = await queries.exports_of(caller.key, settings().clock())
    there = await cycles([caller.organisation])
    years = {each["id"]: str(each["year"]) for each in there}
    return page(
        request,
        "hr/exports.html",
        title=say("Exports of scores"),
        status=status,
        filled=filled,
        exports=[
            {
                "id": each["id"],
                "format": say(FORMATS[ExportFormat(each["format"])]),
                "year": years.get(each["cycle"]),
                "state": say(STATES[ExportState(each["state"])]),
                "ready": each["state"] == ExportState.READY,
                "waits": each["state"] == ExportState.WAITING,
                "scores": each["score_count"],
                "expires_at": each["expires_at"],
            }
            for each in found
        ],
        formats=[{"value": each, "text": say(FORMATS[each])} for each in ExportFormat],
        cycles=[
            {"value": "", "text": say("All cycles")},
            *({"value": str(id_), "text": year} for id_, year in years.items()),
        ],
    )
