"""Windows, pools and how colleagues stand to subjects. No rater is read here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from asyncpg import Record

from service.db import Connection, transaction
from service.errors import NotFound
from service.feedback import addresses
from service.feedback.rules import Grounds, Limits
from service.feedback.tables import Draw, FeedbackWindow
from service.records.frameworks import load
from service.records.queries import cycle_of

ON_DAY: Final = "valid_from <= {0}.day AND (valid_to IS NULL OR valid_to > {0}.day)"
MAIN: Final = """
LEFT JOIN LATERAL (SELECT organisation, grade FROM posting
    WHERE posting.person = {0}.person AND valid_from <= {0}.day
        AND (valid_to IS NULL OR valid_to > {0}.day)
    ORDER BY fte DESC, valid_from, organisation, id LIMIT 1) AS held ON true
"""
"""The main posting, as the directory chooses it."""
MAILBOX: Final = """
replace(split_part(split_part(lower({0}.email), '@', 1), '+', 1), '.', '') || '@' ||
    coalesce((SELECT min(organisation) FROM organisation_domain
        WHERE domain = split_part(lower({0}.email), '@', 2)),
    split_part(lower({0}.email), '@', 2))
"""
"""What addresses of one mailbox have in common: any case, tag after a plus, dots or
none, and any domain that its organisation has or had. In doubt two people are one."""
GROUNDS: Final = f"""
WITH RECURSIVE asked (record, person, day) AS MATERIALIZED (
    SELECT * FROM unnest(
        (SELECT $1::uuid[]), (SELECT $2::uuid[]), (SELECT $3::date[]))
), about AS (
    SELECT d.record, d.day, r.organisation AS keeper, r.cycle, r.person
    FROM (SELECT DISTINCT record, day FROM asked) AS d CROSS JOIN LATERAL (
        SELECT * FROM appraisal_record WHERE id = d.record OFFSET 0) AS r
), subject AS MATERIALIZED (
    SELECT about.*, held.organisation AS sits, held.grade
    FROM about {MAIN.format("about")}
), start AS (
    SELECT person, day FROM asked UNION SELECT person, day FROM subject
), above (person, day, manager) AS (
    SELECT start.person, start.day, l.manager
    FROM start CROSS JOIN LATERAL (SELECT manager FROM reporting_line
        WHERE person = start.person AND {ON_DAY.format("start")} OFFSET 0) AS l
    UNION
    SELECT under.person, under.day, l.manager
    FROM above AS under CROSS JOIN LATERAL (SELECT manager FROM reporting_line
        WHERE person = under.manager AND {ON_DAY.format("under")} OFFSET 0) AS l
)
SELECT a.record, a.person, a.day, s.keeper, s.sits, held.organisation,
    a.person = s.person OR EXISTS (
        SELECT FROM person_details x
        JOIN person_details y ON {MAILBOX.format("x")} = {MAILBOX.format("y")}
        WHERE x.person = a.person AND y.person = s.person) AS is_subject,
    (a.person, a.day, s.person) IN (SELECT person, day, manager FROM above)
        OR (s.person, a.day, a.person) IN (SELECT person, day, manager FROM above)
        AS in_line,
    coalesce(held.grade = s.grade, false) AND EXISTS (
        SELECT FROM appraisal_record o WHERE o.person = a.person
            AND o.organisation = s.keeper AND o.cycle = s.cycle) AS competes,
    coalesce(held.organisation = s.keeper, false) OR EXISTS (
        SELECT FROM data_sharing g
        WHERE g.valid_from <= a.day AND g.valid_to > a.day
            AND (g.organisation, g.partner) IN ((s.keeper, held.organisation),
                (held.organisation, s.keeper))) AS shares,
    (SELECT {MAILBOX.format("d")} FROM person_details d WHERE d.person = a.person
        ORDER BY valid_to DESC NULLS FIRST, valid_from DESC LIMIT 1) AS mailbox
FROM asked a JOIN subject s ON s.record = a.record AND s.day = a.day
{MAIN.format("a")}
"""  # noqa: S608 - our own
"""Upwards from both sides: whoever is below the subject has the subject above them.

One is asked about at each submission. `SELECT $1` hides from PostgreSQL how many are,
so that it keeps the plan it made; `OFFSET 0` has it look up each record and manager by
index, where it would read all reporting lines at every step upwards.
"""
POOL: Final = f"""
WITH gone (mailbox) AS MATERIALIZED (
    SELECT {MAILBOX.format("a")} FROM unnest($2::text[]) AS a (email)
    UNION
    SELECT {MAILBOX.format("x")} FROM feedback_nomination t
    JOIN person_details x ON x.person = t.person
    WHERE t.record = $1 AND t.state <> 'proposed'
)
SELECT n.person FROM feedback_nomination n
WHERE n.record = $1 AND n.state = 'proposed' AND n.person IS NOT NULL
    AND NOT EXISTS (SELECT FROM person_details d
        JOIN gone ON gone.mailbox = {MAILBOX.format("d")} WHERE d.person = n.person)
ORDER BY n.person
"""  # noqa: S608 - our own
"""Whoever was taken out, by address or as a person, is out by any other account."""
SUBJECTS: Final = f"""
SELECT DISTINCT ON (d.person) d.person, d.organisation, d.given_name, d.family_name,
    held.title, (SELECT name FROM organisation_name n
        WHERE n.organisation = d.organisation AND n.kind = 'official'
        ORDER BY n.valid_to DESC NULLS FIRST, n.valid_from DESC, n.id LIMIT 1) AS named
