"""How scores add up, as stored."""

from piccolo.columns import UUID, DoublePrecision, Varchar
from piccolo.table import Table

from service.db import DB, one_of
from service.scores.rules import Band


class ScoreAccount(Table, db=DB, tablename="score_account"):
    """Either the exact lines of a score, on the 1-5 scale, or a band without one."""

    run = UUID(primary_key=True, default=None)
    record = UUID(primary_key=True, default=None)
    service_average = DoublePrecision(default=None, null=True)
    own_average = DoublePrecision(default=None, null=True)
    rater_severity = DoublePrecision(default=None, null=True)
    limited_evidence = DoublePrecision(default=None, null=True)
    score = DoublePrecision(default=None, null=True)
    band = Varchar(length=40, default=None, null=True)

    score_account_band_is_known = one_of("band", Band)
