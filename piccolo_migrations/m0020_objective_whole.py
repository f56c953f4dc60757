"""What makes an objective whole, held at commit; and what each said before versions.

Shares that sum to 100 and one owner (two who share a job are one) are held once an
objective has been put to anybody: no CHECK can count over rows. The count locks the
objective, or two who each add to it could both find it whole. It has the owner's
rights, since whoever agrees may reach none of the organisations that are party, and row
security is forced on the owner too: hence a policy of the owner's own.

Objectives from before there were versions get what they say as their version, with the
digest that the service would give it: the same canonical JSON.
"""

COUNTED = ("shared_objective", "contribution", "objective_owner")
READ = ("shared_objective", "contribution", "objective_owner", "objective_version")

WHOLE = """
CREATE FUNCTION objective_is_whole(one uuid) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    put_to_others boolean;
    collective boolean;
    total bigint;
    owners bigint;
BEGIN
    SELECT stage IN ('proposed', 'disputed', 'agreed', 'assessed', 'closed'),
        ownership_model = 'collective_accountability' INTO put_to_others, collective
        FROM public.shared_objective WHERE id = one FOR NO KEY UPDATE;
    IF NOT FOUND OR NOT put_to_others THEN
        RETURN;
    END IF;
    SELECT coalesce(sum(share), 0) INTO total FROM public.contribution
        WHERE objective = one AND state NOT IN ('declined', 'left');
    IF total <> 100 THEN
        RAISE EXCEPTION 'shares of objective % sum to %', one, total
            USING ERRCODE = '23514', CONSTRAINT = 'contribution_shares_are_whole';
    END IF;
    SELECT count(DISTINCT number) INTO owners FROM public.objective_owner
        WHERE objective = one;
    IF owners = 0 OR owners > 1 AND NOT collective THEN
        RAISE EXCEPTION 'objective % has % accountable owners', one, owners
            USING ERRCODE = '23514', CONSTRAINT = 'objective_has_one_owner';
    END IF;
END $$;
CREATE FUNCTION objective_part_is_whole() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM public.objective_is_whole(OLD.objective);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM public.objective_is_whole(NEW.objective);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION objective_itself_is_whole() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.objective_is_whole(NEW.id);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION objective_is_whole, objective_part_is_whole,
    objective_itself_is_whole FROM PUBLIC;
CREATE CONSTRAINT TRIGGER contribution_shares_are_whole
    AFTER INSERT OR UPDATE OR DELETE ON contribution
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION objective_part_is_whole();
CREATE CONSTRAINT TRIGGER objective_has_one_owner
    AFTER INSERT OR UPDATE OR DELETE ON objective_owner
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION objective_part_is_whole();
CREATE CONSTRAINT TRIGGER shared_objective_is_whole
    AFTER INSERT OR UPDATE OF stage, ownership_model ON shared_objective
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION objective_itself_is_whole();
"""

FIRST_VERSIONS = """
CREATE OR REPLACE FUNCTION pg_temp.said(name text, value text) RETURNS text LANGUAGE sql AS $$
    SELECT to_json(name)::text || ':' || coalesce(to_json(value)::text, 'null')
$$;
INSERT INTO objective_version (organisation, id, objective, version, content, digest,
    actor, reason, at)
SELECT o.organisation, gen_random_uuid(), o.id, o.version, said.text::jsonb,
    encode(sha256(convert_to(said.text, 'UTF8')), 'hex'), 'operator:migration', '',
    o.created_at
FROM shared_objective o, LATERAL (SELECT '{' || concat_ws(',',
    '"contributions":[' || (SELECT string_agg('{' || concat_ws(',',
            pg_temp.said('commitment', c.commitment),
            pg_temp.said('organisation', c.organisation),
            pg_temp.said('person', c.person::text),
            pg_temp.said('role', c.role),
            '"share":' || c.share) || '}',
            ',' ORDER BY c.organisation COLLATE "C", c.person)
        FROM contribution c WHERE c.objective = o.id) || ']',
    '"element":null', '"ends_on":null',
    pg_temp.said('kind', o.kind),
    pg_temp.said('measures', o.measures),
    pg_temp.said('outcome', o.outcome),
    '"owners":[[' || (SELECT to_json(w.person)::text FROM objective_owner w
        WHERE w.objective = o.id) || ']]',
    pg_temp.said('ownership_model', o.ownership_model),
    '"parent":null',
    '"priority":' || CASE WHEN o.priority_scheme IS NULL THEN 'null' ELSE '{'
        || pg_temp.said('code', o.priority_code) || ','
        || pg_temp.said('scheme', o.priority_scheme) || '}' END,
    '"standard":null',
    pg_temp.said('title', o.title),
    '"value_map":[]', '"weight":null') || '}' AS text) said
WHERE NOT EXISTS (SELECT FROM objective_version v WHERE v.objective = o.id);
"""

UP = "\n".join(
    [
        *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;" for table in READ),
        FIRST_VERSIONS,
        *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" for table in READ),
        *(
            f"CREATE POLICY whole ON {table} TO CURRENT_USER"
            " USING (true) WITH CHECK (true);"
            for table in COUNTED
        ),
        WHOLE,
    ]
)

DOWN = """
DROP TRIGGER shared_objective_is_whole ON shared_objective;
DROP TRIGGER objective_has_one_owner ON objective_owner;
DROP TRIGGER contribution_shares_are_whole ON contribution;
DROP FUNCTION objective_itself_is_whole, objective_part_is_whole, objective_is_whole;
""" + "\n".join(f"DROP POLICY whole ON {table};" for table in COUNTED)
