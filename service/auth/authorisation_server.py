"""Decides, between loading and committing, whether a client gets a token.

The law: nothing here waits, reads the clock or writes; Authlib sees plain facts, and
each of its stock parts that is too lenient is replaced by ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped] # has no types
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped] # has no types
    AuthorizationServer,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped] # no types
    ClientCredentialsGrant,
)
from authlib.oauth2.rfc6749.requests import (  # type: ignore[import-untyped] # no types
    BasicOAuth2Payload,
)
from joserfc.jwk import ECKey

from service.auth import client_assertion, client_authentication, dpop, rules, tokens
from service.auth.caller import Scope
from service.auth.client_assertion import Once
from service.auth.client_keys import ClientKey
from service.auth.rules import AuthMethod, Client
from service.auth.token_request import TokenRefused, TokenRequest, unauthenticated

ENDPOINT: Final = "https://this.invalid/oauth/token"
"""Authlib only asks whether it is https, which a proxy decides before us."""
GRANTS: Final = ("client_credentials",)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token is made of besides its client."""

    issuer: str
    key: ECKey
    now: datetime
    seconds: int
    jti: str
    assertion_seconds: int = 300
    """How far ahead a client assertion may expire."""
    jkt: str | None = None
    """RFC 7638 thumbprint of the key that a DPoP proof showed."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A token to be given once its row is committed."""

    client_id: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    body: dict[str, Any]
    """The token response, RFC 6749 section 5.1."""
    once: Once | None = None
    """What is spent with it: the proof by which the client authenticated."""


def decide(
    request: TokenRequest,
    client: Client | None,
    terms: Terms,
    keys: Sequence[ClientKey] = (),
) -> Grant:
    """Grant a token, or raise `TokenRefused`.

    `client` is what is registered, and `keys` are the client's public ones.
    """
    server = _Server(client, terms, keys)
    _, body, _ = server.create_token_response(request)
    return Grant(
        client_id=request.client_id,
        jti=terms.jti,
        issued_at=terms.now,
        expires_at=terms.now + timedelta(seconds=terms.seconds),
        body=body,
        once=server.once,
    )


class _Request(OAuth2Request):  # type: ignore[misc] # Authlib has no types
    def __init__(self, asked: TokenRequest) -> None:
        super().__init__("POST", ENDPOINT)
        self.asked = asked
        self.payload = BasicOAuth2Payload(dict(asked.parameters))


class _Known:
    """A client in the shape that Authlib asks."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_endpoint_auth_method(self, *_: str) -> bool:
        return True  # `prove` has refused any but its own.

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANTS


class _ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc] # no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("its own",)

    def validate_requested_scope(self) -> None:
        """Grant every scope asked for or none; Authlib would narrow silently."""
        asked = self.request.payload.scope
        scopes = rules.scopes_for(self.request.client.client, asked)
        if scopes is None:
            raise TokenRefused(
                "invalid_scope",
                "The client may not have every scope it asks for: ask for fewer, or"
                " have them added to its registration.",
            )
        self.server.scopes = scopes


class _Server(AuthorizationServer):  # type: ignore[misc] # Authlib has no types
    """One for each request, so that nothing is global."""

    def __init__(
        self, client: Client | None, terms: Terms, keys: Sequence[ClientKey]
    ) -> None:
        super().__init__(scopes_supported=[*Scope])
        self.registered = client
        self.terms = terms
        self.keys = keys
        self.scopes: list[str] = []
        self.once: Once | None = None
        self.register_client_auth_method("its own", self.prove)
        self.register_grant(_ClientCredentials)
        self.register_token_generator("default", self.sign)

    def create_oauth2_request(self, request: TokenRequest) -> _Request:
        return _Request(request)

    def prove(self, _: object, request: _Request) -> _Known:
        """Authenticate; Authlib's own is too lenient, and breaks on odd bytes."""
        client, self.once = client_authentication.prove(
            request.asked.credentials,
            self.registered,
            self.keys,
            issuer=self.terms.issuer,
            assertion_seconds=self.terms.assertion_seconds,
            now=self.terms.now,
        )
        if client.dpop and self.terms.jkt is None:  # RFC 9449 section 5.2
            raise TokenRefused(
                "invalid_dpop_proof",
                "This client's tokens are bound to a key: send a DPoP proof.",
            )
        return _Known(client)

    def sign(self, client: _Known, **_: object) -> dict[str, Any]:
        """Make the token; Authlib's own has no key id and lives for ten days."""
        claims = tokens.claims_of(
            issuer=self.terms.issuer,
            client_id=client.client.id,
            organisations=client.client.organisations,
            scopes=self.scopes,
            jti=self.terms.jti,
            now=self.terms.now,
            seconds=self.terms.seconds,
        )
        if self.terms.jkt is not None:
            claims["cnf"] = {"jkt": self.terms.jkt}
        return {
            "access_token": tokens.sign(claims, self.terms.key),
            "token_type": "Bearer" if self.terms.jkt is None else "DPoP",
            "expires_in": self.terms.seconds,
            "scope": claims["scope"],
        }

    def handle_error_response(self, _: object, error: OAuth2Error) -> NoReturn:
        """Say it in our words: Authlib's repeat what was sent."""
        if error.error == "unsupported_grant_type":
            raise TokenRefused(error.error, "Send grant_type=client_credentials.")
        raise unauthenticated(f"Authlib: {error.error}")

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        return status, body, headers

    def save_token(self, token: object, request: object) -> None:
        """Do nothing: the action commits what was decided."""

    def send_signal(self, name: str, *arguments: object, **more: object) -> None:
        """Do nothing: the action logs the outcome."""


def metadata(issuer: str) -> dict[str, Any]:
    """Describe the server, RFC 8414; only what is true of it today."""
    return {
        "issuer": issuer,
        "token_endpoint": issuer + client_authentication.TOKEN_ENDPOINT,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": [*Scope],
        "response_types_supported": [],
        "grant_types_supported": [*GRANTS],
        **_authenticating("token"),
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        **_authenticating("introspection"),
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        **_authenticating("revocation"),
        "dpop_signing_alg_values_supported": [*dpop.KEYS],
    }


def _authenticating(endpoint: str) -> dict[str, list[str]]:
    """Describe how a client authenticates: at each endpoint in the same ways."""
    return {
        f"{endpoint}_endpoint_auth_methods_supported": [*AuthMethod],
        f"{endpoint}_endpoint_auth_signing_alg_values_supported": [
            *client_assertion.ALGORITHMS
        ],
    }
