"""A department's provider by panva's oidc-provider, in a node process of its own."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.auth.sign_in.a_provider import CLIENT, SECRET

NODE = Path(__file__).parents[2] / "node"
READY = shutil.which("node") and (NODE / "node_modules/.ready").exists()
LACKING = "oidc-provider needs node and its packages: `make node`"


@dataclass(frozen=True)
class RealProvider:
    """Where it is; `path` is its department's code, as of the one that is made up."""

    path: str
    url: str
    alg: str
    browser: httpx.AsyncClient
    """What somebody signs in with there; it keeps the provider's cookies."""

    async def come_back(self, address: str, subject: str) -> dict[str, str]:
        """Sign somebody in who was sent here; return the query they go back with."""
        self.browser.cookies.clear()
        asked = await self.browser.get(address)
        form = httpx.URL(self.url).join(asked.headers["location"])
        signed_in = await self.browser.post(form, data={"login": subject})
        resumed = await self.browser.get(signed_in.headers["location"])
        back = urlsplit(resumed.headers["location"])
        assert back.path == f"/sign-in/{self.path}/callback", back
        return dict(parse_qsl(back.query, strict_parsing=True))


@asynccontextmanager
async def real_provider(
    name: str,
    accounts: Mapping[str, object],
    *,
    at: str,
    algorithm: str = "RS256",
    client: Mapping[str, Any] | None = None,
    in_userinfo: bool = False,
) -> AsyncIterator[RealProvider]:
    """Serve it on a loopback port; `at` is where our own service answers."""
    secret = {"client_secret": SECRET}
    task = {
        "name": name,
        "accounts": accounts,
        "algorithm": algorithm,
        "client_id": CLIENT,
        "client": secret if client is None else client,
        "redirect_uri": f"{at}/sign-in/{name}/callback",
        "post_logout_redirect_uri": f"{at}/signed-out",
        "in_userinfo": in_userinfo,
    }
    process = await asyncio.create_subprocess_exec(
        *("node", "provider.mjs"),
        cwd=NODE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    try:
        stdin.write(json.dumps(task).encode() + b"\n")
        async with asyncio.timeout(30):
            url = (await stdout.readline()).decode().strip()
        assert url, (await stderr.read()).decode()
        async with httpx.AsyncClient(trust_env=False, timeout=20) as browser:
            yield RealProvider(name, url, algorithm, browser)
    finally:
        stdin.close()
        await process.wait()
