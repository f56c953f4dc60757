"""Scores as stored: a row a record, invisible until it is published."""

from piccolo.columns import (
    JSONB,
    UUID,
    Bytea,
    Integer,
    Numeric,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.scores.rules import Band, Confidence, Reason, State


class ScoreRun(Table, db=DB, tablename="score_run"):
    """One computation over the forms of a closed window."""

    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    method = Varchar(length=20, default=None)
    method_version = Integer(default=None)
    method_digest = Varchar(length=64, default=None, help_text="SHA-256, hex.")
    parameters = JSONB(default=None)
    inputs_digest = Varchar(length=64, default=None, help_text="SHA-256, hex.")
    estimates = JSONB(default=None, help_text="Of the cycle as a whole.")
    computed_at = Timestamptz(default=None)


class ScoreInput(Table, db=DB, tablename="score_input"):
    """What of one person went into a computation: days in post, traces of forms."""

    run = UUID(primary_key=True, default=None)
    record = UUID(primary_key=True, default=None)
    days = Integer(default=None, help_text="Working days in post.")
    forms = Bytea(default=None, help_text="By `traces.trace`, 32 bytes a form.")


class Score(Table, db=DB, tablename="score"):
    """What may be said of one person's collaboration in one cycle."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    record = UUID(default=None)
    person = UUID(default=None)
    run = UUID(default=None)
    state = Varchar(length=20, default=None)
    reason = Varchar(length=40, default=None, null=True)
    value = Numeric(digits=(4, 1), default=None, null=True)
    low = Numeric(digits=(4, 1), default=None, null=True)
    high = Numeric(digits=(4, 1), default=None, null=True)
    band = Varchar(length=40, default=None, null=True)
    reliability = Numeric(digits=(4, 3), default=None, null=True)
    confidence = Varchar(length=20, default=None, null=True)
    raters = Varchar(length=10, default=None, null=True, help_text="A band.")
    organisations = Varchar(length=10, default=None, null=True, help_text="A band.")
    episodes = JSONB(default=None)
    explanation = JSONB(default=None, null=True)
    components = JSONB(default=None, null=True, help_text="Its parts, if it has any.")
    version = Integer(default=None)
    changed_at = Timestamptz(default=None)
    published_at = Timestamptz(default=None, null=True)
    known_as = Varchar(
        length=120, default=None, null=True, help_text="In the HR system, as told."
    )
    signature = Text(default=None, null=True, help_text="A detached JWS.")
    signed_as = Text(default=None, null=True, help_text="Where, and of what form.")

    score_state_is_known = one_of("state", State)
    score_reason_is_known = one_of("reason", Reason)
    score_band_is_known = one_of("band", Band)
    score_confidence_is_known = one_of("confidence", Confidence)


class ScoreComparison(Table, db=DB, tablename="score_comparison"):
    """What would have changed in a published cycle by another method, as it is told."""

    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    against = Varchar(length=20, default=None, help_text="The method of its scores.")
    against_version = Integer(default=None)
    method = Varchar(length=20, default=None)
    method_version = Integer(default=None)
    method_digest = Varchar(length=64, default=None, help_text="SHA-256, hex.")
    people = Integer(default=None, null=True, help_text="Rounded; empty: too few.")
    changed_bands = Numeric(digits=(4, 3), default=None, null=True, help_text="Share.")
    changed_states = Numeric(digits=(4, 3), default=None, null=True, help_text="Share.")
    compared_at = Timestamptz(default=None)
