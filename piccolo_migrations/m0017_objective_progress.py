"""Progress of objectives: milestones, indicators, readings, statuses and dissents.

Milestones and indicators change, and each version of them is kept whole, so that a
party can read what a target was before. Readings, statuses and dissents are only ever
added. A status names the one before it (`follows`), so that their numbers have no gap
and the greatest is the one that is current, whoever reports at the same time. Rows say
for which organisation somebody acted, since people move.
"""

TABLES = """
CREATE TABLE objective_milestone (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    title varchar(200) NOT NULL
        CONSTRAINT objective_milestone_has_title CHECK (title <> ''),
    due_on date NOT NULL CONSTRAINT objective_milestone_due_on_can_be_kept
        CHECK (due_on BETWEEN '1900-01-01' AND '2999-12-31'),
    state varchar(20) NOT NULL CONSTRAINT objective_milestone_state_is_known
        CHECK (state IN ('planned', 'met', 'missed', 'dropped')),
    met_at timestamptz,
    met_by uuid REFERENCES person ON DELETE RESTRICT,
    met_for varchar(40),
    version integer NOT NULL
        CONSTRAINT objective_milestone_counts CHECK (version >= 1),
    CONSTRAINT objective_milestone_is_met_whole CHECK (
        (state = 'met') = (met_at IS NOT NULL)
        AND (met_by IS NULL) = (met_for IS NULL)
        AND (met_by IS NULL OR met_at IS NOT NULL))
);
CREATE INDEX objective_milestone_objective ON objective_milestone (objective, due_on);
CREATE INDEX objective_milestone_met_by ON objective_milestone (met_by);

CREATE TABLE objective_indicator (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    title varchar(200) NOT NULL
        CONSTRAINT objective_indicator_has_title CHECK (title <> ''),
    unit varchar(60) NOT NULL
        CONSTRAINT objective_indicator_has_unit CHECK (unit <> ''),
    baseline numeric(18, 6) NOT NULL,
    target numeric(18, 6) NOT NULL,
    direction varchar(20) NOT NULL CONSTRAINT objective_indicator_direction_is_known
        CHECK (direction IN ('increase', 'decrease', 'maintain')),
    change_at numeric(18, 6) NOT NULL
        CONSTRAINT objective_indicator_change_is_a_size CHECK (change_at >= 0),
    compared_with varchar(20) NOT NULL
        CONSTRAINT objective_indicator_comparison_is_known
        CHECK (compared_with IN ('baseline', 'previous')),
    version integer NOT NULL
        CONSTRAINT objective_indicator_counts CHECK (version >= 1),
    CONSTRAINT objective_indicator_target_lies_ahead CHECK (
        (direction <> 'increase' OR target >= baseline)
        AND (direction <> 'decrease' OR target <= baseline)),
    CONSTRAINT objective_indicator_figures_are_finite CHECK (
        'NaN' NOT IN (baseline, target, change_at))
);
CREATE INDEX objective_indicator_objective ON objective_indicator (objective);

CREATE TABLE objective_progress_version (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    milestone uuid REFERENCES objective_milestone ON DELETE RESTRICT,
    indicator uuid REFERENCES objective_indicator ON DELETE RESTRICT,
    version integer NOT NULL,
    revision integer NOT NULL,
    content jsonb NOT NULL,
    actor varchar(200) NOT NULL,
    person uuid REFERENCES person ON DELETE RESTRICT,
    at timestamptz NOT NULL,
    CONSTRAINT objective_progress_version_is_of_one
        CHECK (num_nonnulls(milestone, indicator) = 1)
);
COMMENT ON TABLE objective_progress_version IS
    'append-only: what a milestone or an indicator said, whole';
COMMENT ON COLUMN objective_progress_version.revision IS 'of the objective';
CREATE UNIQUE INDEX objective_progress_version_of_milestone
    ON objective_progress_version (milestone, version);
CREATE UNIQUE INDEX objective_progress_version_of_indicator
    ON objective_progress_version (indicator, version);
CREATE INDEX objective_progress_version_objective
    ON objective_progress_version (objective);
CREATE INDEX objective_progress_version_person ON objective_progress_version (person);

CREATE TABLE objective_reading (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    indicator uuid NOT NULL REFERENCES objective_indicator ON DELETE RESTRICT,
    number integer NOT NULL
        CONSTRAINT objective_reading_counts CHECK (number >= 1),
    value numeric(18, 6) NOT NULL
        CONSTRAINT objective_reading_is_finite CHECK (value <> 'NaN'),
    as_of date NOT NULL CONSTRAINT objective_reading_as_of_can_be_kept
        CHECK (as_of BETWEEN '1900-01-01' AND '2999-12-31'),
    note text NOT NULL,
    corrects uuid,
    actor varchar(200) NOT NULL,
    person uuid REFERENCES person ON DELETE RESTRICT,
    read_at timestamptz NOT NULL,
    CONSTRAINT objective_reading_corrects_another CHECK (corrects <> id)
);
COMMENT ON TABLE objective_reading IS
    'append-only: a correction is a reading that names the one it corrects';
CREATE UNIQUE INDEX objective_reading_once ON objective_reading (indicator, number);
CREATE UNIQUE INDEX objective_reading_of ON objective_reading (indicator, id);
CREATE UNIQUE INDEX objective_reading_corrected_once
    ON objective_reading (indicator, corrects);
ALTER TABLE objective_reading ADD CONSTRAINT objective_reading_corrects_its_own
    FOREIGN KEY (indicator, corrects)
    REFERENCES objective_reading (indicator, id) ON DELETE RESTRICT;
CREATE INDEX objective_reading_latest
    ON objective_reading (indicator, as_of DESC, number DESC);
CREATE INDEX objective_reading_objective ON objective_reading (objective);
CREATE INDEX objective_reading_person ON objective_reading (person);

CREATE TABLE objective_status (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    number integer NOT NULL,
    follows integer,
    status varchar(20) NOT NULL CONSTRAINT objective_status_is_known
        CHECK (status IN ('on_track', 'at_risk', 'off_track', 'delivered')),
    text text NOT NULL CONSTRAINT objective_status_has_text CHECK (text <> ''),
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    reported_at timestamptz NOT NULL,
    CONSTRAINT objective_status_counts_on
        CHECK (number = coalesce(follows, 0) + 1 AND number >= 1)
);
COMMENT ON TABLE objective_status IS 'append-only: the greatest number is current';
COMMENT ON COLUMN objective_status.follows IS 'the number before it, which there is';
CREATE UNIQUE INDEX objective_status_once ON objective_status (objective, number);
CREATE UNIQUE INDEX objective_status_of ON objective_status (objective, id);
ALTER TABLE objective_status ADD CONSTRAINT objective_status_leaves_no_gap
    FOREIGN KEY (objective, follows)
    REFERENCES objective_status (objective, number) ON DELETE RESTRICT;
CREATE INDEX objective_status_person ON objective_status (person);

CREATE TABLE objective_dissent (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    status uuid NOT NULL,
    number integer NOT NULL
        CONSTRAINT objective_dissent_counts CHECK (number >= 1),
    text text NOT NULL CONSTRAINT objective_dissent_has_text CHECK (text <> ''),
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    lodged_at timestamptz NOT NULL,
    CONSTRAINT objective_dissent_is_from_its_own FOREIGN KEY (objective, status)
        REFERENCES objective_status (objective, id) ON DELETE RESTRICT
);
COMMENT ON TABLE objective_dissent IS
    'append-only: the greatest number of an organisation and status stands';
CREATE UNIQUE INDEX objective_dissent_once
    ON objective_dissent (organisation, status, number);
CREATE INDEX objective_dissent_status ON objective_dissent (objective, status);
CREATE INDEX objective_dissent_person ON objective_dissent (person);
"""

