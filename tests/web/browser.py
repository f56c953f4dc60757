"""Chromium before the service: pages as people see them, on a phone and at a desk.

The service runs in the test's own loop and transaction: what a journey writes is gone
when the test ends. Without Chromium these tests are skipped, by name.
"""

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import uvicorn
from litestar import Litestar
from playwright.async_api import Browser, Dialog, Page, async_playwright

from service.app import create_app
from service.auth.sign_in import sessions
from service.settings import Settings, settings

CALLED = ("chromium", "chromium-browser")
VERSION = re.compile(rb"\b\d+\.\d+\.\d+\.\d+\b")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = 375, 1180
WIDTHS = (PHONE, DESK)
SECONDS = 20


def found(where: str | None = None) -> str | None:
    """The Chromium that says its version; `where` is a search path.

    Ubuntu has a script of that name, which says only that its snap is to be installed.
    """
    for name in CALLED:
        path = shutil.which(name, path=where)
        if path is not None and _says_its_version(path):
            return path
    return None


def _says_its_version(path: str) -> bool:
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and VERSION.search(said.stdout) is not None


CHROMIUM = found()
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
with_axe = pytest.mark.skipif(
    CHROMIUM is None or not AXE.exists(), reason="there is no Chromium, or no axe-core"
)


@dataclass
class Seen:
    """What a page did beside being shown."""

    address: str
    elsewhere: list[str] = field(default_factory=list)
    """Requests that left the service."""
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console, such as breaches of the policy."""
    dialogs: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.set_default_timeout(SECONDS * 1000)
        page.on("request", lambda asked: self._asked(asked.url))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._opened)

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and parts.netloc != urlsplit(self.address).netloc:
            self.elsewhere.append(url)

    def _said(self, kind: str, text: str) -> None:
        # Chromium writes down each status above 399, which pages of refusals have.
        if kind in {"error", "warning"} and "the server responded with" not in text:
            self.complaints.append(text)

    def _opened(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        asyncio.get_running_loop().create_task(dialog.dismiss())

    @property
    def quiet(self) -> bool:
        """Whether nothing left, nothing was blocked and no dialog opened."""
        return not (self.elsewhere or self.complaints or self.dialogs)


@dataclass(frozen=True)
class Site:
    """The service on a real port, and a browser before it."""

    address: str
    app: Litestar
    browser: Browser
    seen: Seen

    @asynccontextmanager
    async def page(
        self,
        person: UUID | None = None,
        organisation: str = "",
        *,
        width: int = PHONE,
        scripts: bool = True,
        name: str = "Sam Person",
    ) -> AsyncIterator[Page]:
        """Give a page of somebody who has signed in, or of a stranger."""
        context = await self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        if person is not None:
            now = settings().clock()
            session = await sessions.begin(person, organisation, name, now=now)
            await context.add_cookies(
                [
                    {
                        "name": sessions.COOKIE,
                        "value": session.id,
                        "url": self.address.replace("http:", "https:"),
                        "secure": True,
                        "httpOnly": True,
                        "sameSite": "Lax",
                    }
                ]
            )
        page = await context.new_page()
        self.seen.watch(page)
        try:
            yield page
        finally:
            await context.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Open Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def serving(browser: Browser) -> AsyncIterator[Site]:
    """Serve in this loop, before a browser; a test's transaction is joined."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(Settings(), address)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield Site(address, app, browser, Seen(address))
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """Serve in this loop, and open Chromium; a test's transaction is joined."""
    async with chromium() as browser, serving(browser) as found:
        yield found


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice: rule and place."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    found = await page.evaluate("axe.run()")
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


async def too_wide(page: Page) -> Sequence[str]:
    """What reaches beyond the window, but for what scrolls by itself."""
    found: Sequence[str] = await page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
            .map(e => e.tagName + '.' + e.className).slice(0, 5)"""
    )
    return found
