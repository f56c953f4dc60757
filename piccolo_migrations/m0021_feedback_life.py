"""The whole life of a feedback request: vetoes, drafts, sealed words, and a closing.

`closed_at` is when a window was first found closed: from then on nothing is accepted,
however late a slow clock or a slow transaction brings it, so that what is counted is
what is released. What a rater does is kept in `feedback_act`, behind the same door as
who they are, and no longer in the audit, where it told others that somebody acted.

A draft stands, sealed, on the request and never beside the answers; words are sealed one
by one. Reasons for declining that were kept in the clear are forgotten rather than
copied: nobody has read them, and the key that would seal them is not in the database.
On the way down, what the older tables cannot say is lost: vetoes, objections, e-mail
addresses, drafts and words.
"""

READ = ("feedback_nomination", "feedback_draw", "feedback_request", "feedback_rater")
FORMER_NOTICES = (
    "agreement_wanted", "objective_agreed", "objective_changed", "objective_sent_back",
    "objective_disputed", "dispute_settled", "objective_withdrawn",
    "contribution_declined", "contribution_left", "objective_assessed",
    "countersignature_wanted", "recognised", "assigned_in_bulk", "dissent_lodged",
    "assessment_objected",
)  # fmt: skip
FORMER_ORIGINS = ("objective", "subject", "manager")
STATES = (
    "drawn", "invited", "opened", "draft", "submitted", "declined", "withdrawn",
    "expired",
)  # fmt: skip
FORMER_STATES = ("invited", "submitted", "declined", "expired")


def _one_of(table: str, name: str, column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name},"
        f" ADD CONSTRAINT {name} CHECK ({column} IN ({listed}));"
    )


def _unforced(*statements: str) -> str:
    """Let the owner change rows: row security is forced on the owner too."""
    return "\n".join(
        [
            *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in READ),
            *statements,
            *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in READ),
        ]
    )


WINDOW = """
ALTER TABLE feedback_window ADD COLUMN closed_at timestamptz,
    ADD COLUMN form_version integer NOT NULL DEFAULT 1;
ALTER TABLE feedback_window ALTER COLUMN form_version DROP DEFAULT;
UPDATE feedback_window SET closed_at = closes_at WHERE released_at IS NOT NULL;
ALTER TABLE feedback_window
    ADD CONSTRAINT feedback_window_closed_in_time CHECK (closed_at >= closes_at),
    ADD CONSTRAINT feedback_window_closed_before_released
        CHECK (released_at IS NULL OR closed_at IS NOT NULL);
"""
POOL = """
ALTER TABLE feedback_nomination ALTER COLUMN person DROP NOT NULL,
    ADD COLUMN email varchar(254)
        CONSTRAINT feedback_nomination_email_is_lower CHECK (email = lower(email)),
    ADD COLUMN state varchar(20) NOT NULL DEFAULT 'proposed',
    ADD COLUMN reason text,
    ADD CONSTRAINT feedback_nomination_names_somebody
        CHECK (person IS NOT NULL OR email IS NOT NULL),
    ADD CONSTRAINT feedback_nomination_reason_is_of_what_left
        CHECK ((state = 'proposed') = (reason IS NULL));
ALTER TABLE feedback_nomination ALTER COLUMN state DROP DEFAULT;
CREATE UNIQUE INDEX feedback_nomination_email
    ON feedback_nomination (organisation, record, email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX feedback_nomination_one_objection
    ON feedback_nomination (organisation, record) WHERE state = 'objected';
ALTER TABLE feedback_draw ADD COLUMN pool_size integer NOT NULL DEFAULT 0,
    ADD COLUMN drawn integer NOT NULL DEFAULT 0;
ALTER TABLE feedback_draw ALTER COLUMN pool_size DROP DEFAULT,
    ALTER COLUMN drawn DROP DEFAULT,
    ADD CONSTRAINT feedback_draw_within_pool CHECK (drawn BETWEEN 0 AND pool_size);
"""
REQUESTS = """
ALTER TABLE feedback_request ADD COLUMN draft bytea,
    ADD COLUMN sent_version integer;
ALTER TABLE feedback_rater ADD COLUMN invited_on date,
    ADD COLUMN answered_on date,
    ADD COLUMN contact_frequency varchar(40),
    ADD COLUMN objective uuid REFERENCES shared_objective ON DELETE RESTRICT,
    ADD COLUMN declined bytea,
    DROP COLUMN declined_because;
UPDATE feedback_rater w SET invited_on = (d.drawn_at AT TIME ZONE 'UTC')::date
    FROM feedback_request q JOIN feedback_draw d ON d.id = q.draw
    WHERE q.id = w.request;
ALTER TABLE feedback_rater ALTER COLUMN invited_on SET NOT NULL;
CREATE INDEX feedback_rater_objective ON feedback_rater (objective);
"""
SEALED = """
CREATE TABLE feedback_text (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    response uuid NOT NULL,
    field varchar(60) NOT NULL,
    sealed bytea NOT NULL,
    id uuid PRIMARY KEY
);
CREATE UNIQUE INDEX feedback_text_once ON feedback_text (organisation, response, field);
CREATE INDEX feedback_text_record ON feedback_text (record);
ALTER TABLE feedback_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_text FORCE ROW LEVEL SECURITY;

CREATE TABLE feedback_act (
    id uuid PRIMARY KEY,
    request uuid NOT NULL REFERENCES feedback_request ON DELETE RESTRICT,
    step varchar(20) NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE feedback_act IS
    'append-only, confidential: service/feedback/confidentiality.py';
CREATE INDEX feedback_act_request ON feedback_act (request);
CREATE TRIGGER feedback_act_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feedback_act FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE feedback_act ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_act FORCE ROW LEVEL SECURITY;
"""

