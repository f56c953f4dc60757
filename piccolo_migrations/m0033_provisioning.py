"""People whom an identity provider looks after over SCIM.

What SCIM says of a person is in the directory's own dated rows; here is only what those
have no room for: the name under which they sign in, whether they may, what was said last
as it was said, and a version for conditional requests. A row is deleted when its person
is deprovisioned: names in it are not kept beyond that.

A name for signing in is one person's, however it is capitalised: `name_key` is the name
as it is compared, since row security keeps PostgreSQL from asking an index about what a
function makes of a column. The last index serves pages in the order in which people came.
"""

UP = """
CREATE TABLE provisioned_user (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    user_name varchar(254) NOT NULL
        CONSTRAINT provisioned_user_has_name CHECK (user_name <> ''),
    name_key text NOT NULL,
    external_id varchar(120),
    active boolean NOT NULL,
    said jsonb NOT NULL
        CONSTRAINT provisioned_user_said_an_object CHECK (jsonb_typeof(said) = 'object'),
    version integer NOT NULL
        CONSTRAINT provisioned_user_version_counts CHECK (version > 0),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation, person)
);
CREATE UNIQUE INDEX provisioned_user_name ON provisioned_user (organisation, name_key);
CREATE UNIQUE INDEX provisioned_user_external_id ON provisioned_user
    (organisation, external_id);
CREATE INDEX provisioned_user_person ON provisioned_user (person);
CREATE INDEX provisioned_user_in_order ON provisioned_user
    (organisation, created_at, person);
ALTER TABLE provisioned_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE provisioned_user FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON provisioned_user
    USING (organisation::text = ANY ((SELECT string_to_array(
        current_setting('joinedup.organisations', true), ','))::text[]))
    WITH CHECK (organisation::text = ANY ((SELECT string_to_array(
        current_setting('joinedup.organisations', true), ','))::text[]));
"""

DOWN = "DROP TABLE provisioned_user;"
