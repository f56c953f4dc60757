"""The audit, which only grows, OAuth's clients and keys, and answers kept for retries.

The audit comes first: every later change writes to it in its own transaction.
"""

UP = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

CREATE TABLE audit_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor varchar(120) NOT NULL,
    action varchar(60) NOT NULL,
    organisation varchar(40),
    entity varchar(40) NOT NULL,
    entity_id varchar(120) NOT NULL,
    reason text,
    before jsonb,
    after jsonb,
    request_id varchar(64)
);
COMMENT ON TABLE audit_entry IS 'append-only: who changed or read what';
CREATE INDEX audit_entry_entity ON audit_entry (entity, entity_id);
CREATE INDEX audit_entry_actor ON audit_entry (actor, id);
CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE disclosure (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    client varchar(120) NOT NULL,
    organisations varchar(40)[] NOT NULL,
    what varchar(60) NOT NULL,
    people uuid[] NOT NULL,
    purpose varchar(200) NOT NULL,
    request_id varchar(64)
);
COMMENT ON TABLE disclosure IS 'append-only: what each machine was told of whom';
CREATE INDEX disclosure_client ON disclosure (client, at);
CREATE TRIGGER disclosure_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON disclosure FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE oauth_client (
    id varchar(64) PRIMARY KEY,
    name varchar(200) NOT NULL,
    auth_method varchar(40) NOT NULL
        CONSTRAINT oauth_client_auth_method_is_known
            CHECK (auth_method IN ('client_secret_basic')),
    scopes varchar(60)[] NOT NULL
        CONSTRAINT oauth_client_has_scopes CHECK (cardinality(scopes) > 0),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
CREATE TABLE oauth_client_organisation (
    organisation varchar(40) NOT NULL,
    client varchar(64) NOT NULL REFERENCES oauth_client ON DELETE RESTRICT,
    PRIMARY KEY (organisation, client)
);
CREATE INDEX oauth_client_organisation_client ON oauth_client_organisation (client);
CREATE TABLE oauth_client_secret (
    digest bytea PRIMARY KEY
        CONSTRAINT oauth_client_secret_is_sha256 CHECK (length(digest) = 32),
    client varchar(64) NOT NULL REFERENCES oauth_client ON DELETE RESTRICT,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
        CONSTRAINT oauth_client_secret_expires_later CHECK (expires_at > created_at)
);
CREATE INDEX oauth_client_secret_client ON oauth_client_secret (client);
CREATE TABLE signing_key (
    kid varchar(64) PRIMARY KEY,
    sealed bytea NOT NULL,
    state varchar(10) NOT NULL
        CONSTRAINT signing_key_state_is_known
            CHECK (state IN ('next', 'active', 'retired')),
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    CONSTRAINT signing_key_retired_at_is_of_retired
        CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX signing_key_one_active ON signing_key (state)
    WHERE state = 'active';
CREATE UNIQUE INDEX signing_key_one_next ON signing_key (state) WHERE state = 'next';
CREATE TABLE issued_token (
    jti varchar(64) PRIMARY KEY,
    client varchar(64) NOT NULL REFERENCES oauth_client ON DELETE RESTRICT,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
        CONSTRAINT issued_token_expires_later CHECK (expires_at > issued_at)
);
CREATE INDEX issued_token_client ON issued_token (client);
CREATE INDEX issued_token_expires_at ON issued_token (expires_at);

CREATE TABLE kept_answer (
    caller varchar(120) NOT NULL,
    key varchar(255) NOT NULL
        CONSTRAINT kept_answer_has_a_key CHECK (key <> ''),
    request_digest bytea NOT NULL
        CONSTRAINT kept_answer_digest_is_sha256 CHECK (length(request_digest) = 32),
    status integer NOT NULL
        CONSTRAINT kept_answer_is_no_refusal
            CHECK (status = 0 OR status BETWEEN 200 AND 399),
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX kept_answer_kept_at ON kept_answer (kept_at);
"""

DOWN = """
DROP TABLE kept_answer, issued_token, signing_key, oauth_client_secret,
    oauth_client_organisation, oauth_client, disclosure, audit_entry;
DROP FUNCTION refuse_change;
"""
