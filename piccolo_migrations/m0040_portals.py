"""HR portals whose pages may frame cards of an organisation's records.

An origin stands in the header that says who may frame, so the database takes only what
cannot be read there as anything else.
"""

OWN = (
    "organisation::text = ANY ((SELECT string_to_array("
    "current_setting('joinedup.organisations', true), ','))::text[])"
)
UP = f"""
CREATE TABLE portal (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    origin varchar(270) NOT NULL CONSTRAINT portal_origin_is_one
        CHECK (origin ~ '^https://[a-z0-9.-]+(:[1-9][0-9]{{0,4}})?$'),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organisation, origin)
);
ALTER TABLE portal ENABLE ROW LEVEL SECURITY;
ALTER TABLE portal FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON portal USING ({OWN}) WITH CHECK ({OWN});
"""

DOWN = "DROP TABLE portal;"
