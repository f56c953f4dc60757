"""Webhooks: where a client's system is told that its feeds have moved.

What is to be told is queued by the database, in the transaction that numbers the rows
of the feed, into the one outbox: nobody who writes to the feed can forget it, and its
number is known there. A client's webhooks hear of the organisations that it serves and
may read at that moment. A cycle's steps are queued where the cycle, its window and its
publication are written; feedback queues nothing until its window closes.

The id of an event is a digest of whom it is for and what it is about, so that an event
that is queued again, however much later, is the same one. Queueing has the owner's
rights, since whoever writes may see neither clients nor the outbox; row security is
forced on the owner too: hence policies of the owner's own, as for the numbering.
"""

TABLES = """
CREATE TABLE webhook (
    id uuid PRIMARY KEY,
    client varchar(64) NOT NULL REFERENCES oauth_client ON DELETE RESTRICT,
    url varchar(500) NOT NULL CONSTRAINT webhook_url_is_a_web_address
        CHECK (url ~ '^https?://'),
    streams varchar(20)[] NOT NULL
        CONSTRAINT webhook_has_streams CHECK (cardinality(streams) > 0)
        CONSTRAINT webhook_streams_are_known CHECK (streams <@ ARRAY[
            'scores', 'records', 'objectives', 'people', 'cycles']::varchar[]),
    state varchar(10) NOT NULL CONSTRAINT webhook_state_is_known
        CHECK (state IN ('pending', 'active', 'disabled')),
    reason varchar(20) CONSTRAINT webhook_reason_is_known
        CHECK (reason IN ('gone', 'not_taken')),
    created_at timestamptz NOT NULL,
    state_at timestamptz NOT NULL,
    challenged_at timestamptz,
    next_at timestamptz NOT NULL,
    CONSTRAINT webhook_says_why_it_is_disabled
        CHECK ((state = 'disabled') = (reason IS NOT NULL))
);
CREATE INDEX webhook_client ON webhook (client);
CREATE INDEX webhook_next ON webhook (next_at) WHERE state = 'active';

CREATE TABLE webhook_secret (
    id uuid PRIMARY KEY,
    webhook uuid NOT NULL REFERENCES webhook ON DELETE RESTRICT,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz CONSTRAINT webhook_secret_expires_later
        CHECK (expires_at >= created_at)
);
CREATE INDEX webhook_secret_webhook ON webhook_secret (webhook);

CREATE TABLE webhook_attempt (
    organisation varchar(40) NOT NULL REFERENCES organisation ON DELETE RESTRICT,
    id uuid PRIMARY KEY,
    webhook uuid NOT NULL REFERENCES webhook ON DELETE RESTRICT,
    event uuid NOT NULL,
    at timestamptz NOT NULL,
    number integer NOT NULL CONSTRAINT webhook_attempt_counts CHECK (number > 0),
    status integer CONSTRAINT webhook_attempt_status_is_http
        CHECK (status BETWEEN 100 AND 999),
    error varchar(60),
    milliseconds integer NOT NULL CONSTRAINT webhook_attempt_takes_time
        CHECK (milliseconds >= 0)
);
CREATE INDEX webhook_attempt_organisation ON webhook_attempt (organisation);
CREATE INDEX webhook_attempt_event ON webhook_attempt (webhook, event, at);
CREATE INDEX webhook_attempt_at ON webhook_attempt (at);

CREATE INDEX outbox_webhook_next ON outbox ((payload->>'webhook'), attempts DESC,
    (payload->>'organisation'), (payload->>'stream'), ((payload->>'sequence')::bigint),
    (payload->>'at'), id) WHERE kind = 'webhook' AND done_at IS NULL;
CREATE INDEX outbox_webhook ON outbox ((payload->>'webhook'), (payload->>'at'), id)
    WHERE kind = 'webhook';
"""
CODES = (
    "(SELECT string_to_array(current_setting('joinedup.organisations', true), ','))"
    "::text[]"
)
SERVES = (
    "EXISTS (SELECT FROM oauth_client_organisation o WHERE o.client = {client}"
    f" AND o.organisation::text = ANY ({CODES}))"
)
OF_THE_WEBHOOK = "EXISTS (SELECT FROM webhook w WHERE w.id = webhook_secret.webhook)"


def _closed(table: str, condition: str) -> str:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f" CREATE POLICY own ON {table} USING ({condition}) WITH CHECK ({condition});"
    )


OWNERS = "\n".join(
    f"CREATE POLICY queueing ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);"
    for table in (
        "webhook",
        "outbox",
        "oauth_client_organisation",
        "cycle_organisation",
    )
)

