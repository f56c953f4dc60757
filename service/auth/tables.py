"""OAuth as stored: clients, digests of their secrets, signing keys, tokens issued."""

from piccolo.columns import Array, Bytea, Column, Timestamptz, Varchar
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