KEPT = (
    "objective_progress_version", "objective_reading", "objective_status",
    "objective_dissent",
)  # fmt: skip
ALL = ("objective_milestone", "objective_indicator", *KEPT)
SEEN = "EXISTS (SELECT FROM objective_party p WHERE p.objective = {}.objective)"


def _closed(table: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({SEEN.format(table)})"
        f" WITH CHECK ({SEEN.format(table)});"
    )


def _only_grows(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE"
        f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )


KINDS = (
    "'agreement_wanted', 'objective_agreed', 'objective_changed',"
    " 'objective_sent_back', 'objective_disputed', 'dispute_settled',"
    " 'objective_withdrawn', 'contribution_declined', 'contribution_left',"
    " 'objective_assessed', 'countersignature_wanted', 'recognised',"
    " 'assigned_in_bulk'"
)
NOTICES = """
ALTER TABLE notice DROP CONSTRAINT notice_kind_is_known,
    ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({}));
"""

UP = "\n".join(
    [
        TABLES,
        *map(_closed, ALL),
        *map(_only_grows, KEPT),
        NOTICES.format(f"{KINDS}, 'dissent_lodged'"),
    ]
)

FORGOTTEN = """
ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
DELETE FROM outbox o USING notice n
    WHERE n.kind = 'dissent_lodged' AND o.payload ->> 'notice' = n.id::text;
DELETE FROM notice WHERE kind = 'dissent_lodged';
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
"""

TABLES_GONE = """
DROP TABLE objective_dissent, objective_status, objective_reading,
    objective_progress_version, objective_indicator, objective_milestone;
"""

DOWN = "\n".join([FORGOTTEN, NOTICES.format(KINDS), TABLES_GONE])