QUEUEING = """
CREATE FUNCTION webhook_event(
    of_ uuid, organisation_ text, stream_ text, sequence_ bigint, type_ text,
    entity_ uuid, version_ integer, op_ text, at_ timestamptz)
RETURNS TABLE (id uuid, payload jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT substring(encode(sha256(convert_to(concat_ws(' ', of_, organisation_,
            stream_, sequence_, type_, entity_, version_, op_,
            (SELECT epoch FROM public.feed_epoch ORDER BY number DESC LIMIT 1)),
            'UTF8')), 'hex') FOR 32)::uuid,
        jsonb_build_object('webhook', of_, 'organisation', organisation_,
            'stream', stream_, 'sequence', sequence_, 'type', type_,
            'entity', entity_, 'version', version_, 'op', op_, 'at',
            to_char(at_ AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
$$;

CREATE FUNCTION webhook_hears() RETURNS TABLE (
    webhook uuid, organisation varchar, streams varchar[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT w.id, o.organisation, ARRAY(
        SELECT s FROM unnest(w.streams) AS s WHERE s || ':read' = ANY (c.scopes))
    FROM public.webhook w
    JOIN public.oauth_client c ON c.id = w.client AND c.disabled_at IS NULL
        AND 'webhooks:write' = ANY (c.scopes)
    JOIN public.oauth_client_organisation o ON o.client = c.id
    WHERE w.state = 'active'
$$;
COMMENT ON FUNCTION webhook_hears IS 'what each webhook may hear of now';

CREATE FUNCTION webhook_queue_changes() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.webhook WHERE state = 'active' LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.outbox (id, kind, payload, dedupe_key, run_at, attempts)
        SELECT e.id, 'webhook', e.payload, e.id::text, n.changed_at, 0
        FROM numbered n JOIN public.webhook_hears() h USING (organisation)
        CROSS JOIN LATERAL public.webhook_event(h.webhook, n.organisation, n.stream,
            n.sequence, n.type, n.entity, n.version, n.op, n.changed_at) e
        WHERE n.stream = ANY (h.streams)
        UNION ALL
        SELECT e.id, 'webhook', e.payload, e.id::text, n.changed_at, 0
        FROM numbered n JOIN public.webhook_hears() h USING (organisation)
        CROSS JOIN LATERAL public.webhook_event(h.webhook, n.organisation, 'cycles',
            0, 'cycle', n.entity, n.version, n.type, n.changed_at) e
        WHERE n.type = 'published' AND 'cycles' = ANY (h.streams)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER change_log_told AFTER UPDATE ON change_log
    REFERENCING NEW TABLE AS numbered
    FOR EACH STATEMENT EXECUTE FUNCTION webhook_queue_changes();

CREATE FUNCTION webhook_queue_step(of_ uuid, version_ integer, organisation_ text,
    op_ text, at_ timestamptz) RETURNS void LANGUAGE sql
    SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.outbox (id, kind, payload, dedupe_key, run_at, attempts)
        SELECT e.id, 'webhook', e.payload, e.id::text, at_, 0
        FROM public.webhook_hears() h
        CROSS JOIN LATERAL public.webhook_event(h.webhook, h.organisation, 'cycles',
            0, 'cycle', of_, version_, op_, at_) e
        WHERE h.organisation = organisation_ AND 'cycles' = ANY (h.streams)
        ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION webhook_queue_opened() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.webhook_queue_step(
            c.id, c.version, NEW.organisation, 'opened', c.created_at)
        FROM public.cycle c WHERE c.id = NEW.cycle;
    RETURN NULL;
END $$;
CREATE TRIGGER cycle_opening_told AFTER INSERT ON cycle_organisation
    FOR EACH ROW EXECUTE FUNCTION webhook_queue_opened();
CREATE FUNCTION webhook_queue_closed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.webhook_queue_step(
            c.id, c.version, o.organisation, 'closed', NEW.closed_at)
        FROM public.cycle_organisation o JOIN public.cycle c ON c.id = o.cycle
        WHERE o.cycle = NEW.cycle ORDER BY o.organisation;
    RETURN NULL;
END $$;
CREATE TRIGGER cycle_closing_told AFTER UPDATE OF closed_at ON feedback_window
    FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION webhook_queue_closed();
REVOKE ALL ON FUNCTION webhook_queue_changes, webhook_queue_opened,
    webhook_queue_closed FROM PUBLIC;
"""

FORMER_NOTICES = (
    "agreement_wanted", "objective_agreed", "objective_changed", "objective_sent_back",
    "objective_disputed", "dispute_settled", "objective_withdrawn",
    "contribution_declined", "contribution_left", "objective_assessed",
    "countersignature_wanted", "recognised", "assigned_in_bulk", "dissent_lodged",
    "assessment_objected", "window_extended", "break_glass_wanted", "break_glass_used",
    "score_decision_wanted", "score_decided", "score_appealed", "score_appeal_settled",
    "score_appeal_withdrawn", "feedback_released",
)  # fmt: skip


def _notices(kinds: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "ALTER TABLE notice DROP CONSTRAINT notice_kind_is_known,"
        f" ADD CONSTRAINT notice_kind_is_known CHECK (kind IN ({listed}));"
    )


UP = "\n".join(
    [
        TABLES,
        _closed("webhook", SERVES.format(client="webhook.client")),
        _closed("webhook_secret", OF_THE_WEBHOOK),
        _closed("webhook_attempt", f"organisation::text = ANY ({CODES})"),
        OWNERS,
        QUEUEING,
        _notices((*FORMER_NOTICES, "webhook_disabled")),
    ]
)

GONE = """
DROP TRIGGER change_log_told ON change_log;
DROP TRIGGER cycle_opening_told ON cycle_organisation;
DROP TRIGGER cycle_closing_told ON feedback_window;
DROP FUNCTION webhook_queue_closed, webhook_queue_opened, webhook_queue_step,
    webhook_queue_changes, webhook_hears, webhook_event;
DROP POLICY queueing ON cycle_organisation;
DROP POLICY queueing ON oauth_client_organisation;
DROP POLICY queueing ON outbox;
DROP INDEX outbox_webhook_next, outbox_webhook;
ALTER TABLE notice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
DELETE FROM outbox WHERE kind = 'webhook' OR dedupe_key IN (
    SELECT id::text FROM notice WHERE kind = 'webhook_disabled');
DELETE FROM notice WHERE kind = 'webhook_disabled';
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
DROP TABLE webhook_attempt, webhook_secret, webhook;
"""
DOWN = "\n".join([GONE, _notices(FORMER_NOTICES)])
