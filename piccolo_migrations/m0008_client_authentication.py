"""Clients prove who they are in three ways, and each proof serves once.

Banks and their HR vendors ask for signed assertions rather than shared secrets, some
products can send a secret only in the body, and a secret must be changed without an
outage. What a stock client cannot yet do is let through until a date, never for good.
"""

UP = """
ALTER TABLE oauth_client
    DROP CONSTRAINT oauth_client_auth_method_is_known,
    ADD CONSTRAINT oauth_client_auth_method_is_known CHECK (auth_method IN
        ('client_secret_basic', 'client_secret_post', 'private_key_jwt')),
    ADD COLUMN jwks jsonb,
    ADD COLUMN jwks_uri varchar(500),
    ADD COLUMN dpop boolean NOT NULL DEFAULT false,
    ADD COLUMN endpoint_audience_until date,
    ADD COLUMN rs256_until date,
    ADD CONSTRAINT oauth_client_has_keys_in_one_place_if_it_signs CHECK
        (num_nonnulls(jwks, jwks_uri) = (auth_method = 'private_key_jwt')::integer),
    ADD CONSTRAINT oauth_client_jwks_is_a_list CHECK (jsonb_typeof(jwks) = 'array'),
    ADD CONSTRAINT oauth_client_jwks_uri_is_https CHECK (jwks_uri LIKE 'https://%'
        OR jwks_uri ~ '^http://(127\\.0\\.0\\.1|localhost|\\[::1\\])[:/]'),
    ADD CONSTRAINT oauth_client_is_excepted_only_if_it_signs CHECK
        (auth_method = 'private_key_jwt'
            OR num_nonnulls(endpoint_audience_until, rs256_until) = 0);
ALTER TABLE oauth_client ALTER COLUMN dpop DROP DEFAULT;

ALTER TABLE oauth_client_secret
    DROP CONSTRAINT oauth_client_secret_expires_later,
    ADD CONSTRAINT oauth_client_secret_expires_not_before_it_was_made
        CHECK (expires_at >= created_at);

CREATE TABLE spent_jti (
    kind varchar(20) NOT NULL,
    owner varchar(200) NOT NULL,
    jti varchar(128) NOT NULL,
    keep_until timestamptz NOT NULL,
    PRIMARY KEY (kind, owner, jti)
);
CREATE INDEX spent_jti_keep_until ON spent_jti (keep_until);
"""

DOWN = """
DROP TABLE spent_jti;
ALTER TABLE oauth_client_secret
    DROP CONSTRAINT oauth_client_secret_expires_not_before_it_was_made,
    ADD CONSTRAINT oauth_client_secret_expires_later CHECK (expires_at > created_at)
        NOT VALID;
ALTER TABLE oauth_client
    DROP CONSTRAINT oauth_client_is_excepted_only_if_it_signs,
    DROP CONSTRAINT oauth_client_jwks_uri_is_https,
    DROP CONSTRAINT oauth_client_jwks_is_a_list,
    DROP CONSTRAINT oauth_client_has_keys_in_one_place_if_it_signs,
    DROP COLUMN rs256_until,
    DROP COLUMN endpoint_audience_until,
    DROP COLUMN dpop,
    DROP COLUMN jwks_uri,
    DROP COLUMN jwks,
    DROP CONSTRAINT oauth_client_auth_method_is_known,
    ADD CONSTRAINT oauth_client_auth_method_is_known
        CHECK (auth_method IN ('client_secret_basic')) NOT VALID;
"""
