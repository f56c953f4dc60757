"""The whole life of an objective: versions, owners, values, disputes, every step.

A version is one statement of what was to be agreed, kept whole and never changed;
`terms` names the last that changed something material, and an agreement counts from
there on. `revision` counts every change, so that nobody overwrites what they have not
read. Who has moved to another organisation, and contributes for that now, has two
contributions: one that they left, and one that counts. What makes it whole is held by
m0020_objective_whole.
"""

STAGES = (
    "'draft', 'proposed', 'sent_back', 'disputed', 'agreed', 'assessed', 'closed',"
    " 'withdrawn'"
)
CAPACITIES = "'subject', 'line_manager', 'contributor_manager', 'functional_manager'"
SHARED = (
    "objective_owner", "objective_value", "objective_version", "objective_step",
    "objective_dispute",
)  # fmt: skip
APPEND_ONLY = ("objective_version", "objective_step")


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


SEEN = "EXISTS (SELECT FROM objective_party p WHERE p.objective = {}.objective)"

OLD = ("shared_objective", "contribution", "objective_agreement", "objective_party")


def _forced(force: str) -> str:
    """Let the owner see the rows of old tables while it rewrites them, or not."""
    return "".join(f"ALTER TABLE {t} {force} ROW LEVEL SECURITY;" for t in OLD)


