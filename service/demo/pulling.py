"""The HR system of the demo: a token by client credentials, then page after page.

The law: it knows nothing but its credentials and the public address, as a real one.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import uvicorn

from service.app import create_app
from service.settings import Settings

PAGE: Final = 100


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[str]:
    """Serve the API on a free port of this machine; give its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        issuer = f"http://127.0.0.1:{port}"
        app = create_app(settings, issuer)
        server = uvicorn.Server(
            uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - a flag is all uvicorn has
            await asyncio.sleep(0.01)
        try:
            yield issuer
        finally:
            server.should_exit = True
            await serving


async def pull(issuer: str, client_id: str, secret: str) -> list[dict[str, Any]]:
    """Return every score that this client may read, in the order of the pages."""
    async with httpx.AsyncClient(base_url=issuer, timeout=30) as http:
        metadata = (await _get(http, "/.well-known/oauth-authorization-server")).json()
        answer = await http.post(
            metadata["token_endpoint"],
            data={"grant_type": "client_credentials", "scope": "scores:read"},
            auth=(client_id, secret),
        )
        answer.raise_for_status()
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        rows: list[dict[str, Any]] = []
        following: str | None = f"/v1/scores?limit={PAGE}"
        while following:
            page = (await _get(http, following)).json()
            rows += page["items"]
            following = page["next"]
        return rows


async def _get(http: httpx.AsyncClient, address: str) -> httpx.Response:
    answer = await http.get(address)
    answer.raise_for_status()
    return answer
