"""What we say to a provider: where we send people, and what we ask with their code.

The law: whatever is asked goes out through the edge, to addresses it lets us reach and
on its one TLS context; Authlib only writes the requests.
"""

import json
import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus

import httpx
from authlib.deprecate import (  # type: ignore[import-untyped] # no types
    AuthlibDeprecationWarning,
)
from joserfc import jwt
from joserfc.jwk import ECKey

from service.auth.client_assertion import TYPE as ASSERTION
from service.auth.keys import ALGORITHM
from service.auth.sign_in.discovery import Described
from service.auth.sign_in.providers import Provider
from service.auth.sign_in.refusing import failed
from service.edge.outbound import fetch, post

with warnings.catch_warnings():  # That another HTTP library is preferred to ours.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import (  # type: ignore[import-untyped] # no types
        OAuthError,
    )
    from authlib.integrations.httpx_client import (  # type: ignore[import-untyped] # no types
        AsyncOAuth2Client,
    )

SCOPE: Final = "openid email profile"
TIMEOUT: Final = 5.0
LIMIT: Final = 100_000
"""Bytes of an answer."""
ASSERTION_SECONDS: Final = 60
ASKED: Final = ("Authorization", "Accept", "Content-Type")
"""What a request of Authlib's says that goes out with it."""
UNUSABLE: Final = (
    OAuthError,
    httpx.HTTPError,
    RecursionError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
"""What Authlib makes of answers that are no token."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What we remember of somebody whom we sent to a provider."""

    nonce: str
    verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a provider gives for a code."""

    id_token: str
    access_token: str


class _Outbound(httpx.AsyncBaseTransport):
    """Sends what Authlib writes as this service sends anything."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and give back what was answered."""
        headers = {k: request.headers[k] for k in ASKED if k in request.headers}
        url, content = str(request.url), await request.aread()
        answer = await post(url, content, headers, limit=LIMIT, timeout=TIMEOUT)
        kind = answer.headers.get("content-type", "")
        return httpx.Response(
            answer.status,
            headers={"Content-Type": kind},
            content=answer.body[:LIMIT],
            request=request,
        )


def address(
    provider: Provider, described: Described, asked: Asked, *, state: str
) -> str:
    """Return where a browser is sent to sign in."""
    url, _ = _client(provider, asked).create_authorization_url(
        described.authorization_endpoint,
        state=state,
        code_verifier=asked.verifier,
        nonce=asked.nonce,
    )
    return str(url)


async def redeem(
    provider: Provider,
    described: Described,
    asked: Asked,
    *,
    code: str,
    now: datetime,
) -> Given:
    """Give a code for what it stands for, proving who we are and that we asked."""
    auth, proof = _proof(provider, now)
    async with _client(provider, asked) as client:
        try:
            said = await client.fetch_token(
                described.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=asked.verifier,
                auth=auth,
                **proof,
            )
            given = Given(said["id_token"], said["access_token"])
        except UNUSABLE as error:
            raise failed(provider.id, f"no token: {type(error).__name__}") from error
    if not isinstance(given.id_token, str) or not isinstance(given.access_token, str):
        raise failed(provider.id, "a token that is no text")
    return given


def _client(provider: Provider, asked: Asked) -> Any:  # noqa: ANN401 - Authlib has no types
    return AsyncOAuth2Client(
        provider.client_id,
        scope=SCOPE,
        redirect_uri=asked.redirect_uri,
        code_challenge_method="S256",
        transport=_Outbound(),
        trust_env=False,
        follow_redirects=False,
    )


def _proof(provider: Provider, now: datetime) -> tuple[httpx.Auth, dict[str, str]]:
    """Return how we prove who we are: by our secret, or signed with our own key."""
    if provider.public is None:
        # Percent-encoded, as RFC 6749 2.3.1 has it and Authlib does not.
        secret = quote_plus(provider.secret.decode())
        return httpx.BasicAuth(quote_plus(provider.client_id), secret), {}
    key = ECKey.import_key(provider.secret)
    at = int(now.timestamp())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": provider.issuer,  # Not the endpoint: RFC 7523bis.
        "jti": secrets.token_urlsafe(16),
        "iat": at,
        "exp": at + ASSERTION_SECONDS,
    }
    header = {"typ": "JWT", "alg": ALGORITHM, "kid": key.thumbprint()}
    return httpx.Auth(), {
        "client_id": provider.client_id,
        "client_assertion_type": ASSERTION,
        "client_assertion": jwt.encode(header, claims, key, algorithms=[ALGORITHM]),
    }


async def more_about(
    provider: Provider, described: Described, access_token: str, subject: str
) -> dict[str, Any]:
    """Return what a provider says of somebody beside the ID token, if it does.

    Some write e-mail and identifiers only there. OpenID Connect Core 5.3.2: what is
    about another subject is not about this one.
    """
    if described.userinfo_endpoint is None:
        return {}
    bearing = {"Authorization": f"Bearer {access_token}"}
    body = await fetch(
        described.userinfo_endpoint, bearing, limit=LIMIT, timeout=TIMEOUT
    )
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("sub") != subject:
        raise failed(provider.id, "userinfo about another subject")
    return said
