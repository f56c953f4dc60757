"""What a named human makes of a score, and appeals against it.

Decisions only grow; an appeal is answered once. A row keeps whose score it is, and of
an appeal whose decision it is against, written by the database itself: so a plain CHECK
can hold the subject, whoever decided and whoever settles to be different people,
whoever inserts it. No column here can hold a score's value. The functions name where
they look, so that no temporary table can stand in for a real one.
"""

TABLES = ("score_decision", "score_appeal")
VISIBLE = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)
FORMER_NOTICES = (
    "agreement_wanted", "objective_agreed", "objective_changed", "objective_sent_back",
    "objective_disputed", "dispute_settled", "objective_withdrawn",
    "contribution_declined", "contribution_left", "objective_assessed",
    "countersignature_wanted", "recognised", "assigned_in_bulk", "dissent_lodged",
    "assessment_objected", "window_extended", "break_glass_wanted", "break_glass_used",
)  # fmt: skip
NOTICES = (
    "score_decision_wanted", "score_decided", "score_appealed",
    "score_appeal_settled", "score_appeal_withdrawn",
)  # fmt: skip
OURS = ", ".join(f"'{kind}'" for kind in NOTICES)


def _closed(table: str) -> str:
    owned = f"organisation::text = ANY ({VISIBLE})"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({owned}) WITH CHECK ({owned});"
    )


def _kinds(kinds: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "ALTER TABLE notice DROP CONSTRAINT IF EXISTS notice_kind_is_known,"
        f" ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({listed}));"
    )


DECISIONS = """
CREATE TABLE score_decision (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    score uuid NOT NULL REFERENCES score ON DELETE RESTRICT,
    run uuid NOT NULL REFERENCES score_run ON DELETE RESTRICT,
    number integer NOT NULL CONSTRAINT score_decision_counts CHECK (number > 0),
    subject uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    outcome varchar(20) NOT NULL CONSTRAINT score_decision_outcome_is_known
        CHECK (outcome IN ('accept', 'amend', 'reject')),
    reason text CONSTRAINT score_decision_says_why CHECK (reason ~ '\\S'),
    band varchar(40) CONSTRAINT score_decision_band_is_known
        CHECK (band IN ('clearly_above', 'typical_or_not_enough_evidence',
                        'clearly_below')),
    note text CONSTRAINT score_decision_note_says_something CHECK (note ~ '\\S'),
    decided_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    works_in varchar(40) NOT NULL,
    capacity varchar(30) NOT NULL CONSTRAINT score_decision_capacity_is_known
        CHECK (capacity IN ('line_manager')),
    decided_at timestamptz NOT NULL,
    CONSTRAINT score_decision_is_another_s CHECK (decided_by <> subject),
    CONSTRAINT score_decision_has_reason
        CHECK (outcome = 'accept' OR reason IS NOT NULL),
    CONSTRAINT score_decision_amends_in_words
        CHECK ((outcome = 'amend') = (num_nonnulls(band, note) > 0))
);
COMMENT ON TABLE score_decision IS 'append-only: the newest is the one that may stand';
CREATE UNIQUE INDEX score_decision_numbered
    ON score_decision (organisation, score, number);
CREATE INDEX score_decision_score ON score_decision (score, number);
CREATE INDEX score_decision_run ON score_decision (run);
CREATE INDEX score_decision_subject ON score_decision (subject);
CREATE INDEX score_decision_decided_by ON score_decision (decided_by);
CREATE TRIGGER score_decision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON score_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION score_decision_knows_whose() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT organisation, person, run INTO NEW.organisation, NEW.subject, NEW.run
        FROM score WHERE id = NEW.score AND published_at IS NOT NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER score_decision_knows_whose BEFORE INSERT ON score_decision
    FOR EACH ROW EXECUTE FUNCTION score_decision_knows_whose();
"""

