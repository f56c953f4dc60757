"""Exports as stored; the files lie in the data folder."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    Column,
    Integer,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.hr.exports.rules import ExportFormat, ExportState


class Export(Table, db=DB, tablename="export"):
    """One file of scores, made for one client."""

    id = UUID(primary_key=True, default=None)
    client = Varchar(length=120, default=None, help_text="Whose it is.")
    organisations: Column = Array(base_column=Varchar(length=40), default=None)
    format = Varchar(length=30, default=None)
    organisation = Varchar(length=40, default=None, null=True)
    cycle = UUID(default=None, null=True)
    changed_since = Timestamptz(default=None, null=True)
    state = Varchar(length=20, default=None)
    problem = Varchar(length=60, default=None, null=True, help_text="Why it failed.")
    requested_at = Timestamptz(default=None)
    ready_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None)
    score_count = Integer(default=None, null=True)
    size_bytes = BigInt(default=None, null=True)
    sha256 = Varchar(length=64, default=None, null=True, help_text="Of the file, hex.")

    export_format_is_known = one_of("format", ExportFormat)
    export_state_is_known = one_of("state", ExportState)
