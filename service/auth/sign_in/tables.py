"""Sign-in as stored: providers, attempts under way, identities and sessions."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Column,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB


class SignInProvider(Table, db=DB, tablename="sign_in_provider"):
    """An organisation's OpenID Connect provider, and what we are to it."""

    organisation = Varchar(length=40, default=None)
    id = Varchar(length=40, primary_key=True, default=None, help_text="In addresses.")
    name = Varchar(length=200, default=None)
    issuer = Varchar(length=500, default=None)
    client_id = Varchar(length=200, default=None)
    sealed = Bytea(default=None, help_text="Our secret there, or our private key.")
    public = JSONB(default=None, null=True, help_text="Our key's public part.")
    algorithms: Column = Array(base_column=Varchar(length=20), default=None)
    person_claim = Varchar(length=100, default=None)
    person_source = Varchar(length=40, default=None)
    checks_email = Boolean(default=None)
    created_at = Timestamptz(default=None)
    disabled_at = Timestamptz(default=None, null=True)


class SignInAttempt(Table, db=DB, tablename="sign_in_attempt"):
    """A browser sent to a provider and not yet back; it comes back once."""

    state = Bytea(primary_key=True, default=None, help_text="SHA-256.")
    provider = Varchar(length=40, default=None)
    browser = Bytea(default=None, help_text="SHA-256 of its cookie.")
    nonce = Varchar(length=64, default=None)
    verifier = Varchar(length=128, default=None, help_text="RFC 7636.")
    next = Varchar(length=500, default=None)
    expires_at = Timestamptz(default=None)


class SignInIdentity(Table, db=DB, tablename="sign_in_identity"):
    """Who a subject of an issuer is."""

    organisation = Varchar(length=40, primary_key=True, default=None)
    issuer = Varchar(length=500, primary_key=True, default=None)
    subject = Varchar(length=255, primary_key=True, default=None)
    person = UUID(default=None)
    bound_at = Timestamptz(default=None)


class WebSession(Table, db=DB, tablename="web_session"):
    """Somebody's visit from signing in to signing out."""

    organisation = Varchar(length=40, default=None)
    digest = Bytea(primary_key=True, default=None, help_text="SHA-256 of its id.")
    person = UUID(default=None)
    name = Varchar(length=200, default=None)
    provider = Varchar(length=40, default=None, null=True)
    id_token = Bytea(default=None, null=True, help_text="Sealed; to sign out there.")
    created_at = Timestamptz(default=None)
    seen_at = Timestamptz(default=None)
