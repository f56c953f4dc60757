"""A signature beside each published score, and keys that sign nothing else.

A signature stands for a row as it was served, so the database throws it away whenever
the row gets another version or its person another id in the HR system; the next reader
signs again. `signed_as` says what rows looked like then: who the issuer was and which
fields there were.

What is published still changes only as its next version: a signature says nothing new,
and is the one thing that may come or go within a version.

Keys have no dates: the one with the highest number signs, an earlier one has lost its
private part, and none is ever deleted, as a row may be checked for as long as somebody
holds it.
"""

CHANGED = (
    "NEW.version < OLD.version OR (NEW.version = OLD.version"
    " AND to_jsonb(NEW) - '{signature,signed_as}'::text[]"
    " <> to_jsonb(OLD) - '{signature,signed_as}'::text[])"
)


def _published_once(changed: str) -> str:
    """Return the rule of m0007, with what it takes for a change of the row."""
    return f"""
CREATE OR REPLACE FUNCTION score_published_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR {changed}
        OR NEW.published_at IS NULL OR NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'score % is published: it changes only as a new version', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'score_published_once';
    END IF;
    RETURN NEW;
END $$;
"""


UP = """
CREATE TABLE row_key (
    kid varchar(64) PRIMARY KEY,
    number integer NOT NULL CONSTRAINT row_key_number_counts CHECK (number > 0)
        CONSTRAINT row_key_number_once UNIQUE,
    sealed bytea,
    public jsonb NOT NULL CONSTRAINT row_key_public_is_public CHECK (NOT public ? 'd')
);
CREATE TRIGGER row_key_stays BEFORE DELETE OR TRUNCATE
    ON row_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE score
    ADD COLUMN signature text,
    ADD COLUMN signed_as text,
    ADD CONSTRAINT score_signature_says_of_what
        CHECK ((signature IS NULL) = (signed_as IS NULL)),
    ADD CONSTRAINT score_signature_is_of_published
        CHECK (signature IS NULL OR published_at IS NOT NULL);
CREATE INDEX score_signed_as ON score (organisation, signed_as, id)
    WHERE published_at IS NOT NULL;
CREATE FUNCTION score_unsigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.signature := NULL;
    NEW.signed_as := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER score_unsigned BEFORE UPDATE ON score FOR EACH ROW
    WHEN (NEW.version <> OLD.version
        OR NEW.published_at IS DISTINCT FROM OLD.published_at)
    EXECUTE FUNCTION score_unsigned();
CREATE FUNCTION score_unsigned_by_identifier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE score SET signature = NULL, signed_as = NULL
    WHERE organisation = NEW.organisation AND person IN (NEW.person, OLD.person)
        AND published_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER score_unsigned_by_identifier AFTER INSERT OR UPDATE
    ON person_identifier FOR EACH ROW EXECUTE FUNCTION score_unsigned_by_identifier();
""" + _published_once(CHANGED)  # noqa: S608 - our own

DOWN = """
DROP TRIGGER score_unsigned_by_identifier ON person_identifier;
DROP TRIGGER score_unsigned ON score;
DROP FUNCTION score_unsigned_by_identifier, score_unsigned;
DROP INDEX score_signed_as;
ALTER TABLE score DROP COLUMN signature, DROP COLUMN signed_as;
DROP TABLE row_key;
""" + _published_once("NEW.version <= OLD.version")
