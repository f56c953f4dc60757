"""Scores: computed over a closed window, published once, never a number too early.

The database itself holds that a number stands only on a published state, with its
interval about it, and that a published row changes only with its version.
"""

UP = """
CREATE TABLE score_run (
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    method varchar(20) NOT NULL,
    method_version integer NOT NULL,
    method_digest varchar(64) NOT NULL,
    parameters jsonb NOT NULL,
    inputs_digest varchar(64) NOT NULL,
    estimates jsonb NOT NULL,
    computed_at timestamptz NOT NULL
);
COMMENT ON TABLE score_run IS 'append-only: what every score was computed from';
CREATE INDEX score_run_cycle ON score_run (cycle, computed_at);
CREATE TRIGGER score_run_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON score_run FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE score (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    run uuid NOT NULL REFERENCES score_run ON DELETE RESTRICT,
    state varchar(20) NOT NULL CONSTRAINT score_state_is_known
        CHECK (state IN ('not_eligible', 'insufficient', 'indicative', 'published',
                         'withheld', 'withdrawn')),
    reason varchar(40) CONSTRAINT score_reason_is_known
        CHECK (reason IN ('below_minimum_exposure', 'below_minimum_organisations',
                          'below_minimum_raters', 'cycle_not_estimable',
                          'not_connected', 'low_reliability')),
    value numeric(4, 1),
    low numeric(4, 1),
    high numeric(4, 1),
    band varchar(40) CONSTRAINT score_band_is_known
        CHECK (band IN ('clearly_above', 'typical_or_not_enough_evidence',
                        'clearly_below')),
    reliability numeric(4, 3),
    confidence varchar(20) CONSTRAINT score_confidence_is_known
        CHECK (confidence IN ('reportable', 'firm')),
    raters varchar(10),
    organisations varchar(10),
    episodes jsonb NOT NULL,
    explanation jsonb,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT score_number_only_when_published CHECK (
        (state = 'published') = (value IS NOT NULL) AND (value IS NULL) = (low IS NULL)
        AND (value IS NULL) = (high IS NULL) AND (value IS NULL) = (raters IS NULL)
        AND (value IS NULL) = (reliability IS NULL)),
    CONSTRAINT score_reason_when_no_number CHECK ((value IS NULL) = (reason IS NOT NULL)
        OR state IN ('withheld', 'withdrawn')),
    CONSTRAINT score_within_scale CHECK (
        0 <= low AND low <= value AND value <= high AND high <= 100)
);
CREATE UNIQUE INDEX score_one_a_record ON score (organisation, cycle, record);
CREATE INDEX score_page ON score (organisation, id) WHERE published_at IS NOT NULL;
CREATE INDEX score_cycle ON score (cycle);
CREATE INDEX score_record ON score (record);
CREATE INDEX score_person ON score (person, cycle);
CREATE INDEX score_run_of ON score (run);

CREATE FUNCTION score_published_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.version <= OLD.version
        OR NEW.published_at IS NULL OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'score % is published: it changes only as a new version', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'score_published_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_published_once BEFORE UPDATE OR DELETE ON score
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL)
    EXECUTE FUNCTION score_published_once();
"""

DOWN = """
DROP TABLE score, score_run;
DROP FUNCTION score_published_once;
"""
