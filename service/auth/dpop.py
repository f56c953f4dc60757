"""DPoP proofs (RFC 9449): whoever sends a token shows that it holds the token's key.

The law: a proof is good for one request, one token and one moment, or it is refused.
Whether it has been shown before is for the caller to ask, once all else holds.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.jws import JWSRegistry

from service.errors import NotSignedIn

TYPE: Final = "dpop+jwt"
LONGEST: Final = 8192
"""Characters of a proof."""
KEYS: Final[Mapping[str, Mapping[str, str]]] = {
    "ES256": {"kty": "EC", "crv": "P-256"},
    "PS256": {"kty": "RSA"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519"},
    "Ed25519": {"kty": "OKP", "crv": "Ed25519"},
}
"""The algorithms of a proof, each with the only kind of key it may use."""
COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")
PUBLIC: Final = {"EC": ("x", "y"), "RSA": ("n", "e"), "OKP": ("x",)}
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
ELSEWHERE: Final = frozenset({"crit", "jku", "x5u", "x5c"})
"""Header members that would name another key, or that we would have to understand."""
RSA_BITS: Final = range(2048, 4097)
JTI: Final = re.compile(r"[\x21-\x7e]{8,128}")
OLDEST: Final = 300
"""Seconds since a proof was made; its nonce makes it fresh, this bounds replay."""
AHEAD: Final = 60
"""Seconds by which its maker's clock may be fast."""
WINDOW: Final = 120
"""Seconds for which one nonce is given out; it is taken as long again."""
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
CHALLENGE: Final = f'DPoP realm="joinedup", algs="{" ".join(KEYS)}"'
NONCE_HEADER: Final = "DPoP-Nonce"
KIND: Final = "dpop"
"""Of spent id; its owner is the key."""


class InvalidProof(NotSignedIn):
    """The DPoP proof does not show that the caller holds the token's key."""

    slug = "dpop-proof-invalid"
    error = "invalid_dpop_proof"
    """As RFC 9449 names it."""

    def __init__(self, why: str) -> None:
        """Say why; the remedy is always a new proof."""
        super().__init__(
            f"The DPoP proof {why}: send one new proof for this request.",
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="{self.error}"'},
        )


