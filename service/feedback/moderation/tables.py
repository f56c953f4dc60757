"""What moderators decided, as stored."""

from piccolo.columns import UUID, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.feedback.moderation.rules import Code, Decision


class Moderation(Table, db=DB, tablename="feedback_moderation"):
    """One decision on one comment; it stands."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    comment = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    decision = Varchar(length=20, default=None)
    reason = Varchar(length=40, default=None, null=True, help_text="Of withholding.")
    digest = Varchar(
        length=64, default=None, help_text="Of what was written; by `rules.digest`."
    )
    moderator = UUID(default=None)
    decided_at = Timestamptz(default=None)

    feedback_moderation_decision_is_known = one_of("decision", Decision)
    feedback_moderation_reason_is_known = one_of("reason", Code)
