"""Finding partners: a row of search for each posting, and who may change who is found.

`person_search` repeats what is true elsewhere, in the shape in which it is looked for.
Triggers on the tables it is drawn from keep it, each once a statement, so that whoever
writes there need not know of it; a person's row is locked first, or two who change the
same person at once would each miss what the other wrote. Misspellings are found by
trigrams (`pg_trgm`, a trusted extension: the owner of the database may create it),
words by PostgreSQL's English stems and as they are spelt, for Welsh has no stems.

The titles of shared objectives are for their parties: what a person works on stands in
rows of its own, one for each party (`seen_by`), beside the row that everybody may find.
What waits to be sorted into an index is read whole by each search: 256 kB at most.
`objective` refers to no table: objectives are of a room above the directory.
"""

VISIBLE = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)
FOLLOWED = {
    "posting": "person_search_follows",
    "person_details": "person_search_follows",
    "person_topic": "person_search_follows",
    "organisation_name": "person_search_follows_name",
}
ROWS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _closed(table: str) -> str:
    of_own = f"organisation::text = ANY ({VISIBLE})"
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON {table} USING ({of_own}) WITH CHECK ({of_own});
"""


def _followed(table: str, function: str) -> str:
    return "".join(
        f"CREATE TRIGGER {function}_{event} AFTER {event} ON {table} REFERENCING {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
        for event, rows in ROWS.items()
    )


def _tells(function: str, column: str, kind: str, told: str) -> str:
    """Have a function hear which rows a statement wrote, whatever it was."""
    return f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed {kind}[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT {column} FROM old_rows);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        changed := changed || ARRAY(SELECT DISTINCT {column} FROM new_rows);
    END IF;
    PERFORM person_search_refresh({told});
    RETURN NULL;
END $$;
"""  # noqa: S608 - names of this module


TABLES = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;

ALTER TABLE person ADD COLUMN version integer NOT NULL DEFAULT 1
    CONSTRAINT person_version_counts CHECK (version > 0);

CREATE FUNCTION searchable(text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN btrim(regexp_replace(lower(regexp_replace(normalize($1, NFKD),
        '[\u0300-\u036f]+', '', 'g')), '[^[:alnum:]]+', ' ', 'g'));
CREATE FUNCTION lexemes_of(text, weight "char") RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.english', $1)
        || to_tsvector('pg_catalog.simple', $1), $2);

CREATE TABLE person_topic (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    objective uuid NOT NULL,
    seen_by varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    words text NOT NULL
        CONSTRAINT person_topic_words_are_few CHECK (length(words) <= 4000),
    PRIMARY KEY (organisation, person, objective, seen_by)
);
CREATE INDEX person_topic_objective ON person_topic (objective);
CREATE INDEX person_topic_person ON person_topic (person);
CREATE INDEX person_topic_seen_by ON person_topic (seen_by);

CREATE TABLE person_search (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    posting uuid NOT NULL,
    seen_by varchar(40) REFERENCES organisation ON DELETE RESTRICT,
    person uuid NOT NULL REFERENCES person ON DELETE RESTRICT,
    given_name varchar(100) NOT NULL,
    family_name varchar(100) NOT NULL,
    title varchar(300) NOT NULL,
    unit varchar(300),
    fte numeric(5,4) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    given text NOT NULL,
    family text NOT NULL,
    words text NOT NULL,
    lexemes tsvector NOT NULL
);
CREATE UNIQUE INDEX person_search_once
    ON person_search (organisation, posting, seen_by) NULLS NOT DISTINCT;
CREATE INDEX person_search_person ON person_search (person);
CREATE INDEX person_search_seen_by ON person_search (seen_by);
CREATE INDEX person_search_lexemes ON person_search USING gin (lexemes)
    WITH (gin_pending_list_limit = 256);
CREATE INDEX person_search_words ON person_search USING gin (words gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);
"""
REFRESH = """
CREATE FUNCTION person_search_refresh(people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM person WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM person_search WHERE person = ANY (people);
    INSERT INTO person_search (organisation, posting, seen_by, person, given_name,
        family_name, title, unit, fte, valid_from, valid_to, given, family, words, lexemes)
    SELECT p.organisation, p.id, party.seen_by, p.person, called.given_name,
        called.family_name, p.title, p.unit, p.fte, p.valid_from, p.valid_to,
        text.given, text.family,
        concat_ws(' ', text.given, text.family, text.post, text.known_as, text.topics),
        lexemes_of(text.given || ' ' || text.family, 'A') || lexemes_of(text.post, 'B')
            || lexemes_of(text.known_as, 'C') || coalesce(lexemes_of(text.topics, 'C'), '')
    FROM posting p
    CROSS JOIN LATERAL (
        SELECT d.given_name, d.family_name FROM person_details d
        WHERE d.organisation = p.organisation AND d.person = p.person
        ORDER BY d.valid_to DESC NULLS FIRST, d.valid_from DESC, d.id LIMIT 1
    ) AS called
    CROSS JOIN LATERAL (
        SELECT NULL::varchar AS seen_by, NULL::text AS topics
        UNION ALL
        SELECT t.seen_by, string_agg(t.words, ' ' ORDER BY t.objective)
        FROM person_topic t
        WHERE t.organisation = p.organisation AND t.person = p.person
        GROUP BY t.seen_by
    ) AS party
    CROSS JOIN LATERAL (
        SELECT searchable(called.given_name) AS given,
            searchable(called.family_name) AS family,
            searchable(p.title || ' ' || coalesce(p.unit, '')) AS post,
            searchable(p.organisation || ' ' || coalesce(
                (SELECT string_agg(n.name, ' ' ORDER BY n.name) FROM organisation_name n
                WHERE n.organisation = p.organisation AND n.valid_to IS NULL), ''
            )) AS known_as,
            nullif(searchable(party.topics), '') AS topics
    ) AS text
    WHERE p.person = ANY (people) AND (p.valid_to IS NULL OR p.valid_to > p.valid_from);
END $$;
"""
PEOPLE_NAMED_SO = """ARRAY(
        SELECT DISTINCT person FROM posting WHERE organisation = ANY (changed))"""
EVERYBODY = """
SELECT set_config('joinedup.organisations',
    (SELECT coalesce(string_agg(code, ','), '') FROM organisation), true);
SELECT person_search_refresh(ARRAY(SELECT id FROM person));
"""
"""The owner of tables with forced row security sees what it says it sees."""

UP = "\n".join(
    [
        TABLES,
        REFRESH,
        _tells("person_search_follows", "person", "uuid", "changed"),
        _tells(
            "person_search_follows_name", "organisation", "varchar", PEOPLE_NAMED_SO
        ),
        *(_followed(table, function) for table, function in FOLLOWED.items()),
        _closed("person_topic"),
        _closed("person_search"),
        EVERYBODY,
    ]
)

DOWN = "\n".join(
    [
        *(
            f"DROP TRIGGER {function}_{event} ON {table};"
            for table, function in FOLLOWED.items()
            for event in ROWS
        ),
        """
DROP FUNCTION person_search_follows;
DROP FUNCTION person_search_follows_name;
DROP FUNCTION person_search_refresh;
DROP TABLE person_search, person_topic;
DROP FUNCTION lexemes_of;
DROP FUNCTION searchable;
ALTER TABLE person DROP COLUMN version;
DO $$
BEGIN  -- It may be somebody else's, who had it here before.
    IF (SELECT pg_has_role(extowner, 'USAGE') FROM pg_extension
        WHERE extname = 'pg_trgm') THEN
        DROP EXTENSION pg_trgm;
    END IF;
END $$;
""",
    ]
)
