"""What was found in closed windows, and what people decided about it, as stored."""

from piccolo.columns import JSONB, UUID, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.feedback.signals.rules import Decision


class Look(Table, db=DB, tablename="feedback_look"):
    """What may be told of the signals in one closed window."""

    window = UUID(primary_key=True, default=None)
    looked_at = Timestamptz(default=None)
    signals = JSONB(default=None, help_text="No count of a few.")


class ToReview(Table, db=DB, tablename="feedback_to_review"):
    """A score that hangs on one form, for somebody to decide about."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None, help_text="Random; a reviewer's name.")
    record = UUID(default=None)
    raters = Varchar(length=20, default=None, help_text="A band, such as `5-7`.")
    standard_errors = SmallInt(
        default=None, help_text="By more than so many the form moves it: one or two."
    )


class ScoreReview(Table, db=DB, tablename="feedback_score_review"):
    """One person's decision on one record's score; it stands."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(primary_key=True, default=None)
    decision = Varchar(length=20, default=None)
    reason = Text(default=None)
    decided_by = Varchar(length=120, default=None, help_text="As in the audit.")
    decided_at = Timestamptz(default=None)

    feedback_score_review_decision_is_known = one_of("decision", Decision)
