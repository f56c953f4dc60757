"""What an HR administrator sends and sees of their organisation's clients."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from service.auth.caller import Scope
from service.auth.queries import ClientSummary
from service.auth.rules import LONGEST_NAME, AuthMethod


class ClientIn(BaseModel):
    """What a new client is to be; it serves the administrator's organisation alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=LONGEST_NAME, examples=["Workday"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    auth_method: Annotated[
        Literal["client_secret_basic", "client_secret_post", "private_key_jwt"],
        Field(description="The one way it proves who it is."),
    ] = "client_secret_basic"
    jwks: Annotated[
        dict[str, Any] | None,
        Field(description="Its public keys (a JWK Set), for private_key_jwt."),
    ] = None
    jwks_uri: Annotated[
        str | None,
        Field(max_length=500, description="Where it publishes them instead."),
    ] = None
    dpop: Annotated[
        bool, Field(description="Whether its tokens are bound to a key (RFC 9449).")
    ] = False


class RotationIn(BaseModel):
    """How a client's secret is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep_days: Annotated[
        int, Field(ge=0, le=90, description="Days that the secrets it has still work.")
    ] = 30


class CredentialsOut(BaseModel):
    """What the client is set up with. The secret is told here and nowhere else."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    client_secret: Annotated[
        str | None, Field(description="Null for a client that signs with its own key.")
    ] = None


class SecretOut(BaseModel):
    """A secret that a client has: when it was made and when it ends, never itself."""

    model_config = ConfigDict(frozen=True)

    created_at: datetime
    expires_at: datetime | None


class ClientOut(BaseModel):
    """An HR system that may ask for tokens."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    name: str
    auth_method: AuthMethod
    scopes: list[str]
    organisations: list[str]
    dpop: bool
    secrets: list[SecretOut]
    key_ids: Annotated[
        list[str], Field(description="Of its public keys, where they are registered.")
    ]
    jwks_uri: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_token_at: datetime | None

    @classmethod
    def of(cls, found: ClientSummary) -> Self:
        """Present a client."""
        return cls(
            client_id=found.client_id,
            name=found.name,
            auth_method=AuthMethod(found.auth_method),
            scopes=found.scopes,
            organisations=found.organisations,
            dpop=found.dpop,
            secrets=[
                SecretOut(created_at=one.created_at, expires_at=one.expires_at)
                for one in found.secrets
            ],
            key_ids=found.key_ids,
            jwks_uri=found.jwks_uri,
            created_at=found.created_at,
            disabled_at=found.disabled_at,
            last_token_at=found.last_token_at,
        )