class NonceNeeded(InvalidProof):
    """The DPoP proof does not carry a nonce that this service gave lately."""

    slug = "dpop-nonce-needed"
    error = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof shows; it may be shown once."""

    jkt: str
    """RFC 7638 thumbprint of the key."""
    jti: str
    keep_until: datetime
    """When its time alone would refuse it."""


def nonce(key: bytes, now: datetime) -> str:
    """Return the nonce to use now; every instance with the same key gives the same."""
    return _nonce_of(key, int(now.timestamp()) // WINDOW)


def _nonce_of(key: bytes, window: int) -> str:
    return _encoded(hmac.digest(key, str(window).encode(), "sha256")[:16])


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def verify(
    proofs: Sequence[str],
    *,
    method: str,
    address: str,
    now: datetime,
    nonce_key: bytes,
    token: str | None = None,
) -> Proof:
    """Return what the one proof of a request shows, or refuse it (section 4.3).

    `address` is made from the issuer, never from what the request says of its host;
    `token` is the access token beside the proof, if the request has one.
    """
    if len(proofs) != 1:
        raise InvalidProof("is missing" if not proofs else "is sent twice")
    key, claims = _read(proofs[0])
    _check_meant_for(claims, method, address)
    jti, made_at = claims.get("jti"), _made_at(claims, now)
    if not isinstance(jti, str) or not JTI.fullmatch(jti):
        raise InvalidProof("has no jti of 8 to 128 printable characters")
    if token is not None and claims.get("ath") != ath(token):
        raise InvalidProof("is for another access token")
    window = int(now.timestamp()) // WINDOW
    if claims.get("nonce") not in [_nonce_of(nonce_key, window - n) for n in (0, 1)]:
        raise NonceNeeded("carries no nonce from the last DPoP-Nonce header")
    keep_until = datetime.fromtimestamp(made_at + OLDEST + 1, tz=now.tzinfo)
    return Proof(key.thumbprint(), jti, keep_until)


def served_before() -> InvalidProof:
    """Refuse a proof that has been shown before."""
    return InvalidProof("has served before")


def ath(token: str) -> str:
    """Return the hash by which a proof names an access token."""
    return _encoded(hashlib.sha256(token.encode()).digest())


def _read(proof: str) -> tuple[Key, dict[str, Any]]:
    """Return the key of the proof and what it signed with it."""
    if len(proof) > LONGEST:
        raise InvalidProof(f"is longer than {LONGEST} characters")
    if not COMPACT.fullmatch(proof):
        raise InvalidProof("is not a JWT")
    message, _, signature = proof.rpartition(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in message.split("."))
        signed, raw = message.encode(), _decoded(signature)
    except (ValueError, RecursionError) as error:
        raise InvalidProof("is not a JWT") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidProof("is not a JWT")
    algorithm, key = _key(header)
    # Not by `decode`: it goes by what the header says, and warns of EdDSA's name.
    if not JWSRegistry.algorithms[algorithm].verify(signed, raw, key):
        raise InvalidProof("has a signature that does not verify")
    return key, claims


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _key(header: Mapping[str, Any]) -> tuple[str, Key]:
    """Return the algorithm and the public key that a header names."""
    algorithm, jwk = header.get("alg"), header.get("jwk")
    if header.get("typ") != TYPE or header.keys() & ELSEWHERE:
        raise InvalidProof(f"has a header that is not of {TYPE}")
    if not isinstance(algorithm, str) or algorithm not in KEYS:
        raise InvalidProof(f"is not signed with {', '.join(KEYS)}")
    kind = KEYS[algorithm]
    if (
        not isinstance(jwk, dict)
        or jwk.keys() & PRIVATE
        or any(jwk.get(name) != value for name, value in kind.items())
    ):
        raise InvalidProof("has no public key that fits its algorithm")
    public: dict[str, Any] = {name: jwk.get(name) for name in PUBLIC[kind["kty"]]}
    try:
        # Before it is imported: joserfc takes a short key with a warning only.
        if "n" in public and _bits(public["n"]) not in RSA_BITS:
            raise InvalidProof("has an RSA key of an unfit size")
        return algorithm, import_key({**kind, **public})
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidProof("has a key that cannot be read") from error


def _bits(number: Any) -> int:  # noqa: ANN401 - a member of a JWK, text or not
    return int.from_bytes(_decoded(number), "big").bit_length()


def _check_meant_for(claims: Mapping[str, Any], method: str, address: str) -> None:
    if claims.get("htm") != method:
        raise InvalidProof("is for another method")
    said, wanted = claims.get("htu"), _plain(address)
    if wanted is None or not isinstance(said, str) or _plain(said) != wanted:
        raise InvalidProof("is for another address")


def _plain(address: str) -> tuple[str, str, int | None, str] | None:
    """Return an address without query and fragment as RFC 3986 compares them."""
    # What `urlsplit` leaves out silently is not printable.
    if not re.fullmatch(r"[\x21-\x7e]+", address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if "@" in parts.netloc or not parts.hostname:
        return None
    # Decoded as routing decodes it: two spellings of a path are one resource here.
    return parts.scheme, parts.hostname, port, unquote(parts.path) or "/"


def _made_at(claims: Mapping[str, Any], now: datetime) -> float:
    made_at = claims.get("iat")
    # Exactly these: True is an instance of int too. NaN is in no range.
    if (type(made_at) is not int and type(made_at) is not float) or not (
        now.timestamp() - OLDEST <= made_at <= now.timestamp() + AHEAD
    ):
        raise InvalidProof("was not made just now")
    return made_at
