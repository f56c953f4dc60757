"""Client assertions as clients sign them, and as no client should."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from service.auth.client_assertion import TYPE
from tests.auth.conftest import ISSUER, NOW


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


EC: Final = ECKey.generate_key("P-256", {"kid": "ec"})
ED: Final = OKPKey.generate_key("Ed25519", {"kid": "ed"})
RSA: Final = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER: Final = ECKey.generate_key("P-256", {"kid": "ec"})
SHARED: Final = OctKey.import_key("a shared secret that is long enough")
PUBLIC_AS_SECRET: Final = OctKey.import_key(
    {"kty": "oct", "k": EC.as_dict(private=False)["x"]}
)
"""What a verifier that goes by the header would check HS256 with."""
JWKS: Final = {"keys": [key.as_dict(private=False) for key in (EC, ED, RSA)]}
KEY_OF: Final[Mapping[str, Key]] = {
    "ES256": EC,
    "PS256": RSA,
    "RS256": RSA,
    "EdDSA": ED,
    "Ed25519": ED,
    "HS256": SHARED,
}
OMITTED: Final = object()


def claims(
    client_id: str = "hr-1", now: datetime = NOW, **changes: object
) -> dict[str, Any]:
    """A valid assertion's claims; `OMITTED` leaves one out."""
    at = int(now.timestamp())
    said = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "iat": at,
        "exp": at + 60,
        "jti": str(uuid4()),
        **changes,
    }
    return {name: value for name, value in said.items() if value is not OMITTED}


def sealed(header: bytes, payload: bytes, alg: str, key: Key | None = None) -> str:
    """Sign these bytes whatever they say."""
    message = f"{encoded(header)}.{encoded(payload)}"
    algorithm = JWSRegistry.algorithms[alg]
    return f"{message}.{encoded(algorithm.sign(message.encode(), key or KEY_OF[alg]))}"


def signed(
    said: Mapping[str, Any],
    alg: str = "ES256",
    *,
    key: Key | None = None,
    **header: object,
) -> str:
    """Sign as `alg` says; `header` changes the header, `OMITTED` leaves a part out."""
    full = {"typ": "JWT", "alg": alg, "kid": KEY_OF[alg].kid, **header}
    kept = {k: v for k, v in full.items() if v is not OMITTED and v is not None}
    return sealed(json.dumps(kept).encode(), json.dumps(said).encode(), alg, key)


def form(assertion: str, **more: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
        **more,
    }
