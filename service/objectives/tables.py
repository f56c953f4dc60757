"""Shared objectives as stored. The database repeats every rule that it can state."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Date,
    Integer,
    Numeric,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.objectives.rules import (
    Capacity,
    ContributionRole,
    Kind,
    OwnershipModel,
)
from service.objectives.stages import ContributionState, Outcome, Stage


class SharedObjective(Table, db=DB, tablename="shared_objective"):
    """One objective on one lead record, owned by several departments."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    person = UUID(default=None, help_text="The subject: whose record it is.")
    cycle = UUID(default=None)
    title = Varchar(length=200, default=None)
    outcome = Text(default=None)
    measures = Text(default=None)
    ownership_model = Varchar(length=40, default=None)
    kind = Varchar(length=40, default=None)
    element = Varchar(length=60, default=None, null=True)
    weight = Integer(default=None, null=True, help_text="Whole percent.")
    standard = Varchar(length=60, default=None, null=True)
    priority_scheme = Varchar(length=60, default=None, null=True)
    priority_code = Varchar(length=60, default=None, null=True)
    parent = UUID(default=None, null=True, help_text="What it is aligned to.")
    ends_on = Date(default=None, null=True, help_text="Where it outlives the cycle.")
    lineage = UUID(default=None, help_text="The first of those it goes on from.")
    previous = UUID(default=None, null=True, help_text="In the cycle before.")
    template = UUID(default=None, null=True, help_text="What it was made from.")
    shared_at = Timestamptz(default=None, null=True, help_text="Put to others first.")
    stage = Varchar(length=20, default=None)
    version = Integer(default=None)
    terms = Integer(default=None, help_text="The version agreements count from.")
    revision = Integer(default=None, help_text="Counts every change.")
    created_at = Timestamptz(default=None)

    shared_objective_ownership_is_known = one_of("ownership_model", OwnershipModel)
    shared_objective_kind_is_known = one_of("kind", Kind)
    shared_objective_stage_is_known = one_of("stage", Stage)


class ObjectiveParty(Table, db=DB, tablename="objective_party"):
    """An organisation that is party to an objective, and so may see it."""

    organisation = Varchar(length=40, default=None)
    objective = UUID(default=None)
    id = UUID(primary_key=True, default=None)


class Contribution(Table, db=DB, tablename="contribution"):
    """What one organisation's person puts into an objective."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    person = UUID(default=None)
    role = Varchar(length=20, default=None)
    share = Integer(default=None, help_text="Whole percent.")
    commitment = Text(default=None)
    state = Varchar(length=20, default=None)

    contribution_role_is_known = one_of("role", ContributionRole)
    contribution_state_is_known = one_of("state", ContributionState)


class Owner(Table, db=DB, tablename="objective_owner"):
    """Somebody accountable; two who share a job are one owner of one number."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    number = Integer(default=None)
    person = UUID(default=None)


class Value(Table, db=DB, tablename="objective_value"):
    """What one organisation puts into an objective, and what it gains."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    puts_in = Text(default=None)
    money_in = Numeric(digits=(14, 2), default=None, null=True, help_text="Pounds.")
    people_in = Numeric(digits=(8, 2), default=None, null=True, help_text="FTE.")
    days_in = Integer(default=None, null=True, help_text="Working days.")
    gains = Text(default=None)
    money_out = Numeric(digits=(14, 2), default=None, null=True, help_text="Pounds.")


class Version(Table, db=DB, tablename="objective_version"):
    """One statement of what was to be agreed, whole; never changed."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    version = Integer(default=None)
    content = JSONB(default=None)
    digest = Varchar(length=64, default=None, help_text="SHA-256 of it, hex.")
    actor = Varchar(length=200, default=None)
    person = UUID(default=None, null=True)
    reason = Text(default=None)
    at = Timestamptz(default=None)


class StepTaken(Table, db=DB, tablename="objective_step"):
    """Who moved an objective or a contribution on, and why; never changed."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    revision = Integer(default=None)
    version = Integer(default=None)
    step = Varchar(length=20, default=None)
    contribution = UUID(default=None, null=True)
    was = Varchar(length=20, default=None, null=True)
    became = Varchar(length=20, default=None)
    actor = Varchar(length=200, default=None)
    person = UUID(default=None, null=True)
    reason = Text(default=None)
    at = Timestamptz(default=None)


class Agreement(Table, db=DB, tablename="objective_agreement"):
    """One person's agreement to one version of an objective."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    objective_version = Integer(default=None)
    capacity = Varchar(length=30, default=None)
    contribution = UUID(default=None, null=True)
    person = UUID(default=None)
    comment = Text(default=None)
    agreed_at = Timestamptz(default=None)
    digest = Varchar(length=64, default=None, null=True, help_text="Of that version.")

    objective_agreement_capacity_is_known = one_of("capacity", Capacity)


class Dispute(Table, db=DB, tablename="objective_dispute"):
    """Why somebody whose agreement is needed does not give it, and what came of it."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    version = Integer(default=None)
    contribution = UUID(default=None, null=True)
    capacity = Varchar(length=30, default=None)
    person = UUID(default=None)
    reason = Text(default=None)
    raised_at = Timestamptz(default=None)
    outcome = Varchar(length=20, default=None, null=True)
    reply = Text(default=None, null=True)
    settled_by = UUID(default=None, null=True)
    settled_at = Timestamptz(default=None, null=True)

    objective_dispute_capacity_is_known = one_of("capacity", Capacity)
    objective_dispute_outcome_is_known = one_of("outcome", Outcome)


class AlignmentLock(Table, db=DB, tablename="alignment_lock"):
    """One row, held by whoever aligns an objective to another."""

    one = Boolean(primary_key=True, default=None)
