"""Keys of rows as stored."""

from piccolo.columns import JSONB, Bytea, Integer, Varchar
from piccolo.table import Table

from service.db import DB


class RowKey(Table, db=DB, tablename="row_key"):
    """A key that signs rows, sealed under the service's secret key, or that did."""

    kid = Varchar(length=64, primary_key=True, default=None, help_text="RFC 7638.")
    number = Integer(default=None, help_text="The highest one signs.")
    sealed = Bytea(default=None, null=True, help_text="Gone once it signs no more.")
    public = JSONB(default=None, help_text="A JWK.")
