"""Organisations' own issuers, whose tokens are accepted as what is written here.

Issuer and audience together name one row for all organisations, because a token says
nothing else: two departments that share a tenant need an audience each.
"""

UP = """
CREATE TABLE external_issuer (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    issuer varchar(500) NOT NULL
        CONSTRAINT external_issuer_is_an_address CHECK (issuer ~ '^https?://'),
    audience varchar(200) NOT NULL
        CONSTRAINT external_issuer_has_an_audience CHECK (audience <> ''),
    jwks_uri varchar(500) NOT NULL
        CONSTRAINT external_issuer_has_keys CHECK (jwks_uri ~ '^https?://'),
    algorithms varchar(20)[] NOT NULL
        CONSTRAINT external_issuer_pins_algorithms CHECK (cardinality(algorithms) > 0),
    scopes varchar(261)[] NOT NULL,
    claims varchar(301)[] NOT NULL,
    person_claim varchar(100),
    person_source varchar(40),
    clients varchar(64)[] NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT external_issuer_names_people_wholly
        CHECK ((person_claim IS NULL) = (person_source IS NULL)),
    CONSTRAINT external_issuer_grants_something
        CHECK (cardinality(scopes) > 0 OR person_claim IS NOT NULL)
);
CREATE UNIQUE INDEX external_issuer_once ON external_issuer (issuer, audience);
CREATE INDEX external_issuer_organisation ON external_issuer (organisation);
"""

DOWN = """
DROP TABLE external_issuer;
"""
