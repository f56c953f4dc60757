"""What is shown of feedback, what moderators decided, replies, and break-glass.

What is shown of a record is worked out once, in the act of release, and kept as it is
shown: nothing is counted again later, and a figure that was suppressed is not here
either. A decision on a comment, like what a rater does, is kept in a table of its own
that only grows, and not in the audit: before the release it would tell that somebody
wrote. Nobody's rows are open to a machine. That two people open who the raters are is
checked by the database as well.
"""

HIDDEN = ("feedback_result", "feedback_moderation", "feedback_reply", "break_glass")
FORMER_NOTICES = (
    "agreement_wanted", "objective_agreed", "objective_changed", "objective_sent_back",
    "objective_disputed", "dispute_settled", "objective_withdrawn",
    "contribution_declined", "contribution_left", "objective_assessed",
    "countersignature_wanted", "recognised", "assigned_in_bulk", "dissent_lodged",
    "assessment_objected", "window_extended",
)  # fmt: skip
NOTICES = ("break_glass_wanted", "break_glass_used")


def _kinds(kinds: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "ALTER TABLE notice DROP CONSTRAINT IF EXISTS notice_kind_is_known,"
        f" ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({listed}));"
    )


def _closed(table: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    )


TABLES = """
CREATE TABLE feedback_result (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    record uuid PRIMARY KEY REFERENCES appraisal_record ON DELETE RESTRICT,
    shown jsonb NOT NULL
);
COMMENT ON COLUMN feedback_result.shown IS
    'as the subject sees it: what was suppressed is not in it';
CREATE INDEX feedback_result_organisation ON feedback_result (organisation, record);

CREATE TABLE feedback_moderation (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    comment uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    decision varchar(20) NOT NULL CONSTRAINT feedback_moderation_decision_is_known
        CHECK (decision IN ('pass', 'withhold')),
    reason varchar(40) CONSTRAINT feedback_moderation_reason_is_known CHECK (reason IN
        ('identifies_rater', 'identifies_third_party', 'abusive', 'unlawful', 'off_topic')),
    digest varchar(64) NOT NULL CONSTRAINT feedback_moderation_digest_is_hex
        CHECK (digest ~ '^[0-9a-f]{64}$'),
    moderator uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    decided_at timestamptz NOT NULL,
    CONSTRAINT feedback_moderation_reason_is_of_what_is_withheld
        CHECK ((decision = 'withhold') = (reason IS NOT NULL))
);
COMMENT ON TABLE feedback_moderation IS 'append-only: a decision stands';
CREATE INDEX feedback_moderation_organisation
    ON feedback_moderation (organisation, comment);
CREATE INDEX feedback_moderation_record ON feedback_moderation (record);
CREATE INDEX feedback_moderation_moderator ON feedback_moderation (moderator);
CREATE TRIGGER feedback_moderation_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feedback_moderation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE feedback_reply (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    record uuid PRIMARY KEY REFERENCES appraisal_record ON DELETE RESTRICT,
    sealed bytea,
    version integer NOT NULL CONSTRAINT feedback_reply_version_counts
        CHECK (version > 0),
    given_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT feedback_reply_in_order CHECK (changed_at >= given_at)
);
CREATE INDEX feedback_reply_organisation ON feedback_reply (organisation, record);

CREATE TABLE break_glass (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT break_glass_says_why CHECK (reason ~ '\\S'),
    asked_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    asked_at timestamptz NOT NULL,
    approved_by uuid REFERENCES person ON DELETE RESTRICT,
    approved_at timestamptz,
    CONSTRAINT break_glass_takes_two CHECK (approved_by <> asked_by),
    CONSTRAINT break_glass_is_approved_at_once
        CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT break_glass_in_order CHECK (approved_at >= asked_at)
);
CREATE INDEX break_glass_organisation ON break_glass (organisation, id);
CREATE INDEX break_glass_record ON break_glass (record);
CREATE INDEX break_glass_asked_by ON break_glass (asked_by);
CREATE INDEX break_glass_approved_by ON break_glass (approved_by);
"""
OURS = ", ".join(f"'{kind}'" for kind in NOTICES)
FORGET = f"""
DELETE FROM outbox o USING notice n
    WHERE n.kind IN ({OURS}) AND o.dedupe_key = n.id::text;
DELETE FROM notice WHERE kind IN ({OURS});
"""  # noqa: S608 - our own words

UP = "\n".join([TABLES, *map(_closed, HIDDEN), _kinds((*FORMER_NOTICES, *NOTICES))])
DOWN = "\n".join(
    [
        f"DROP TABLE {', '.join(HIDDEN)};",
        "ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;",
        "ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;",
        FORGET,
        "ALTER TABLE outbox FORCE ROW LEVEL SECURITY;",
        "ALTER TABLE notice FORCE ROW LEVEL SECURITY;",
        _kinds(FORMER_NOTICES),
    ]
)
