"""Feedback as stored, without who gave it: that is in `confidentiality` alone."""

from piccolo.columns import (
    UUID,
    Bytea,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.feedback.life import OF_PROPOSALS, OF_REQUESTS
from service.feedback.rules import Origin


class FeedbackWindow(Table, db=DB, tablename="feedback_window"):
    """When feedback of a cycle may be given, and when it is released."""

    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    opens_at = Timestamptz(default=None)
    closes_at = Timestamptz(default=None)
    releases_at = Timestamptz(default=None)
    closed_at = Timestamptz(
        default=None, null=True, help_text="From when nothing was accepted any more."
    )
    released_at = Timestamptz(default=None, null=True)
    form_version = Integer(default=None, help_text="Of the form that is asked.")
    weighed_by = Varchar(
        length=40,
        default=None,
        null=True,
        help_text="Method by which scores hang on one form; empty: as looking has it.",
    )


class Nomination(Table, db=DB, tablename="feedback_nomination"):
    """Somebody in the pool that a subject's raters are drawn from."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    window = UUID(default=None)
    record = UUID(default=None)
    person = UUID(
        default=None, null=True, help_text="Empty until whose address it is is known."
    )
    email = Bytea(default=None, null=True, help_text="As proposed, sealed.")
    email_digest = Bytea(default=None, null=True, help_text="By `addresses`.")
    email_domain = Varchar(length=253, default=None, null=True)
    origin = Varchar(length=20, default=None)
    objective = UUID(default=None, null=True)
    state = Varchar(length=20, default=None)
    reason = Bytea(
        default=None, null=True, help_text="Of a veto or an objection, sealed."
    )

    feedback_nomination_origin_is_known = one_of("origin", Origin)
    feedback_nomination_state_is_known = one_of("state", OF_PROPOSALS)


class Draw(Table, db=DB, tablename="feedback_draw"):
    """One draw of raters, so that it can be repeated and checked."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    window = UUID(default=None)
    record = UUID(default=None)
    seed = Varchar(length=64, default=None)
    pool_digest = Varchar(length=64, default=None, help_text="SHA-256, hex.")
    pool_size = Integer(default=None, help_text="How many were eligible.")
    drawn = Integer(default=None, help_text="How many of them were drawn.")
    drawn_at = Timestamptz(default=None)
    frozen = Bytea(
        default=None, null=True, help_text="What it was made from, sealed; see drawing."
    )
    commitment = Varchar(
        length=64, default=None, null=True, help_text="To whom it took: HMAC, hex."
    )


class FeedbackRequest(Table, db=DB, tablename="feedback_request"):
    """One request for feedback on one record; by whom is not here."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    window = UUID(default=None)
    record = UUID(default=None)
    draw = UUID(default=None)
    state = Varchar(length=20, default=None)
    version = Integer(default=None, help_text="Of the draft: counts what was saved.")
    draft = Bytea(default=None, null=True, help_text="Sealed; gone after release.")
    sent_version = Integer(
        default=None, null=True, help_text="The version of the draft submitted last."
    )

    feedback_request_state_is_known = one_of("state", OF_REQUESTS)


class Answer(Table, db=DB, tablename="feedback_answer"):
    """One answer of one sealed form: no time, no order, no request."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(default=None)
    response = UUID(default=None, help_text="Random; it names the form alone.")
    item = Varchar(length=40, default=None)
    value = SmallInt(default=None, null=True, help_text="Empty: not observed.")
    id = UUID(primary_key=True, default=None)


class FeedbackText(Table, db=DB, tablename="feedback_text"):
    """One example or text of one form, sealed: no time, no order, no request."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(default=None)
    response = UUID(default=None, help_text="Random; it names the form alone.")
    field = Varchar(
        length=60, default=None, help_text="`example` or `text`, and which: `text:keep`"
    )
    sealed = Bytea(default=None, help_text="By `form.sealing`.")
    id = UUID(primary_key=True, default=None)
