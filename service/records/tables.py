"""Cycles and appraisal records as stored."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.records.rules import CycleState


class Cycle(Table, db=DB, tablename="cycle"):
    """One appraisal year of some organisations under one framework."""

    id = UUID(primary_key=True, default=None)
    framework = Varchar(length=60, default=None)
    framework_version = Integer(default=None)
    year = Integer(default=None, help_text="The year it begins in.")
    method = Varchar(length=20, default=None, help_text="Its scores' default method.")
    state = Varchar(length=20, default=None)
    created_at = Timestamptz(default=None)
    version = Integer(default=None)

    cycle_state_is_known = one_of("state", CycleState)


class CycleOrganisation(Table, db=DB, tablename="cycle_organisation"):
    """An organisation that takes part in a cycle: one a year."""

    organisation = Varchar(length=40, default=None)
    cycle = UUID(default=None)
    year = Integer(default=None)
    id = UUID(primary_key=True, default=None)


class CycleStage(Table, db=DB, tablename="cycle_stage"):
    """The instant at which a stage of a cycle begins."""

    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    stage = Varchar(length=60, default=None)
    starts_at = Timestamptz(default=None)


class AppraisalRecord(Table, db=DB, tablename="appraisal_record"):
    """What this service attaches to one appraisal that an HR system owns."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    person = UUID(default=None)
    source = Varchar(length=40, default=None, help_text="The HR system.")
    external_id = Varchar(length=120, default=None, help_text="The record's id there.")
    attached_at = Timestamptz(default=None)
    version = Integer(default=None)
