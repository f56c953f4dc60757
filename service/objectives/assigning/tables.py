"""Templates, and the keys of imported objectives, as stored."""

from piccolo.columns import JSONB, UUID, Boolean, Integer, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class Template(Table, db=DB, tablename="objective_template"):
    """What an objective says, but for the people who take part."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    content = JSONB(default=None)
    listed = Boolean(
        default=None, help_text="False: it only links what was assigned together."
    )
    version = Integer(default=None)
    created_at = Timestamptz(default=None)
    removed_at = Timestamptz(default=None, null=True)


class Imported(Table, db=DB, tablename="objective_import"):
    """By which key of a file an objective was imported on a record."""

    organisation = Varchar(length=40, default=None, help_text="Of the lead record.")
    id = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    key = Varchar(length=120, default=None)
    objective = UUID(default=None)
