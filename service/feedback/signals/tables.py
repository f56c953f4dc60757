"""What people decided about scores that hang on one form, as stored."""

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.feedback.signals.rules import Decision


class ScoreReview(Table, db=DB, tablename="feedback_score_review"):
    """One person's decision on one record's score; it stands."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    record = UUID(primary_key=True, default=None)
    decision = Varchar(length=20, default=None)
    reason = Text(default=None)
    decided_by = Varchar(length=120, default=None, help_text="As in the audit.")
    decided_at = Timestamptz(default=None)

    feedback_score_review_decision_is_known = one_of("decision", Decision)
