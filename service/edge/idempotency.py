"""A POST that is sent twice is done once: `Idempotency-Key`.

The law: what a POST changes and the answer kept for it commit in one transaction, so a
caller who retries after any failure gets that answer or a clean second try.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import asyncpg
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import (
    ASGIApp,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from service.db import Connection, transaction
from service.edge.bodies import BODY, is_api
from service.edge.untraced import is_untraced
from service.errors import Conflict, Fault, Malformed, Unprocessable
from service.settings import settings

HEADER: Final = "Idempotency-Key"
KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR: Final = timedelta(hours=24)
KEPT_HEADERS: Final = frozenset({"content-type", "location", "etag"})
PATIENCE: Final = "250ms"
"""How long to wait for the answer to the same key before saying it is in progress."""
UNKEPT: Final = "unkept_answer"
"""Names, in a route's `opt`, an answer whose body tells a secret: it is never kept."""
BY_NATURE: Final = "idempotent_by_nature"
"""Names, in a route's `opt`, what is done once by itself, however often it is sent: no
transaction stays open for its key, and what it did before it failed is not undone."""
FAILED: Final = 400
"""Answers from this status on undo everything and are not kept."""

CLAIM: Final = (
    "INSERT INTO kept_answer AS kept (caller, key, request_digest, status, headers,"
    " body, kept_at) VALUES ($1, $2, $3, 0, '{}', '', $4) ON CONFLICT (caller, key)"
    " DO UPDATE SET request_digest = excluded.request_digest, status = 0,"
    " headers = '{}', body = '', kept_at = excluded.kept_at"
    " WHERE kept.kept_at <= $5 RETURNING 1"
)
KEEP: Final = (
    "UPDATE kept_answer SET status = $3, headers = $4::jsonb, body = $5"
    " WHERE caller = $1 AND key = $2"
)
KEPT: Final = (
    "SELECT request_digest, status, headers, body FROM kept_answer"
    " WHERE caller = $1 AND key = $2"
)


class KeyMissing(Malformed):
    """The request must carry an `Idempotency-Key`."""

    slug = "idempotency-key-missing"


class BadKey(Malformed):
    """The `Idempotency-Key` is not 1 to 255 visible ASCII characters."""

    slug = "idempotency-key-malformed"


class InProgress(Conflict):
    """A request with the same `Idempotency-Key` is being answered."""

    slug = "idempotency-in-progress"


class Mismatch(Unprocessable):
    """The `Idempotency-Key` was used for another request."""

    slug = "idempotency-mismatch"


class AnswerNotKept(Conflict):
    """It was done before, and its answer told a secret, which is kept nowhere."""

    slug = "answer-not-kept"


class Caller(Protocol):
    """Whoever authentication found; keys of two callers never meet."""

    @property
    def key(self) -> str:
        """Return what tells this caller from every other."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under a key."""

    caller: str
    key: str
    digest: bytes


@dataclass(slots=True)
class Answer:
    """A whole response, held back until what it reports is committed."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        """Be the `send` of a handler."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [*message["headers"]]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def give(self, send: Send) -> None:
        """Send it on."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": self.headers,
            }
        )
        await send(
            {"type": "http.response.body", "body": self.body, "more_body": False}
        )


class Refused(Exception):
    """Carries the answer of a handler that failed out of the transaction it undoes."""

    def __init__(self, answer: Answer) -> None:
        """Carry `answer`."""
        super().__init__()
        self.answer = answer


class KeptAnswers(ASGIMiddleware):
    """Stands after `CheckedBodies`, whose guard and limits it relies on."""

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Answer a POST under its key, if it has one."""
        caller: Caller | None = scope.get("user")
        if caller is None or scope["type"] != ScopeType.HTTP or not _is_post(scope):
            await next_app(scope, receive, send)
            return
        key = _key_of(scope)
        if key is None:
            await next_app(scope, receive, send)
            return
        asked = Asked(caller.key, key, _digest(scope, caller))
        try:
            answer = await _answer(asked, scope, receive, next_app)
        except Refused as refused:
            answer = refused.answer
        await answer.give(send)