TABLES = f"""
DROP TRIGGER contribution_shares_are_whole ON contribution;
DROP FUNCTION contribution_shares_are_whole;
ALTER TABLE shared_objective
    ADD COLUMN terms integer,
    ADD COLUMN revision integer NOT NULL DEFAULT 1,
    ADD COLUMN element varchar(60),
    ADD COLUMN weight integer,
    ADD COLUMN standard varchar(60),
    ADD COLUMN parent uuid REFERENCES shared_objective ON DELETE RESTRICT,
    ADD COLUMN ends_on date,
    ADD COLUMN lineage uuid,
    ADD COLUMN previous uuid REFERENCES shared_objective ON DELETE RESTRICT,
    ADD COLUMN template uuid,
    ADD COLUMN shared_at timestamptz,
    ADD CONSTRAINT shared_objective_weight_is_a_percentage
        CHECK (weight BETWEEN 1 AND 100),
    ADD CONSTRAINT shared_objective_standard_is_a_standard
        CHECK (standard IS NULL OR kind = 'minimum_standard'),
    ADD CONSTRAINT shared_objective_standard_has_no_weight
        CHECK (weight IS NULL OR kind = 'delivery_objective'),
    ADD CONSTRAINT shared_objective_ends_on_can_be_kept
        CHECK (ends_on BETWEEN '1900-01-01' AND '2999-12-31'),
    ADD CONSTRAINT shared_objective_is_not_its_parent CHECK (parent <> id),
    DROP CONSTRAINT shared_objective_stage_is_known,
    ADD CONSTRAINT shared_objective_stage_is_known CHECK (stage IN ({STAGES}));
UPDATE shared_objective SET terms = version, lineage = id,
    shared_at = CASE WHEN stage <> 'draft' THEN created_at END;
ALTER TABLE shared_objective
    ALTER COLUMN revision DROP DEFAULT,
    ALTER COLUMN terms SET NOT NULL,
    ALTER COLUMN lineage SET NOT NULL;
CREATE INDEX shared_objective_parent ON shared_objective (parent);
CREATE INDEX shared_objective_lineage ON shared_objective (lineage);
CREATE UNIQUE INDEX shared_objective_follows_once ON shared_objective (previous)
    WHERE stage <> 'withdrawn';
-- Whether a feed was told last that an objective is there, or that it is gone.
CREATE INDEX change_log_entity ON change_log (organisation, entity);
CREATE TABLE alignment_lock (
    one boolean PRIMARY KEY CONSTRAINT alignment_lock_is_one CHECK (one)
);
INSERT INTO alignment_lock VALUES (true);

ALTER TABLE contribution
    ADD COLUMN state varchar(20) NOT NULL DEFAULT 'invited'
        CONSTRAINT contribution_state_is_known CHECK (state IN (
            'invited', 'accepted', 'disputed', 'declined', 'left'));
UPDATE contribution c SET state = 'accepted'
    WHERE EXISTS (SELECT FROM objective_agreement a
        WHERE a.objective = c.objective AND (a.contribution = c.id
            OR (c.role = 'lead' AND a.capacity = 'line_manager')));
ALTER TABLE contribution ALTER COLUMN state DROP DEFAULT;
DROP INDEX contribution_one_a_person, contribution_one_lead;
CREATE UNIQUE INDEX contribution_once
    ON contribution (organisation, objective, person);
CREATE UNIQUE INDEX contribution_one_a_person ON contribution (objective, person)
    WHERE state NOT IN ('declined', 'left');
CREATE UNIQUE INDEX contribution_one_lead ON contribution (objective)
    WHERE role = 'lead' AND state NOT IN ('declined', 'left');

CREATE TABLE objective_owner (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    number integer NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT
);
COMMENT ON COLUMN objective_owner.number IS
    'one owner: two people who share a job have the same';
CREATE UNIQUE INDEX objective_owner_once ON objective_owner (objective, person);
CREATE INDEX objective_owner_organisation ON objective_owner (organisation, objective);
CREATE INDEX objective_owner_person ON objective_owner (person);
INSERT INTO objective_owner (organisation, id, objective, number, person)
    SELECT coalesce((SELECT c.organisation FROM contribution c
            WHERE c.objective = o.id AND c.person = o.accountable_owner),
        o.organisation), gen_random_uuid(), o.id, 1, o.accountable_owner
    FROM shared_objective o;
ALTER TABLE shared_objective DROP COLUMN accountable_owner;

CREATE TABLE objective_value (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    puts_in text NOT NULL,
    money_in numeric(14, 2) CONSTRAINT objective_value_money_in CHECK (money_in >= 0),
    people_in numeric(8, 2)
        CONSTRAINT objective_value_people_in CHECK (people_in >= 0),
    days_in integer CONSTRAINT objective_value_days_in CHECK (days_in >= 0),
    gains text NOT NULL,
    money_out numeric(14, 2),
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX objective_value_once ON objective_value (organisation, objective);
CREATE INDEX objective_value_objective ON objective_value (objective);

CREATE TABLE objective_version (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    version integer NOT NULL,
    content jsonb NOT NULL,
    digest varchar(64) NOT NULL,
    actor varchar(200) NOT NULL,
    person uuid REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE objective_version IS 'append-only: what was to be agreed, whole';
CREATE UNIQUE INDEX objective_version_once ON objective_version (objective, version);
CREATE INDEX objective_version_person ON objective_version (person);

CREATE TABLE objective_step (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    revision integer NOT NULL,
    version integer NOT NULL,
    step varchar(20) NOT NULL,
    contribution uuid REFERENCES contribution ON DELETE RESTRICT,
    was varchar(20),
    became varchar(20) NOT NULL,
    actor varchar(200) NOT NULL,
    person uuid REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE objective_step IS 'append-only: who moved what on, and why';
CREATE INDEX objective_step_objective ON objective_step (objective, revision);
CREATE INDEX objective_step_contribution ON objective_step (contribution);
CREATE INDEX objective_step_person ON objective_step (person);

ALTER TABLE objective_agreement
    ADD COLUMN digest varchar(64),
    DROP CONSTRAINT objective_agreement_capacity_is_known,
    ADD CONSTRAINT objective_agreement_capacity_is_known
        CHECK (capacity IN ({CAPACITIES})),
    DROP CONSTRAINT objective_agreement_names_contribution,
    ADD CONSTRAINT objective_agreement_names_contribution CHECK (
        (capacity IN ('contributor_manager', 'functional_manager'))
        = (contribution IS NOT NULL));

CREATE TABLE objective_dispute (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    version integer NOT NULL,
    contribution uuid REFERENCES contribution ON DELETE RESTRICT,
    capacity varchar(30) NOT NULL CONSTRAINT objective_dispute_capacity_is_known
        CHECK (capacity IN ({CAPACITIES})),
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    reason text NOT NULL CONSTRAINT objective_dispute_has_reason CHECK (reason <> ''),
    raised_at timestamptz NOT NULL,
    outcome varchar(20) CONSTRAINT objective_dispute_outcome_is_known
        CHECK (outcome IN ('changed', 'kept', 'dropped')),
    reply text,
    settled_by uuid REFERENCES person ON DELETE RESTRICT,
    settled_at timestamptz,
    CONSTRAINT objective_dispute_is_settled_whole
        CHECK ((outcome IS NULL) = (settled_at IS NULL)
            AND (outcome IS NULL) = (reply IS NULL))
);
CREATE UNIQUE INDEX objective_dispute_one_open
    ON objective_dispute (objective, capacity, contribution) NULLS NOT DISTINCT
    WHERE outcome IS NULL;
CREATE INDEX objective_dispute_objective ON objective_dispute (objective);
CREATE INDEX objective_dispute_contribution ON objective_dispute (contribution);
CREATE INDEX objective_dispute_person ON objective_dispute (person);
CREATE INDEX objective_dispute_settled_by ON objective_dispute (settled_by);
"""  # noqa: S608 - our own words alone

