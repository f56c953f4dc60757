"""People sign in with their department's own provider, and stay so for a while.

A provider is read to learn who asks, so no wall stands before it: it holds addresses
and no person. An attempt names nobody yet. Identities and sessions are people's.

No id that a browser brings is kept itself: a copy of the database opens no session. What
a session was for is not kept beyond it, nor when somebody signed in.
"""

PEOPLES = ("sign_in_identity", "web_session")
VISIBLE = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)


def _walled(table: str) -> str:
    owned = f"organisation::text = ANY ({VISIBLE})"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({owned}) WITH CHECK ({owned});"
    )


UP = """
CREATE TABLE sign_in_provider (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id varchar(40) PRIMARY KEY
        CONSTRAINT sign_in_provider_id_is_a_slug CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name varchar(200) NOT NULL
        CONSTRAINT sign_in_provider_has_name CHECK (name <> ''),
    issuer varchar(500) NOT NULL,
    client_id varchar(200) NOT NULL,
    sealed bytea NOT NULL,
    public jsonb
        CONSTRAINT sign_in_provider_public_is_a_key CHECK (jsonb_typeof(public) = 'object'),
    algorithms varchar(20)[] NOT NULL
        CONSTRAINT sign_in_provider_names_algorithms CHECK (cardinality(algorithms) > 0),
    person_claim varchar(100) NOT NULL,
    person_source varchar(40) NOT NULL,
    checks_email boolean NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
CREATE UNIQUE INDEX sign_in_provider_client ON sign_in_provider
    (organisation, issuer, client_id) WHERE disabled_at IS NULL;
CREATE INDEX sign_in_provider_organisation ON sign_in_provider (organisation);
CREATE TABLE sign_in_attempt (
    state bytea PRIMARY KEY
        CONSTRAINT sign_in_attempt_state_is_a_digest CHECK (length(state) = 32),
    provider varchar(40) NOT NULL REFERENCES sign_in_provider ON DELETE RESTRICT,
    browser bytea NOT NULL
        CONSTRAINT sign_in_attempt_browser_is_a_digest CHECK (length(browser) = 32),
    nonce varchar(64) NOT NULL,
    verifier varchar(128) NOT NULL
        CONSTRAINT sign_in_attempt_verifier_is_long CHECK (length(verifier) >= 43),
    next varchar(500) NOT NULL
        CONSTRAINT sign_in_attempt_next_is_local CHECK (next ~ '^/([^/\\\\]|$)'),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_provider ON sign_in_attempt (provider);
CREATE INDEX sign_in_attempt_expires_at ON sign_in_attempt (expires_at);
CREATE TABLE sign_in_identity (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    issuer varchar(500) NOT NULL,
    subject varchar(255) NOT NULL
        CONSTRAINT sign_in_identity_has_subject CHECK (subject <> ''),
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (organisation, issuer, subject)
);
CREATE UNIQUE INDEX sign_in_identity_one_each ON sign_in_identity
    (organisation, issuer, person);
CREATE INDEX sign_in_identity_person ON sign_in_identity (person);
CREATE TABLE web_session (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    digest bytea PRIMARY KEY
        CONSTRAINT web_session_digest_is_one CHECK (length(digest) = 32),
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    name varchar(200) NOT NULL,
    provider varchar(40) REFERENCES sign_in_provider ON DELETE RESTRICT,
    id_token bytea,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
        CONSTRAINT web_session_seen_after_it_began CHECK (seen_at >= created_at)
);
CREATE INDEX web_session_organisation ON web_session (organisation);
CREATE INDEX web_session_person ON web_session (person);
CREATE INDEX web_session_provider ON web_session (provider);
CREATE INDEX web_session_seen_at ON web_session (seen_at);
""" + "\n".join(map(_walled, PEOPLES))

DOWN = """
DROP TABLE web_session;
DROP TABLE sign_in_identity;
DROP TABLE sign_in_attempt;
DROP TABLE sign_in_provider;
"""
