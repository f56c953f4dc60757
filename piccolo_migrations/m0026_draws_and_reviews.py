"""What each draw was made from, sealed; and what is found for people to review.

With what it was made from and a commitment to whom it took, a draw can be repeated and
checked whatever the directory says by then, before the release and after it. Draws made
before have neither, and the table only grows: of them nothing can be checked that way.

Signals of gaming are looked for once a window has closed, which takes seconds: what may
be told of them is kept, and which scores hang on one form, for reviewers to read. There
is no policy: no machine sees them. On the way down all this is lost.
"""

UP = """
ALTER TABLE feedback_draw ADD COLUMN frozen bytea,
    ADD COLUMN commitment varchar(64),
    ADD CONSTRAINT feedback_draw_frozen_whole
        CHECK ((frozen IS NULL) = (commitment IS NULL));

CREATE TABLE feedback_look (
    "window" uuid PRIMARY KEY REFERENCES feedback_window ON DELETE RESTRICT,
    looked_at timestamptz NOT NULL,
    signals jsonb NOT NULL CONSTRAINT feedback_look_signals_are_listed
        CHECK (jsonb_typeof(signals) = 'array')
);
ALTER TABLE feedback_look ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_look FORCE ROW LEVEL SECURITY;

CREATE TABLE feedback_to_review (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    raters varchar(20) NOT NULL,
    standard_errors smallint NOT NULL CONSTRAINT feedback_to_review_tells_no_more
        CHECK (standard_errors BETWEEN 1 AND 2)
);
CREATE UNIQUE INDEX feedback_to_review_once
    ON feedback_to_review (organisation, record);
CREATE INDEX feedback_to_review_record ON feedback_to_review (record);
ALTER TABLE feedback_to_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_to_review FORCE ROW LEVEL SECURITY;
"""

DOWN = """
DROP TABLE feedback_to_review, feedback_look;
ALTER TABLE feedback_draw DROP COLUMN commitment, DROP COLUMN frozen;
"""
