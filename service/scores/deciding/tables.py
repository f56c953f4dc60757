"""Decisions on scores and appeals against them, as stored.

The database holds the subject, whoever decided and whoever settles apart.
"""

from piccolo.columns import UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.scores.deciding.rules import Capacity, Outcome
from service.scores.deciding.stages import AppealState
from service.scores.rules import Band

SETTLES = (
    Capacity.COUNTERSIGNING_MANAGER,
    Capacity.NEXT_ABOVE,
    Capacity.HR_ADMINISTRATOR,
)


class ScoreDecision(Table, db=DB, tablename="score_decision"):
    """What a line manager made of a score; it is never changed."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    score = UUID(default=None)
    run = UUID(default=None, help_text="The computation it is on.")
    number = Integer(default=None)
    subject = UUID(default=None, help_text="As the database knows it.")
    outcome = Varchar(length=20, default=None)
    reason = Text(default=None, null=True)
    band = Varchar(
        length=40, default=None, null=True, help_text="Of an amendment: in words."
    )
    note = Text(default=None, null=True, help_text="Of an amendment.")
    decided_by = UUID(default=None)
    works_in = Varchar(length=40, default=None, help_text="Whoever decided, that day.")
    capacity = Varchar(length=30, default=None)
    decided_at = Timestamptz(default=None)

    score_decision_outcome_is_known = one_of("outcome", Outcome)
    score_decision_band_is_known = one_of("band", Band)
    score_decision_capacity_is_known = one_of("capacity", [Capacity.LINE_MANAGER])


class ScoreAppeal(Table, db=DB, tablename="score_appeal"):
    """A subject's appeal, and what came of it."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    score = UUID(default=None)
    run = UUID(default=None, help_text="The computation that stood then.")
    number = Integer(default=None)
    subject = UUID(default=None, help_text="As the database knows it.")
    decision = UUID(default=None, null=True, help_text="Against it; else the score.")
    decided_by = UUID(default=None, null=True, help_text="As the database knows it.")
    reason = Text(default=None)
    lodged_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None, help_text="By when it is to be settled.")
    state = Varchar(length=20, default=None)
    settled_by = UUID(default=None, null=True)
    works_in = Varchar(
        length=40, default=None, null=True, help_text="Whoever settled it, that day."
    )
    capacity = Varchar(length=30, default=None, null=True)
    answer = Text(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    score_appeal_state_is_known = one_of("state", AppealState)
    score_appeal_capacity_is_known = one_of("capacity", SETTLES)
