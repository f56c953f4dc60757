"""Files made for HR systems, each for one client, until they expire.

A row says what was asked for and what became of it; the file itself lies in the data
folder, and is deleted with the row's expiry. Whoever may see the row is bound to every
organisation that the file tells of.
"""

VISIBLE = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)
UP = f"""
CREATE TABLE export (
    id uuid PRIMARY KEY,
    client varchar(120) NOT NULL,
    organisations varchar(40)[] NOT NULL
        CONSTRAINT export_has_organisations CHECK (cardinality(organisations) > 0),
    format varchar(30) NOT NULL CONSTRAINT export_format_is_known
        CHECK (format IN ('csv', 'ndjson', 'oracle-hdl', 'successfactors-csv',
                          'workday-csv')),
    organisation varchar(40) REFERENCES organisation ON DELETE RESTRICT,
    cycle uuid REFERENCES cycle ON DELETE RESTRICT,
    changed_since timestamptz,
    state varchar(20) NOT NULL CONSTRAINT export_state_is_known
        CHECK (state IN ('waiting', 'ready', 'failed', 'expired')),
    problem varchar(60),
    requested_at timestamptz NOT NULL,
    ready_at timestamptz,
    expires_at timestamptz NOT NULL,
    score_count integer,
    size_bytes bigint,
    sha256 varchar(64),
    CONSTRAINT export_expires_later CHECK (expires_at > requested_at),
    CONSTRAINT export_is_ready_whole CHECK (state <> 'ready'
        OR num_nulls(ready_at, score_count, size_bytes, sha256) = 0),
    CONSTRAINT export_failed_says_why
        CHECK ((state = 'failed') = (problem IS NOT NULL))
);
CREATE INDEX export_client ON export (client, id);
CREATE INDEX export_organisation ON export (organisation);
CREATE INDEX export_cycle ON export (cycle);
CREATE INDEX export_due ON export (expires_at) WHERE state <> 'expired';
ALTER TABLE export ENABLE ROW LEVEL SECURITY;
ALTER TABLE export FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON export USING (organisations::text[] <@ {VISIBLE})
    WITH CHECK (organisations::text[] <@ {VISIBLE});
"""

DOWN = "DROP TABLE export;"
