"""A published score holds what the HR system knows its person by, and tells of a change.

Read from the directory, a row changed within its version: who followed the feed held an
id that was the person's no more, and of two ids that were open at once chance served
one and signed another. So the id is written down where the score is published. When the
feed is told of a person whose id is another one by now, their scores have a next
version, and the feed is told of those in the same transaction: by the database, as the
directory knows of no scores.

An id that HR has closed stays until there is another: a score outlives an employment.
"""

WALLED = ("score", "person_identifier", "appraisal_record")


def _walls(how: str) -> str:
    return "".join(f"ALTER TABLE {t} {how} ROW LEVEL SECURITY;" for t in WALLED)


FILL = f"""
{_walls("NO FORCE")}
ALTER TABLE score DISABLE TRIGGER score_published_once;
UPDATE score SET known_as = score_known_as(organisation, person, record)
    WHERE published_at IS NOT NULL;
ALTER TABLE score ENABLE TRIGGER score_published_once;
{_walls("FORCE")}
"""  # noqa: S608 - our own

UP = f"""
ALTER TABLE score ADD COLUMN known_as varchar(120),
    ADD CONSTRAINT score_known_as_is_of_published
        CHECK (known_as IS NULL OR published_at IS NOT NULL);
CREATE FUNCTION score_known_as(organisation_ text, person_ uuid, record_ uuid)
    RETURNS varchar LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.external_id FROM public.person_identifier p
    JOIN public.appraisal_record r ON r.id = record_ AND r.source = p.source
    WHERE p.organisation = organisation_ AND p.person = person_
    ORDER BY p.valid_to DESC NULLS FIRST, p.valid_from DESC, p.external_id, p.id LIMIT 1
$$;
COMMENT ON FUNCTION score_known_as IS 'the id in the HR system that a record is of';
{FILL}
CREATE FUNCTION score_published_as() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR OLD.published_at IS NULL THEN
        NEW.known_as := score_known_as(NEW.organisation, NEW.person, NEW.record);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_published_as BEFORE INSERT OR UPDATE ON score
    FOR EACH ROW WHEN (NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION score_published_as();

CREATE FUNCTION score_known_otherwise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM told WHERE stream = 'people' LIMIT 1;
    IF NOT FOUND THEN  -- What is told below comes here, too.
        RETURN NULL;
    END IF;
    WITH known AS (
        SELECT s.id, t.changed_at,
            score_known_as(s.organisation, s.person, s.record) AS known_as
        FROM told t JOIN score s
            ON s.organisation = t.organisation AND s.person = t.entity
        WHERE t.stream = 'people' AND s.published_at IS NOT NULL),
    otherwise AS (
        UPDATE score s SET known_as = known.known_as, version = s.version + 1,
            changed_at = greatest(s.changed_at, known.changed_at)
        FROM known
        WHERE s.id = known.id AND s.known_as IS DISTINCT FROM known.known_as
        RETURNING s.organisation, s.id, s.version, known.changed_at)
    INSERT INTO change_log (organisation, stream, type, entity, version, op, changed_at)
        SELECT organisation, 'scores', 'score', id, version, 'upsert', changed_at
        FROM otherwise ORDER BY organisation, id;
    RETURN NULL;
END $$;
CREATE TRIGGER change_log_known_otherwise AFTER INSERT ON change_log
    REFERENCING NEW TABLE AS told
    FOR EACH STATEMENT EXECUTE FUNCTION score_known_otherwise();

DROP TRIGGER score_unsigned_by_identifier ON person_identifier;
DROP FUNCTION score_unsigned_by_identifier;
"""  # noqa: S608 - our own

DOWN = """
DROP TRIGGER change_log_known_otherwise ON change_log;
DROP TRIGGER score_published_as ON score;
DROP FUNCTION score_known_otherwise, score_published_as, score_known_as;
ALTER TABLE score DROP COLUMN known_as;
CREATE FUNCTION score_unsigned_by_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE score SET signature = NULL, signed_as = NULL
    WHERE organisation = NEW.organisation AND person IN (NEW.person, OLD.person)
        AND published_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER score_unsigned_by_identifier AFTER INSERT OR UPDATE
    ON person_identifier FOR EACH ROW EXECUTE FUNCTION score_unsigned_by_identifier();
"""
