"""Assessments as stored. The database holds assessor and partner manager apart."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Column,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.objectives.assessing.rules import Verdict
from service.records.combining import Attainment


class Assessment(Table, db=DB, tablename="objective_assessment"):
    """How far the outcome was attained, and what a partner manager said to it."""

    organisation = Varchar(length=40, default=None, help_text="Whose owner's manager.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    number = Integer(default=None)
    version = Integer(default=None, help_text="The terms that were agreed.")
    attainment = Varchar(length=20, default=None)
    reasons = Text(default=None)
    evidence = JSONB(default=None)
    taking_part: Column = Array(
        base_column=UUID(), default=None, help_text="As the database knows it."
    )
    assessor = UUID(default=None)
    works_in = Varchar(length=40, default=None, help_text="The assessor, that day.")
    assessed_at = Timestamptz(default=None)
    verdict = Varchar(length=20, default=None, null=True)
    partner = UUID(default=None, null=True)
    partner_organisation = Varchar(
        length=40, default=None, null=True, help_text="Whose side's manager."
    )
    partner_works_in = Varchar(length=40, default=None, null=True)
    comment = Text(default=None, null=True)
    answered_at = Timestamptz(default=None, null=True)

    objective_assessment_attainment_is_known = one_of("attainment", Attainment)
    objective_assessment_verdict_is_known = one_of("verdict", Verdict)


class ContributionAssessment(Table, db=DB, tablename="contribution_assessment"):
    """How far one contribution was made good; the newest is the current one."""

    organisation = Varchar(length=40, default=None, help_text="Of the contribution.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    contribution = UUID(default=None)
    contributor = UUID(default=None, help_text="As the database knows it.")
    number = Integer(default=None)
    version = Integer(default=None, help_text="The terms that were agreed.")
    attainment = Varchar(length=20, default=None)
    reasons = Text(default=None)
    evidence = JSONB(default=None)
    episodes = JSONB(default=None, help_text="The contributor's postings, as it was.")
    exposure_days = Integer(default=None, help_text="Working days in post.")
    assessor = UUID(default=None)
    works_in = Varchar(length=40, default=None, help_text="The assessor, that day.")
    assessed_at = Timestamptz(default=None)

    contribution_assessment_attainment_is_known = one_of("attainment", Attainment)
