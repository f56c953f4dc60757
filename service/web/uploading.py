"""Files that people send by a form.

The law: a file is read within a limit, and under no name of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from service.errors import UnsupportedMediaType
from service.web.forms import CSRF

ROOM: Final = 100_000
"""Bytes that a form may have beside its file."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A form with a file as it came."""

    file: BinaryIO | None
    """At its beginning; None: none was chosen."""
    size: int = 0
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else was in the form."""


async def read_upload(request: Request[Any, Any, Any], name: str) -> Uploaded:
    """Read a form with one file; the route's own limit holds for both together."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise UnsupportedMediaType("Send a form with a file, as multipart/form-data.")
    await request.body()  # Whoever checked the token has read it; it comes once.
    sent = await request.form()
    values: dict[str, tuple[str, ...]] = {}
    for key, value in sent.multi_items():
        if key != CSRF and isinstance(value, str):
            values[key] = (*values.get(key, ()), value)
    found = sent.get(name)
    if not isinstance(found, UploadFile) or not found.filename:
        return Uploaded(None, values=values)
    file = cast("BinaryIO", found.file)
    size = file.seek(0, 2)
    file.seek(0)
    return Uploaded(file if size else None, size, values)
