"""Roles, and the agreements without which nothing is shared between organisations."""

UP = """
CREATE TABLE role_grant (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    role varchar(40) NOT NULL CONSTRAINT role_grant_role_is_known
        CHECK (role IN ('hr_administrator', 'text_moderator', 'central_team',
                        'auditor', 'data_protection_officer')),
    granted_by varchar(120) NOT NULL,
    granted_at timestamptz NOT NULL,
    until date NOT NULL,
    ended_at timestamptz,
    CONSTRAINT role_grant_not_to_oneself CHECK (granted_by <> 'person:' || person)
);
CREATE UNIQUE INDEX role_grant_one_open ON role_grant (organisation, person, role)
    WHERE ended_at IS NULL;
CREATE INDEX role_grant_person ON role_grant (person);

CREATE TABLE data_sharing (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    partner varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    purpose varchar(200) NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    CONSTRAINT data_sharing_in_order CHECK (organisation < partner),
    CONSTRAINT data_sharing_dates CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX data_sharing_once
    ON data_sharing (organisation, partner, purpose, valid_from, valid_to);
CREATE INDEX data_sharing_partner ON data_sharing (partner);
"""

DOWN = """
DROP TABLE data_sharing, role_grant;
"""