APPEALS = """
CREATE TABLE score_appeal (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    score uuid NOT NULL REFERENCES score ON DELETE RESTRICT,
    run uuid NOT NULL REFERENCES score_run ON DELETE RESTRICT,
    number integer NOT NULL CONSTRAINT score_appeal_counts CHECK (number > 0),
    subject uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    decision uuid REFERENCES score_decision ON DELETE RESTRICT,
    decided_by uuid REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT score_appeal_says_why CHECK (reason ~ '\\S'),
    lodged_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    state varchar(20) NOT NULL CONSTRAINT score_appeal_state_is_known
        CHECK (state IN ('open', 'upheld', 'partly_upheld', 'dismissed', 'withdrawn')),
    settled_by uuid REFERENCES person ON DELETE RESTRICT,
    works_in varchar(40),
    capacity varchar(30) CONSTRAINT score_appeal_capacity_is_known
        CHECK (capacity IN ('countersigning_manager', 'next_above',
                            'hr_administrator')),
    answer text CONSTRAINT score_appeal_answer_says_why CHECK (answer ~ '\\S'),
    ended_at timestamptz,
    CONSTRAINT score_appeal_in_order
        CHECK (lodged_at < due_at AND lodged_at <= ended_at),
    CONSTRAINT score_appeal_ends_at_once CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT score_appeal_is_settled_whole
        CHECK (num_nulls(settled_by, works_in, capacity, answer)
            = CASE WHEN state IN ('open', 'withdrawn') THEN 4 ELSE 0 END),
    CONSTRAINT score_appeal_is_settled_by_another
        CHECK (settled_by <> subject AND settled_by <> decided_by),
    CONSTRAINT score_appeal_knows_who_decided
        CHECK ((decision IS NULL) = (decided_by IS NULL))
);
COMMENT ON COLUMN score_appeal.decided_by IS
    'whose decision it is against; written by a trigger';
CREATE UNIQUE INDEX score_appeal_numbered ON score_appeal (organisation, score, number);
CREATE UNIQUE INDEX score_appeal_one_is_open
    ON score_appeal (organisation, score) WHERE state = 'open';
CREATE INDEX score_appeal_score ON score_appeal (score, number);
CREATE INDEX score_appeal_run ON score_appeal (run);
CREATE INDEX score_appeal_subject ON score_appeal (subject);
CREATE INDEX score_appeal_decision ON score_appeal (decision);
CREATE INDEX score_appeal_decided_by ON score_appeal (decided_by);
CREATE INDEX score_appeal_settled_by ON score_appeal (settled_by);
CREATE FUNCTION score_appeal_knows_whose() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT organisation, person, run INTO NEW.organisation, NEW.subject, NEW.run
        FROM score WHERE id = NEW.score AND published_at IS NOT NULL;
    NEW.decided_by := (SELECT decided_by FROM score_decision
        WHERE id = NEW.decision AND score = NEW.score);
    RETURN NEW;
END $$;
CREATE TRIGGER score_appeal_knows_whose BEFORE INSERT ON score_appeal
    FOR EACH ROW EXECUTE FUNCTION score_appeal_knows_whose();
CREATE FUNCTION score_appeal_ends_once() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ending text[] := ARRAY['state', 'settled_by', 'works_in', 'capacity', 'answer',
        'ended_at'];
BEGIN
    IF OLD.state <> 'open' OR to_jsonb(NEW) - ending <> to_jsonb(OLD) - ending THEN
        RAISE EXCEPTION 'appeal % ends once, and what it says is never changed', OLD.id
            USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_appeal_ends_once BEFORE UPDATE ON score_appeal
    FOR EACH ROW EXECUTE FUNCTION score_appeal_ends_once();
CREATE TRIGGER score_appeal_only_grows BEFORE DELETE OR TRUNCATE
    ON score_appeal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

UP = "\n".join(
    [
        DECISIONS,
        APPEALS,
        *map(_closed, TABLES),
        _kinds((*FORMER_NOTICES, *NOTICES)),
    ]
)

FORGOTTEN = f"""
ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
DELETE FROM outbox o USING notice n
    WHERE n.kind IN ({OURS}) AND o.dedupe_key = n.id::text;
DELETE FROM notice WHERE kind IN ({OURS});
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
"""  # noqa: S608 - our own words
GONE = """
DROP TABLE score_appeal, score_decision;
DROP FUNCTION score_appeal_ends_once, score_appeal_knows_whose,
    score_decision_knows_whose;
"""

DOWN = "\n".join([FORGOTTEN, _kinds(FORMER_NOTICES), GONE])
