"""What people decide about scores that hang on one form, before the release.

Signals themselves are kept nowhere: they are found again from the sealed forms whenever
somebody looks. A decision is kept here and not in the audit, where before the release
it would tell how many raters answered; it only grows, and no machine sees it.
"""

UP = """
CREATE TABLE feedback_score_review (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    record uuid PRIMARY KEY REFERENCES appraisal_record ON DELETE RESTRICT,
    decision varchar(20) NOT NULL CONSTRAINT feedback_score_review_decision_is_known
        CHECK (decision IN ('no_action', 'withhold')),
    reason text NOT NULL CONSTRAINT feedback_score_review_says_why CHECK (reason ~ '\\S'),
    decided_by varchar(120) NOT NULL,
    decided_at timestamptz NOT NULL
);
COMMENT ON TABLE feedback_score_review IS 'append-only: a decision stands';
CREATE INDEX feedback_score_review_organisation
    ON feedback_score_review (organisation, record);
CREATE TRIGGER feedback_score_review_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feedback_score_review FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE feedback_score_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_score_review FORCE ROW LEVEL SECURITY;
"""

DOWN = "DROP TABLE feedback_score_review;"
