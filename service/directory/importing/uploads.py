"""Files that somebody looks through on a page before they are imported.

The law: a file is its sender's alone, and it is gone once it was imported, or after an
hour; what was found in it lies beside it, and goes with it. What the import did stays
until that hour is over.
"""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError

from service.directory.importing.report import Report
from service.errors import NotFound

KEPT_FOR: Final = timedelta(hours=1)
FOLDER: Final = "uploads"


@dataclass(frozen=True, slots=True)
class Trial:
    """What importing a file would have done when that was last tried."""

    report: Report
    """With the first of the rejected rows: as many as a page shows."""
    rejected: int
    """How many there are in all."""
    complete: bool
    """Whether the file was to hold everybody."""
    importable: bool
    nobody_there: str | None = None
    """Why it cannot hold everybody, if that is what is wrong."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows an import took in, and left out."""

    created: int
    changed: int
    unchanged: int
    rejected: int


TRIAL: Final = TypeAdapter(Trial)
COUNTS: Final = TypeAdapter(Counts)


def keep(content: BinaryIO, sender: UUID, *, data_dir: Path, now: datetime) -> UUID:
    """Keep what was sent; return the name under which its sender finds it."""
    upload = uuid4()
    path = _path(upload, sender, data_dir)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)
    os.utime(path, (now.timestamp(), now.timestamp()))
    return upload


def kept(upload: UUID, sender: UUID, *, data_dir: Path, now: datetime) -> Path:
    """Return where a file lies that this person sent within the last hour."""
    path = _path(upload, sender, data_dir)
    if not path.is_file() or path.stat().st_mtime <= (now - KEPT_FOR).timestamp():
        raise NotFound(f"No file {upload}.")
    return path


def note(upload: UUID, sender: UUID, trial: Trial, *, data_dir: Path) -> None:
    """Keep what a trial of a file came to, instead of what an earlier one did."""
    path = _path(upload, sender, data_dir)
    _write(_beside(path), TRIAL.dump_json(trial), path.stat().st_mtime)


def noted(upload: UUID, sender: UUID, *, data_dir: Path, now: datetime) -> Trial:
    """Return what the last trial came to of a file that is still kept."""
    path = kept(upload, sender, data_dir=data_dir, now=now)
    try:
        return TRIAL.validate_json(_beside(path).read_bytes())
    except (FileNotFoundError, ValidationError):  # Its trial broke off, or is older.
        raise NotFound(f"Nothing was found of file {upload}.") from None


def forget(upload: UUID, sender: UUID, *, data_dir: Path) -> None:
    """Delete a file, and what was found in it."""
    path = _path(upload, sender, data_dir)
    for each in (path, _beside(path)):
        each.unlink(missing_ok=True)


def close(upload: UUID, sender: UUID, counts: Counts, *, data_dir: Path) -> None:
    """Delete a file that was imported, and keep what that did.

    If it is gone, it was imported twice at once: what the first import did stands.
    """
    path = _path(upload, sender, data_dir)
    try:
        sent_at = path.stat().st_mtime
    except FileNotFoundError:
        return
    _write(_outcome(path), COUNTS.dump_json(counts), sent_at)
    forget(upload, sender, data_dir=data_dir)


def came_to(upload: UUID, sender: UUID, *, data_dir: Path, now: datetime) -> Counts:
    """Return what the import did of a file that this person sent within the hour."""
    path = _outcome(_path(upload, sender, data_dir))
    try:
        if path.stat().st_mtime > (now - KEPT_FOR).timestamp():
            return COUNTS.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):  # Not imported, or by another version.
        pass
    raise NotFound(f"File {upload} was not imported within the hour.")


def _write(path: Path, content: bytes, sent_at: float) -> None:
    """Put something beside a file, to get old with it."""
    fresh = path.with_suffix(f".{uuid4()}.json")
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_bytes(content)
    os.utime(fresh, (sent_at, sent_at))
    fresh.replace(path)  # Whoever reads meanwhile reads a whole one.


def _path(upload: UUID, sender: UUID, data_dir: Path) -> Path:
    return data_dir / FOLDER / f"{sender}.{upload}.csv"


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _outcome(path: Path) -> Path:
    return path.with_suffix(".done.json")


def forgetting(data_dir: Path) -> Callable[[datetime], Awaitable[None]]:
    """Return what deletes old files, for the rounds of housekeeping."""

    async def forget_uploads(now: datetime) -> None:
        folder = data_dir / FOLDER
        for path in [*folder.iterdir()] if folder.is_dir() else []:
            if path.stat().st_mtime <= (now - KEPT_FOR).timestamp():
                path.unlink(missing_ok=True)

    return forget_uploads
