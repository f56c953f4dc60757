"""The audit as stored. Rows are only ever added."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Column,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB


class AuditEntry(Table, db=DB, tablename="audit_entry"):
    """One change or one read."""

    id = BigInt(primary_key=True, default=None, help_text="Given by the database.")
    at = Timestamptz(default=None)
    actor = Varchar(length=120, default=None, help_text="`kind:id` of who did it.")
    action = Varchar(length=60, default=None)
    organisation = Varchar(length=40, default=None, null=True)
    entity = Varchar(length=40, default=None)
    entity_id = Varchar(length=120, default=None)
    reason = Text(default=None, null=True)
    before = JSONB(default=None, null=True)
    after = JSONB(default=None, null=True)
    request_id = Varchar(length=64, default=None, null=True)


class Disclosure(Table, db=DB, tablename="disclosure"):
    """One release of personal data to a machine."""

    id = UUID(primary_key=True, default=None)
    at = Timestamptz(default=None)
    client = Varchar(length=120, default=None)
    organisations: Column = Array(base_column=Varchar(length=40), default=None)
    what = Varchar(length=60, default=None)
    people: Column = Array(base_column=UUID(), default=None)
    purpose = Varchar(length=200, default=None)
    request_id = Varchar(length=64, default=None, null=True)
