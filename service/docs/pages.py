"""Routes of the documentation.

The law: what a page may load and whom it may ask is stated in its answer, and is this
service alone.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from service.auth.guard import PUBLIC
from service.docs.reference import reference
from service.edge.openapi import About, document
from service.errors import NotFound

HERE: Final = Path(__file__).parent
BARE: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
TRYING: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""Swagger UI writes styles into its page, and draws its icons as data."""
CACHED: Final = "public, max-age=300"
HTML: Final = "text/html"
KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
}
ASSETS: Final = {
    "swagger-ui.css": "swagger-ui.css.gz",
    "swagger-ui-bundle.js": "swagger-ui-bundle.js.gz",
    "start.js": "start.js",
}
"""What the page to try the API on loads, and the file it is kept in."""
TRY: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try the API - Joined-up Appraisal</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/try/swagger-ui.css">
<script src="/docs/try/swagger-ui-bundle.js"></script>
<script src="/docs/try/start.js"></script>
</head>
<body>
<main>
<noscript><p>This page needs scripts. <a href="/docs">The reference</a> needs none.</p>
</noscript>
<div id="swagger"></div>
</main>
</body>
</html>
"""
AnyRequest = Request[Any, Any, Any]


def docs(about: About) -> list[HTTPRouteHandler]:
    """Return the routes of the documentation; the reference is drawn once."""
    drawn: list[str] = []

    @get("/docs", security=PUBLIC, include_in_schema=False)
    async def read(request: AnyRequest) -> Response[str]:
        """Give the reference, in HTML."""
        if not drawn:
            drawn.append(reference(document(request.app, about)))
        return _page(drawn[0], BARE)

    return [read, style, try_it, asset]


def _page(body: str, policy: str) -> Response[str]:
    headers = {"Content-Security-Policy": policy, "Cache-Control": CACHED}
    return Response(body, media_type=HTML, headers=headers)


@get("/docs/style.css", security=PUBLIC, include_in_schema=False)
async def style() -> Response[bytes]:
    """Give how the reference looks."""
    return _file("style.css", _kept("style.css"))


@get("/docs/try", security=PUBLIC, include_in_schema=False)
async def try_it() -> Response[str]:
    """Give Swagger UI, with which to ask this service."""
    return _page(TRY, TRYING)


@get("/docs/try/{name:str}", security=PUBLIC, include_in_schema=False)
async def asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """Give a part of that page."""
    if name not in ASSETS:
        raise NotFound("No such file.")
    kept = ASSETS[name]
    content = _kept(f"swagger/{kept}")
    if not kept.endswith(".gz"):
        return _file(name, content)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return _file(name, gzip.decompress(content), {"Vary": "Accept-Encoding"})
    packed = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return _file(name, content, packed)


@cache
def _kept(name: str) -> bytes:
    return (HERE / name).read_bytes()


def _file(
    name: str, content: bytes, headers: dict[str, str] | None = None
) -> Response[bytes]:
    return Response(
        content,
        media_type=KINDS[Path(name).suffix],
        headers={"Cache-Control": CACHED, **(headers or {})},
    )
