"""How scores add up, to the last decimal, out of the sight of HR systems.

What leaves the service is rounded and kept with the score. Beside what a computation
was made from stands what it came to: the exact lines, so that anyone who verifies a
score can add them up, and a band without a number, which is for the subject and their
line manager alone. The database itself holds that lines add up to the score. No machine
sees them, and whoever has neither a number nor a band has no row.
"""

UP = """
CREATE TABLE score_account (
    run uuid NOT NULL REFERENCES score_run ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    service_average double precision,
    own_average double precision,
    rater_severity double precision,
    limited_evidence double precision,
    score double precision,
    band varchar(40) CONSTRAINT score_account_band_is_known
        CHECK (band IN ('clearly_above', 'typical_or_not_enough_evidence',
                        'clearly_below')),
    PRIMARY KEY (run, record),
    CONSTRAINT score_account_adds_up CHECK (abs(service_average + own_average
        + rater_severity + limited_evidence - score) <= 1e-9),
    CONSTRAINT score_account_is_of_lines_or_a_band CHECK (
        num_nulls(service_average, own_average, rater_severity, limited_evidence,
                  score) = CASE WHEN band IS NULL THEN 0 ELSE 5 END)
);
COMMENT ON TABLE score_account IS
    'append-only: exact, on the scale from 1 to 5, and so never shown';
CREATE INDEX score_account_record ON score_account (record);
CREATE TRIGGER score_account_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON score_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE score_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE score_account FORCE ROW LEVEL SECURITY;
"""

DOWN = "DROP TABLE score_account;"
