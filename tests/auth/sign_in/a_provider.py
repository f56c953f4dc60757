"""A department's OpenID Connect provider: it answers as honestly as a test wants."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import socket
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey

from service.auth.jwks import Key
from tests.auth.an_issuer import EC, RSA, jwks, public, signed
from tests.auth.conftest import NOW

CLIENT = "joined-up"
SECRET = "a secret/with+all: kinds%of~characters"  # noqa: S105 - the fake's own
AT = int(NOW.timestamp())
Twist = Callable[[dict[str, Any], dict[str, Any]], str]


@dataclass
class Code:
    """What the provider remembers of a sign-in."""

    nonce: str
    challenge: str
    redirect_uri: str
    claims: dict[str, Any]


@dataclass
class AProvider:
    """One department's; `path` tells several on one port apart."""

    path: str
    alg: str = "RS256"
    key: Key = field(default_factory=lambda: RSA)
    origin: str = ""
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    described: dict[str, object] = field(default_factory=dict)
    """What its description says otherwise than usual; None leaves one out."""
    twist: Twist | None = None
    """Makes the ID token of header and claims, instead of signing them."""
    in_userinfo: tuple[str, ...] = ()
    """Claims that are told there alone."""
    about: str | None = None
    """The subject that userinfo is about, if it is to lie."""
    our_key: dict[str, Any] | None = None
    """Our public key, if we are to prove ourselves by it."""
    answer: tuple[int, bytes] | None = None
    """What its token endpoint answers, if it is to fail."""
    asked: list[str] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.origin}/{self.path}"

    def forget(self) -> None:
        """Be as honest as ever."""
        fresh = AProvider(self.path, self.alg, self.key, self.origin)
        self.__dict__.update(fresh.__dict__)

    def come_back(self, address: str, subject: str, **claims: Any) -> dict[str, str]:
        """Sign somebody in who was sent here; return the query they go back with."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        query = {k: v[0] for k, v in parse_qs(parts.query, strict_parsing=True).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        self.redirected.append(query["redirect_uri"])
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(
            query["nonce"],
            query["code_challenge"],
            query["redirect_uri"],
            {"sub": subject, **claims},
        )
        return {"code": code, "state": query["state"], "iss": self.url}

    async def __call__(self, scope: Any, receive: Any) -> tuple[int, bytes]:  # noqa: ANN401 - ASGI
        place = scope["path"].removeprefix(f"/{self.path}")
        self.asked.append(place)
        if place == "/.well-known/openid-configuration":
            return 200, json.dumps(self._description()).encode()
        if place == "/keys":
            return 200, jwks(public(self.key, "one"))
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        if place == "/token":
            body = (await receive()).get("body", b"").decode()
            return self.answer or self._redeemed(headers, body)
        if place == "/me":
            about = self.tokens.get(headers["authorization"].removeprefix("Bearer "))
            return (200, json.dumps(about).encode()) if about else (401, b"{}")
        return 404, b"{}"

    def _description(self) -> dict[str, object]:
        usual = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/me",
            "end_session_endpoint": f"{self.url}/out",
            "authorization_response_iss_parameter_supported": True,
            # What a provider lists is not what we accept.
            "id_token_signing_alg_values_supported": ["HS256", "none", self.alg],
        }
        said = usual | self.described
        return {name: value for name, value in said.items() if value is not None}

    def _redeemed(self, headers: dict[str, str], body: str) -> tuple[int, bytes]:
        form = {k: v[0] for k, v in parse_qs(body, strict_parsing=True).items()}
        code = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            not self._knows(headers, form)
            or code is None
            or form["grant_type"] != "authorization_code"
            or code.redirect_uri != form["redirect_uri"]
            or base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != code.challenge
        ):
            return 400, b'{"error": "invalid_grant"}'
        access_token = secrets.token_urlsafe(16)
        about = self.about or code.claims["sub"]
        self.tokens[access_token] = {**code.claims, "sub": about}
        told = {k: v for k, v in code.claims.items() if k not in self.in_userinfo}
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self._id_token({**told, "nonce": code.nonce}),
        }
        return 200, json.dumps(answer).encode()

    def _knows(self, headers: dict[str, str], form: dict[str, str]) -> bool:
        if self.our_key is None:
            said = headers.get("authorization", "").removeprefix("Basic ")
            client, _, secret = base64.b64decode(said).decode().partition(":")
            return (unquote_plus(client), unquote_plus(secret)) == (CLIENT, SECRET)
        key = ECKey.import_key(self.our_key)
        claims = jwt.decode(form["client_assertion"], key, ["ES256"]).claims
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert form["client_assertion_type"] == kind
        assert claims["iss"] == claims["sub"] == form["client_id"] == CLIENT
        assert claims["exp"] - claims["iat"] <= 300
        return bool(claims["aud"] == self.url)

    def _id_token(self, told: dict[str, Any]) -> str:
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": AT,
            "exp": AT + 300,
            **told,
        }
        header = {"alg": self.alg, "kid": "one"}
        if self.twist is not None:
            return self.twist(header, claims)
        return signed(header, claims, self.key, self.alg)


class Providers:
    """Several departments' on one loopback port."""

    def __init__(self) -> None:
        self.hmt = AProvider("hmt")
        self.defra = AProvider("defra", alg="ES256", key=EC)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        first = scope["path"].split("/")[1]
        provider = {"hmt": self.hmt, "defra": self.defra}[first]
        status, body = await provider(scope, receive)
        headers = [(b"content-type", b"application/json")]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(providers: Providers) -> Iterator[None]:
    """Serve them on a loopback port, in a thread of its own."""
    config = uvicorn.Config(
        providers, host="127.0.0.1", port=0, lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
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
        for provider in (providers.hmt, providers.defra):
            provider.origin = f"http://127.0.0.1:{port}"
        yield
    finally:
        server.should_exit = True
        thread.join()


def query(of: dict[str, str]) -> str:
    """A query, as a provider writes it."""
    return urlencode(of)
