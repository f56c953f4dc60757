"""What of feedback waits for one person: to give, to propose, to read, to moderate.

The law: of what raters do it tells each rater their own, and nobody anything else.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.db.reach import EVERYONE, within_reach
from service.db.together import together
from service.feedback.actions import open_requests
from service.feedback.life import State
from service.feedback.moderation.queries import COMMENTS
from service.feedback.outsiders import NEAR
from service.feedback.own import Own
from service.feedback.queries import limits_in
from service.web.language import mark
from service.web.waiting import Waiting

AHEAD: Final = timedelta(days=90)
"""For so long before a window opens its pools are to be filled."""
NAME: Final = """
(SELECT d.given_name || ' ' || d.family_name FROM person_details d
    WHERE d.person = {0} ORDER BY d.valid_to DESC NULLS FIRST, d.valid_from DESC,
    d.organisation, d.id LIMIT 1)
"""
NAMES: Final = f"""
SELECT who AS person, {NAME.format("who")} AS name FROM unnest($2::uuid[]) AS t (who)
"""  # noqa: S608 - our own
POOLS: Final = f"""
SELECT r.id, r.person = $1 AS own, {NAME.format("r.person")} AS name, c.framework,
    opens.starts_at AS opens_at, (SELECT count(*) FROM feedback_nomination f
        WHERE f.record = r.id AND f.state = 'proposed') AS proposed
FROM appraisal_record r JOIN cycle c ON c.id = r.cycle AND c.state = 'open'
JOIN cycle_stage opens ON opens.cycle = c.id AND opens.stage = 'feedback_opens'
JOIN cycle_stage closes ON closes.cycle = c.id AND closes.stage = 'feedback_closes'
WHERE $1 IN (r.person, (SELECT l.manager FROM reporting_line l
        WHERE l.person = r.person AND l.kind = 'line' AND l.valid_from <= $3::date
            AND (l.valid_to IS NULL OR l.valid_to > $3::date)
        ORDER BY l.valid_from, l.organisation, l.id LIMIT 1))
    AND opens.starts_at < $4::timestamptz + $5::interval
    AND closes.starts_at > $4::timestamptz
    AND NOT EXISTS (SELECT FROM feedback_draw w WHERE w.record = r.id)
ORDER BY own DESC, name, r.id
"""  # noqa: S608 - our own
RELEASED: Final = """
SELECT r.id FROM appraisal_record r
JOIN cycle c ON c.id = r.cycle AND c.state <> 'archived'
JOIN feedback_draw w ON w.record = r.id
JOIN feedback_window n ON n.id = w."window" AND n.released_at IS NOT NULL
WHERE r.person = $1
    AND NOT EXISTS (SELECT FROM feedback_reply y WHERE y.record = r.id)
ORDER BY n.released_at, r.id
"""
OFFICER: Final = """
SELECT b.id FROM break_glass b
WHERE b.organisation = $6 AND b.approved_by IS NULL AND b.asked_by <> $1
ORDER BY b.asked_at, b.id
"""
TO_READ: Final = f"""
SELECT min(found.releases_at) AS due FROM ({COMMENTS}) AS found HAVING count(*) > 0
"""  # noqa: S608 - our own
TO_REVIEW: Final = f"""
WITH RECURSIVE pending AS MATERIALIZED (
    SELECT r.id AS record, r.person, w.drawn_at::date AS drawn_on, n.releases_at
    FROM feedback_to_review t JOIN appraisal_record r ON r.id = t.record
    JOIN feedback_draw w ON w.record = r.id
    JOIN feedback_window n ON n.id = w."window"
    WHERE n.closed_at IS NOT NULL AND n.released_at IS NULL AND r.organisation <> $1
        AND NOT EXISTS (SELECT FROM feedback_score_review v WHERE v.record = r.id)
        AND EXISTS (SELECT FROM data_sharing g
            WHERE g.valid_from <= $2 AND g.valid_to > $2
                AND (g.organisation, g.partner) IN (
                    (r.organisation, $1), ($1, r.organisation)))
), {NEAR}
SELECT min(releases_at) AS due FROM pending
WHERE record NOT IN (SELECT record FROM near) HAVING count(*) > 0
"""  # noqa: S608 - our own
GIVE: Final = mark("Give feedback on %(name)s")
GO_ON: Final = mark("Finish your feedback on %(name)s")
SEND: Final = mark("Send the changes to your feedback on %(name)s")
PROPOSE: Final = mark("Propose colleagues who can give feedback on you")
ADD: Final = mark("Add colleagues who can give feedback on %(name)s")
READ: Final = mark("Read the feedback that colleagues gave on you")
APPROVE: Final = mark("Decide whether to approve break-glass")
COMMENT: Final = mark("Read comments before they are released")
REVIEW: Final = mark("Review scores that hang on one form")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


async def waiting(caller: SignedIn, now: datetime) -> list[Waiting]:
    """Return what waits for a person, in two statements; of a moderator, in three."""
    with within_reach(EVERYONE):  # Subjects work elsewhere.
        own = await open_requests(caller, now)
        officer = Role.DATA_PROTECTION_OFFICER in caller.roles
        rows = await together(
            {"names": NAMES, "pools": POOLS, "released": RELEASED, "glass": OFFICER},
            caller.id,
            [each.subject for each in own],
            now.date(),
            now,
            AHEAD,
            caller.organisation if officer else None,
        )
        found = [*_requests(own, rows), *_others(rows)]
        if Role.TEXT_MODERATOR in caller.roles:
            found += await _to_moderate(caller.organisation, now)
    return found


def _requests(own: Sequence[Own], rows: Rows) -> Iterator[Waiting]:
    names = {UUID(row["person"]): row["name"] for row in rows["names"]}
    for each in own:
        if each.state == State.SUBMITTED and not each.unsent:
            continue
        says = {State.DRAFT: GO_ON, State.SUBMITTED: SEND}.get(each.state, GIVE)
        path = f"/feedback/{each.request}"
        yield Waiting(says, path, names[each.subject] or "", each.closes_at)


def _others(rows: Rows) -> Iterator[Waiting]:
    for row in rows["pools"]:
        if row["proposed"] < limits_in(row["framework"]).aim:
            says = PROPOSE if row["own"] else ADD
            due = datetime.fromisoformat(row["opens_at"])
            yield Waiting(says, f"/records/{row['id']}/raters", row["name"] or "", due)
    for row in rows["released"]:
        yield Waiting(READ, f"/records/{row['id']}/results")
    for _ in rows["glass"]:
        yield Waiting(APPROVE, "/hr/break-glass")


async def _to_moderate(organisation: str, now: datetime) -> list[Waiting]:
    rows = await together(
        {"comments": TO_READ, "scores": TO_REVIEW}, organisation, now.date(), None
    )
    return [
        Waiting(says, path, due=datetime.fromisoformat(row["due"]))
        for name, says, path in (
            ("comments", COMMENT, "/comments"),
            ("scores", REVIEW, "/hr/reviews"),
        )
        for row in rows[name]
    ]
