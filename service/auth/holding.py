"""Checks that whoever sends a token bound to a key holds the key (RFC 9449 section 7).

The law: a bound token is good only under the scheme DPoP and beside one new proof, and
a token that is bound to nothing only under Bearer; no proof serves twice anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Send

from service.auth import dpop
from service.auth.dpop import CHALLENGE, NONCE_HEADER, InvalidProof
from service.auth.secret import derive
from service.auth.spent import spend
from service.auth.tokens import InvalidToken, Verified

SCHEMES: Final = ("bearer", "dpop")


@dataclass(frozen=True, slots=True)
class Presented:
    """An access token as a request sends it."""

    scheme: str
    """One of `SCHEMES`."""
    token: str
    proofs: Sequence[str]
    method: str
    address: str
    """From the issuer and the path; what the request says of its host is not asked."""


def address(issuer: str, path: str) -> str:
    """Return the public address of a path as routing decoded it."""
    return issuer + quote(path)


async def check_held(presented: Presented, verified: Verified, now: datetime) -> None:
    """Refuse a token that another may have taken, or a proof that has served."""
    if verified.jkt is None:
        if presented.scheme == "dpop":
            raise InvalidToken("is bound to no key and is sent as `Bearer`")
        return
    if presented.scheme != "dpop":
        refused = InvalidToken("is bound to a key and is sent as `DPoP` with a proof")
        refused.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'
        raise refused
    proof = dpop.verify(
        presented.proofs,
        method=presented.method,
        address=presented.address,
        now=now,
        nonce_key=derive("dpop-nonce"),
        token=presented.token,
    )
    if proof.jkt != verified.jkt:
        raise InvalidProof("is of another key than the token's")
    if not await spend(dpop.KIND, proof.jkt, proof.jti, proof.keep_until):
        raise dpop.served_before()


def challenged(refused: InvalidToken | InvalidProof, now: datetime) -> None:
    """Say to whoever uses DPoP, in its own words, what to do next."""
    if isinstance(refused, InvalidToken):
        refused.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'
    refused.headers[NONCE_HEADER] = dpop.nonce(derive("dpop-nonce"), now)


def giving_nonce(send: Send, now: datetime) -> Send:
    """Give the next proof's nonce with the answer (RFC 9449 section 8.2)."""

    async def with_nonce(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            headers[NONCE_HEADER] = dpop.nonce(derive("dpop-nonce"), now)
        await send(message)

    return with_nonce
