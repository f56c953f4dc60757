"""Sessions: somebody's visit, from signing in to signing out.

The law: only an id that was given out at a sign-in, and whose row is still there,
counts; a stranger has neither, and who left or was deactivated is out at once.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from litestar.datastructures import Cookie

from service.auth.sign_in.tables import WebSession
from service.db import transaction
from service.db.reach import EVERYONE, within_reach

COOKIE: Final = "__Host-session"
ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 random bits."""
LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=30)
SEEN_EVERY: Final = timedelta(minutes=1)
"""How seldom it is written down that somebody is still there."""

CURRENT: Final = """
SELECT organisation, person, name, provider, seen_at FROM web_session
WHERE digest = $1 AND created_at > $2 AND seen_at > $3
"""
SEEN: Final = "UPDATE web_session SET seen_at = $2 WHERE digest = $1 AND seen_at < $2"
END: Final = "DELETE FROM web_session WHERE digest = $1 RETURNING provider, id_token"
END_ALL: Final = "DELETE FROM web_session WHERE organisation = $1 AND person = $2"
FORGET: Final = """
DELETE FROM web_session WHERE created_at <= $1 OR seen_at <= $2 RETURNING digest
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A visit under way."""

    id: str
    """What the cookie holds; it is nowhere else."""
    organisation: str
    person: UUID
    name: str
    """What the organisation calls the person."""
    provider: str | None
    """With which they signed in; None: the one for development."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left of a session for signing out at its provider too."""

    provider: str | None
    id_token: bytes | None
    """Sealed."""


def new_id() -> str:
    """Return what nobody can guess."""
    return secrets.token_urlsafe(32)


def digest_of(id_: str) -> bytes:
    """Return the form in which an id is stored."""
    return hashlib.sha256(id_.encode()).digest()


async def begin(
    person: UUID,
    organisation: str,
    name: str,
    *,
    now: datetime,
    provider: str | None = None,
    id_token: bytes | None = None,
    replacing: str | None = None,
    make_id: Callable[[], str] = new_id,
) -> Session:
    """Begin a visit under a new id; the session that was `replacing` it ends."""
    session = Session(make_id(), organisation, person, name, provider)
    with within_reach(EVERYONE):  # The one before may be of another organisation.
        async with transaction():
            if replacing is not None:
                await end(replacing)
            await WebSession.insert(
                WebSession(
                    organisation=organisation,
                    digest=digest_of(session.id),
                    person=person,
                    name=name,
                    provider=provider,
                    id_token=id_token,
                    created_at=now,
                    seen_at=now,
                )
            )
    return session


async def current(id_: str | None, now: datetime) -> Session | None:
    """Return the visit that a cookie's id is of, if it is not over."""
    if id_ is None or not ID.fullmatch(id_):
        return None
    with within_reach(EVERYONE):  # Whose it is says the row.
        async with transaction() as connection:
            digest = digest_of(id_)
            row = await connection.fetchrow(CURRENT, digest, now - LONGEST, now - IDLE)
            if row is None:
                return None
            if now - row["seen_at"] >= SEEN_EVERY:
                await connection.execute(SEEN, digest, now)
    return Session(
        id_, row["organisation"], row["person"], row["name"], row["provider"]
    )


async def end(id_: str) -> Ended | None:
    """End a visit; what was left of it is None if there was none."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            row = await connection.fetchrow(END, digest_of(id_))
    return None if row is None else Ended(row["provider"], row["id_token"])


async def end_all(person: UUID, organisation: str) -> None:
    """End every visit of a person to an organisation that lets them in no more."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            await connection.execute(END_ALL, organisation, person)


async def forget_sessions(now: datetime) -> int:
    """Delete what is over; return how many there were."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            rows = await connection.fetch(FORGET, now - LONGEST, now - IDLE)
    return len(rows)


def cookie_of(session: Session) -> Cookie:
    """Return the cookie that keeps a visit; it ends with the browser."""
    return held(COOKIE, session.id)


def held(name: str, value: str, max_age: int | None = None) -> Cookie:
    """Return a cookie for this host alone, that no script reads."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=max_age,
        secure=True,
        httponly=True,
        samesite="lax",
    )


def dropped(name: str) -> Cookie:
    """Return what takes a cookie away."""
    return held(name, "", max_age=0)
