"""The change feed: what HR systems follow, numbered at commit.

Numbers cannot come from a sequence: transactions commit in another order than they took
their ids, and a reader would pass the slower ones by. So a row is written without one,
and the first deferred trigger of a transaction locks the heads of all that it wrote to,
in sorted order, and numbers all of its rows at once; the triggers of the other rows find
theirs done. The locks hold until the commit is seen: the order of numbers is the order
of commits, and what is rolled back gives its numbers back. Rows without a number that
the trigger can see are always its own, since nobody's are ever committed.

Ten thousand rows take an eighth to a quarter of what numbering them one by one takes.
Numbering has the owner's rights, since a transaction may reach none of the organisations
that it tells, and row security is forced on the owner too: hence a policy of the owner's
own. The search for unnumbered rows starts at the first of ours, or it would pass over
all that others left behind in the index since the oldest snapshot.
"""

NUMBERED = """
CREATE TABLE feed_head (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    stream varchar(20) NOT NULL CONSTRAINT feed_head_stream_is_known
        CHECK (stream IN ('scores', 'records', 'objectives', 'people')),
    sequence bigint NOT NULL CONSTRAINT feed_head_sequence_counts CHECK (sequence >= 0),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (organisation, stream)
);
COMMENT ON TABLE feed_head IS 'append-only for the service: the numbering moves it';
CREATE TRIGGER feed_head_begins_at_nought BEFORE INSERT ON feed_head
    FOR EACH ROW WHEN (NEW.sequence <> 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_head_only_rises BEFORE UPDATE ON feed_head
    FOR EACH ROW WHEN (NEW.sequence < OLD.sequence
        OR (NEW.organisation, NEW.stream) <> (OLD.organisation, OLD.stream))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_head_stays BEFORE DELETE OR TRUNCATE ON feed_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE change_log (
    organisation varchar(40) NOT NULL,
    stream varchar(20) NOT NULL CONSTRAINT change_log_stream_is_known
        CHECK (stream IN ('scores', 'records', 'objectives', 'people')),
    sequence bigint CONSTRAINT change_log_sequence_counts CHECK (sequence > 0),
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type varchar(60) NOT NULL CONSTRAINT change_log_has_type CHECK (type <> ''),
    entity uuid NOT NULL,
    version integer NOT NULL CONSTRAINT change_log_version_counts CHECK (version > 0),
    op varchar(10) NOT NULL CONSTRAINT change_log_op_is_known
        CHECK (op IN ('upsert', 'delete')),
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE change_log IS 'append-only: what changed, for whom, numbered at commit';
CREATE UNIQUE INDEX change_log_number ON change_log (organisation, stream, sequence);
CREATE INDEX change_log_unnumbered ON change_log (id) WHERE sequence IS NULL;
CREATE TRIGGER change_log_comes_unnumbered BEFORE INSERT ON change_log
    FOR EACH ROW WHEN (NEW.sequence IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER change_log_is_only_numbered BEFORE UPDATE ON change_log
    FOR EACH ROW WHEN (OLD.sequence IS NOT NULL OR NEW.sequence IS NULL
        OR (NEW.organisation, NEW.stream, NEW.id, NEW.type, NEW.entity, NEW.version,
            NEW.op, NEW.changed_at)
        <> (OLD.organisation, OLD.stream, OLD.id, OLD.type, OLD.entity, OLD.version,
            OLD.op, OLD.changed_at))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER change_log_only_grows BEFORE DELETE OR TRUNCATE ON change_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION change_log_numbered() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.change_log WHERE id = NEW.id AND sequence IS NOT NULL;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.feed_head (organisation, stream, sequence)
        SELECT DISTINCT organisation, stream, 0 FROM public.change_log
        WHERE sequence IS NULL AND id >= NEW.id
        ORDER BY organisation, stream
        ON CONFLICT DO NOTHING;
    PERFORM FROM public.feed_head h
        WHERE (h.organisation, h.stream) IN (
            SELECT organisation, stream FROM public.change_log
            WHERE sequence IS NULL AND id >= NEW.id)
        ORDER BY h.organisation, h.stream FOR UPDATE;
    UPDATE public.feed_head h SET sequence = h.sequence + ours.rows
        FROM (SELECT organisation, stream, count(*) AS rows FROM public.change_log
            WHERE sequence IS NULL AND id >= NEW.id GROUP BY organisation, stream) ours
        WHERE (h.organisation, h.stream) = (ours.organisation, ours.stream);
    UPDATE public.change_log c SET sequence = h.sequence + 1 - ours.from_the_last
        FROM (SELECT id, organisation, stream, row_number() OVER (
                PARTITION BY organisation, stream ORDER BY id DESC) AS from_the_last
            FROM public.change_log WHERE sequence IS NULL AND id >= NEW.id) ours
        JOIN public.feed_head h USING (organisation, stream)
        WHERE c.id = ours.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'change % got no number', NEW.id USING ERRCODE = '42501';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION change_log_numbered FROM PUBLIC;
CREATE CONSTRAINT TRIGGER change_log_numbered AFTER INSERT ON change_log
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION change_log_numbered();
"""

VISIBLE = (
    "organisation::text = ANY ((SELECT string_to_array("
    "current_setting('joinedup.organisations', true), ','))::text[])"
)


def _closed(table: str, written: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({VISIBLE}) WITH CHECK ({written});"
        f" CREATE POLICY numbering ON {table} TO CURRENT_USER"
        " USING (true) WITH CHECK (true);"
    )


UP = "\n".join(
    [
        NUMBERED,
        # A writer tells parties beyond its reach, as it adds to the audit.
        _closed("change_log", written="true"),
        _closed("feed_head", written=VISIBLE),
    ]
)

DOWN = """
DROP TABLE change_log, feed_head;
DROP FUNCTION change_log_numbered;
"""
