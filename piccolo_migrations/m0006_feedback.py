"""Feedback: windows, pools, draws, requests, sealed answers, and apart from all, raters.

`feedback_rater` is the only place that joins a person to a request and a request to its
answers. Answers have no time and no sequence, so their rows tell no order.
"""

UP = """
CREATE TABLE feedback_window (
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    releases_at timestamptz NOT NULL,
    released_at timestamptz,
    CONSTRAINT feedback_window_in_order
        CHECK (opens_at < closes_at AND closes_at <= releases_at),
    CONSTRAINT feedback_window_released_in_time CHECK (released_at >= releases_at)
);
CREATE UNIQUE INDEX feedback_window_cycle ON feedback_window (cycle);

CREATE TABLE feedback_nomination (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    "window" uuid NOT NULL REFERENCES feedback_window ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    origin varchar(20) NOT NULL CONSTRAINT feedback_nomination_origin_is_known
        CHECK (origin IN ('objective', 'subject', 'manager')),
    objective uuid REFERENCES shared_objective ON DELETE RESTRICT
);
CREATE UNIQUE INDEX feedback_nomination_once
    ON feedback_nomination (organisation, record, person);
CREATE INDEX feedback_nomination_window ON feedback_nomination ("window");
CREATE INDEX feedback_nomination_record ON feedback_nomination (record);
CREATE INDEX feedback_nomination_person ON feedback_nomination (person);
CREATE INDEX feedback_nomination_objective ON feedback_nomination (objective);

CREATE TABLE feedback_draw (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    "window" uuid NOT NULL REFERENCES feedback_window ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    seed varchar(64) NOT NULL,
    pool_digest varchar(64) NOT NULL,
    drawn_at timestamptz NOT NULL
);
COMMENT ON TABLE feedback_draw IS 'append-only: a draw can be repeated and checked';
CREATE UNIQUE INDEX feedback_draw_once
    ON feedback_draw (organisation, record, "window");
CREATE INDEX feedback_draw_window ON feedback_draw ("window");
CREATE INDEX feedback_draw_record ON feedback_draw (record);
CREATE TRIGGER feedback_draw_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feedback_draw FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE feedback_request (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    "window" uuid NOT NULL REFERENCES feedback_window ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    draw uuid NOT NULL REFERENCES feedback_draw ON DELETE RESTRICT,
    state varchar(20) NOT NULL CONSTRAINT feedback_request_state_is_known
        CHECK (state IN ('invited', 'submitted', 'declined', 'expired')),
    version integer NOT NULL
);
CREATE INDEX feedback_request_organisation
    ON feedback_request (organisation, "window", record);
CREATE INDEX feedback_request_window ON feedback_request ("window");
CREATE INDEX feedback_request_record ON feedback_request (record);
CREATE INDEX feedback_request_draw ON feedback_request (draw);

CREATE TABLE feedback_rater (
    request uuid PRIMARY KEY REFERENCES feedback_request ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    rater uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    rater_organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    response uuid NOT NULL,
    contact_months integer CONSTRAINT feedback_rater_contact_within_year
        CHECK (contact_months BETWEEN 0 AND 12),
    declined_because text
);
COMMENT ON TABLE feedback_rater IS 'confidential: service/feedback/confidentiality.py';
CREATE UNIQUE INDEX feedback_rater_once ON feedback_rater (record, rater);
CREATE UNIQUE INDEX feedback_rater_response ON feedback_rater (response);
CREATE INDEX feedback_rater_rater ON feedback_rater (rater);
CREATE INDEX feedback_rater_organisation ON feedback_rater (rater_organisation);

CREATE TABLE feedback_answer (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    response uuid NOT NULL,
    item varchar(40) NOT NULL,
    value smallint CONSTRAINT feedback_answer_on_scale CHECK (value BETWEEN 1 AND 5),
    id uuid PRIMARY KEY
);
CREATE UNIQUE INDEX feedback_answer_once
    ON feedback_answer (organisation, response, item);
CREATE INDEX feedback_answer_record ON feedback_answer (record);
"""

DOWN = """
DROP TABLE feedback_answer, feedback_rater, feedback_request, feedback_draw,
    feedback_nomination, feedback_window;
"""
