"""Scores that can be worked out again: what each was computed from, part by part.

A computation keeps, beside its digest, how long each person was in post and a trace of
each form that counted, so that whoever verifies it later reads the same forms whatever
is known of postings by then, and whoever amends it can tell how many raters changed. A
trace is a hash over the rater's pseudonym, whose key is not in the database: it shows
neither who answered nor what, and the traces of one rater on two people differ. No
machine sees them.

A comparison of methods keeps only what may be shown: what was suppressed is not in it.
"""

UP = """
ALTER TABLE score ADD COLUMN components jsonb;
ALTER TABLE score ADD CONSTRAINT score_components_betray_nothing CHECK (
    value IS NOT NULL OR NOT jsonb_path_exists(components,
        '$[*] ? (@.name != "objectives" && (@.value != null || @.low != null
            || @.high != null || @.points != null || @.level != null))'));
CREATE INDEX score_unpublished ON score (cycle, organisation, id)
    WHERE published_at IS NULL;

CREATE TABLE score_input (
    run uuid NOT NULL REFERENCES score_run ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    days integer NOT NULL CONSTRAINT score_input_days_count CHECK (days >= 0),
    forms bytea NOT NULL
        CONSTRAINT score_input_forms_are_whole CHECK (length(forms) % 32 = 0),
    PRIMARY KEY (run, record)
);
COMMENT ON TABLE score_input IS 'append-only: what every score was computed from';
CREATE INDEX score_input_record ON score_input (record);
CREATE TRIGGER score_input_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON score_input FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE score_input ENABLE ROW LEVEL SECURITY;
ALTER TABLE score_input FORCE ROW LEVEL SECURITY;

CREATE TABLE score_comparison (
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    against varchar(20) NOT NULL,
    against_version integer NOT NULL,
    method varchar(20) NOT NULL,
    method_version integer NOT NULL,
    method_digest varchar(64) NOT NULL,
    people integer CONSTRAINT score_comparison_people_rounded
        CHECK (people >= 10 AND people % 5 = 0),
    changed_bands numeric(4, 3) CONSTRAINT score_comparison_bands_are_a_share
        CHECK (changed_bands BETWEEN 0 AND 1),
    changed_states numeric(4, 3) CONSTRAINT score_comparison_states_are_a_share
        CHECK (changed_states BETWEEN 0 AND 1),
    compared_at timestamptz NOT NULL
);
COMMENT ON TABLE score_comparison IS 'append-only: a method beside what was published';
CREATE INDEX score_comparison_cycle ON score_comparison (cycle);
CREATE INDEX score_comparison_method
    ON score_comparison (method, method_version, compared_at);
CREATE TRIGGER score_comparison_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON score_comparison FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWN = """
DROP TABLE score_input, score_comparison;
DROP INDEX score_unpublished;
ALTER TABLE score DROP COLUMN components;
"""
