"""The file of an export as it is sent: whole, and with what shows that it is."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from litestar import Response
from litestar.response import Stream

from service.hr.exports.rules import ExportFormat
from service.hr.exports.writing import SUFFIX

MEDIA_TYPE: Final = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "zip": "application/zip",
}
CHUNK: Final = 1 << 18
"""Bytes that are read at a time."""


def download(row: Mapping[str, Any], path: Path) -> Response[Any]:
    """Send the file of an export."""
    suffix = SUFFIX[ExportFormat(row["format"])]
    name = f"scores-{row['id']}.{suffix}"
    digest = base64.b64encode(bytes.fromhex(row["sha256"])).decode()
    return Stream(
        _chunks(path),
        media_type=MEDIA_TYPE[suffix],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(row["size_bytes"]),
            "ETag": f'"{row["sha256"][:32]}"',
            "Repr-Digest": f"sha-256=:{digest}:",
        },
    )


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
