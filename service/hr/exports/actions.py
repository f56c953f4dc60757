"""Ask for an export, make it, hand it out, and forget it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from service.audit.actions import disclosure, record
from service.auth.caller import Machine, Operator, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, only, within_reach
from service.errors import Refusal, Unavailable
from service.hr.actions import PURPOSE, Wanted, question_of
from service.hr.exports import queries
from service.hr.exports.layouts import Layout, layout_of
from service.hr.exports.rules import (
    KEPT_FOR,
    MAPPED,
    ExportExpired,
    ExportFormat,
    ExportNotReady,
    ExportState,
    check_one,
    check_room,
)
from service.hr.exports.schemas import ExportIn
from service.hr.exports.tables import Export
from service.hr.exports.writing import SUFFIX, Made, snapshot, write
from service.hr.queries import Question
from service.hr.signing.completing import complete
from service.jobs.outbox import Due, GivenUp
from service.jobs.tables import Delivery
from service.jobs.worker import Deliver

KIND: Final = "export"
"""The kind of delivery that makes an export."""
FOLDER: Final = "exports"
PERSONAL: Final = "person:"
"""How the owner of an export is written who is a person."""

log = structlog.get_logger(__name__)


def as_machine(caller: SignedIn) -> Machine:
    """Return what stands for an HR administrator, whose exports are their own."""
    return Machine(caller.key, frozenset({caller.organisation}), frozenset())


async def ask(
    wanted: ExportIn,
    *,
    id_: UUID,
    machine: Machine,
    now: datetime,
    by: SignedIn | None = None,
) -> dict[str, Any]:
    """Note that a client, or a person, wants a file, and have it made."""
    asked = Wanted(wanted.organisation, wanted.cycle)
    async with transaction():
        question = await question_of(asked, machine)
        scope = sorted(question.organisations)
        check_one(wanted.format, scope)
        check_room(await queries.live(machine.client_id, now))
        await Export.insert(
            Export(
                id=id_,
                client=machine.client_id,
                organisations=scope,
                format=wanted.format,
                organisation=wanted.organisation,
                cycle=wanted.cycle,
                changed_since=wanted.changed_since,
                state=ExportState.WAITING,
                problem=None,
                requested_at=now,
                ready_at=None,
                expires_at=now + KEPT_FOR,
                score_count=None,
                size_bytes=None,
                sha256=None,
            )
        )
        await _audit(by or machine, "request", id_, now, {"format": wanted.format})
        with within_reach(EVERYONE):  # The outbox is nobody's own.
            await _have_made(id_, now)
        return await queries.export_of(id_, machine.client_id, scope)


async def _audit(
    caller: Machine | SignedIn,
    action: str,
    export: UUID,
    now: datetime,
    after: Mapping[str, Any] | None = None,
) -> None:
    of = caller.organisation if isinstance(caller, SignedIn) else None
    await record(
        caller, action, "export", export, now=now, organisation=of, after=after
    )


async def _have_made(export: UUID, now: datetime) -> None:
    delivery = Delivery(
        id=export,
        kind=KIND,
        payload={"export": str(export)},
        dedupe_key=str(export),
        run_at=now,
        attempts=0,
        last_error=None,
        done_at=None,
    )
    async with transaction():
        await Delivery.insert(delivery)


def making(issuer: str, data_dir: Path) -> Mapping[str, Deliver]:
    """Return how exports are made: a way out for the worker."""

    async def deliver(due: Due, now: datetime) -> None:
        await make(
            UUID(due.payload["export"]), issuer=issuer, data_dir=data_dir, now=now
        )

    return {KIND: deliver}


async def make(export: UUID, *, issuer: str, data_dir: Path, now: datetime) -> None:
    """Make the file of an export that waits; again changes nothing."""
    with within_reach(EVERYONE):
        row = await Export.select().where(Export.id == export).first()
    if row is None or row["state"] != ExportState.WAITING or row["expires_at"] <= now:
        return
    with within_reach(only(row["organisations"])):
        try:
            await _make(row, issuer, data_dir, now)
        except Unavailable:
            raise
        except (Refusal, OSError) as error:
            await _failed(export, error)
            raise GivenUp(type(error).__name__) from error


async def _make(
    row: Mapping[str, Any], issuer: str, data_dir: Path, now: datetime
) -> None:
    wanted, organisations = ExportFormat(row["format"]), row["organisations"]
    question = Question(
        organisations, cycle=row["cycle"], changed_since=row["changed_since"]
    )
    layout = _layout(wanted, organisations[0], data_dir)
    path = file_of(row["id"], wanted, data_dir)
    await complete(organisations, issuer)
    async with snapshot() as connection:
        if not await queries.hold(connection, row["id"]):
            return
        made = await write(
            connection, path, wanted, question, issuer=issuer, layout=layout
        )
        await _ready(row["id"], made, now)
        machine = Machine(row["client"], frozenset(organisations), frozenset())
        # To a person nothing is disclosed before they download it, which is audited.
        if not row["client"].startswith(PERSONAL):
            told = disclosure(
                uuid4(), machine, f"export:{wanted}", now=now, purpose=PURPOSE
            )
            await queries.disclose(connection, question, issuer, made.managers, told)
    log.info("export made", export=str(row["id"]), format=wanted, scores=made.scores)


def _layout(wanted: ExportFormat, organisation: str, data_dir: Path) -> Layout | None:
    return layout_of(wanted, organisation, data_dir) if wanted in MAPPED else None


def file_of(export: UUID, wanted: ExportFormat, data_dir: Path) -> Path:
    """Return where the file of an export lies."""
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{export}.{SUFFIX[wanted]}"


async def _ready(export: UUID, made: Made, now: datetime) -> None:
    await _move(
        [export],
        ExportState.READY,
        {
            Export.ready_at: now,
            Export.score_count: made.scores,
            Export.size_bytes: made.size,
            Export.sha256: made.sha256,
        },
    )


async def _failed(export: UUID, error: Exception) -> None:
    problem = error.slug if isinstance(error, Refusal) else type(error).__name__
    log.warning("export failed", export=str(export), error=type(error).__name__)
    await _move([export], ExportState.FAILED, {Export.problem: problem[:60]})


async def _move(
    exports: Collection[UUID], to: ExportState, more: Mapping[Any, Any] | None = None
) -> None:
    """Move what waits to be made; whatever its state, it ends as expired."""
    moving = Export.update({Export.state: to, **(more or {})}).where(
        Export.id.is_in([*exports])
    )
    if to != ExportState.EXPIRED:
        moving = moving.where(Export.state == ExportState.WAITING)
    await moving


async def take(
    export: UUID,
    *,
    machine: Machine,
    data_dir: Path,
    now: datetime,
    by: SignedIn | None = None,
) -> tuple[dict[str, Any], Path]:
    """Return an export and its file, and write down that it was handed out."""
    async with transaction():
        row = await queries.export_of(export, machine.client_id, machine.organisations)
        if row["state"] == ExportState.EXPIRED or row["expires_at"] <= now:
            raise ExportExpired("Ask for a new one.")
        if row["state"] != ExportState.READY:
            raise ExportNotReady(
                "Wait until its state is `ready`; ask for a new one if it failed.",
                headers={"Retry-After": "2"},
            )
        path = file_of(export, ExportFormat(row["format"]), data_dir)
        if not path.is_file():
            raise ExportExpired("Its file is not here any more: ask for a new one.")
        told = {"format": row["format"], "scores": row["score_count"]}
        await _audit(by or machine, "download", export, now, told if by else None)
    return row, path


def expiring(data_dir: Path) -> Callable[[datetime], Awaitable[None]]:
    """Return what deletes files whose time is over, for the rounds of housekeeping."""

    async def see_to_exports(now: datetime) -> None:
        await expire(data_dir, now)

    return see_to_exports


async def expire(data_dir: Path, now: datetime) -> int:
    """Delete the files whose time is over, and those of no export; return how many."""
    folder = data_dir / FOLDER
    # Looked at first: a file that comes meanwhile is of an export asked for meanwhile.
    there = [*folder.iterdir()] if folder.is_dir() else []
    with within_reach(EVERYONE):
        over = await queries.over(now)
        if over:
            await _move(over, ExportState.EXPIRED)
        kept = await queries.kept()
    gone = [path for path in there if path.name.partition(".")[0] not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


async def write_out(
    wanted: ExportFormat,
    organisation: str,
    path: Path,
    *,
    cycle: UUID | None,
    issuer: str,
    data_dir: Path,
    caller: Operator,
    now: datetime,
) -> Made:
    """Write a file for an operator; it is on the audit how much went into it."""
    machine = Machine("", frozenset({organisation}), frozenset())
    question = await question_of(Wanted(organisation, cycle), machine)
    await complete([organisation], issuer)
    layout = _layout(wanted, organisation, data_dir)
    async with snapshot() as connection:
        made = await write(
            connection, path, wanted, question, issuer=issuer, layout=layout
        )
        await record(
            caller,
            "export",
            "score",
            cycle or organisation,
            now=now,
            organisation=organisation,
            after={"format": wanted, "scores": made.scores, "sha256": made.sha256},
        )
    return made
