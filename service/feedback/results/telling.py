"""Tells subjects and their line managers that feedback has been released.

The law: everybody whose raters were drawn is told alike, whatever came of it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from service.db import transaction
from service.directory.queries import line_managers_on, postings_on
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind

DRAWN: Final = """
SELECT r.id, r.person, r.organisation FROM feedback_draw d
JOIN appraisal_record r ON r.id = d.record WHERE d."window" = $1
"""


async def tell_released(window: UUID, now: datetime) -> None:
    """Tell them of each record, once, where they work by now."""
    async with transaction() as connection:
        rows = await connection.fetch(DRAWN, window)
    subjects = {row["person"] for row in rows}
    managers = await line_managers_on(subjects, now.date())
    held = await postings_on({*subjects, *managers.values()}, now.date())

    def notices() -> Iterator[Notice]:
        for row in rows:
            for person in {row["person"], managers.get(row["person"])} - {None}:
                yield Notice(
                    person=person,
                    organisation=held[person].organisation
                    if person in held
                    else row["organisation"],
                    kind=NoticeKind.FEEDBACK_RELEASED,
                    about=row["id"],
                    key=str(row["id"]),
                )

    await tell([*notices()], now=now)
