"""Signing in with a department's provider, from one page of ours to the next.

The law: a browser comes back to the address of the provider it was sent to, with the
state it was given, and what the provider then says is asked of that provider alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from litestar.datastructures import State

from service.auth.sealing import seal, unseal
from service.auth.sign_in import (
    attempts,
    client,
    id_token,
    identities,
    providers,
    sessions,
)
from service.auth.sign_in.attempts import Attempt
from service.auth.sign_in.client import Asked, Given
from service.auth.sign_in.directory import Directory
from service.auth.sign_in.discovery import Described
from service.auth.sign_in.providers import NoSuchProvider, Provider
from service.auth.sign_in.refusing import failed
from service.auth.sign_in.sessions import Session
from service.db.reach import only, within_reach
from service.edge.rates import check
from service.errors import Refusal

COOKIE: Final = "__Host-sign-in"
"""Of the browser that began; it lives as long as an attempt."""
ID_TOKENS: Final = "id tokens"
LONGEST_NAME: Final = 200
MOST_A_MINUTE: Final = 300
"""Attempts from one address, behind which may stand a whole department."""
SIGNED_OUT: Final = "/signed-out"
ONCE: Final = ("state", "iss", "error", "code")
"""What a provider sends back, each once at most."""

Sent = Mapping[str, Sequence[str]]
"""The query with which a browser comes back: each name with all its values."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A browser that is sent to a provider."""

    address: str
    name: str
    """Of the provider, as people are shown it."""
    browser: str = ""
    """For the cookie."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A browser that has come back, and whose visit has begun."""

    session: Session
    next: str


async def begin(
    id_: str, next_: str, address: str, state: State, now: datetime
) -> Leaving:
    """Send a browser to a provider; `next_` is a path of ours to come back to.

    `address` is the connection's own: each attempt is a row, for anybody who asks.
    """
    check(await state.rates.count(f"sign-in {address}"[:300], MOST_A_MINUTE))
    provider = await _enabled(id_)
    described = await _described(provider, state)
    begun = await attempts.begin(provider.id, next_, now)
    asked = Asked(begun.nonce, begun.verifier, redirect_uri(state, provider.id))
    there = client.address(provider, described, asked, state=begun.state)
    return Leaving(there, provider.name, begun.browser)


async def _enabled(id_: str) -> Provider:
    provider = await providers.enabled(id_)
    if provider is None:
        raise NoSuchProvider("Choose a department from the list.")
    return provider


async def _described(provider: Provider, state: State) -> Described:
    described: Described = await state.discovery.of(provider.issuer, state.monotonic())
    return described


def redirect_uri(state: State, id_: str) -> str:
    """Return where a provider sends browsers back to: no other does (RFC 9700)."""
    return f"{state.issuer}/sign-in/{id_}/callback"


async def finish(
    id_: str,
    sent: Sent,
    browser: str,
    state: State,
    now: datetime,
    *,
    replacing: str | None = None,
) -> Arrived:
    """Begin the visit of whoever comes back; the one they had, if any, ends."""
    said = _each_once(id_, sent)
    attempt = await _taken(said, id_, browser, now)
    provider = await _enabled(id_)
    described = await _described(provider, state)
    _check_answer(said, provider, described)
    asked = Asked(attempt.nonce, attempt.verifier, redirect_uri(state, id_))
    given = await client.redeem(provider, described, asked, code=said["code"], now=now)
    claims = await _claims(given, provider, described, attempt, state, now)
    directory: Directory = state.directory
    person = await identities.person_of(provider, claims, directory, now)
    with within_reach(only([provider.organisation])):
        name = await directory.name_of(person, provider.organisation)
    session = await sessions.begin(
        person,
        provider.organisation,
        name[:LONGEST_NAME],
        now=now,
        provider=provider.id,
        id_token=_kept(given, provider, described),
        replacing=replacing,
    )
    return Arrived(session, attempt.next)


def _each_once(id_: str, sent: Sent) -> dict[str, str]:
    """Return what was sent back; what is there twice means nothing for sure."""
    if any(len(sent.get(name, ())) > 1 for name in ONCE):
        raise failed(id_, "something twice")
    return {name: sent[name][0] for name in ONCE if sent.get(name)}


async def _taken(
    said: Mapping[str, str], id_: str, browser: str, now: datetime
) -> Attempt:
    """Return the attempt that comes back, if it is this browser's and to this place."""
    attempt = await attempts.take(said.get("state", ""))
    if attempt is None:
        raise failed(id_, "a state that is unknown or has served")
    if not attempt.is_of(browser):
        raise failed(id_, "another browser")
    if attempt.provider != id_:
        raise failed(id_, "sent to another provider")
    if attempt.expires_at <= now:
        raise failed(id_, "too late")
    return attempt


def _check_answer(
    said: Mapping[str, str], provider: Provider, described: Described
) -> None:
    """Refuse an answer of another provider (RFC 9207), or one without a code."""
    issuer = said.get("iss")
    if issuer is None and described.names_itself:
        raise failed(provider.id, "an answer that does not say whose it is")
    if issuer is not None and issuer != provider.issuer:
        raise failed(provider.id, "an answer of another provider")
    if "error" in said or not said.get("code"):
        raise failed(provider.id, "no code")


async def _claims(
    given: Given,
    provider: Provider,
    described: Described,
    attempt: Attempt,
    state: State,
    now: datetime,
) -> Mapping[str, Any]:
    """Return what the provider says of whoever signed in."""
    kid = id_token.kid_of(given.id_token, provider)
    keys = await state.published_keys.keys(described.jwks_uri, kid, state.monotonic())
    claims = id_token.read(given, keys, provider, nonce=attempt.nonce, now=now)
    wanted = {provider.person_claim} | ({"email"} if provider.checks_email else set())
    if wanted <= claims.keys():
        return claims
    more = await client.more_about(
        provider, described, given.access_token, claims["sub"]
    )
    return {**more, **claims}  # What is signed stands.


def _kept(given: Given, provider: Provider, described: Described) -> bytes | None:
    """Return what signing out there will take, sealed, if one can."""
    if described.end_session_endpoint is None:
        return None
    return seal(given.id_token.encode(), ID_TOKENS, provider.id.encode())


async def end(session: Session, state: State) -> Leaving | None:
    """End a visit; return where the provider's own ends, if it says so."""
    ended = await sessions.end(session.id)
    if ended is None or ended.provider is None or ended.id_token is None:
        return None
    try:
        provider = await _enabled(ended.provider)
        described = await _described(provider, state)
    except Refusal:  # It is over here; there it ends by itself.
        return None
    if described.end_session_endpoint is None:
        return None
    hint = unseal(ended.id_token, ID_TOKENS, provider.id.encode()).decode()
    query = urlencode(
        {
            "id_token_hint": hint,
            "client_id": provider.client_id,
            "post_logout_redirect_uri": f"{state.issuer}{SIGNED_OUT}",
        }
    )
    place = described.end_session_endpoint
    joined = "&" if urlsplit(place).query else "?"
    return Leaving(f"{place}{joined}{query}", provider.name)
