"""Write scores into a file: whole, in one snapshot, or not at all.

The law: the file is the service's alone to read, and has its name only when it is
whole; memory stays the same however many scores go into it.
"""

import asyncio
import hashlib
import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from service.db import DB, Connection, transaction
from service.edge.database import Contended
from service.edge.formats import STRETCH
from service.hr.exports import queries
from service.hr.exports.layouts import MANAGER, Layout, LayoutFile
from service.hr.exports.rendering import flat, headings, line
from service.hr.exports.rules import ExportFormat
from service.hr.queries import Line, Question, page

PATIENCE: Final = 600.0
"""Seconds that one file may take."""
AT_A_TIME: Final = 500
"""Rows that a layout is given at a time."""
FRESH: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL
MADE_AT: Final = (1980, 1, 1, 0, 0, 0)
"""Of what lies in a zip: the same scores make the same file."""
SUFFIX: Final = {
    ExportFormat.CSV: "csv",
    ExportFormat.NDJSON: "ndjson",
    ExportFormat.ORACLE_HDL: "zip",
    ExportFormat.SUCCESSFACTORS_CSV: "csv",
    ExportFormat.WORKDAY_CSV: "csv",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is whole, and of whom it tells."""

    scores: int
    size: int
    sha256: str
    managers: Collection[UUID]
    """Of whom it tells beside those whose scores these are."""


@asynccontextmanager
async def snapshot() -> AsyncIterator[Connection]:
    """Open a transaction that sees one moment; inside another, that one's."""
    if DB.transaction_exists():
        async with transaction() as connection:
            yield connection
        return
    local = {"statement_timeout": f"{PATIENCE:.0f}s"}
    async with transaction(isolation="repeatable_read", local=local) as connection:
        yield connection


async def write(
    connection: Connection,
    path: Path,
    wanted: ExportFormat,
    question: Question,
    *,
    issuer: str,
    layout: Layout | None,
) -> Made:
    """Write the scores asked for to `path`, in the caller's `snapshot`."""
    asked = queries.arguments(question, issuer)
    (told,) = await connection.fetch(queries.TOLD, *asked)
    if told["unsigned"]:
        raise Contended("Scores changed meanwhile: try again.")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, FRESH, 0o600), "w+b") as file:
            if layout is not None:
                await _mapped(connection, file, layout, asked)
            elif wanted is ExportFormat.CSV:
                await _copied(connection, file, asked)
            else:
                await _lined_up(file, question, issuer)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        sha256 = await asyncio.to_thread(_digest, part)
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    managers: Collection[UUID] = ()
    if layout is not None and layout.tells_of_managers:
        managers = await queries.managers(connection, question, issuer)
    return Made(told["scores"], size, sha256, managers)


async def _copied(connection: Connection, file: IO[bytes], asked: list[Any]) -> None:
    """Have PostgreSQL write the file as CSV."""

    async def take(data: bytes) -> None:
        file.write(data)

    await connection.copy_from_query(
        queries.AS_CSV,
        *asked,
        output=take,
        format="csv",
        header=True,
        timeout=PATIENCE,
    )


async def _lined_up(file: IO[bytes], question: Question, issuer: str) -> None:
    """Write the file as NDJSON, many lines at a time: COPY would give one by one."""
    asked: Question | None = question
    while asked is not None:
        found = await page(asked, Line.NDJSON, issuer, STRETCH)
        file.write(found.body)
        more = found.last is not None
        asked = replace(question, after=found.last) if more else None


async def _mapped(
    connection: Connection, file: IO[bytes], layout: Layout, asked: list[Any]
) -> None:
    """Write the file row by row, as its layout says."""
    if layout.style == "csv":
        text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        await _lines(connection, text.write, layout, layout.files[0], asked)
        text.flush()
        text.detach()
        return
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in layout.files:
            entry = zipfile.ZipInfo(each.name, MADE_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with packed.open(entry, "w") as inside:

                def put(text: str, inside: IO[bytes] = inside) -> None:
                    inside.write(text.encode())

                await _lines(connection, put, layout, each, asked)


async def _lines(
    connection: Connection,
    put: Callable[[str], object],
    layout: Layout,
    file: LayoutFile,
    asked: list[Any],
) -> None:
    for heading in headings(layout, file):
        put(heading)
    async for row in connection.cursor(queries.AS_ROWS, *asked, prefetch=AT_A_TIME):
        found = flat(json.loads(row["line"]))
        if row["manager"] is not None:
            found[MANAGER] = row["manager"]
        written = line(layout, file, found)
        if written is not None:
            put(written)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
