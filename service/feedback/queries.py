"""Windows, pools and reporting lines as feedback reads them. No rater is read here."""

from datetime import date
from typing import Final
from uuid import UUID

from service.db import transaction
from service.errors import NotFound
from service.feedback.rules import Limits
from service.feedback.tables import Draw, FeedbackWindow, Nomination
from service.records.frameworks import load
from service.records.queries import cycle_of

OWN_LINE: Final = """
WITH RECURSIVE above AS (
    SELECT l.manager AS person FROM reporting_line l
    WHERE l.person = $1 AND l.valid_from <= $2
        AND (l.valid_to IS NULL OR l.valid_to > $2)
    UNION
    SELECT l.manager FROM above a JOIN reporting_line l ON l.person = a.person
        AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > $2)
), below AS (
    SELECT l.person FROM reporting_line l
    WHERE l.manager = $1 AND l.valid_from <= $2
        AND (l.valid_to IS NULL OR l.valid_to > $2)
    UNION
    SELECT l.person FROM below b JOIN reporting_line l ON l.manager = b.person
        AND l.valid_from <= $2 AND (l.valid_to IS NULL OR l.valid_to > $2)
)
SELECT person FROM above UNION SELECT person FROM below
"""


async def own_line(person: UUID, day: date) -> set[UUID]:
    """Return everyone above and below a person on a day, however far; loops end."""
    async with transaction() as connection:
        return {row["person"] for row in await connection.fetch(OWN_LINE, person, day)}


async def window_of(cycle: UUID) -> FeedbackWindow:
    """Return the cycle's window; refuse a cycle in which nothing was asked yet."""
    window = await FeedbackWindow.objects().where(FeedbackWindow.cycle == cycle).first()
    if window is None:
        raise NotFound(f"No feedback has been asked for in cycle {cycle}.")
    return window


async def limits_of(cycle: UUID) -> Limits:
    """Return the limits of the cycle's framework."""
    feedback = load((await cycle_of(cycle))["framework"]).feedback
    return Limits(
        aim=feedback.invitations_aim,
        least=feedback.invitations_least,
        other_organisations=feedback.other_organisations,
        minimum_contact_months=feedback.minimum_contact_months,
        own_organisation_may_rate=feedback.own_organisation_may_rate,
    )


async def pool(record: UUID) -> list[UUID]:
    """Return who is in the pool that a record's raters are drawn from."""
    people: list[UUID] = (
        await Nomination.select(Nomination.person)
        .where(Nomination.record == record)
        .order_by(Nomination.person)
        .output(as_list=True)
    )
    return people


async def draw_days(window: UUID) -> dict[UUID, date]:
    """Return, per record, the day its raters were drawn."""
    rows = await Draw.select(Draw.record, Draw.drawn_at).where(Draw.window == window)
    return {row["record"]: row["drawn_at"].date() for row in rows}
