"""A client that holds a key, and makes proofs with it: right ones and any others."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from service.auth import dpop
from tests.auth.conftest import ISSUER, NOW

NOW_S: Final = int(NOW.timestamp())
NONCE_KEY: Final = b"n" * 32
_number = count(1)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Holder:
    """None leaves a member out."""

    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256"))
    algorithm: str = "ES256"

    @property
    def jkt(self) -> str:
        return self.key.thumbprint()

    def header(self, **but: object) -> dict[str, Any]:
        public = self.key.as_dict(private=False)
        right = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": public}
        return {k: v for k, v in {**right, **but}.items() if v is not None}

    def proof(
        self,
        method: str = "GET",
        path: str = "/v1/probe",
        token: str | None = None,
        nonce: str | None = None,
        header: Mapping[str, object] | None = None,
        **but: object,
    ) -> str:
        """Sign it whatever it says: no check of a library stands in the way."""
        right = {
            "jti": f"proof-number-{next(_number)}",
            "htm": method,
            "htu": ISSUER + path,
            "iat": NOW_S,
            "nonce": nonce,
            "ath": None if token is None else dpop.ath(token),
        }
        claims = {k: v for k, v in {**right, **but}.items() if v is not None}
        return self.signed(self.header(**(header or {})), claims)

    def signed(self, header: object, claims: object) -> str:
        message = f"{part(header)}.{part(claims)}"
        algorithm = JWSRegistry.algorithms[self.algorithm]
        return f"{message}.{part(algorithm.sign(message.encode(), self.key))}"