def _is_post(scope: HTTPScope) -> bool:
    if is_untraced(scope) or scope["route_handler"].opt.get(BY_NATURE):
        return False
    return scope["method"] == "POST" and is_api(scope)


def _key_of(scope: HTTPScope) -> str | None:
    """Return the key that a request carries, if it carries one."""
    keys = Headers.from_scope(scope).getall(HEADER, [])
    if not keys:
        if scope["route_handler"].opt.get("idempotency_required"):
            raise KeyMissing(
                f"Send {HEADER} with a text of your own, such as a UUID, that is new"
                " for each new request.",
                faults=[Fault("It is required.", parameter=HEADER)],
            )
        return None
    if len(keys) > 1 or not KEY.fullmatch(keys[0]):
        raise BadKey(
            f"Send one {HEADER}: 1 to 255 visible ASCII characters, such as a UUID.",
            faults=[Fault("It is not valid.", parameter=HEADER)],
        )
    return keys[0]


def _digest(scope: HTTPScope, caller: Caller) -> bytes:
    # A person may be of two organisations: what one was answered is not the other's.
    organisation: str = getattr(caller, "organisation", "")
    parts = (
        organisation.encode(),
        scope["method"].encode(),
        scope["path"].encode(),
        scope["query_string"],
        scope["state"][BODY],
    )
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()


async def _answer(
    asked: Asked, scope: Scope, receive: Receive, next_app: ASGIApp
) -> Answer:
    """Claim the key, run the handler and keep what it answers, all or nothing."""
    now = settings().clock()
    secret = bool(scope["route_handler"].opt.get(UNKEPT))
    async with transaction() as connection:
        if not await _claim(connection, asked, now):
            return await _kept(connection, asked, secret=secret)
        answer = Answer()
        await next_app(scope, receive, answer.take)
        if answer.status >= FAILED:
            raise Refused(answer)
        await _keep(connection, asked, answer, b"" if secret else answer.body)
        return answer


async def _claim(connection: Connection, asked: Asked, now: datetime) -> bool:
    """Take the key, unless it was used within a day."""
    await connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    try:
        row = await connection.fetchrow(
            CLAIM, asked.caller, asked.key, asked.digest, now, now - KEPT_FOR
        )
    except asyncpg.LockNotAvailableError:
        raise InProgress(
            "Wait for its answer, or send it again in a second.",
            headers={"Retry-After": "1"},
        ) from None
    await connection.execute("SET LOCAL lock_timeout TO DEFAULT")
    return row is not None


async def _kept(connection: Connection, asked: Asked, *, secret: bool) -> Answer:
    # The claim has locked the row, though it did not take it: it is there.
    (row,) = await connection.fetch(KEPT, asked.caller, asked.key)
    if not hmac.compare_digest(row["request_digest"], asked.digest):
        raise Mismatch(
            f"Send a new {HEADER} with a new request, or the same request again.",
            faults=[Fault("It is in use.", parameter=HEADER)],
        )
    kept: dict[str, str] = json.loads(row["headers"])
    if secret:
        raise AnswerNotKept(
            "It was done the first time: look at what Location names, and have a new"
            " secret made if that answer was lost.",
            headers={"Location": kept["location"]},
        )
    headers = [(name.encode(), value.encode("latin-1")) for name, value in kept.items()]
    headers.append((b"content-length", str(len(row["body"])).encode()))
    headers.append((b"idempotent-replayed", b"true"))
    return Answer(row["status"], headers, row["body"])


async def _keep(
    connection: Connection, asked: Asked, answer: Answer, body: bytes
) -> None:
    kept = {
        name.decode(): value.decode("latin-1")
        for name, value in answer.headers
        if name.decode().lower() in KEPT_HEADERS
    }
    await connection.execute(
        KEEP, asked.caller, asked.key, answer.status, json.dumps(kept), body
    )


async def forget_old(now: datetime) -> int:
    """Delete the answers kept for longer than a day; return how many."""
    async with transaction() as connection:
        done = await connection.execute(
            "DELETE FROM kept_answer WHERE kept_at <= $1", now - KEPT_FOR
        )
    return int(done.removeprefix("DELETE "))
