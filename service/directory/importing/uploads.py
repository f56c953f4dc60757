"""Files that somebody looks through on a page before they are imported.

The law: a file is its sender's alone, and it is gone once it was imported, or after an
hour.
"""

import os
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID, uuid4

from service.errors import NotFound

KEPT_FOR: Final = timedelta(hours=1)
FOLDER: Final = "uploads"


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


def _path(upload: UUID, sender: UUID, data_dir: Path) -> Path:
    return data_dir / FOLDER / f"{sender}.{upload}.csv"


def forgetting(data_dir: Path) -> Callable[[datetime], Awaitable[None]]:
    """Return what deletes old files, for the rounds of housekeeping."""

    async def forget_uploads(now: datetime) -> None:
        folder = data_dir / FOLDER
        for path in [*folder.iterdir()] if folder.is_dir() else []:
            if path.stat().st_mtime <= (now - KEPT_FOR).timestamp():
                path.unlink(missing_ok=True)

    return forget_uploads
