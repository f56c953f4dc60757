"""Notices and deliveries as stored."""

from piccolo.columns import JSONB, UUID, Date, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.jobs.rules import NoticeKind


class StoredNotice(Table, db=DB, tablename="notice"):
    """Something that one person was told."""

    organisation = Varchar(length=40, default=None, help_text="The person's.")
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    kind = Varchar(length=40, default=None)
    about = UUID(default=None, help_text="An objective, or a template of several.")
    key = Varchar(length=200, default=None)
    objectives = Integer(
        default=None, db_column_name="count", help_text="Piccolo has `count` itself."
    )
    due_on = Date(default=None, null=True)
    created_at = Timestamptz(default=None)
    read_at = Timestamptz(default=None, null=True)

    notice_kind_is_known = one_of("kind", NoticeKind)


class Undelivered(Table, db=DB, tablename="undelivered"):
    """A person whose address takes no mail; of what, is not kept."""

    person = UUID(primary_key=True, default=None)
    address = Varchar(length=254, default=None)
    since = Date(default=None)


class Delivery(Table, db=DB, tablename="outbox"):
    """Something to be sent out of the service, once what it tells is true."""

    id = UUID(primary_key=True, default=None)
    kind = Varchar(length=40, default=None, help_text="How it is delivered.")
    payload = JSONB(default=None, help_text="Ids, never what is sent.")
    dedupe_key = Varchar(length=200, default=None)
    run_at = Timestamptz(default=None, help_text="Not to be tried before.")
    attempts = Integer(default=None)
    last_error = Varchar(length=100, default=None, null=True)
    done_at = Timestamptz(
        default=None,
        null=True,
        help_text="When it was delivered, or given up if there is an error.",
    )
