"""What is shown of feedback, and replies to it, as stored."""

from piccolo.columns import JSONB, UUID, Bytea, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class FeedbackResult(Table, db=DB, tablename="feedback_result"):
    """What is shown of the feedback on one record, since its release."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(primary_key=True, default=None)
    shown = JSONB(default=None, help_text="What was suppressed is not in it.")


class FeedbackReply(Table, db=DB, tablename="feedback_reply"):
    """That a subject has read their feedback, and what they say to it."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(primary_key=True, default=None)
    sealed = Bytea(default=None, null=True, help_text="Empty: read, and nothing said.")
    version = Integer(default=None)
    given_at = Timestamptz(default=None, help_text="First.")
    changed_at = Timestamptz(default=None)
