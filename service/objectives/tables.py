"""Shared objectives as stored. The database repeats every rule that it can state."""

from piccolo.columns import UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.objectives.rules import (
    Capacity,
    ContributionRole,
    Kind,
    OwnershipModel,
    Stage,
)


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
    accountable_owner = UUID(default=None, help_text="Exactly one person.")
    priority_scheme = Varchar(length=60, default=None, null=True)
    priority_code = Varchar(length=60, default=None, null=True)
    stage = Varchar(length=20, default=None)
    version = Integer(default=None)
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

    contribution_role_is_known = one_of("role", ContributionRole)


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

    objective_agreement_capacity_is_known = one_of("capacity", Capacity)
