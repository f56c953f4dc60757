"""Note what changed, inside the transaction that changes it.

The law: a change and its row in the feed commit together or not at all.
"""

from collections.abc import Collection
from datetime import datetime

from service.changes.rules import Change
from service.db import DB

ADD_CHANGES = (
    "INSERT INTO change_log"
    " (organisation, stream, type, entity, version, op, changed_at)"
    " SELECT organisation, stream, type, entity, version, op, $1"
    " FROM unnest($2::varchar[], $3::varchar[], $4::varchar[], $5::uuid[],"
    " $6::integer[], $7::varchar[]) WITH ORDINALITY"
    " AS change (organisation, stream, type, entity, version, op, place)"
    " ORDER BY place"
)


async def note(changes: Collection[Change], *, now: datetime) -> None:
    """Add the rows in the caller's transaction, in the order given, in one statement.

    Their numbers come at commit. An entity noted twice has two rows, and the reader
    keeps the greater version: to drop the first would be to take back a row, and a
    log from which rows are taken proves nothing.
    """
    if not changes:
        return
    opened = DB.current_transaction.get(None)
    if opened is None:
        raise RuntimeError("A change is noted in the transaction that makes it")
    await opened.connection.execute(
        ADD_CHANGES,
        now,
        [change.organisation for change in changes],
        [change.stream for change in changes],
        [change.type for change in changes],
        [change.entity for change in changes],
        [change.version for change in changes],
        [change.op for change in changes],
    )
