"""What was asked for and approved, as stored."""

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class BreakGlass(Table, db=DB, tablename="break_glass"):
    """One time that two people open who the raters of one record are."""

    organisation = Varchar(length=40, default=None, help_text="The subject's.")
    id = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    reason = Text(default=None)
    asked_by = UUID(default=None)
    asked_at = Timestamptz(default=None)
    approved_by = UUID(default=None, null=True)
    approved_at = Timestamptz(default=None, null=True)
