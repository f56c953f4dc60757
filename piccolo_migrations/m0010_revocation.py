"""A stolen or unwanted token can be ended before it expires, one or all of a client's.

A revoked token is named until it would have died anyway; a client's tokens from before
an instant need no row each.
"""

UP = """
ALTER TABLE oauth_client ADD COLUMN not_before timestamptz;
CREATE TABLE revoked_token (
    jti varchar(64) PRIMARY KEY,
    client varchar(64) NOT NULL REFERENCES oauth_client ON DELETE RESTRICT,
    revoked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT revoked_token_had_not_died
        CHECK (revoked_at < expires_at + interval '1 minute')
);
CREATE INDEX revoked_token_client ON revoked_token (client);
CREATE INDEX revoked_token_expires_at ON revoked_token (expires_at);
"""

DOWN = """
DROP TABLE revoked_token;
ALTER TABLE oauth_client DROP COLUMN not_before;
"""
