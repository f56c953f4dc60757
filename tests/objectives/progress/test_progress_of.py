"""How many objectives get on, for a record's page: whole, and in one statement."""

from datetime import UTC, timedelta
from uuid import uuid4

from asyncpg.connection import LoggedQuery

from service.auth.caller import Person
from service.db import transaction
from service.objectives.progress.queries import progress_of
from service.objectives.progress.rules import MilestoneState
from service.objectives.progress.schemas import ProgressOut
from tests.objectives.joint import Joint
from tests.objectives.progress.going import (
    TODAY,
    WHOLE,
    dissented,
    measured,
    moved,
    planned,
    read,
    said,
)


async def test_many_objectives_are_read_in_one_statement(joint: Joint) -> None:
    ids = []
    counts = []
    for number in range(4):
        fact = await joint.agreed()
        ids.append(fact.id)
        for _ in range(number):
            await planned(fact.id, joint.machine)
            indicator = await measured(fact.id, joint.machine)
            for back in range(3):
                day = TODAY - timedelta(days=back)
                await read(fact.id, indicator, joint.machine, 50, as_of=day)
            await said(fact.id, joint.subject)
        if number:
            await dissented(fact.id, joint.partner, number)
        logged: list[LoggedQuery] = []
        async with transaction() as connection:
            with connection.query_logger(logged.append):
                found = await progress_of(ids, WHOLE)
        counts.append(len([q for q in logged if "SAVEPOINT" not in q.query]))
        assert set(found) == {*ids}

    assert counts == [1, 1, 1, 1]
    for number, id_ in enumerate(ids):
        whole = found[id_]
        assert (len(whole.milestones), len(whole.indicators)) == (number, number)
        assert {i.trend for i in whole.indicators} <= {"improving"}
        assert (whole.status and whole.status.number) == (number or None)
        assert (whole.status is not None and len(whole.status.dissents) == 1) == bool(
            number
        )


async def test_where_nothing_is_reported_nothing_is_made_up(joint: Joint) -> None:
    fact = await joint.agreed()
    assert await progress_of([fact.id, uuid4()], WHOLE) == {
        fact.id: ProgressOut(milestones=[], indicators=[], status=None)
    }
    assert await progress_of([], WHOLE) == {}


async def test_instants_are_told_in_one_zone_whatever_the_database_s(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    await moved(fact.id, id_, Person(joint.subject), MilestoneState.MET)
    await said(fact.id, joint.subject)
    async with transaction() as connection:
        await connection.execute("SET LOCAL timezone = 'Asia/Kathmandu'")
    found = (await progress_of([fact.id], WHOLE))[fact.id]
    assert found.status is not None
    met_at = found.milestones[0].met_at
    assert met_at is not None
    assert met_at.tzinfo == found.status.reported_at.tzinfo == UTC
