"""What the OAuth endpoints say, in the words of their RFCs."""

from typing import Literal

from pydantic import BaseModel, Field


class TokenAnswer(BaseModel):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str = Field(description="A signed JWT (RFC 9068): send it as is.")
    token_type: Literal["Bearer", "DPoP"]
    expires_in: int = Field(description="Seconds it is valid for.")
    scope: str = Field(description="Scopes granted, separated by spaces.")


class TokenProblem(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "unsupported_grant_type",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "temporarily_unavailable",
    ]
    error_description: str


class Confirmation(BaseModel):
    """The key that a token is bound to (RFC 9449, section 6.2)."""

    jkt: str = Field(description="RFC 7638 thumbprint.")


class Introspected(BaseModel):
    """What a token allows (RFC 7662, section 2.2); one that is over: only `active`."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    token_type: Literal["Bearer", "DPoP"] | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    aud: str | None = None
    iss: str | None = None
    jti: str | None = None
    organisations: list[str] | None = None
    cnf: Confirmation | None = None


class Revoked(BaseModel):
    """Nothing more to say (RFC 7009, section 2.2)."""


class Jwk(BaseModel):
    """A public key (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str = Field(description="RFC 7638 thumbprint.")
    use: Literal["sig"]
    alg: Literal["ES256"]


class JwkSet(BaseModel):
    """The keys that verify access tokens and published rows (RFC 7517, section 5)."""

    keys: list[Jwk]


class ServerMetadata(BaseModel):
    """What the authorisation server offers (RFC 8414)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    dpop_signing_alg_values_supported: list[str]
