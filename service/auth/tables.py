"""OAuth as stored: clients, their secrets' digests, signing keys, tokens, spent ids."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Column,
    Date,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.auth.rules import AuthMethod, KeyState
from service.db import DB, one_of


class OAuthClient(Table, db=DB, tablename="oauth_client"):
    """An HR system that may ask for tokens."""

    id = Varchar(length=64, primary_key=True, default=None)
    name = Varchar(length=200, default=None)
    auth_method = Varchar(length=40, default=None)
    scopes: Column = Array(base_column=Varchar(length=60), default=None)
    created_at = Timestamptz(default=None)
    disabled_at = Timestamptz(default=None, null=True)
    jwks = JSONB(default=None, null=True, help_text="Its public keys, a list of JWKs.")
    jwks_uri = Varchar(length=500, default=None, null=True)
    dpop = Boolean(default=None, help_text="Its tokens are bound to a key of its own.")
    endpoint_audience_until = Date(default=None, null=True)
    rs256_until = Date(default=None, null=True)
    not_before = Timestamptz(default=None, null=True, help_text="Older tokens died.")

    oauth_client_auth_method_is_known = one_of("auth_method", AuthMethod)


class OAuthClientOrganisation(Table, db=DB, tablename="oauth_client_organisation"):
    """An organisation whose people a client may see."""

    organisation = Varchar(length=40, primary_key=True, default=None)
    client = Varchar(length=64, primary_key=True, default=None)


class OAuthClientSecret(Table, db=DB, tablename="oauth_client_secret"):
    """The SHA-256 of one secret of a client."""

    digest = Bytea(primary_key=True, default=None)
    client = Varchar(length=64, default=None)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None, null=True)


class SigningKey(Table, db=DB, tablename="signing_key"):
    """A key that signs access tokens, sealed under the service's secret key."""

    kid = Varchar(length=64, primary_key=True, default=None, help_text="RFC 7638.")
    sealed = Bytea(default=None)
    state = Varchar(length=10, default=None)
    created_at = Timestamptz(default=None)
    retired_at = Timestamptz(default=None, null=True)

    signing_key_state_is_known = one_of("state", KeyState)


class IssuedToken(Table, db=DB, tablename="issued_token"):
    """An access token that was given out; never the token itself."""

    jti = Varchar(length=64, primary_key=True, default=None)
    client = Varchar(length=64, default=None)
    issued_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)


class SpentJti(Table, db=DB, tablename="spent_jti"):
    """The id of a proof that has served."""

    kind = Varchar(length=20, primary_key=True, default=None)
    owner = Varchar(length=200, primary_key=True, default=None)
    jti = Varchar(length=128, primary_key=True, default=None)
    keep_until = Timestamptz(default=None)


class RevokedToken(Table, db=DB, tablename="revoked_token"):
    """An access token that was ended before it expired."""

    jti = Varchar(length=64, primary_key=True, default=None)
    client = Varchar(length=64, default=None)
    revoked_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)


class ExternalIssuerRow(Table, db=DB, tablename="external_issuer"):
    """An organisation's own issuer, and what its tokens may do."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    issuer = Varchar(length=500, default=None)
    audience = Varchar(length=200, default=None)
    jwks_uri = Varchar(length=500, default=None)
    algorithms: Column = Array(base_column=Varchar(length=20), default=None)
    scopes: Column = Array(
        base_column=Varchar(length=261), default=None, help_text="theirs=ours"
    )
    claims: Column = Array(
        base_column=Varchar(length=301), default=None, help_text="name=value"
    )
    person_claim = Varchar(length=100, default=None, null=True)
    person_source = Varchar(length=40, default=None, null=True)
    clients: Column = Array(base_column=Varchar(length=64), default=None)
    created_at = Timestamptz(default=None)
