"""Addresses and reasons of a pool sealed; raters mailed of each extension.

Whom somebody proposed by an address, and why somebody was taken out of a pool, stood in
the clear. Now both are bytes that a key outside the database opens. What was written
before is forgotten rather than copied, as that key is not here: a proposal whose owner
is known by now stays as one of that person, and one of an unknown address is to be made
again. What was taken out stays out without its reason; from now on there always is one.

That feedback was released is told as a notice of its own kind. Of an extension a rater
is mailed for each request, each time, so that their calendar entry moves with it.
"""

FORMER_NOTICES = (
    "agreement_wanted", "objective_agreed", "objective_changed", "objective_sent_back",
    "objective_disputed", "dispute_settled", "objective_withdrawn",
    "contribution_declined", "contribution_left", "objective_assessed",
    "countersignature_wanted", "recognised", "assigned_in_bulk", "dissent_lodged",
    "assessment_objected", "window_extended", "break_glass_wanted", "break_glass_used",
    "score_decision_wanted", "score_decided", "score_appealed", "score_appeal_settled",
    "score_appeal_withdrawn",
)  # fmt: skip
NEW_NOTICES = ("feedback_released",)


def _one_of(table: str, column: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    name = f"{table}_{column}_is_known"
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT {name},"
        f" ADD CONSTRAINT {name} CHECK ({column} IN ({listed}));"
    )


def _unforced(tables: tuple[str, ...], *statements: str) -> str:
    """Let the owner change rows: row security is forced on the owner too."""
    return "\n".join(
        [
            *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in tables),
            *statements,
            *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in tables),
        ]
    )


SEAL = """
DELETE FROM feedback_nomination WHERE person IS NULL;
DROP INDEX feedback_nomination_email;
ALTER TABLE feedback_nomination
    DROP CONSTRAINT feedback_nomination_names_somebody,
    DROP CONSTRAINT feedback_nomination_reason_is_of_what_left,
    DROP COLUMN email, DROP COLUMN reason;
ALTER TABLE feedback_nomination ADD COLUMN email bytea,
    ADD COLUMN email_digest bytea
        CONSTRAINT feedback_nomination_digest_is_whole
            CHECK (octet_length(email_digest) = 32),
    ADD COLUMN email_domain varchar(253)
        CONSTRAINT feedback_nomination_domain_is_lower
            CHECK (email_domain = lower(email_domain)),
    ADD COLUMN reason bytea,
    ADD CONSTRAINT feedback_nomination_names_somebody
        CHECK (person IS NOT NULL OR email IS NOT NULL),
    ADD CONSTRAINT feedback_nomination_email_is_whole
        CHECK (num_nulls(email, email_digest, email_domain) IN (0, 3)),
    ADD CONSTRAINT feedback_nomination_reason_is_of_what_left
        CHECK ((state = 'proposed') = (reason IS NULL)) NOT VALID;
CREATE UNIQUE INDEX feedback_nomination_email
    ON feedback_nomination (organisation, record, email_digest)
    WHERE email_digest IS NOT NULL;
"""
OPEN = """
DELETE FROM feedback_nomination WHERE person IS NULL;
DROP INDEX feedback_nomination_email;
ALTER TABLE feedback_nomination
    DROP CONSTRAINT feedback_nomination_names_somebody,
    DROP CONSTRAINT feedback_nomination_email_is_whole,
    DROP CONSTRAINT feedback_nomination_reason_is_of_what_left,
    DROP COLUMN email, DROP COLUMN email_digest, DROP COLUMN email_domain,
    DROP COLUMN reason;
ALTER TABLE feedback_nomination ADD COLUMN email varchar(254)
        CONSTRAINT feedback_nomination_email_is_lower CHECK (email = lower(email)),
    ADD COLUMN reason text;
UPDATE feedback_nomination SET reason = 'Not kept.' WHERE state <> 'proposed';
ALTER TABLE feedback_nomination
    ADD CONSTRAINT feedback_nomination_names_somebody
        CHECK (person IS NOT NULL OR email IS NOT NULL),
    ADD CONSTRAINT feedback_nomination_reason_is_of_what_left
        CHECK ((state = 'proposed') = (reason IS NULL));
CREATE UNIQUE INDEX feedback_nomination_email
    ON feedback_nomination (organisation, record, email) WHERE email IS NOT NULL;
"""
ABOUT = ("invitation", "reminder_7", "reminder_3", "reminder_1", "thanks")
ONCE = """
DROP INDEX feedback_mail_once;
CREATE UNIQUE INDEX feedback_mail_once ON feedback_mail (request, about){};
"""
UNMAIL = """
DELETE FROM outbox o USING feedback_mail m
    WHERE m.about = 'extension' AND o.dedupe_key = m.id::text;
DELETE FROM feedback_mail WHERE about = 'extension';
"""
FORGET = """
DELETE FROM outbox o USING notice n
    WHERE n.kind = 'feedback_released' AND o.dedupe_key = n.id::text;
DELETE FROM notice WHERE kind = 'feedback_released';
"""

UP = "\n".join(
    [
        _unforced(("feedback_nomination",), SEAL),
        _one_of("feedback_mail", "about", (*ABOUT, "extension")),
        ONCE.format(" WHERE about <> 'extension'"),
        _one_of("notice", "kind", (*FORMER_NOTICES, *NEW_NOTICES)),
    ]
)
DOWN = "\n".join(
    [
        _unforced(("feedback_nomination",), OPEN),
        _unforced(("notice", "feedback_mail", "outbox"), UNMAIL, FORGET),
        ONCE.format(""),
        _one_of("feedback_mail", "about", ABOUT),
        _one_of("notice", "kind", FORMER_NOTICES),
    ]
)
