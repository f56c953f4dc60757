"""The public keys by which clients sign, and what each may sign with.

The law: a key says what it is for before it is asked: its kind, curve or size and its
`alg` fix the algorithms, and no header of a token does.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from service.auth.rules import ClientUnacceptable
from service.edge.outbound import check_url
from service.errors import Fault

MOST_KEYS: Final = 10
LONGEST_KID: Final = 200
LONGEST_NUMBER: Final = 1024
"""Characters of one part of a key: 6,000 bits of RSA in base64."""
SHORTEST_RSA: Final = 2048
LONGEST_RSA: Final = 4096
"""Bits; a longer one only makes whoever checks it work harder."""
SIGNS: Final[Mapping[tuple[str, str | None], frozenset[str]]] = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),
    ("RSA", None): frozenset({"PS256", "RS256"}),
}
"""Kind and curve to algorithms; EdDSA and Ed25519 (RFC 9864) name the same here."""
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC": ("crv", "x", "y"),
    "OKP": ("crv", "x"),
    "RSA": ("n", "e"),
}
USUAL_EXPONENT: Final = "AQAB"
"""65537: what every tool makes; others are weak or slow."""
SECRET_PARTS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A public key that may verify a client's signature."""

    kid: str | None
    algorithms: frozenset[str]
    key: Key


@dataclass(frozen=True, slots=True)
class RegisteredKeys:
    """Where a client's keys are: in one of the two, or nowhere if it has a secret."""

    jwks: tuple[Mapping[str, Any], ...] | None = None
    uri: str | None = None


NO_KEYS: Final = RegisteredKeys()


class _Unusable(ValueError):
    """Says what is wrong with a key, in words for whoever registers it."""


def registered(
    *, jwks: object = None, uri: str | None = None, loopback: bool = False
) -> RegisteredKeys:
    """Return a client's keys as they are to be stored, or refuse naming each fault.

    `jwks` is a JWK Set as parsed from JSON; `loopback` lets `uri` be this machine's.
    Where an address leads is checked again at each fetch.
    """
    if (jwks is None) == (uri is None):
        raise _unacceptable(
            [Fault("Give its public keys or their address: one of both.")]
        )
    if uri is None:
        return RegisteredKeys(jwks=_kept(jwks))
    check_url(uri, loopback=loopback)
    return RegisteredKeys(uri=uri)


def _unacceptable(faults: Sequence[Fault]) -> ClientUnacceptable:
    return ClientUnacceptable("Mend this and register it again.", faults=faults)


def _kept(jwks: object) -> tuple[Mapping[str, Any], ...]:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        text = f'Give a JWK Set, {{"keys": […]}}, of 1 to {MOST_KEYS} keys.'
        raise _unacceptable([Fault(text, parameter="jwks")])
    faults: list[Fault] = []
    kept: list[Mapping[str, Any]] = []
    for number, jwk in enumerate(keys):
        try:
            read(jwk)
            kept.append(_public(jwk))
        except _Unusable as unusable:
            faults.append(Fault(f"Key {number + 1} {unusable}.", parameter="jwks"))
    kids = [jwk["kid"] for jwk in kept if "kid" in jwk]
    if len(set(kids)) < len(kids):
        faults.append(Fault("Give each key a `kid` of its own.", parameter="jwks"))
    if faults:
        raise _unacceptable(faults)
    return tuple(kept)


def _public(jwk: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kty", *PARTS[jwk["kty"]], "kid", "use", "alg")
    return {name: jwk[name] for name in names if name in jwk}


def read(jwk: object) -> ClientKey:
    """Return the key that a JWK describes; ValueError says why it cannot be used."""
    if not isinstance(jwk, dict):
        raise _Unusable("is not a JSON object")
    if SECRET_PARTS & jwk.keys():
        raise _Unusable(
            "holds a private or shared part: send public keys only, and make a new one,"
            " since this one is now known"
        )
    kid = jwk.get("kid")
    if kid is not None and not (isinstance(kid, str) and _is_plain(kid, LONGEST_KID)):
        raise _Unusable(f"has a `kid` that is not 1 to {LONGEST_KID} plain characters")
    _check_use(jwk)
    algorithms = _algorithms(jwk)
    return ClientKey(kid, algorithms, _imported(jwk))


def _is_plain(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable()


def _check_use(jwk: Mapping[str, Any]) -> None:
    operations = jwk.get("key_ops", ["verify"])
    may_verify = isinstance(operations, list) and "verify" in operations
    if jwk.get("use", "sig") != "sig" or not may_verify:
        raise _Unusable("is not for signatures")


def _algorithms(jwk: Mapping[str, Any]) -> frozenset[str]:
    kind, curve = jwk.get("kty"), jwk.get("crv")
    known = isinstance(kind, str) and (curve is None or isinstance(curve, str))
    found = SIGNS.get((kind, curve)) if known else None  # type: ignore[arg-type] # a str: known
    if found is None:
        raise _Unusable("is neither EC on P-256, OKP on Ed25519, nor RSA")
    alg = jwk.get("alg")
    if alg is None:
        return found
    if not isinstance(alg, str) or alg not in found:
        raise _Unusable(f"has an `alg` that is none of {', '.join(sorted(found))}")
    return found if kind == "OKP" else frozenset({alg})


def _imported(jwk: Mapping[str, Any]) -> Key:
    parts = {name: jwk.get(name) for name in ("kty", *PARTS[jwk["kty"]])}
    lengths = [len(part) for part in parts.values() if isinstance(part, str)]
    if len(lengths) < len(parts) or max(lengths) > LONGEST_NUMBER:
        raise _Unusable("lacks a part, or has one that is too long")
    if parts.get("e", USUAL_EXPONENT) != USUAL_EXPONENT:
        raise _Unusable("has another exponent than 65537 (AQAB)")
    try:
        if "n" in parts:
            _check_bits(str(parts["n"]))
        return JWKRegistry.import_key(parts)  # type: ignore[arg-type] # all are str: above
    except _Unusable:
        raise
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _Unusable("is damaged: its numbers are not a key") from error


def _check_bits(modulus: str) -> None:
    raw = base64.b64decode(modulus + "=" * (-len(modulus) % 4), b"-_", validate=True)
    bits = int.from_bytes(raw).bit_length()
    if not SHORTEST_RSA <= bits <= LONGEST_RSA:
        raise _Unusable(f"has {bits} bits, not {SHORTEST_RSA} to {LONGEST_RSA}")


def usable(keys: Iterable[Key]) -> list[ClientKey]:
    """Return those of a client's published keys that may verify its signature."""
    found = []
    for key in keys:
        algorithms = SIGNS.get((key.key_type, getattr(key, "curve_name", None)))
        if algorithms is not None:
            found.append(ClientKey(key.kid, algorithms, key))
    return found
