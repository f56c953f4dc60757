"""Sign a row, and check the signature on one: RFC 7515, appendix F, ES256.

The law: what is signed is the canonical row without `signature`, under a type that no
token has, so that neither passes for the other.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from service.auth.keys import ALGORITHM
from service.hr.signing.canonical import NoCanonicalForm, canonical

FIELD: Final = "signature"
TYPE: Final = "joinedup-row+jws"
HALF: Final = 32
"""Bytes of each of the two numbers of a signature (RFC 7518, 3.4)."""
DETACHED: Final = re.compile(r"([A-Za-z0-9_-]{1,600})\.\.([A-Za-z0-9_-]{86})")
ONCE: Final = ECDSA(SHA256(), deterministic_signing=True)


class Altered(ValueError):
    """The row is not as the service signed it."""


def sign(row: Mapping[str, Any], key: ECKey) -> str:
    """Return the detached signature on a row; the same again for the same."""
    header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": TYPE}
    signed = f"{_encoded(canonical(header))}.{_payload(row)}"
    private = key.get_op_key("sign")
    der = private.sign(signed.encode(), ONCE)
    both = b"".join(part.to_bytes(HALF) for part in decode_dss_signature(der))
    return f"{signed.partition('.')[0]}..{_encoded(both)}"


def _payload(row: Mapping[str, Any]) -> str:
    """Return what is signed: the row without its signature, encoded."""
    return _encoded(canonical({k: v for k, v in row.items() if k != FIELD}))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def check(row: Mapping[str, Any], keys: Mapping[str, ECKey]) -> None:
    """Refuse a row that none of these keys, by their ids, signed as it stands."""
    found = DETACHED.fullmatch(str(row.get(FIELD)))
    if found is None:
        raise Altered("It has no signature: ask for the row again.")
    header, signature = found.groups()
    kid = _kid(header)
    if kid not in keys:
        raise Altered(
            f"Its key {kid} is not among these: get the service's keys again from"
            " /.well-known/jwks.json."
        )
    try:
        jws.deserialize_compact(
            f"{header}.{_payload(row)}.{signature}", keys[kid], algorithms=[ALGORITHM]
        )
    except (JoseError, NoCanonicalForm, ValueError) as error:
        raise Altered("It was changed since, or it was never ours.") from error


def _kid(header: str) -> str:
    """Return whose signature it says it is; a header that is not ours is refused."""
    try:
        said = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except ValueError:
        said = None
    match said:
        case {"alg": str(alg), "kid": str(kid), "typ": str(kind)} if len(said) == 3:  # noqa: PLR2004 - these three
            if (alg, kind) == (ALGORITHM, TYPE):
                return kid
    raise Altered("Its signature is none of this service's rows'.")
