"""Pages on which HR administrators import an extract of their people.

The law: a file is looked through before anything is written, and holds the caller's own
organisation's people and nobody else's. It is tried when it is sent, and again by the
import that follows; to look at it reads what the trial found.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.directory import actions
from service.directory.actions import ImportRefused, NobodyThere, Report
from service.directory.importing import uploads
from service.directory.importing.people_file import LAYOUT
from service.directory.importing.text import MOST_BYTES
from service.directory.importing.uploads import Counts, Trial
from service.errors import NotFound, Refusal
from service.records.actions import attach_imported
from service.settings import settings
from service.web.forms import WHOLE, Filled, Form, read
from service.web.language import say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other
from service.web.uploading import ROOM, read_upload

Caller = NamedDependency[SignedIn]
ADMINISTRATOR: Final = signed_in(Role.HR_ADMINISTRATOR)
HERE: Final = "/hr/people-import"
LISTED: Final = 200
"""Bad rows on a page."""


class ImportForm(Form):
    """How a file that was looked through is to be imported."""

    complete: bool = False
    partial: bool = False


class ImportPages(Controller):
    """Imports of one organisation's people."""

    path = HERE

    @get(security=ADMINISTRATOR, **PAGE)
    async def ask(self, request: AnyRequest) -> Response[Any]:
        """Ask for a file."""
        return _asked(request, Filled(), 200)

    @post(security=ADMINISTRATOR, request_max_body_size=2 * MOST_BYTES + ROOM, **PAGE)
    async def send(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Keep a file for an hour, try it, and lead on to what is in it."""
        sent = await read_upload(request, "file")
        wrong = None
        if sent.file is None:
            wrong = say("Select a CSV file that is not empty")
        elif sent.size > MOST_BYTES:
            wrong = say("The file must be smaller than 32 MB")
        if sent.file is None or wrong is not None:
            return _asked(request, Filled(sent.values, {"file": wrong or ""}))
        chosen = settings()
        upload = uploads.keep(
            sent.file, caller.id, data_dir=chosen.data_dir, now=chosen.clock()
        )
        try:
            await _try(upload, caller, complete="complete" in sent.values)
        except Refusal as refusal:
            uploads.forget(upload, caller.id, data_dir=chosen.data_dir)
            return _asked(request, Filled(sent.values).refused(refusal))
        return see_other(f"{HERE}/{upload}")

    @get("/{upload:uuid}", security=ADMINISTRATOR, **PAGE)
    async def look(
        self, request: AnyRequest, caller: Caller, upload: FromPath[UUID]
    ) -> Response[Any]:
        """Show what importing a file would do, as its trial found."""
        return _looked(request, upload, caller, Filled())

    @post("/{upload:uuid}", security=ADMINISTRATOR, **PAGE)
    async def apply(
        self, request: AnyRequest, caller: Caller, upload: FromPath[UUID]
    ) -> Response[Any]:
        """Import a file, whole or without its bad rows, and forget it."""
        if _is_done(upload, caller):  # It was sent twice.
            return see_other(f"{HERE}/{upload}/done")
        filled = await read(request, ImportForm)
        form = filled.form or ImportForm()
        try:
            report = await _import(
                upload, caller, complete=form.complete, partial=form.partial
            )
        except Refusal as refusal:
            wrong = filled.refused(refusal)
            if isinstance(refusal, ImportRefused):
                said = say("Nothing was imported. Look at the rows below.")
                wrong = Filled(filled.values, {WHOLE: said})
                await _try(upload, caller, complete=form.complete)
            return _looked(request, upload, caller, wrong)
        counts = Counts(
            report.created, report.changed, report.unchanged, len(report.rejected)
        )
        uploads.close(upload, caller.id, counts, data_dir=settings().data_dir)
        return see_other(f"{HERE}/{upload}/done")

    @get("/{upload:uuid}/done", security=ADMINISTRATOR, **PAGE)
    async def done(
        self, request: AnyRequest, caller: Caller, upload: FromPath[UUID]
    ) -> Response[Any]:
        """Say what an import did, for as long as its file would have been kept."""
        chosen = settings()
        return page(
            request,
            "hr/import_done.html",
            title=say("People imported"),
            outcome=uploads.came_to(
                upload, caller.id, data_dir=chosen.data_dir, now=chosen.clock()
            ),
        )


def _is_done(upload: UUID, caller: SignedIn) -> bool:
    chosen = settings()
    with suppress(NotFound):
        uploads.came_to(upload, caller.id, data_dir=chosen.data_dir, now=chosen.clock())
        return True
    return False


def _asked(
    request: AnyRequest, filled: Filled[Any], status: int = UNPROCESSABLE
) -> Response[str]:
    return page(
        request,
        "hr/import.html",
        title=say("Import people"),
        status=status,
        filled=filled,
        columns=LAYOUT.required,
        optional=LAYOUT.optional,
    )


async def _try(upload: UUID, caller: SignedIn, *, complete: bool) -> None:
    """Rehearse an import, and keep what it came to."""
    importable, nobody_there = True, None
    try:
        report = await _import(
            upload, caller, complete=complete, partial=True, rehearsed=True
        )
    except ImportRefused as refused:
        report, importable = refused.report, False
    except NobodyThere as refused:
        report, importable, nobody_there = Report(), False, str(refused)
    trial = Trial(
        replace(report, rejected=report.rejected[:LISTED]),
        rejected=len(report.rejected),
        complete=complete,
        importable=importable,
        nobody_there=nobody_there,
    )
    uploads.note(upload, caller.id, trial, data_dir=settings().data_dir)


def _looked(
    request: AnyRequest, upload: UUID, caller: SignedIn, filled: Filled[Any]
) -> Response[str]:
    chosen = settings()
    trial = uploads.noted(
        upload, caller.id, data_dir=chosen.data_dir, now=chosen.clock()
    )
    if trial.nobody_there is not None:
        filled = filled.refused(NobodyThere(trial.nobody_there))
    return page(
        request,
        "hr/import_checked.html",
        title=say("Check the import"),
        status=UNPROCESSABLE if filled.errors else 200,
        filled=filled,
        report=trial.report,
        rejected=trial.report.rejected,
        refused=trial.rejected,
        importable=trial.importable,
        complete=trial.complete,
        action=f"{HERE}/{upload}",
    )


async def _import(
    upload: UUID,
    caller: SignedIn,
    *,
    complete: bool,
    partial: bool,
    rehearsed: bool = False,
) -> Report:
    chosen = settings()
    now = chosen.clock()
    path = uploads.kept(upload, caller.id, data_dir=chosen.data_dir, now=now)

    async def attach(_: Collection[str]) -> None:
        await attach_imported(caller=caller, now=now)

    return await actions.import_people(
        [path],
        caller=caller,
        now=now,
        partial=partial,
        complete=[caller.organisation] if complete else [],
        only=caller.organisation,
        rehearsed=rehearsed,
        followed_by=attach,
    )
