"""How far objectives were attained, who countersigned it, and who thanked whom.

Nobody rates alone. A row keeps who took part when the outcome was assessed, and who is
thanked, written by the database itself: so a plain CHECK can hold assessor, partner
manager and those who take part to be different people, whoever inserts it. What was
said is never changed; an outcome is answered once, and one of them stands. The
functions name where they look, so that no temporary table can stand in for a real one.
"""

ATTAINMENTS = "'not_met', 'partly_met', 'met', 'exceeded', 'far_exceeded'"
SEEN = "EXISTS (SELECT FROM objective_party p WHERE p.objective = {}.objective)"
TABLES = ("objective_assessment", "contribution_assessment", "objective_recognition")


def _closed(table: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({SEEN.format(table)})"
        f" WITH CHECK ({SEEN.format(table)});"
    )


OUTCOMES = f"""
CREATE TABLE objective_assessment (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    number integer NOT NULL,
    version integer NOT NULL,
    attainment varchar(20) NOT NULL CONSTRAINT objective_assessment_attainment_is_known
        CHECK (attainment IN ({ATTAINMENTS})),
    reasons text NOT NULL
        CONSTRAINT objective_assessment_has_reasons CHECK (reasons <> ''),
    evidence jsonb NOT NULL CONSTRAINT objective_assessment_evidence_is_a_list
        CHECK (jsonb_typeof(evidence) = 'array'),
    taking_part uuid[] NOT NULL,
    assessor uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    works_in varchar(40) NOT NULL,
    assessed_at timestamptz NOT NULL,
    verdict varchar(20) CONSTRAINT objective_assessment_verdict_is_known
        CHECK (verdict IN ('countersigned', 'objected')),
    partner uuid REFERENCES person ON DELETE RESTRICT,
    partner_organisation varchar(40),
    partner_works_in varchar(40),
    comment text,
    answered_at timestamptz,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT,
    FOREIGN KEY (partner_organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT,
    CONSTRAINT objective_assessment_assessor_takes_no_part
        CHECK (assessor <> ALL (taking_part)),
    CONSTRAINT objective_assessment_partner_takes_no_part
        CHECK (partner <> ALL (taking_part)),
    CONSTRAINT objective_assessment_is_of_two
        CHECK (partner <> assessor AND partner_organisation <> organisation
            AND partner_organisation <> works_in
            AND partner_works_in <> organisation AND partner_works_in <> works_in),
    CONSTRAINT objective_assessment_is_answered_whole
        CHECK (num_nulls(verdict, partner, partner_organisation, partner_works_in,
            comment, answered_at) IN (0, 6)),
    CONSTRAINT objective_assessment_objection_has_reason
        CHECK (verdict <> 'objected' OR comment <> '')
);
COMMENT ON COLUMN objective_assessment.taking_part IS
    'subject, owners and contributors that day; written by a trigger';
CREATE UNIQUE INDEX objective_assessment_numbered
    ON objective_assessment (objective, number);
CREATE UNIQUE INDEX objective_assessment_one_waits
    ON objective_assessment (objective, version) WHERE verdict IS NULL;
CREATE UNIQUE INDEX objective_assessment_one_stands
    ON objective_assessment (objective) WHERE verdict = 'countersigned';
CREATE INDEX objective_assessment_organisation
    ON objective_assessment (organisation, objective);
CREATE INDEX objective_assessment_partner_organisation
    ON objective_assessment (partner_organisation, objective);
CREATE INDEX objective_assessment_assessor ON objective_assessment (assessor);
CREATE INDEX objective_assessment_partner ON objective_assessment (partner);
"""