FROM (SELECT *, $2::date AS day FROM person_details WHERE person = ANY ($1)) AS d
LEFT JOIN LATERAL (SELECT title FROM posting
    WHERE posting.person = d.person AND {ON_DAY.format("d")}
    ORDER BY fte DESC, valid_from, organisation, id LIMIT 1) AS held ON true
ORDER BY d.person, d.valid_to DESC NULLS FIRST, d.valid_from DESC, d.organisation, d.id
"""  # noqa: S608 - our own
"""One statement: each page of a rater asks."""
SHARED: Final = """
SELECT DISTINCT o.id, o.title FROM shared_objective o
JOIN contribution mine ON mine.objective = o.id AND mine.person = $2
JOIN contribution theirs ON theirs.objective = o.id AND theirs.person = $3
WHERE o.cycle = $1 AND o.stage IN ('agreed', 'disputed', 'assessed', 'closed')
    AND mine.state = 'accepted' AND theirs.state = 'accepted'
ORDER BY o.title, o.id
"""


@dataclass(frozen=True, slots=True)
class WindowFact:
    """The window of one cycle."""

    id: UUID
    cycle: UUID
    opens_at: datetime
    closes_at: datetime
    releases_at: datetime
    closed_at: datetime | None
    """From when nothing was accepted any more."""
    released_at: datetime | None
    form_version: int
    weighed_by: str | None
    """The method by which scores hang on one form; None: as looking has it."""


class Judged(NamedTuple):
    """A colleague as they stand to the subject of a record on a day."""

    record: UUID
    person: UUID
    day: date


@dataclass(frozen=True, slots=True)
class Shared:
    """An objective that a rater and a subject share."""

    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom feedback is about, as their raters may know them."""

    name: str
    title: str | None
    organisation: str
    """Its code."""
    organisation_name: str


async def subjects_on(people: Collection[UUID], day: date) -> dict[UUID, Subject]:
    """Return whom feedback is about, with the title each had on a day."""
    async with transaction() as connection:
        rows = await connection.fetch(SUBJECTS, people, day)
    return {
        row["person"]: Subject(
            name=f"{row['given_name']} {row['family_name']}",
            title=row["title"],
            organisation=row["organisation"],
            organisation_name=row["named"] or row["organisation"].upper(),
        )
        for row in rows
    }


async def window_of(cycle: UUID) -> WindowFact:
    """Return the cycle's window; refuse a cycle in which nothing was asked yet."""
    row = await FeedbackWindow.select().where(FeedbackWindow.cycle == cycle).first()
    if row is None:
        raise NotFound(f"No feedback has been asked for in cycle {cycle}.")
    return WindowFact(**row)


async def limits_of(cycle: UUID) -> Limits:
    """Return the limits of the cycle's framework."""
    return limits_in((await cycle_of(cycle))["framework"])


def limits_in(framework: str) -> Limits:
    """Return the limits of a framework, by its code."""
    feedback = load(framework).feedback
    return Limits(
        aim=feedback.invitations_aim,
        least=feedback.invitations_least,
        most=feedback.invitations_most,
        other_organisations=feedback.other_organisations,
        outside_percent=feedback.outside_percent,
        minimum_contact_months=feedback.minimum_contact_months,
        own_organisation_may_rate=feedback.own_organisation_may_rate,
    )


async def grounds(
    connection: Connection, asked: Collection[Judged]
) -> list[tuple[Judged, Grounds]]:
    """Return what each eligibility is judged on, in one statement however many."""
    rows = await connection.fetch(
        GROUNDS,
        [each.record for each in asked],
        [each.person for each in asked],
        [each.day for each in asked],
    )
    return [
        (Judged(row["record"], row["person"], row["day"]), _grounds(row))
        for row in rows
    ]


def _grounds(row: Record) -> Grounds:
    return Grounds(
        person=row["person"],
        mailbox=row["mailbox"],
        organisation=row["organisation"],
        home=frozenset({row["keeper"], row["sits"]} - {None}),
        keeper=row["keeper"],
        is_subject=row["is_subject"],
        in_line=row["in_line"],
        competes=row["competes"],
        shares=row["shares"],
    )


async def pool(record: UUID) -> list[UUID]:
    """Return who is in the pool that a record's raters are drawn from."""
    async with transaction() as connection:
        gone = await addresses.taken_out(connection, record)
        return [row["person"] for row in await connection.fetch(POOL, record, gone)]


async def draw_days(window: UUID) -> dict[UUID, date]:
    """Return, per record, the day its raters were drawn."""
    rows = await Draw.select(Draw.record, Draw.drawn_at).where(Draw.window == window)
    return {row["record"]: row["drawn_at"].date() for row in rows}


async def draw_of(record: UUID, window: UUID) -> Draw | None:
    """Return the draw of a record's raters in a window, if it has been made."""
    return (
        await Draw.objects().where(Draw.record == record, Draw.window == window).first()
    )


async def shared_by(cycle: UUID, subject: UUID, rater: UUID) -> list[Shared]:
    """Return the agreed objectives that both contribute to, in a cycle, by title."""
    async with transaction() as connection:
        rows = await connection.fetch(SHARED, cycle, subject, rater)
    return [Shared(row["id"], row["title"]) for row in rows]
