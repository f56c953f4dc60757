"""What providers publish about themselves, kept for an hour.

The law: what a provider publishes names the provider we know, or counts for nothing;
where we are sent or ask is held to the same rules as any address we fetch.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

import structlog

from service.auth.jwks import Fetch, fetched
from service.edge.outbound import NotFetched, check_url
from service.errors import Refusal, Unavailable
from service.settings import settings

PATH: Final = "/.well-known/openid-configuration"
FRESH: Final = 3600.0
"""Seconds that a description is used without asking again."""
STALE: Final = 86_400.0
"""Seconds that it is used while the provider does not answer."""
SOONEST: Final = 10.0
"""Seconds between two questions to one provider."""
MOST_PROVIDERS: Final = 1000

log = structlog.get_logger(__name__)


class Misdescribed(Unavailable):
    """The provider describes itself in a way that we cannot use."""

    slug = "provider-misdescribed"


@dataclass(frozen=True, slots=True)
class Described:
    """A provider's addresses."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_itself: bool
    """Whether it says who it is when it sends people back (RFC 9207)."""


def read(body: bytes, issuer: str) -> Described:
    """Return what a provider says of itself, or refuse it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    # OpenID Connect Discovery 4.3: or it could speak for another.
    if not isinstance(said, dict) or said.get("issuer") != issuer:
        raise Misdescribed(
            f"What {issuer} publishes names another issuer: give the issuer exactly as"
            " it does."
        )
    return Described(
        authorization_endpoint=_address(said, "authorization_endpoint"),
        token_endpoint=_address(said, "token_endpoint"),
        jwks_uri=_address(said, "jwks_uri"),
        userinfo_endpoint=_optional(said, "userinfo_endpoint"),
        end_session_endpoint=_optional(said, "end_session_endpoint"),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise Misdescribed(f"{said['issuer']} does not say its {name}.")
    check_url(value, loopback=settings().allow_loopback_fetch)
    return value


def _optional(said: dict[str, Any], name: str) -> str | None:
    return None if said.get(name) is None else _address(said, name)


class _Known:
    """What is known of one provider; times are monotonic."""

    def __init__(self) -> None:
        self.described: Described | None = None
        self.answered_at = self.asked_at = float("-inf")
        self.asking: asyncio.Task[None] | None = None


class Discovery:
    """One process's copy of what providers publish, by issuer."""

    def __init__(self, fetch: Fetch = fetched) -> None:
        """Know none; `fetch` is told an address and gives what it publishes."""
        self._fetch = fetch
        self._known: dict[str, _Known] = {}

    async def of(self, issuer: str, now: float) -> Described:
        """Return a provider's description; `now` is monotonic.

        `NotFetched`: it has given none that can be used for a day.
        """
        known = self._of(issuer)
        fresh = now - known.answered_at < FRESH
        if known.asking is not None and not fresh:
            await asyncio.shield(known.asking)
        elif not fresh and now - known.asked_at >= SOONEST:
            known.asked_at = now
            known.asking = asyncio.create_task(self._ask(issuer, known, now))
            await asyncio.shield(known.asking)
        if known.described is None or now - known.answered_at >= STALE:
            raise NotFetched(
                "Your department's sign-in does not answer: try again in a minute.",
                headers={"Retry-After": "60"},
            )
        return known.described

    def _of(self, issuer: str) -> _Known:
        if issuer not in self._known and len(self._known) >= MOST_PROVIDERS:
            del self._known[next(iter(self._known))]
        return self._known.setdefault(issuer, _Known())

    async def _ask(self, issuer: str, known: _Known, now: float) -> None:
        """Take what the provider publishes; keep what there is when it fails."""
        try:
            described = read(await self._fetch(issuer.rstrip("/") + PATH), issuer)
            known.described, known.answered_at = described, now
        except Refusal as refusal:
            log.warning("provider not described", issuer=issuer, why=refusal.slug)
        finally:
            known.asking = None
