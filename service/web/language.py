"""The language a page is in, and its words.

The law: whoever has chosen a language keeps it; what has no translation is English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar import Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import FromPath, FromQuery
from litestar.types import ASGIApp, Receive, Scope, Send

from service.auth.guard import PUBLIC
from service.web.addresses import local


class Language(StrEnum):
    """A language that pages are in."""

    ENGLISH = "en"
    WELSH = "cy"


LOCALE: Final = Path(__file__).parent / "locale"
COOKIE: Final = "__Host-language"
A_YEAR: Final = 365 * 24 * 60 * 60
_spoken: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


class Speaking(ASGIMiddleware):
    """Sets the language of whatever is said while a request is answered."""

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Take the language that was chosen, or that the browser asks for first."""
        with speaking(_asked_for(scope)):
            await next_app(scope, receive, send)


def _asked_for(scope: Scope) -> Language:
    headers = Headers.from_scope(scope)
    if COOKIE in headers.get("cookie", ""):
        chosen = ASGIConnection[Any, Any, Any, Any](scope).cookies.get(COOKIE, "")
        if chosen in {*Language}:
            return Language(chosen)
    first = headers.get("accept-language", "")[:2].lower()
    return Language.WELSH if first == Language.WELSH else Language.ENGLISH


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Say what is said inside in a language."""
    set_to = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(set_to)


def spoken() -> Language:
    """Return the language of the request that is being answered."""
    return _spoken.get()


def mark(text: str) -> str:
    """Have a text translated that is said later; it is returned as it is."""
    return text


def say(text: str, **values: object) -> str:
    """Return a text in the language spoken, with its `%(name)s` filled in."""
    said = _words(spoken()).gettext(text)
    return said % values if values else said


def say_many(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a text for so many; `%(num)s` in it is the count."""
    said = _words(spoken()).ngettext(one, many, count)
    return said % {"num": count, **values}


def gettext(text: str) -> str:
    """Translate a text of a template."""
    return _words(spoken()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a text of a template that counts."""
    return _words(spoken()).ngettext(one, many, count)


@cache
def _words(language: Language) -> NullTranslations:
    """Return all that is written down of a language, one room after another."""
    words: NullTranslations = NullTranslations()
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        written = BytesIO()
        write_mo(written, catalogue)
        written.seek(0)
        room = GNUTranslations(written)
        room.add_fallback(words)
        words = room
    return words


@get("/language/{code:str}", security=PUBLIC, include_in_schema=False)
async def choose(code: FromPath[str], to: FromQuery[str] = "/") -> Response[str]:
    """Keep the language that was chosen, and go back to where it was."""
    chosen = Language(code) if code in {*Language} else Language.ENGLISH
    kept = Cookie(
        key=COOKIE,
        value=chosen,
        path="/",
        max_age=A_YEAR,
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return Response(
        "",
        status_code=303,
        media_type="text/html",
        headers={"Location": local(to)},
        cookies=[kept],
    )