OUTCOME_KEEPS = """
CREATE FUNCTION objective_assessment_knows_who() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.taking_part := ARRAY(
        SELECT person FROM shared_objective WHERE id = NEW.objective
        UNION SELECT person FROM objective_owner WHERE objective = NEW.objective
        UNION SELECT person FROM contribution WHERE objective = NEW.objective
            AND state NOT IN ('declined', 'left'));
    RETURN NEW;
END $$;
CREATE TRIGGER objective_assessment_knows_who BEFORE INSERT ON objective_assessment
    FOR EACH ROW EXECUTE FUNCTION objective_assessment_knows_who();
CREATE FUNCTION objective_assessment_answered_once() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    answer text[] := ARRAY['verdict', 'partner', 'partner_organisation',
        'partner_works_in', 'comment', 'answered_at'];
BEGIN
    IF OLD.verdict IS NOT NULL OR to_jsonb(NEW) - answer <> to_jsonb(OLD) - answer THEN
        RAISE EXCEPTION 'assessment % is answered once, and never changed', OLD.id
            USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER objective_assessment_answered_once BEFORE UPDATE ON objective_assessment
    FOR EACH ROW EXECUTE FUNCTION objective_assessment_answered_once();
CREATE TRIGGER objective_assessment_only_grows BEFORE DELETE OR TRUNCATE
    ON objective_assessment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

CONTRIBUTIONS = f"""
CREATE TABLE contribution_assessment (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    contribution uuid NOT NULL REFERENCES contribution ON DELETE RESTRICT,
    contributor uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    number integer NOT NULL,
    version integer NOT NULL,
    attainment varchar(20) NOT NULL
        CONSTRAINT contribution_assessment_attainment_is_known
            CHECK (attainment IN ({ATTAINMENTS})),
    reasons text NOT NULL
        CONSTRAINT contribution_assessment_has_reasons CHECK (reasons <> ''),
    evidence jsonb NOT NULL CONSTRAINT contribution_assessment_evidence_is_a_list
        CHECK (jsonb_typeof(evidence) = 'array'),
    episodes jsonb NOT NULL CONSTRAINT contribution_assessment_episodes_are_a_list
        CHECK (jsonb_typeof(episodes) = 'array'),
    exposure_days integer NOT NULL
        CONSTRAINT contribution_assessment_exposure CHECK (exposure_days >= 0),
    assessor uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    works_in varchar(40) NOT NULL,
    assessed_at timestamptz NOT NULL,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT,
    CONSTRAINT contribution_assessment_assessor_is_another
        CHECK (assessor <> contributor)
);
COMMENT ON TABLE contribution_assessment IS 'append-only: the newest is the current';
CREATE UNIQUE INDEX contribution_assessment_numbered
    ON contribution_assessment (organisation, contribution, number);
CREATE INDEX contribution_assessment_objective
    ON contribution_assessment (objective, number);
CREATE INDEX contribution_assessment_organisation
    ON contribution_assessment (organisation, objective);
CREATE INDEX contribution_assessment_contribution
    ON contribution_assessment (contribution);
CREATE INDEX contribution_assessment_contributor
    ON contribution_assessment (contributor);
CREATE INDEX contribution_assessment_assessor ON contribution_assessment (assessor);
CREATE TRIGGER contribution_assessment_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON contribution_assessment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

STANDARDS = """
CREATE FUNCTION assessment_of_standard_is_met_or_not() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.attainment NOT IN ('met', 'not_met') AND EXISTS (SELECT FROM shared_objective
        WHERE id = NEW.objective AND kind = 'minimum_standard') THEN
        RAISE EXCEPTION 'a minimum standard is met or not met'
            USING ERRCODE = '23514', CONSTRAINT = 'assessment_of_standard';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER objective_assessment_of_standard BEFORE INSERT ON objective_assessment
    FOR EACH ROW EXECUTE FUNCTION assessment_of_standard_is_met_or_not();
CREATE TRIGGER contribution_assessment_of_standard
    BEFORE INSERT ON contribution_assessment
    FOR EACH ROW EXECUTE FUNCTION assessment_of_standard_is_met_or_not();
"""

