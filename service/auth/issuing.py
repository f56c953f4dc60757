"""Answers the token endpoint: load, decide, commit.

The law: the token and what it cost, the id of the assertion, are committed in one
transaction, and the token is told only after; whoever comes second gets none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import uuid4

import structlog
from joserfc.jwk import Key

from service.auth import (
    authorisation_server,
    client_keys,
    dpop,
    queries,
    token_request,
)
from service.auth.authorisation_server import Grant, Terms
from service.auth.client_assertion import Once
from service.auth.client_authentication import TOKEN_ENDPOINT
from service.auth.client_keys import ClientKey
from service.auth.dpop import InvalidProof, Proof, served_before
from service.auth.keys import KeyRing
from service.auth.rules import AuthMethod, Client
from service.auth.spent import spend
from service.auth.tables import IssuedToken
from service.auth.token_request import (
    Credentials,
    Sent,
    TokenRefused,
    unauthenticated,
)
from service.db import transaction
from service.errors import Unavailable

STATUS: Final[Mapping[str, int]] = {
    "invalid_client": 401,
    "temporarily_unavailable": 503,
}
"""Of every other error: 400."""
ASSERTION: Final = "assertion"
"""The kind of spent id."""

log = structlog.get_logger()


class PublishedKeys(Protocol):
    """Keys by the address that publishes them: `service.auth.jwks.JwksCache`."""

    async def keys(self, url: str, kid: str | None, now: float) -> Sequence[Key]:
        """Return the keys of that id, or all; `now` is monotonic."""


@dataclass(frozen=True, slots=True)
class Server:
    """What the authorisation server is made of, the same for every request."""

    issuer: str
    ring: KeyRing
    published: PublishedKeys
    token_seconds: int
    assertion_seconds: int
    nonce_key: bytes
    """Makes DPoP's nonces."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the token endpoint says."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


async def answer(
    sent: Sent,
    server: Server,
    *,
    now: datetime,
    monotonic: float,
    new_jti: Callable[[], str] = lambda: str(uuid4()),
) -> Answer:
    """Answer one request for a token."""
    client_id = None
    try:
        request = token_request.read(sent)
        client_id = request.client_id
        client, keys = await load(request.credentials, server.published, monotonic)
        proof = _shown(sent, server, now)
        terms = Terms(
            issuer=server.issuer,
            key=(await server.ring.current(now)).signing,
            now=now,
            seconds=server.token_seconds,
            jti=new_jti(),
            assertion_seconds=server.assertion_seconds,
            jkt=None if proof is None else proof.jkt,
        )
        grant = authorisation_server.decide(request, client, terms, keys)
        await _commit(grant, proof)
    except TokenRefused as refused:
        log.info("no token", client=client_id, error=refused.error, why=refused.why)
        return _with_nonce(refusal(refused), sent, server, now)
    log.info("token given", client=client_id, jti=grant.jti)
    given = Answer(200, grant.body, {"Cache-Control": "no-store", "Pragma": "no-cache"})
    return _with_nonce(given, sent, server, now)


async def load(
    credentials: Credentials, published: PublishedKeys, monotonic: float
) -> tuple[Client | None, list[ClientKey]]:
    """Return the client as registered, and the keys that may verify its assertion."""
    client = await queries.client_of(credentials.client_id)
    if client is None or credentials.method is not AuthMethod.PRIVATE_KEY_JWT:
        return client, []
    if client.jwks_uri is None:
        return client, [client_keys.read(jwk) for jwk in client.jwks]
    if client.disabled:  # It will be refused, so nobody is asked for its keys.
        return client, []
    try:
        found = await published.keys(client.jwks_uri, credentials.kid, monotonic)
    except Unavailable as unavailable:
        raise unauthenticated(f"keys not to be had: {unavailable.slug}") from None
    return client, client_keys.usable(found)


def _shown(sent: Sent, server: Server, now: datetime) -> Proof | None:
    """Return what the DPoP proof shows, if there is one (RFC 9449 section 5)."""
    if not sent.proofs:
        return None
    try:
        return dpop.verify(
            sent.proofs,
            method="POST",
            address=server.issuer + TOKEN_ENDPOINT,
            now=now,
            nonce_key=server.nonce_key,
        )
    except InvalidProof as invalid:
        raise TokenRefused(invalid.error, str(invalid)) from None


async def _commit(grant: Grant, proof: Proof | None) -> None:
    async with transaction():
        if grant.once is not None:
            await spend_once(grant.once)
        if proof is not None and not await spend(
            dpop.KIND, proof.jkt, proof.jti, proof.keep_until
        ):
            raise TokenRefused(InvalidProof.error, str(served_before()))
        await IssuedToken.insert(
            IssuedToken(
                jti=grant.jti,
                client=grant.client_id,
                issued_at=grant.issued_at,
                expires_at=grant.expires_at,
            )
        )


def _with_nonce(answer: Answer, sent: Sent, server: Server, now: datetime) -> Answer:
    """Give whoever uses DPoP, or must, the nonce of the next proof."""
    if sent.proofs or answer.body.get("error") == InvalidProof.error:
        answer.headers[dpop.NONCE_HEADER] = dpop.nonce(server.nonce_key, now)
    return answer


async def spend_once(once: Once) -> None:
    """Spend an assertion, inside the transaction that commits what it bought."""
    if not await spend(ASSERTION, once.owner, once.jti, once.keep_until):
        raise unauthenticated("an assertion that has served before")


def refusal(refused: TokenRefused) -> Answer:
    """Say no in the one shape of RFC 6749 section 5.2."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if refused.error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="joinedup"'
    return Answer(
        STATUS.get(refused.error, 400),
        {"error": refused.error, "error_description": refused.description},
        headers,
    )
