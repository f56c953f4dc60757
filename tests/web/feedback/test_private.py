"""Using the pages leaves no trace that anybody but their rater could read."""

from collections.abc import Awaitable, Callable

import pytest
from asyncpg.connection import LoggedQuery

from service.db import transaction
from tests.feedback.attacks.transcripts import BEHIND_THE_DOOR
from tests.scoring import undone
from tests.web.counting import CONTROL, MOST, asked
from tests.web.feedback.rating import HINTED, Rating

TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND has_table_privilege(oid, 'SELECT')
    AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
ALSO_QUEUED = {"feedback_mail", "outbox"}
"""Where a decline invites the next, as anybody's would."""


async def rows() -> dict[str, list[str]]:
    """Every row that others than raters can be shown anything of."""
    found = {}
    async with transaction() as connection:
        for table in await connection.fetch(TABLES):
            name = table["relname"]
            if name not in BEHIND_THE_DOOR:
                read = await connection.fetch(f'SELECT t::text FROM "{name}" t')  # noqa: S608 - our own
                found[name] = sorted(row[0] for row in read)
    return found


async def open_it(rater: Rating) -> None:
    assert (await rater.get()).status_code == 200


async def save(rater: Rating) -> None:
    assert (await rater.fill_in(action="save")).status_code == 303


async def save_what_is_wrong(rater: Rating) -> None:
    assert (await rater.fill_in(months="many")).status_code == 422


async def send(rater: Rating) -> None:
    assert (await rater.fill_in()).status_code == 303


async def check_and_send(rater: Rating) -> None:
    await rater.fill_in(**HINTED)
    assert (await rater.get("/check")).status_code == 200
    assert (await rater.send("/check", version="1")).status_code == 303


async def send_and_change(rater: Rating) -> None:
    await rater.fill_in()
    assert (await rater.fill_in(version="1", resolves="2")).status_code == 303


async def decline(rater: Rating) -> None:
    assert (await rater.send("/decline", reason="Brief.")).status_code == 303


ACTS = [
    open_it,
    save,
    save_what_is_wrong,
    send,
    check_and_send,
    send_and_change,
    decline,
]


@pytest.mark.parametrize("act", ACTS)
async def test_nothing_that_others_read_moves(
    rater: Rating, act: Callable[[Rating], Awaitable[None]]
) -> None:
    before = await rows()
    await act(rater)
    after = await rows()
    moved = {name for name in before if before[name] != after[name]}
    assert moved <= (ALSO_QUEUED if act is decline else set())


async def test_no_line_of_the_log_tells_of_it(
    rater: Rating, capsys: pytest.CaptureFixture[str]
) -> None:
    for act in (open_it, save_what_is_wrong, check_and_send):
        async with undone():
            await act(rater)
    await rater.visitor.get("/feedback")
    await rater.visitor.get("/help")
    said = capsys.readouterr().out
    assert "route=/help" in said
    assert "feedback" not in said


async def statements(rater: Rating, step: str) -> int:
    """How many a page takes at the first look."""
    logged: list[LoggedQuery] = []
    async with transaction() as connection:
        with connection.query_logger(logged.append):
            answer = await rater.get(step)
    assert answer.status_code == 200, answer.text
    return sum(not CONTROL.match(each.query) for each in logged)


async def test_no_page_asks_more_of_the_database_than_it_may(rater: Rating) -> None:
    assert len(await asked(rater.visitor, "/feedback")) <= MOST
    taken = {
        "": await statements(rater, ""),
        "/decline": await statements(rater, "/decline"),
    }
    await rater.fill_in(**HINTED)
    taken |= {step: await statements(rater, step) for step in ("/check", "/saved")}
    await rater.send("/check", version="1")
    taken |= {step: await statements(rater, step) for step in ("", "/sent")}
    assert max(taken.values()) <= MOST, taken
