"""Progress as stored. The database repeats every rule that it can state."""

from piccolo.columns import (
    JSONB,
    UUID,
    Date,
    Integer,
    Numeric,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.objectives.measuring import ComparedWith, Direction
from service.objectives.progress.rules import MilestoneState, Status


class Milestone(Table, db=DB, tablename="objective_milestone"):
    """Something that is to be there by a day."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    title = Varchar(length=200, default=None)
    due_on = Date(default=None)
    state = Varchar(length=20, default=None)
    met_at = Timestamptz(default=None, null=True, help_text="When that was said.")
    met_by = UUID(default=None, null=True, help_text="Null: an HR system said so.")
    met_for = Varchar(length=40, default=None, null=True, help_text="Their own.")
    version = Integer(default=None)

    objective_milestone_state_is_known = one_of("state", MilestoneState)


class IndicatorRow(Table, db=DB, tablename="objective_indicator"):
    """What is measured, from where, to where."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    title = Varchar(length=200, default=None)
    unit = Varchar(length=60, default=None)
    baseline = Numeric(digits=(18, 6), default=None)
    target = Numeric(digits=(18, 6), default=None)
    direction = Varchar(length=20, default=None)
    change_at = Numeric(digits=(18, 6), default=None, help_text="Smallest change.")
    compared_with = Varchar(length=20, default=None)
    version = Integer(default=None)

    objective_indicator_direction_is_known = one_of("direction", Direction)
    objective_indicator_comparison_is_known = one_of("compared_with", ComparedWith)


class ProgressVersion(Table, db=DB, tablename="objective_progress_version"):
    """What a milestone or an indicator said, whole; never changed."""

    organisation = Varchar(length=40, default=None, help_text="For which they acted.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    milestone = UUID(default=None, null=True)
    indicator = UUID(default=None, null=True)
    version = Integer(default=None)
    revision = Integer(default=None, help_text="Of the objective.")
    content = JSONB(default=None)
    actor = Varchar(length=200, default=None)
    person = UUID(default=None, null=True)
    at = Timestamptz(default=None)


class Reading(Table, db=DB, tablename="objective_reading"):
    """What an indicator stood at on a day; never changed."""

    organisation = Varchar(length=40, default=None, help_text="For which they acted.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    indicator = UUID(default=None)
    number = Integer(default=None)
    value = Numeric(digits=(18, 6), default=None)
    as_of = Date(default=None)
    note = Text(default=None)
    corrects = UUID(default=None, null=True, help_text="The reading it replaces.")
    actor = Varchar(length=200, default=None)
    person = UUID(default=None, null=True)
    read_at = Timestamptz(default=None)


class StatusReport(Table, db=DB, tablename="objective_status"):
    """How an accountable owner says the objective gets on; never changed."""

    organisation = Varchar(length=40, default=None, help_text="The owner's own.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    number = Integer(default=None)
    follows = Integer(default=None, null=True, help_text="The number before it.")
    status = Varchar(length=20, default=None)
    text = Text(default=None)
    person = UUID(default=None)
    reported_at = Timestamptz(default=None)

    objective_status_is_known = one_of("status", Status)


class Dissent(Table, db=DB, tablename="objective_dissent"):
    """Why a partner sees one status differently; never changed."""

    organisation = Varchar(length=40, default=None, help_text="Whose partner dissents.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    status = UUID(default=None)
    number = Integer(default=None, help_text="Of that organisation and status.")
    text = Text(default=None)
    person = UUID(default=None)
    lodged_at = Timestamptz(default=None)
