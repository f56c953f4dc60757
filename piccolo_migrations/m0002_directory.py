"""The directory: organisations, people, posts, postings and reporting lines.

Everything else hangs on it. Each fact is a row that holds from a day to a day, so that a
later organisation chart never changes what was true when somebody gave feedback. A row
is open while `valid_to` is null; what may be true only once at a time is unique among
open rows. `import_lock` is for engines without advisory locks.
"""

UP = """
CREATE TABLE organisation (
    code varchar(40) PRIMARY KEY
        CONSTRAINT organisation_code_is_plain CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_-]*$'),
    parent_name varchar(200),
    hr_system varchar(40) NOT NULL
        CONSTRAINT organisation_hr_system_is_plain CHECK (hr_system ~ '^[a-z0-9][a-z0-9_-]*$')
        CONSTRAINT organisation_hr_system_is_not_ours CHECK (hr_system <> 'employee_number'),
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT organisation_ends_after_it_begins CHECK (valid_to >= valid_from)
);

CREATE TABLE organisation_name (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    name varchar(200) NOT NULL,
    kind varchar(20) NOT NULL
        CONSTRAINT organisation_name_kind_is_known CHECK (kind IN ('official', 'also_known_as')),
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT organisation_name_ends_after_it_begins CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX organisation_name_one_official ON organisation_name (organisation)
    WHERE kind = 'official' AND valid_to IS NULL;
CREATE UNIQUE INDEX organisation_name_means_one ON organisation_name (lower(name))
    WHERE valid_to IS NULL;

CREATE TABLE organisation_lineage (
    id uuid PRIMARY KEY,
    predecessor varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    successor varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    kind varchar(20) NOT NULL
        CONSTRAINT organisation_lineage_kind_is_known CHECK (kind IN ('rename', 'merge', 'split')),
    on_date date NOT NULL,
    CONSTRAINT organisation_lineage_joins_two CHECK (predecessor <> successor)
);
CREATE UNIQUE INDEX organisation_lineage_once ON organisation_lineage (predecessor, successor);
CREATE INDEX organisation_lineage_successor ON organisation_lineage (successor);

CREATE TABLE organisation_domain (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    domain varchar(253) NOT NULL
        CONSTRAINT organisation_domain_is_lower_case CHECK (domain = lower(domain)),
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT organisation_domain_ends_after_it_begins CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX organisation_domain_belongs_to_one ON organisation_domain (domain)
    WHERE valid_to IS NULL;

CREATE TABLE person (
    id uuid PRIMARY KEY,
    discoverable boolean NOT NULL
);

CREATE TABLE person_details (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    given_name varchar(100) NOT NULL,
    family_name varchar(100) NOT NULL,
    email varchar(254) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT person_details_end_after_they_begin CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX person_details_once ON person_details (organisation, person)
    WHERE valid_to IS NULL;
CREATE UNIQUE INDEX person_details_email ON person_details (organisation, lower(email))
    WHERE valid_to IS NULL;
CREATE INDEX person_details_person ON person_details (person);

CREATE TABLE person_identifier (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    source varchar(40) NOT NULL,
    external_id varchar(120) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT person_identifier_ends_after_it_begins CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX person_identifier_means_one
    ON person_identifier (organisation, source, external_id) WHERE valid_to IS NULL;
CREATE INDEX person_identifier_external_id ON person_identifier (external_id);
CREATE INDEX person_identifier_person ON person_identifier (person);

CREATE TABLE hr_record (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    source varchar(40) NOT NULL,
    external_record_id varchar(120) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT hr_record_ends_after_it_begins CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX hr_record_means_one
    ON hr_record (organisation, source, external_record_id) WHERE valid_to IS NULL;
CREATE INDEX hr_record_person ON hr_record (person);

CREATE TABLE post (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    reference varchar(60) NOT NULL,
    title varchar(300) NOT NULL,
    unit varchar(300),
    grade varchar(40) NOT NULL,
    occupancy varchar(20) NOT NULL
        CONSTRAINT post_occupancy_is_known
            CHECK (occupancy IN ('filled', 'withheld', 'vacant', 'eliminated')),
    reports_to_organisation varchar(40) REFERENCES organisation ON DELETE RESTRICT,
    reports_to_reference varchar(60),
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT post_ends_after_it_begins CHECK (valid_to >= valid_from),
    CONSTRAINT post_reports_to_a_post
        CHECK ((reports_to_organisation IS NULL) = (reports_to_reference IS NULL))
);
CREATE UNIQUE INDEX post_reference_means_one ON post (organisation, reference)
    WHERE valid_to IS NULL;
CREATE INDEX post_reports_to ON post (reports_to_organisation, reports_to_reference);

CREATE TABLE posting (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    grade varchar(40) NOT NULL,
    title varchar(300) NOT NULL,
    unit varchar(300),
    post_reference varchar(60),
    fte numeric(5,4) NOT NULL
        CONSTRAINT posting_fte_is_a_share_of_a_week CHECK (fte > 0 AND fte <= 1),
    kind varchar(20) NOT NULL
        CONSTRAINT posting_kind_is_known
            CHECK (kind IN ('substantive', 'temporary_promotion', 'loan', 'secondment', 'job_share')),
    started_on date NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT posting_ends_after_it_begins CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX posting_post_once ON posting (organisation, person, post_reference)
    NULLS NOT DISTINCT WHERE valid_to IS NULL;
CREATE INDEX posting_person ON posting (person, valid_from);

CREATE TABLE reporting_line (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    manager uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    kind varchar(20) NOT NULL
        CONSTRAINT reporting_line_kind_is_known
            CHECK (kind IN ('line', 'functional', 'countersigning')),
    valid_from date NOT NULL,
    valid_to date,
    PRIMARY KEY (organisation, id),
    CONSTRAINT reporting_line_ends_after_it_begins CHECK (valid_to >= valid_from),
    CONSTRAINT reporting_line_joins_two CHECK (person <> manager)
);
CREATE UNIQUE INDEX reporting_line_once
    ON reporting_line (organisation, person, manager, kind) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX reporting_line_one_line ON reporting_line (organisation, person)
    WHERE kind = 'line' AND valid_to IS NULL;
CREATE INDEX reporting_line_person ON reporting_line (person, valid_from);
CREATE INDEX reporting_line_manager ON reporting_line (manager);

CREATE TABLE import_lock (
    one boolean PRIMARY KEY CONSTRAINT import_lock_is_one CHECK (one)
);
INSERT INTO import_lock VALUES (true);
"""

DOWN = """
DROP TABLE import_lock, reporting_line, posting, post, hr_record, person_identifier,
    person_details, person, organisation_domain, organisation_lineage,
    organisation_name, organisation;
"""
