"""What raters are mailed, the links of those who cannot sign in, and who got no mail.

A mail to a rater is marked here once and for ever, as the outbox forgets what was sent,
and in no notice: who was asked, and who was thanked, is nobody else's. A link is kept as
what it was made of and as the SHA-256 of its token, so that neither a token nor a code
can be read from the database. All three tables have no policy: no machine's transaction
sees them.
"""

UP = """
CREATE TABLE feedback_mail (
    id uuid PRIMARY KEY,
    request uuid NOT NULL REFERENCES feedback_request ON DELETE RESTRICT,
    about varchar(20) NOT NULL CONSTRAINT feedback_mail_about_is_known CHECK (about IN (
        'invitation', 'reminder_7', 'reminder_3', 'reminder_1', 'thanks')),
    listed boolean NOT NULL,
    queued_at timestamptz NOT NULL
);
COMMENT ON TABLE feedback_mail IS 'confidential: what a rater is mailed';
CREATE UNIQUE INDEX feedback_mail_once ON feedback_mail (request, about);
ALTER TABLE feedback_mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_mail FORCE ROW LEVEL SECURITY;

CREATE TABLE feedback_link (
    request uuid PRIMARY KEY REFERENCES feedback_request ON DELETE RESTRICT,
    salt bytea NOT NULL CONSTRAINT feedback_link_salt_is_long
        CHECK (octet_length(salt) = 32),
    digest bytea NOT NULL CONSTRAINT feedback_link_digest_is_whole
        CHECK (octet_length(digest) = 32),
    code bytea,
    code_at timestamptz,
    tries integer NOT NULL CONSTRAINT feedback_link_tries_count CHECK (tries >= 0),
    codes integer NOT NULL CONSTRAINT feedback_link_codes_count CHECK (codes >= 0),
    codes_on date,
    CONSTRAINT feedback_link_code_has_its_time
        CHECK (code IS NULL OR code_at IS NOT NULL)
);
COMMENT ON TABLE feedback_link IS 'confidential: opens one form';
CREATE UNIQUE INDEX feedback_link_digest ON feedback_link (digest);
ALTER TABLE feedback_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback_link FORCE ROW LEVEL SECURITY;

CREATE TABLE undelivered (
    person uuid PRIMARY KEY REFERENCES person ON DELETE RESTRICT,
    address varchar(254) NOT NULL,
    since date NOT NULL
);
ALTER TABLE undelivered ENABLE ROW LEVEL SECURITY;
ALTER TABLE undelivered FORCE ROW LEVEL SECURITY;
"""

DOWN = """
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
DELETE FROM outbox WHERE kind IN ('feedback_mail', 'feedback_code');
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
DROP TABLE undelivered, feedback_link, feedback_mail;
"""