THANKS = """
CREATE TABLE objective_recognition (
    organisation varchar(40) NOT NULL,
    id uuid PRIMARY KEY,
    objective uuid NOT NULL REFERENCES shared_objective ON DELETE RESTRICT,
    contribution uuid NOT NULL REFERENCES contribution ON DELETE RESTRICT,
    contributor uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    contributor_organisation varchar(40) NOT NULL,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    works_in varchar(40) NOT NULL,
    text text NOT NULL CONSTRAINT objective_recognition_has_text
        CHECK (length(text) BETWEEN 1 AND 1000),
    quarter date NOT NULL,
    given_at timestamptz NOT NULL,
    FOREIGN KEY (organisation, objective)
        REFERENCES objective_party (organisation, objective) ON DELETE RESTRICT,
    CONSTRAINT objective_recognition_is_of_another_organisation
        CHECK (organisation <> contributor_organisation
            AND works_in <> contributor_organisation),
    CONSTRAINT objective_recognition_is_of_another CHECK (person <> contributor)
);
COMMENT ON TABLE objective_recognition IS 'append-only: who thanked whom';
COMMENT ON COLUMN objective_recognition.quarter IS
    'first day of the quarter of the appraisal year, in London';
CREATE UNIQUE INDEX objective_recognition_once
    ON objective_recognition (organisation, contribution, quarter);
CREATE INDEX objective_recognition_objective
    ON objective_recognition (objective, given_at);
CREATE INDEX objective_recognition_organisation
    ON objective_recognition (organisation, objective);
CREATE INDEX objective_recognition_contribution
    ON objective_recognition (contribution);
CREATE INDEX objective_recognition_contributor ON objective_recognition (contributor);
CREATE INDEX objective_recognition_person ON objective_recognition (person);
CREATE TRIGGER objective_recognition_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON objective_recognition FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

WHOSE = """
CREATE FUNCTION contribution_assessment_knows_whose() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT person, organisation INTO NEW.contributor, NEW.organisation
        FROM contribution WHERE id = NEW.contribution AND objective = NEW.objective;
    RETURN NEW;
END $$;
CREATE TRIGGER contribution_assessment_knows_whose
    BEFORE INSERT ON contribution_assessment
    FOR EACH ROW EXECUTE FUNCTION contribution_assessment_knows_whose();
CREATE FUNCTION objective_recognition_knows_whose() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT person, organisation INTO NEW.contributor, NEW.contributor_organisation
        FROM contribution WHERE id = NEW.contribution AND objective = NEW.objective;
    RETURN NEW;
END $$;
CREATE TRIGGER objective_recognition_knows_whose BEFORE INSERT ON objective_recognition
    FOR EACH ROW EXECUTE FUNCTION objective_recognition_knows_whose();
"""

KINDS = (
    "'agreement_wanted', 'objective_agreed', 'objective_changed',"
    " 'objective_sent_back', 'objective_disputed', 'dispute_settled',"
    " 'objective_withdrawn', 'contribution_declined', 'contribution_left',"
    " 'objective_assessed', 'countersignature_wanted', 'recognised',"
    " 'assigned_in_bulk', 'dissent_lodged'"
)
NOTICES = """
ALTER TABLE notice DROP CONSTRAINT notice_kind_is_known,
    ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({}));
"""

UP = "\n".join(
    [
        OUTCOMES,
        OUTCOME_KEEPS,
        CONTRIBUTIONS,
        STANDARDS,
        THANKS,
        WHOSE,
        *map(_closed, TABLES),
        NOTICES.format(f"{KINDS}, 'assessment_objected'"),
    ]
)

FORGOTTEN = """
ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
DELETE FROM outbox o USING notice n
    WHERE n.kind = 'assessment_objected' AND o.payload ->> 'notice' = n.id::text;
DELETE FROM notice WHERE kind = 'assessment_objected';
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
"""

GONE = """
DROP TABLE objective_recognition, contribution_assessment, objective_assessment;
DROP FUNCTION objective_recognition_knows_whose, contribution_assessment_knows_whose,
    assessment_of_standard_is_met_or_not, objective_assessment_answered_once,
    objective_assessment_knows_who;
"""

DOWN = "\n".join([FORGOTTEN, NOTICES.format(KINDS), GONE])
