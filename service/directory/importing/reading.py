"""CSV files as departments really publish them, read a row at a time.

The law: whatever the bytes, a file is read within stated limits of memory, or refused
with the line at which it failed.
"""

import csv
import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from service.directory.importing.header import Header, Layout
from service.directory.importing.report import Findings, Place, Progress
from service.directory.importing.row import Row
from service.directory.importing.text import SAVE_AS_CSV, Lines, Unusable, survey

MOST_ROWS: Final = 50_000
"""In one import."""
TOLD_EVERY: Final = 500
CHANGED: Final = (
    "It changed while it was being read.",
    "Wait until it is written whole, then import it again.",
)


@dataclass(slots=True)
class Reading:
    """The files of one import."""

    layout: Layout
    findings: Findings
    progress: Progress
    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each file that was read whole, by its name."""

    def rows(self, files: Sequence[Path]) -> Iterator[Row]:
        """Give the rows of the files; what cannot be used stands in the findings."""
        for file in files:
            name = os.fsencode(file).decode("utf-8", "replace")
            try:
                yield from self._rows_of(file, name)
            except Unusable as fault:
                place = Place(name, fault.line)
                self.findings.spoil(place, None, fault.detail, fault.remedy)
            except OSError as error:
                reason = error.strerror or type(error).__name__
                self.findings.spoil(
                    Place(name, None),
                    None,
                    f"It cannot be read: {reason}.",
                    "Check that the file is there, whole, and may be read.",
                )
            if self.findings.read > MOST_ROWS:
                return

    def _rows_of(self, file: Path, name: str) -> Iterator[Row]:
        if not stat.S_ISREG(file.stat().st_mode):  # A pipe could stay silent for ever.
            raise Unusable("It is not a regular file.", "Save it and name the file.")
        with file.open("rb") as raw, _unchanged(raw) as size:
            encoding, digest = survey(raw, size)
            if digest in self.digests.values():
                raise Unusable(
                    "It is named twice, or is a copy of another file in this import.",
                    "Name each file once.",
                )
            if encoding == "cp1252":
                self.findings.warn(
                    Place(name, None),
                    None,
                    "The file is not UTF-8 and was read as Windows-1252",
                    Path(name).name,
                    "Check names with accents, or save it as UTF-8.",
                )
            raw.seek(0)
            text = io.TextIOWrapper(raw, encoding, newline="")
            try:
                yield from self._decoded(Lines(text), raw, name, size)
            except UnicodeDecodeError as error:  # It passed the survey a moment ago.
                raise Unusable(*CHANGED) from error
            finally:
                text.detach()
        self.digests[name] = digest

    def _decoded(
        self, lines: Lines, raw: BinaryIO, name: str, size: int
    ) -> Iterator[Row]:
        header = self._header(lines, name)
        if header is None:
            return
        before = self.findings.read
        for line, cells in self._records(lines, name):
            if self.findings.read % TOLD_EVERY == 0:
                self.progress(f"Reading {name}", raw.tell(), size)
            place = Place(name, line)
            if misfit := header.misfit(cells):
                self.findings.reject(place, *misfit)
            else:
                yield Row(place, header.named(cells), self.findings)
        self.progress(f"Reading {name}", size, size)
        if self.findings.read == before:
            self.findings.warn(
                Place(name, 1),
                None,
                "The file has a header and no rows",
                Path(name).name,
                "Check that the extract is whole.",
            )

    def _header(self, lines: Lines, name: str) -> Header | None:
        lines.begin()
        try:
            cells = next(csv.reader(lines, strict=True), [])
        except csv.Error as error:
            raise Unusable(
                f"Its header is not CSV: {error}.", SAVE_AS_CSV, line=1
            ) from error
        header = Header.of(cells, self.layout)
        faults = header.faults(self.layout)
        for fault in faults:
            self.findings.spoil(Place(name, 1), *fault)
        for column in header.strange if self.layout.closed else ():
            self.findings.warn(
                Place(name, 1),
                None,
                "Columns that are not read",
                column,
                "Correct the name if one of them is meant to be read.",
            )
        return None if faults else header

    def _records(self, lines: Lines, name: str) -> Iterator[tuple[int, list[str]]]:
        """Give each record that is not blank, with the line at which it begins."""
        records = csv.reader(lines, strict=True)
        while True:
            lines.begin()
            try:
                cells = next(records, None)
            except csv.Error as error:
                self._count(lines.begun)
                self.findings.reject(
                    Place(name, lines.begun),
                    None,
                    f"The row is not CSV: {error}.",
                    "Look for a quotation mark that is not closed or not doubled.",
                )
                continue
            if cells is None:
                return
            if any(cell and not cell.isspace() for cell in cells):
                self._count(lines.begun)
                yield lines.begun, cells

    def _count(self, line: int) -> None:
        self.findings.read += 1
        if self.findings.read > MOST_ROWS:
            raise Unusable(
                f"The import has more than {MOST_ROWS:,} rows.",
                "Import fewer files at a time, or split the file.",
                line=line,
            )


@contextmanager
def _unchanged(raw: BinaryIO) -> Iterator[int]:
    """Give a file's size, and refuse it if it is another file's worth afterwards."""
    before = os.fstat(raw.fileno())
    yield before.st_size
    after = os.fstat(raw.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Unusable(*CHANGED)
