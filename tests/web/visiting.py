"""Somebody with a browser who has signed in: `async with visiting(person, "hmt")`."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
from litestar import Litestar

from service.access.signing_in import DIRECTORY
from service.app import create_app
from service.auth.authentication import remember_nothing
from service.auth.sign_in import csrf, sessions
from service.auth.sign_in.sessions import Session
from service.auth.sign_in.tables import WebSession
from service.db.reach import EVERYONE, within_reach
from service.settings import Settings, settings
from tests.conftest import ISSUER

Fields = Mapping[str, str | Sequence[str]]
HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
TITLE = re.compile(r"<title\b[^>]*>(.*?)</title>", re.DOTALL)


@cache
def the_app() -> Litestar:
    """The service, built once in this process."""
    return create_app(Settings(), ISSUER)


class Visitor:
    """A browser of one person, or of a stranger; redirects are theirs to follow.

    `post` brings the form's token by itself, and the headers that browsers add.
    """

    def __init__(self, app: Litestar, session: Session | None) -> None:
        self.session = session
        token = csrf.new_token(session.id if session else "")
        cookies = {csrf.COOKIE: token}
        if session is not None:
            cookies[sessions.COOKIE] = session.id
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),  # type: ignore[arg-type] # ASGI by another name
            base_url=app.state.issuer,
            cookies=cookies,
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
        )
        self._seen_at: datetime | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.client.aclose()

    @property
    def token(self) -> str:
        """What a form's hidden field holds."""
        return str(self.client.cookies.get(csrf.COOKIE, ""))

    async def get(self, path: str, **more: Any) -> httpx.Response:
        await self._stay()
        return await self.client.get(path, **more)

    async def post(
        self, path: str, fields: Fields | None = None, **more: Any
    ) -> httpx.Response:
        """Send a form; give `_csrf` in `fields` to send another token than its own."""
        await self._stay()
        sent = {csrf.FIELD: self.token, **(fields or {})}
        return await self.client.post(path, data=sent, **more)

    async def _stay(self) -> None:
        """Stay signed in when a test has put the clock on."""
        now = settings().clock()
        if self.session is None or now == self._seen_at:
            return
        if self._seen_at is not None:
            with within_reach(EVERYONE):
                await WebSession.update(
                    {WebSession.created_at: now, WebSession.seen_at: now}
                ).where(WebSession.digest == sessions.digest_of(self.session.id))
        self._seen_at = now


@asynccontextmanager
async def visiting(
    person: UUID | None,
    organisation: str = "",
    *,
    app: Litestar | None = None,
    name: str = "Sam Person",
) -> AsyncIterator[Visitor]:
    """Give the browser of a person who has signed in; of a stranger if it is None.

    It needs the fixture `db` or `client`. `app` is the service's own if not given;
    give the fixture's when a test changes its state.
    """
    if app is None:
        app = the_app()
        remember_nothing(app.state)
    if "directory" not in app.state:
        app.state.directory = DIRECTORY
    session = None
    if person is not None:
        now = settings().clock()
        session = await sessions.begin(person, organisation, name, now=now)
    async with Visitor(app, session) as visitor:
        yield visitor


def heading(answer: httpx.Response) -> str:
    """The one h1 of a page, as text."""
    (found,) = HEADING.findall(answer.text)
    return " ".join(re.sub(r"<[^>]*>", "", found).split())


def title(answer: httpx.Response) -> str:
    """The title of a page."""
    (found,) = TITLE.findall(answer.text)
    return " ".join(found.split())
