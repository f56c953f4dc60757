"""Cycles, and appraisal records attached to HR systems' own by (source, record id).

The HR system owns the appraisal: a record here is a link with its own version.
"""

UP = """
CREATE TABLE cycle (
    id uuid PRIMARY KEY,
    framework varchar(60) NOT NULL,
    framework_version integer NOT NULL,
    year integer NOT NULL
        CONSTRAINT cycle_year_is_plausible CHECK (year BETWEEN 2000 AND 2100),
    method varchar(20) NOT NULL,
    state varchar(20) NOT NULL CONSTRAINT cycle_state_is_known
        CHECK (state IN ('open', 'publishing', 'published', 'archived')),
    created_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE TABLE cycle_organisation (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    year integer NOT NULL,
    id uuid PRIMARY KEY
);
CREATE UNIQUE INDEX cycle_organisation_one_a_year
    ON cycle_organisation (organisation, year);
CREATE INDEX cycle_organisation_cycle ON cycle_organisation (cycle);
CREATE TABLE cycle_stage (
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    stage varchar(60) NOT NULL,
    starts_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX cycle_stage_once ON cycle_stage (cycle, stage);

CREATE TABLE appraisal_record (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    source varchar(40) NOT NULL,
    external_id varchar(120) NOT NULL,
    attached_at timestamptz NOT NULL,
    version integer NOT NULL
);
CREATE UNIQUE INDEX appraisal_record_external_id
    ON appraisal_record (organisation, source, external_id);
CREATE UNIQUE INDEX appraisal_record_one_a_person
    ON appraisal_record (organisation, cycle, person, source);
CREATE INDEX appraisal_record_cycle ON appraisal_record (cycle, id);
CREATE INDEX appraisal_record_person ON appraisal_record (person);
"""

DOWN = """
DROP TABLE appraisal_record, cycle_stage, cycle_organisation, cycle;
"""
