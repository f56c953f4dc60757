"""Thanks as stored. The database holds once a quarter, and to another organisation."""

from piccolo.columns import UUID, Date, Text, Timestamptz, Varchar
from piccolo.table import Table

from service.db import DB


class Recognition(Table, db=DB, tablename="objective_recognition"):
    """One organisation's thanks to a contributor of another; never changed."""

    organisation = Varchar(length=40, default=None, help_text="Whose thanks they are.")
    id = UUID(primary_key=True, default=None)
    objective = UUID(default=None)
    contribution = UUID(default=None)
    contributor = UUID(default=None, help_text="As the database knows it.")
    contributor_organisation = Varchar(
        length=40, default=None, help_text="As the database knows it."
    )
    person = UUID(default=None, help_text="Who thanks.")
    works_in = Varchar(length=40, default=None, help_text="Who thanks, that day.")
    text = Text(default=None)
    quarter = Date(default=None, help_text="Its first day, in London.")
    given_at = Timestamptz(default=None)