UP = "\n".join(
    [
        _forced("NO FORCE"),
        TABLES,
        _forced("FORCE"),
        *map(_closed, SHARED),
        *map(_only_grows, APPEND_ONLY),
    ]
)

BEFORE = """
DROP INDEX change_log_entity;
ALTER TABLE shared_objective ADD COLUMN accountable_owner uuid
    REFERENCES person ON DELETE RESTRICT;
UPDATE shared_objective o SET accountable_owner = coalesce((
        SELECT w.person FROM objective_owner w WHERE w.objective = o.id
        ORDER BY w.number, w.id LIMIT 1), o.person),
    stage = CASE WHEN stage IN ('assessed', 'closed') THEN 'agreed'
        WHEN stage IN ('sent_back', 'disputed', 'withdrawn') THEN 'draft'
        ELSE stage END;
ALTER TABLE shared_objective
    ALTER COLUMN accountable_owner SET NOT NULL,
    DROP CONSTRAINT shared_objective_stage_is_known,
    ADD CONSTRAINT shared_objective_stage_is_known
        CHECK (stage IN ('draft', 'proposed', 'agreed')),
    DROP COLUMN terms, DROP COLUMN revision, DROP COLUMN element, DROP COLUMN weight,
    DROP COLUMN standard, DROP COLUMN parent, DROP COLUMN ends_on,
    DROP COLUMN lineage, DROP COLUMN previous, DROP COLUMN template,
    DROP COLUMN shared_at;
CREATE INDEX shared_objective_owner ON shared_objective (accountable_owner);
DROP TABLE objective_dispute, objective_step, objective_version, objective_value,
    objective_owner, alignment_lock;
ALTER TABLE objective_agreement DISABLE TRIGGER objective_agreement_only_grows;
DELETE FROM objective_agreement a USING contribution c WHERE c.id = a.contribution
    AND (a.capacity = 'functional_manager' OR c.state IN ('declined', 'left'));
ALTER TABLE objective_agreement ENABLE TRIGGER objective_agreement_only_grows;
DELETE FROM contribution WHERE state IN ('declined', 'left');
DROP INDEX contribution_once, contribution_one_a_person, contribution_one_lead;
CREATE UNIQUE INDEX contribution_one_a_person ON contribution (objective, person);
CREATE UNIQUE INDEX contribution_one_lead ON contribution (objective)
    WHERE role = 'lead';
ALTER TABLE contribution DROP COLUMN state;
ALTER TABLE objective_agreement
    DROP COLUMN digest,
    DROP CONSTRAINT objective_agreement_capacity_is_known,
    ADD CONSTRAINT objective_agreement_capacity_is_known CHECK (capacity IN (
        'subject', 'line_manager', 'contributor_manager')),
    DROP CONSTRAINT objective_agreement_names_contribution,
    ADD CONSTRAINT objective_agreement_names_contribution
        CHECK ((capacity = 'contributor_manager') = (contribution IS NOT NULL));
CREATE FUNCTION contribution_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one uuid;
    total bigint;
BEGIN
    FOREACH one IN ARRAY array_remove(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.objective END,
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.objective END], NULL)
    LOOP
        SELECT coalesce(sum(share), 0) INTO total FROM contribution
            WHERE objective = one;
        IF total <> 100 THEN
            RAISE EXCEPTION 'shares of objective % sum to %', one, total
                USING ERRCODE = '23514', CONSTRAINT = 'contribution_shares_are_whole';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER contribution_shares_are_whole
    AFTER INSERT OR UPDATE OR DELETE ON contribution
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION contribution_shares_are_whole();
"""

DOWN = "\n".join([_forced("NO FORCE"), BEFORE, _forced("FORCE")])
