"""Answers as kept for retries, and requests as counted."""

from piccolo.columns import JSONB, BigInt, Bytea, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class KeptAnswer(Table, db=DB, tablename="kept_answer"):
    """The answer to one POST, kept for a day. It is personal data."""

    caller = Varchar(length=120, primary_key=True, default=None)
    key = Varchar(length=255, default=None, help_text="Unique for each caller.")
    request_digest = Bytea(default=None, help_text="SHA-256 of what was asked.")
    status = Integer(default=None, help_text="0 while it is being answered.")
    headers = JSONB(default=None)
    body = Bytea(default=None)
    kept_at = Timestamptz(default=None)


class RateWindow(Table, db=DB, tablename="rate_window"):
    """How many requests a caller has taken of a limit in one minute."""

    key = Varchar(length=300, primary_key=True, default=None)
    window_number = BigInt(default=None, help_text="Minutes since 1970.")
    taken = Integer(default=None)
    granted = Integer(default=None, help_text="By the last take.")
