"""What people are told, and what waits to be sent out of the service.

Both rows commit with the change that they tell of. A notice is unique by person, not by
organisation, since whoever moves in between is told once all the same. The outbox holds
ids of everyone's and has no policy, so that no caller's transaction sees it: a worker
reads it by the role that sees everyone's rows.
"""

UP = """
CREATE TABLE notice (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    kind varchar(40) NOT NULL CONSTRAINT notice_kind_is_known CHECK (kind IN (
        'agreement_wanted', 'objective_agreed', 'objective_changed',
        'objective_sent_back', 'objective_disputed', 'dispute_settled',
        'objective_withdrawn', 'contribution_declined', 'contribution_left',
        'objective_assessed', 'countersignature_wanted', 'recognised',
        'assigned_in_bulk')),
    about uuid NOT NULL,
    key varchar(200) NOT NULL,
    count integer NOT NULL CONSTRAINT notice_counts CHECK (count >= 1),
    due_on date,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE UNIQUE INDEX notice_once ON notice (person, kind, key);
CREATE INDEX notice_newest ON notice (organisation, person, created_at DESC, id DESC);
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notice
    USING (organisation::text = ANY ((SELECT string_to_array(
        current_setting('joinedup.organisations', true), ','))::text[]))
    WITH CHECK (organisation::text = ANY ((SELECT string_to_array(
        current_setting('joinedup.organisations', true), ','))::text[]));

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    kind varchar(40) NOT NULL,
    payload jsonb NOT NULL,
    dedupe_key varchar(200) NOT NULL,
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL CONSTRAINT outbox_attempts_count CHECK (attempts >= 0),
    last_error varchar(100),
    done_at timestamptz
);
CREATE UNIQUE INDEX outbox_once ON outbox (kind, dedupe_key);
CREATE INDEX outbox_due ON outbox (run_at) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
"""

DOWN = """
DROP TABLE outbox, notice;
"""
