"""Portals as stored."""

from piccolo.columns import Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class Portal(Table, db=DB, tablename="portal"):
    """An origin whose pages may frame an organisation's cards."""

    organisation = Varchar(length=40, primary_key=True, default=None)
    origin = Varchar(length=270, primary_key=True, default=None)
    created_at = Timestamptz(default=None)
