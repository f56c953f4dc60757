"""Objectives shared by departments, their parties, contributions and agreements.

`objective_party` begins with the organisation: it is the key by which each department
sees what several own. That shares sum to 100 is held by a deferred trigger, since no
CHECK can sum over rows.
"""

UP = """
CREATE TABLE shared_objective (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    record uuid NOT NULL REFERENCES appraisal_record ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    cycle uuid NOT NULL REFERENCES cycle ON DELETE RESTRICT,
    title varchar(200) NOT NULL CONSTRAINT shared_objective_has_title
        CHECK (title <> ''),
    outcome text NOT NULL,
    measures text NOT NULL,
    ownership_model varchar(40) NOT NULL
        CONSTRAINT shared_objective_ownership_is_known CHECK (ownership_model IN (
            'planning_separately', 'voluntary_coordination', 'shared_responsibility',
            'collective_accountability', 'semi_structural', 'structural')),
    kind varchar(40) NOT NULL CONSTRAINT shared_objective_kind_is_known
        CHECK (kind IN ('delivery_objective', 'minimum_standard')),
    accountable_owner uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    priority_scheme varchar(60),
    priority_code varchar(60),
    stage varchar(20) NOT NULL CONSTRAINT shared_objective_stage_is_known
        CHECK (stage IN ('draft', 'proposed', 'agreed')),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT shared_objective_priority_is_whole
        CHECK ((priority_scheme IS NULL) = (priority_code IS NULL))
);
CREATE INDEX shared_objective_organisation
    ON shared_objective (organisation, cycle, id);
CREATE INDEX shared_objective_record ON shared_objective (record);
CREATE INDEX shared_objective_person ON shared_objective (person);
CREATE INDEX shared_objective_cycle ON shared_objective (cycle);
CREATE INDEX shared_objective_owner ON shared_objective (accountable_owner);

CREATE TABLE objective_party (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    id uuid PRIMARY KEY
);
CREATE UNIQUE INDEX objective_party_once ON objective_party (organisation, objective);
CREATE INDEX objective_party_objective ON objective_party (objective);

CREATE TABLE contribution (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    role varchar(20) NOT NULL CONSTRAINT contribution_role_is_known
        CHECK (role IN ('lead', 'major', 'supporting')),
    share integer NOT NULL CONSTRAINT contribution_share_is_a_percentage
        CHECK (share BETWEEN 1 AND 100),
    commitment text NOT NULL,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT
);
CREATE UNIQUE INDEX contribution_one_a_person ON contribution (objective, person);
CREATE UNIQUE INDEX contribution_one_lead ON contribution (objective)
    WHERE role = 'lead';
CREATE INDEX contribution_organisation ON contribution (organisation, objective);
CREATE INDEX contribution_person ON contribution (person);

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

CREATE TABLE objective_agreement (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    objective_version integer NOT NULL,
    capacity varchar(30) NOT NULL
        CONSTRAINT objective_agreement_capacity_is_known CHECK (capacity IN (
            'subject', 'line_manager', 'contributor_manager')),
    contribution uuid REFERENCES contribution ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    comment text NOT NULL,
    agreed_at timestamptz NOT NULL,
    CONSTRAINT objective_agreement_names_contribution
        CHECK ((capacity = 'contributor_manager') = (contribution IS NOT NULL))
);
COMMENT ON TABLE objective_agreement IS 'append-only: who agreed to what';
CREATE UNIQUE INDEX objective_agreement_once ON objective_agreement
    (objective, objective_version, capacity, contribution) NULLS NOT DISTINCT;
CREATE INDEX objective_agreement_contribution ON objective_agreement (contribution);
CREATE INDEX objective_agreement_person ON objective_agreement (person);
CREATE TRIGGER objective_agreement_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON objective_agreement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

DOWN = """
DROP TABLE objective_agreement, contribution, objective_party, shared_objective;
DROP FUNCTION contribution_shares_are_whole;
"""
