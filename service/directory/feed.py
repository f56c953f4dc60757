"""What the feeds of organisations are told of the people they employ.

The law: a person is told of to each organisation of which something that it is told of
them changed, and when nothing of them is open there any more, once as gone.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.changes.actions import note
from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.directory.dated import DETAILS, IDENTIFIERS, POSTINGS, Changes, Dated

TYPE: Final = "person"
TOLD: Final[tuple[Dated[Any], ...]] = (DETAILS, IDENTIFIERS, POSTINGS)
"""What the feed's entry of a person is drawn from."""
LOCK: Final = "SELECT FROM person WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"
STAND: Final = """
SELECT changed.organisation, changed.person,
    1 + coalesce((SELECT max(c.version) FROM change_log c
        WHERE c.organisation = changed.organisation AND c.entity = changed.person
            AND c.stream = $3), 0) AS version,
    EXISTS (SELECT FROM person_details d
        WHERE d.organisation = changed.organisation AND d.person = changed.person
            AND d.valid_to IS NULL) AS employed
FROM unnest($1::varchar[], $2::uuid[]) AS changed (organisation, person)
"""


async def tell_of_people(changes: Changes, *, now: datetime) -> None:
    """Note whom these changes are about; call it once they are written.

    In the transaction that writes them, in a number of statements that does not grow.
    """
    about: set[tuple[str, UUID]] = {
        (each.held.organisation, each.held.facts.person)
        for each in changes.closing
        if each.table in TOLD
    } | {
        (each.organisation, each.facts.person)
        for each in changes.opening
        if each.table in TOLD
    }
    if not about:
        return
    codes, people = zip(*sorted(about), strict=True)
    async with transaction() as connection:
        # Two who change the same person would count the same version.
        await connection.execute(LOCK, sorted({*people}))
        rows = await connection.fetch(STAND, codes, people, Stream.PEOPLE)
        await note(
            [
                Change(
                    row["organisation"],
                    Stream.PEOPLE,
                    TYPE,
                    row["person"],
                    row["version"],
                    Op.UPSERT if row["employed"] else Op.DELETE,
                )
                for row in rows
            ],
            now=now,
        )
