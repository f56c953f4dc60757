"""The table that joins a person to a request; read through `confidentiality` alone."""

from piccolo.columns import UUID, Integer, Text, Varchar
from piccolo.table import Table

from service.db import DB


class RaterIdentity(Table, db=DB, tablename="feedback_rater"):
    """Which person a request went to, and which answers are theirs."""

    request = UUID(primary_key=True, default=None)
    record = UUID(default=None)
    rater = UUID(default=None)
    rater_organisation = Varchar(length=40, default=None, help_text="When drawn.")
    response = UUID(default=None, help_text="Random; names their answers.")
    contact_months = Integer(default=None, null=True)
    declined_because = Text(default=None, null=True)
