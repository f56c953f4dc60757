"""Names the caller of each request from its access token or, on pages, its session.

The law: a token is read from exactly one place, and a bad one is refused rather than
ignored; routes open to anyone never look at it. Pages look at the session's cookie and
at nothing else, and nothing else looks at that.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Send
from litestar.types import Scope as ASGIScope

from service.auth import external_tokens, queries, tokens
from service.auth.caller import Machine, SignedIn
from service.auth.dpop import InvalidProof
from service.auth.failures import Failures
from service.auth.guard import access_to
from service.auth.holding import (
    SCHEMES,
    Presented,
    address,
    challenged,
    check_held,
    giving_nonce,
)
from service.auth.issuers import Issuers
from service.auth.jwks import JwksCache
from service.auth.keys import KeyRing
from service.auth.revocation import Revocations
from service.auth.sign_in import sessions
from service.auth.sign_in.directory import Directory
from service.auth.sign_in.discovery import Discovery
from service.auth.tokens import REALM, SKEW, InvalidToken, Named, Ours, Verified
from service.auth.verified_tokens import VerifiedTokens
from service.db.reach import NOBODY, Reach, only, within_reach
from service.edge.heads import method_of
from service.edge.rates import Rates, in_memory
from service.errors import Malformed
from service.settings import settings

ENABLED_SECONDS: Final = 10.0
"""How long a client is taken to be enabled still; disabling it takes that long."""
MOST_CLIENTS: Final = 10_000

PersonOf: TypeAlias = Callable[[Named], Awaitable[UUID | None]]
"""Finds whom an organisation knows by an identifier, in a room above this one."""
RolesOf: TypeAlias = Callable[[UUID, date], Awaitable[set[tuple[str, str]]]]
"""Finds (organisation, role) for what a person holds on a day, likewise."""


class AmbiguousToken(Malformed):
    """The access token is sent twice, or where it must not be."""

    slug = "token-ambiguous"


class EnabledClients:
    """Remembers for a few seconds which clients are enabled; `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember none."""
        self._clock = clock
        self._asked_at: dict[str, float] = {}

    async def holds(self, client_id: str) -> bool:
        """Say whether the client is enabled, or was a few seconds ago."""
        now = self._clock()
        if now - self._asked_at.get(client_id, float("-inf")) < ENABLED_SECONDS:
            return True
        if not await queries.is_enabled(client_id):
            return False
        if len(self._asked_at) >= MOST_CLIENTS:
            self._asked_at.clear()
        self._asked_at[client_id] = now
        return True


class Authentication(ASGIMiddleware):
    """Sets `scope["user"]` to the machine or person that asks, or to None.

    `scope["auth"]` is the session they have, on pages. Reads from `app.state` what
    `remember_nothing` sets there, and `issuer` (str), `person_of`, `roles_of` and
    `directory`.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: ASGIScope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        """Authenticate, then pass the request on; the guard decides about nobody."""
        scope["user"] = scope["auth"] = None
        access = access_to(scope["route_handler"])
        if access is not None and access.pages:
            await _look_at_session(scope)
        elif access is not None and not access.public:
            sent = _presented(ASGIConnection(scope))
            now = settings().clock()
            if sent is not None:
                scope["user"] = await _caller(scope["litestar_app"].state, sent, now)
                send = giving_nonce(send, now) if sent.scheme == "dpop" else send
        with within_reach(_reach(scope["user"])):
            await next_app(scope, receive, send)


def remember_nothing(state: State, clock: Callable[[], float] = time.monotonic) -> None:
    """Give an app empty memories of keys, clients, issuers and tokens."""
    state.key_ring = KeyRing(clock)
    state.enabled_clients = EnabledClients(clock)
    state.issuers = Issuers(clock)
    state.published_keys = JwksCache()
    state.discovery = Discovery()
    state.revocations = Revocations(clock)
    state.verified_tokens = VerifiedTokens(clock)
    state.rates = Rates(clock=clock)
    state.untraced_rates = Rates(take=in_memory(clock), clock=clock)
    state.failures = Failures(state.rates, clock)
    state.monotonic = clock


def _reach(caller: object) -> Reach:
    """Return how far a caller's transactions see; a stranger's see nobody."""
    match caller:
        case Machine(organisations=organisations):
            return only(organisations)
        case SignedIn(organisation=organisation):
            return only([organisation])
        case _:
            return NOBODY


async def _look_at_session(scope: ASGIScope) -> None:
    """Say whose visit it is, if there is one; rights are looked up each time."""
    now = settings().clock()
    id_ = ASGIConnection[Any, Any, Any, Any](scope).cookies.get(sessions.COOKIE)
    session = await sessions.current(id_, now)
    if session is None:
        return
    directory: Directory = scope["litestar_app"].state.directory
    whose = session.person, session.organisation
    with within_reach(only([session.organisation])):
        roles = await directory.roles_if_known(*whose, now.date())
    if roles is None:
        await sessions.end_all(*whose)
        return
    scope["auth"] = session
    scope["user"] = SignedIn(
        session.person, organisation=session.organisation, roles=roles
    )


def _presented(connection: ASGIConnection[Any, Any, Any, Any]) -> Presented | None:
    """Return the token, if there is one (RFC 6750 section 2, RFC 9449 section 7)."""
    values = connection.headers.getall("authorization", [])
    if len(values) > 1 or "access_token" in connection.query_params:
        raise AmbiguousToken(
            "Send one access token, in one Authorization header, never in the address.",
            headers={"WWW-Authenticate": f'{REALM}, error="invalid_request"'},
        )
    scheme, _, token = values[0].partition(" ") if values else ("", "", "")
    if scheme.lower() not in SCHEMES:
        return None
    scope = connection.scope
    return Presented(
        scheme.lower(),
        token.strip(" "),
        proofs=connection.headers.getall("dpop", []),
        method=method_of(scope),
        address=address(connection.app.state.issuer, scope["path"]),
    )


async def _caller(state: State, sent: Presented, now: datetime) -> Machine | SignedIn:
    try:
        verified = await _verified(state, sent.token, now)
        if isinstance(verified, Ours):
            await _check_not_ended(state, verified, now)
        await check_held(sent, verified, now)
    except (InvalidToken, InvalidProof) as refused:
        if sent.scheme == "dpop":
            challenged(refused, now)
        raise
    if isinstance(verified.who, Named):
        return await _signed_in(state, verified.who, now)
    return verified.who


async def _verified(state: State, token: str, now: datetime) -> Verified:
    kept: Verified | None = state.verified_tokens.get(token)
    if kept is not None and await _still_counts(state, kept, now):
        return kept
    header, claims = tokens.claimed(token)
    if claims.get("iss") == state.issuer:
        ring = await state.key_ring.holding(tokens.kid_of(token), now)
        verified: Verified = tokens.verify(
            token, keys=ring.verifying, issuer=state.issuer, now=now
        )
    else:
        verified = await _outside(state, token, header, claims, now)
    state.verified_tokens.keep(token, verified)
    return verified


async def _still_counts(state: State, kept: Verified, now: datetime) -> bool:
    if kept.expires_at + SKEW <= now.timestamp():
        return False
    if kept.issuer is None:
        return kept.kid in (await state.key_ring.current(now)).verifying
    return kept.issuer in await state.issuers.current()


async def _outside(
    state: State,
    token: str,
    header: dict[str, Any],
    claims: dict[str, Any],
    now: datetime,
) -> Verified:
    """Verify a token of an organisation's own issuer."""
    issuer = external_tokens.issuer_for(claims, await state.issuers.current())
    kid = external_tokens.kid_of(header, issuer)
    keys = await state.published_keys.keys(issuer.jwks_uri, kid, state.monotonic())
    return external_tokens.verify(token, kid=kid, keys=keys, issuer=issuer, now=now)


async def _signed_in(state: State, named: Named, now: datetime) -> SignedIn:
    """Look the person up each time: who left, or lost a role, is out at once."""
    with within_reach(only([named.organisation])):
        person = await state.person_of(named)
        if person is None:
            raise InvalidToken("names nobody whom the organisation knows")
        held = await state.roles_of(person, now.date())
    return SignedIn(
        person,
        organisation=named.organisation,
        roles=frozenset(role for where, role in held if where == named.organisation),
    )


async def _check_not_ended(state: State, token: Ours, now: datetime) -> None:
    client_id = token.who.client_id
    revoked = await state.revocations.current(now)
    if revoked.is_revoked(token.jti, client_id, token.issued_at):
        raise InvalidToken("has been revoked")
    if not await state.enabled_clients.holds(client_id):
        raise InvalidToken("belongs to a client that has been disabled")
