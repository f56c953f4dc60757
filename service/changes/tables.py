"""The feed as stored. Rows are only ever added, and the database numbers them."""

from piccolo.columns import UUID, BigInt, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.changes.rules import Op, Stream
from service.db import DB, one_of


class ChangeLog(Table, db=DB, tablename="change_log"):
    """One change told to one organisation."""

    organisation = Varchar(length=40, default=None)
    stream = Varchar(length=20, default=None)
    sequence = BigInt(default=None, null=True, help_text="Null until the commit.")
    id = BigInt(
        primary_key=True,
        default=None,
        help_text="Order within one transaction. No reader may page by it.",
    )
    type = Varchar(length=60, default=None)
    entity = UUID(default=None)
    version = Integer(default=None)
    op = Varchar(length=10, default=None)
    changed_at = Timestamptz(default=None)

    change_log_stream_is_known = one_of("stream", Stream)
    change_log_op_is_known = one_of("op", Op)


class FeedHead(Table, db=DB, tablename="feed_head"):
    """How far one organisation's stream has come."""

    organisation = Varchar(length=40, primary_key=True, default=None)
    stream = Varchar(length=20, primary_key=True, default=None)
    sequence = BigInt(default=None, help_text="The last number given; 0 for none.")

    feed_head_stream_is_known = one_of("stream", Stream)


class FeedEpoch(Table, db=DB, tablename="feed_epoch"):
    """One life of the feed, and the database that it is lived in."""

    number = Integer(primary_key=True, default=None, help_text="The highest is now.")
    epoch = UUID(default=None)
    system_identifier = BigInt(default=None, help_text="PostgreSQL's own.")
    timeline = Integer(default=None, help_text="Another one after a promotion.")
    raised_at = Timestamptz(default=None)
