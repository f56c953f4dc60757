"""A department's own issuer: it signs whatever a test tells it to."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import socket
from typing import Any

import uvicorn
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from service.auth.jwks import Key
from tests.auth.conftest import NOW

URL = "https://login.hmt.example/tenant"
AUDIENCE = "api://joined-up"
NOW_S = int(NOW.timestamp())
RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")
ED = OKPKey.generate_key("Ed25519")


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: object, key: Key, alg: str) -> str:
    """Sign anything whatever: no check of ours or of the library stands in the way."""
    spoken = {name: value for name, value in header.items() if value is not None}
    message = f"{part(spoken)}.{part(claims)}"
    algorithm = jws.JWSRegistry.algorithms[alg]
    return f"{message}.{part(algorithm.sign(message.encode(), key))}"


def public(key: Key, kid: str | None, **more: object) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid, **more}


def jwks(*keys: object) -> bytes:
    return json.dumps({"keys": keys}).encode()


@dataclass
class AnIssuer:
    """Entra ID or Keycloak, as far as we meet it; `serving` gives it an address."""

    url: str = URL
    keys: dict[str, Key] = field(default_factory=lambda: {"one": RSA})
    down: bool = False
    fetches: list[str] = field(default_factory=list)

    def claims(self, **changed: object) -> dict[str, Any]:
        """What a client's own token says, but for `changed`; None leaves one out."""
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "5f3c",
            "azp": "hr-portal",
            "iat": NOW_S,
            "nbf": NOW_S,
            "exp": NOW_S + 3600,
            "scope": "scores.read profile",
        }
        return {k: v for k, v in (usual | changed).items() if v is not None}

    def token(
        self,
        header: Mapping[str, object] | None = None,
        *,
        alg: str = "RS256",
        key: Key | None = None,
        **changed: Any,
    ) -> str:
        kid = next(reversed(self.keys))
        said = {"typ": "JWT", "alg": alg, "kid": kid, **(header or {})}
        return signed(said, self.claims(**changed), key or self.keys[kid], alg)

    def published(self) -> bytes:
        return jwks(*(public(key, kid) for kid, key in self.keys.items()))

    async def fetch(self, url: str) -> bytes:
        """Stand in for the network."""
        self.fetches.append(url)
        return self.published()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401, ARG002 - ASGI
        """Answer as its web server."""
        self.fetches.append(scope["path"])
        body = self.published()
        if scope["path"].endswith("/.well-known/openid-configuration"):
            body = json.dumps(
                {
                    "issuer": self.url,
                    "jwks_uri": f"{self.url}/keys",
                    "id_token_signing_alg_values_supported": ["HS256", "none"],
                }
            ).encode()
        status = 503 if self.down else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(issuer: AnIssuer) -> Iterator[None]:
    """Serve the issuer on a loopback port, in a thread of its own."""
    server = uvicorn.Server(
        uvicorn.Config(
            issuer, host="127.0.0.1", port=0, lifespan="off", log_level="critical"
        )
    )
    started = threading.Event()

    startup = server.startup

    async def announced(sockets: list[socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = announced  # type: ignore[method-assign] # uvicorn says it no other way
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert started.wait(10)
        port = server.servers[0].sockets[0].getsockname()[1]
        issuer.url = f"http://127.0.0.1:{port}/tenant"
        yield
    finally:
        server.should_exit = True
        thread.join()
