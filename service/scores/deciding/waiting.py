"""What of scores waits for one person: to decide on one, or to settle an appeal.

The law: it follows from the rules that let them, and no figure of a score is read.
"""

from datetime import date
from typing import Final

from asyncpg import Record

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import LINE_ABOVE
from service.scores.deciding.queries import (
    STANCE,
    Stance,
    decisions_from,
    stance_from,
)
from service.scores.deciding.rules import Around, Asking, NotYoursToSettle, settles_as
from service.scores.rules import State
from service.web.language import mark
from service.web.waiting import Waiting

ABOUT: Final = f"""
SELECT s.organisation, s.id, s.record, s.person, s.run, s.state, {STANCE},
    ARRAY({LINE_ABOVE.replace("$1", "s.person")}) AS above, ARRAY({LINE_ABOVE}) AS own,
    ARRAY(SELECT l.manager FROM reporting_line l
        WHERE l.person = s.person AND l.kind = 'countersigning'
            AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > $2))
        AS countersigning,
    (SELECT d.given_name || ' ' || d.family_name FROM person_details d
        WHERE d.person = s.person ORDER BY d.valid_to DESC NULLS FIRST,
        d.valid_from DESC, d.organisation, d.id LIMIT 1) AS name,
    (SELECT min(a.due_at) FROM score_appeal a
        WHERE a.score = s.id AND a.state = 'open') AS due_at
FROM score s JOIN cycle c ON c.id = s.cycle AND c.state <> 'archived'
WHERE s.published_at IS NOT NULL
"""  # noqa: S608 - statements of our own
WAITING: Final = f"""
SELECT * FROM ({ABOUT}
    AND (s.state = 'published' AND s.person IN (SELECT l.person FROM reporting_line l
            WHERE l.manager = $1 AND l.kind = 'line'
                AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > $2))
        OR EXISTS (SELECT FROM score_appeal a
            WHERE a.score = s.id AND a.state = 'open'))) AS found
WHERE $1 = ANY (above || countersigning) OR organisation = $3
ORDER BY due_at, name, id
"""  # noqa: S608 - statements of our own
DECIDE: Final = mark("Decide on the score of %(name)s")
SETTLE: Final = mark("Settle the appeal of %(name)s")


async def waiting(caller: SignedIn, day: date) -> list[Waiting]:
    """Return what waits for a person, in one statement."""
    administers = Role.HR_ADMINISTRATOR in caller.roles
    with within_reach(EVERYONE):  # Managers may work elsewhere.
        async with transaction() as connection:
            rows = await connection.fetch(
                WAITING, caller.id, day, caller.organisation if administers else None
            )
    found: list[Waiting] = []
    for row in rows:
        stance, name = stance_from(row), row["name"] or ""
        path = f"/records/{row['record']}"
        if _settles(row, stance, caller):
            found.append(Waiting(SETTLE, f"{path}/appeal", name, row["due_at"]))
        elif _decides(row, stance, caller):
            found.append(Waiting(DECIDE, f"{path}/decision", name))
    return found


def _settles(row: Record, stance: Stance, caller: SignedIn) -> bool:
    if not stance.under_appeal:
        return False
    around = Around(
        subject=row["person"],
        organisation=row["organisation"],
        above=row["above"],
        countersigning=frozenset(row["countersigning"]),
        deciders=frozenset(made.decided_by for made in decisions_from(row)),
    )
    asking = Asking(
        id=caller.id,
        administers=Role.HR_ADMINISTRATOR in caller.roles
        and caller.organisation == row["organisation"],
        above=row["own"],
    )
    try:
        settles_as(asking, around)
    except NotYoursToSettle:
        return False
    return True


def _decides(row: Record, stance: Stance, caller: SignedIn) -> bool:
    is_manager = row["above"][:1] == [caller.id]
    open_ = stance.decision is None and not stance.under_appeal
    return is_manager and open_ and row["state"] == State.PUBLISHED
