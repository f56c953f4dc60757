"""Templates of objectives, and by which key of a file an objective was imported.

A template says what an objective says but for the people who take part; what was
assigned together is linked by one, listed or not. It is removed by taking it off the
list: objectives go on naming what they were made from. A key is unique on its record,
so that the same file again finds what it made.
"""

VISIBLE = (
    "organisation::text = ANY ((SELECT string_to_array("
    "current_setting('joinedup.organisations', true), ','))::text[])"
)
PARTY = "EXISTS (SELECT FROM objective_party p WHERE p.objective = {}.objective)"

TABLES = """
CREATE TABLE objective_template (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    content jsonb NOT NULL,
    listed boolean NOT NULL,
    version integer NOT NULL CONSTRAINT objective_template_version_counts
        CHECK (version > 0),
    created_at timestamptz NOT NULL,
    removed_at timestamptz
);
COMMENT ON COLUMN objective_template.listed IS
    'false: it only links what was assigned together';
CREATE INDEX objective_template_organisation ON objective_template (organisation, id);

ALTER TABLE shared_objective ADD CONSTRAINT shared_objective_template_is_known
    FOREIGN KEY (template) REFERENCES objective_template ON DELETE RESTRICT;
CREATE INDEX shared_objective_template ON shared_objective (template);

CREATE TABLE objective_import (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    key varchar(120) NOT NULL,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX objective_import_once
    ON objective_import (organisation, record, key);
CREATE UNIQUE INDEX objective_import_objective
    ON objective_import (organisation, objective);
CREATE INDEX objective_import_record ON objective_import (record);
CREATE INDEX objective_import_of ON objective_import (objective);
"""


def _closed(table: str, condition: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({condition}) WITH CHECK ({condition});"
    )


UP = "\n".join(
    [
        TABLES,
        _closed("objective_template", VISIBLE),
        _closed("objective_import", PARTY.format("objective_import")),
    ]
)

DOWN = """
DROP TABLE objective_import;
ALTER TABLE shared_objective DROP CONSTRAINT shared_objective_template_is_known;
DROP INDEX shared_objective_template;
DROP TABLE objective_template;
"""
