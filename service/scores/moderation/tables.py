"""Judgements, panels, what they decided, and views of consistency, as stored."""

from piccolo.columns import JSONB, UUID, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.scores.moderation.rules import JudgementStage, PanelLevel, ViewKind


class Panel(Table, db=DB, tablename="moderation_panel"):
    """A panel of one organisation in one cycle."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    level = Varchar(length=20, default=None)
    unit = Varchar(length=300, default=None, null=True, help_text="Of a local one.")
    grade = Varchar(length=40, default=None, null=True, help_text="Of a local one.")
    opened_by = UUID(default=None)
    opened_at = Timestamptz(default=None)

    moderation_panel_level_is_known = one_of("level", PanelLevel)


class Member(Table, db=DB, tablename="moderation_member"):
    """Somebody named to a panel, until a date."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    panel = UUID(default=None)
    person = UUID(default=None)
    until = Date(default=None)
    named_by = UUID(default=None)
    named_at = Timestamptz(default=None)
    ended_at = Timestamptz(default=None, null=True)


class Judgement(Table, db=DB, tablename="manager_judgement"):
    """What a line manager judged; the one of the highest number counts."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    stage = Varchar(length=20, default=None)
    number = Integer(default=None, help_text="Of the record and stage, from 1.")
    level = Varchar(length=60, default=None, help_text="Code in the framework's scale.")
    reason = Text(default=None)
    subject = UUID(default=None)
    manager = UUID(default=None)
    judged_at = Timestamptz(default=None)

    manager_judgement_stage_is_known = one_of("stage", JudgementStage)


class Event(Table, db=DB, tablename="moderation_event"):
    """What a panel made of one record: it stands, and what was before is kept."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    panel = UUID(default=None)
    number = Integer(default=None, help_text="Of the record, from 1.")
    before = Varchar(length=60, default=None)
    after = Varchar(length=60, default=None, help_text="As before: confirmed.")
    reason = Text(default=None)
    subject = UUID(default=None)
    recorded_by = UUID(default=None)
    recorded_at = Timestamptz(default=None)


class View(Table, db=DB, tablename="consistency_view"):
    """One view of how judgements are distributed, taken once."""

    organisation = Varchar(length=40, default=None, help_text="Whose team took it.")
    id = UUID(primary_key=True, default=None)
    cycle = UUID(default=None)
    kind = Varchar(length=20, default=None)
    shown = JSONB(default=None)
    taken_by = UUID(default=None)
    taken_at = Timestamptz(default=None)

    consistency_view_kind_is_known = one_of("kind", ViewKind)


class Place(Table, db=DB, tablename="consistency_place"):
    """Where a view counted one record; never shown."""

    organisation = Varchar(length=40, default=None, help_text="Where it is counted.")
    view = UUID(default=None)
    record = UUID(default=None)
    id = UUID(primary_key=True, default=None)
    grade = Varchar(length=40, default=None)
    level = Varchar(length=60, default=None)
