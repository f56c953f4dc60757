"""One epoch for the whole feed, and in which database its numbers were given.

Restored from a backup, the feed goes back, and its next numbers mean other changes than
the ones that clients have already followed. So a cursor holds the epoch, and each row
here begins another one and says which PostgreSQL it was begun in: elsewhere, or after a
promotion, the feed is refused until an operator adds the next row. A head's own epoch
goes: a stream that nothing was told in yet had none.

And a backup must restore at all: PostgreSQL dumps the body of a function of which some
parameters have names and others have none as one that it cannot read again. The name
stays when this is undone; PostgreSQL takes none away.
"""

UP = """
CREATE TABLE feed_epoch (
    number integer PRIMARY KEY CONSTRAINT feed_epoch_number_counts CHECK (number > 0),
    epoch uuid NOT NULL CONSTRAINT feed_epoch_once UNIQUE,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    raised_at timestamptz NOT NULL
);
COMMENT ON TABLE feed_epoch IS 'append-only: the lives of the feed, the last one now';
CREATE TRIGGER feed_epoch_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE
    ON feed_epoch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO feed_epoch (number, epoch, system_identifier, timeline, raised_at)
    SELECT 1, gen_random_uuid(), system_identifier,
        ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer,
        now()
    FROM pg_control_system();
ALTER TABLE feed_head DROP COLUMN epoch;
CREATE OR REPLACE FUNCTION lexemes_of(said text, weight "char") RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.english', said)
        || to_tsvector('pg_catalog.simple', said), weight);
"""

DOWN = """
ALTER TABLE feed_head ADD COLUMN epoch uuid NOT NULL DEFAULT gen_random_uuid();
DROP TABLE feed_epoch;
"""