UP = "\n".join(
    [
        WINDOW,
        _unforced(POOL, REQUESTS),
        _one_of(
            "feedback_nomination",
            "feedback_nomination_origin_is_known",
            "origin",
            (*FORMER_ORIGINS, "carried"),
        ),
        _one_of(
            "feedback_nomination",
            "feedback_nomination_state_is_known",
            "state",
            ("proposed", "vetoed", "objected"),
        ),
        _one_of("feedback_request", "feedback_request_state_is_known", "state", STATES),
        _one_of(
            "notice",
            "notice_kind_is_known",
            "kind",
            (*FORMER_NOTICES, "window_extended"),
        ),
        SEALED,
    ]
)

BACK = """
DELETE FROM feedback_nomination WHERE person IS NULL OR state <> 'proposed';
UPDATE feedback_nomination SET origin = 'subject' WHERE origin = 'carried';
UPDATE feedback_request SET state = CASE WHEN state = 'withdrawn' THEN 'expired'
    ELSE 'invited' END WHERE state IN ('drawn', 'opened', 'draft', 'withdrawn');
ALTER TABLE feedback_rater ADD COLUMN declined_because text,
    DROP COLUMN declined, DROP COLUMN objective, DROP COLUMN contact_frequency,
    DROP COLUMN answered_on, DROP COLUMN invited_on;
ALTER TABLE feedback_request DROP COLUMN sent_version, DROP COLUMN draft;
ALTER TABLE feedback_draw DROP COLUMN drawn, DROP COLUMN pool_size;
ALTER TABLE feedback_nomination DROP COLUMN reason, DROP COLUMN state,
    DROP COLUMN email, ALTER COLUMN person SET NOT NULL;
"""
NOTICES_BACK = """
DELETE FROM outbox o USING notice n
    WHERE n.kind = 'window_extended' AND o.dedupe_key = n.id::text;
"""
DOWN = "\n".join(
    [
        "DROP TABLE feedback_act, feedback_text;",
        _unforced(BACK),
        _one_of(
            "feedback_request",
            "feedback_request_state_is_known",
            "state",
            FORMER_STATES,
        ),
        _one_of(
            "feedback_nomination",
            "feedback_nomination_origin_is_known",
            "origin",
            FORMER_ORIGINS,
        ),
        "ALTER TABLE feedback_window DROP COLUMN form_version, DROP COLUMN closed_at;",
        "ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;",
        "ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;",
        NOTICES_BACK,
        "DELETE FROM notice WHERE kind = 'window_extended';",
        "ALTER TABLE outbox FORCE ROW LEVEL SECURITY;",
        "ALTER TABLE notice FORCE ROW LEVEL SECURITY;",
        _one_of("notice", "notice_kind_is_known", "kind", FORMER_NOTICES),
    ]
)
