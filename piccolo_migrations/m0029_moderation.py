"""Managers' judgements, the panels that moderate them, and views of consistency.

What was judged and what a panel made of it only grows: a row keeps before, after and
the reason, and no column here can hold a score. Of one record one event follows
another: a panel that did not see the one before is refused by the number. A view is
worked out once and kept as it was shown; whom it counted is kept beside it, so that the
next can be held against it. No row here is open to a machine.
"""

GROWS = (
    "moderation_panel", "manager_judgement", "moderation_event", "consistency_view",
    "consistency_place",
)  # fmt: skip
TABLES = (*GROWS, "moderation_member")
STAGES = "'mid_year', 'end_year'"


def _closed(table: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
    )


def _only_grows(table: str) -> str:
    return (
        f"COMMENT ON TABLE {table} IS 'append-only: what was said stands';"
        f" CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
        f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )


PANELS = """
CREATE TABLE moderation_panel (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    level varchar(20) NOT NULL CONSTRAINT moderation_panel_level_is_known
        CHECK (level IN ('local', 'overall')),
    unit varchar(300),
    grade varchar(40),
    opened_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL,
    CONSTRAINT moderation_panel_overall_is_of_all
        CHECK ((level = 'overall') = (num_nonnulls(unit, grade) = 0))
);
CREATE UNIQUE INDEX moderation_panel_once
    ON moderation_panel (organisation, cycle, level, unit, grade) NULLS NOT DISTINCT;
CREATE INDEX moderation_panel_cycle ON moderation_panel (cycle);
CREATE INDEX moderation_panel_opened_by ON moderation_panel (opened_by);

CREATE TABLE moderation_member (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    panel uuid NOT NULL REFERENCES moderation_panel ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    until date NOT NULL,
    named_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    named_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT moderation_member_is_named_by_another CHECK (named_by <> person),
    CONSTRAINT moderation_member_in_order CHECK (ended_at >= named_at)
);
CREATE UNIQUE INDEX moderation_member_once
    ON moderation_member (organisation, panel, person) WHERE ended_at IS NULL;
CREATE INDEX moderation_member_panel ON moderation_member (panel);
CREATE INDEX moderation_member_person ON moderation_member (person);
CREATE INDEX moderation_member_named_by ON moderation_member (named_by);
"""
JUDGED = f"""
CREATE TABLE manager_judgement (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    stage varchar(20) NOT NULL CONSTRAINT manager_judgement_stage_is_known
        CHECK (stage IN ({STAGES})),
    number integer NOT NULL CONSTRAINT manager_judgement_counts CHECK (number > 0),
    level varchar(60) NOT NULL,
    reason text NOT NULL CONSTRAINT manager_judgement_says_why CHECK (reason ~ '\\S'),
    subject uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    manager uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    judged_at timestamptz NOT NULL,
    CONSTRAINT manager_judgement_is_of_another CHECK (manager <> subject)
);
CREATE UNIQUE INDEX manager_judgement_numbered
    ON manager_judgement (organisation, record, stage, number);
CREATE INDEX manager_judgement_record ON manager_judgement (record);
CREATE INDEX manager_judgement_subject ON manager_judgement (subject);
CREATE INDEX manager_judgement_manager ON manager_judgement (manager);

CREATE TABLE moderation_event (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    panel uuid NOT NULL REFERENCES moderation_panel ON DELETE RESTRICT,
    number integer NOT NULL CONSTRAINT moderation_event_counts CHECK (number > 0),
    before varchar(60) NOT NULL,
    after varchar(60) NOT NULL,
    reason text NOT NULL CONSTRAINT moderation_event_says_why CHECK (reason ~ '\\S'),
    subject uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    recorded_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT moderation_event_is_of_another CHECK (recorded_by <> subject)
);
CREATE UNIQUE INDEX moderation_event_numbered
    ON moderation_event (organisation, record, number);
CREATE INDEX moderation_event_record ON moderation_event (record);
CREATE INDEX moderation_event_panel ON moderation_event (panel);
CREATE INDEX moderation_event_subject ON moderation_event (subject);
CREATE INDEX moderation_event_recorded_by ON moderation_event (recorded_by);
"""
VIEWS = """
CREATE TABLE consistency_view (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    kind varchar(20) NOT NULL CONSTRAINT consistency_view_kind_is_known
        CHECK (kind IN ('mid_year', 'cross_government')),
    shown jsonb NOT NULL,
    taken_by uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    taken_at timestamptz NOT NULL
);
COMMENT ON COLUMN consistency_view.organisation IS 'whose central team took it';
COMMENT ON COLUMN consistency_view.shown IS
    'as it is shown: what was suppressed is not in it';
CREATE UNIQUE INDEX consistency_view_once ON consistency_view (cycle, kind);
CREATE INDEX consistency_view_organisation ON consistency_view (organisation, id);
CREATE INDEX consistency_view_taken_by ON consistency_view (taken_by);

CREATE TABLE consistency_place (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    "view" uuid NOT NULL REFERENCES consistency_view ON DELETE RESTRICT,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    grade varchar(40) NOT NULL,
    level varchar(60) NOT NULL
);
COMMENT ON COLUMN consistency_place.organisation IS 'where the record is counted';
CREATE UNIQUE INDEX consistency_place_once
    ON consistency_place (organisation, "view", record);
CREATE INDEX consistency_place_view ON consistency_place ("view");
CREATE INDEX consistency_place_record ON consistency_place (record);
"""

UP = "\n".join([PANELS, JUDGED, VIEWS, *map(_only_grows, GROWS), *map(_closed, TABLES)])
DOWN = (
    "DROP TABLE consistency_place, consistency_view, moderation_event,"
    " manager_judgement, moderation_member, moderation_panel;"
)
