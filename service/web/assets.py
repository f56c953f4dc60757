"""The files that pages load, each under a name that changes with its content.

The law: a page loads nothing from elsewhere.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from service.auth.guard import PUBLIC
from service.errors import NotFound

ASSETS: Final = Path(__file__).parent / "static"
KINDS: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
STARTS: Final = "import{{initAll}}from'./{}';initAll();\n"
"""The script of every page: GOV.UK Frontend's own comforts, and nothing else."""
FOR_GOOD: Final = "public, max-age=31536000, immutable"


def asset(name: str) -> str:
    """Return the address of a file by the name it is kept under."""
    return f"/assets/{_kept()[name][0]}"


@get("/assets/{name:str}", security=PUBLIC, include_in_schema=False)
async def assets(name: FromPath[str]) -> Response[bytes]:
    """Give a file that pages load."""
    content = _by_address().get(name)
    if content is None:
        raise NotFound("No such file.")
    return Response(
        content,
        media_type=KINDS[Path(name).suffix],
        headers={"Cache-Control": FOR_GOOD},
    )


@cache
def _by_address() -> Mapping[str, bytes]:
    return dict(_kept().values())


@cache
def _kept() -> Mapping[str, tuple[str, bytes]]:
    """Return the name in addresses, and the content, of each file."""
    kept = {
        path.name: (_hashed(path.name, path.read_bytes()), path.read_bytes())
        for path in ASSETS.iterdir()
        if path.suffix in KINDS
    }
    start = STARTS.format(kept["govuk-frontend.min.js"][0]).encode()
    return {**kept, "start.js": (_hashed("start.js", start), start)}


def _hashed(name: str, content: bytes) -> str:
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
