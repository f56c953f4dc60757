"""What PostgreSQL holds by itself, were the rules ever passed by, and at once."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.auth.caller import Person
from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import known, migrate, undo
from service.db.reach import NOBODY, only, within_reach
from service.errors import Stale
from service.jobs.tables import Delivery, StoredNotice
from service.objectives.progress import queries
from service.objectives.progress.rules import MilestoneState
from tests.database import connected
from tests.objectives.joint import Joint, a_joint_department
from tests.objectives.progress.going import (
    WHOLE,
    dissented,
    measured,
    moved,
    planned,
    read,
    said,
    stands,
)

TABLES = (
    "objective_milestone",
    "objective_indicator",
    "objective_progress_version",
    "objective_reading",
    "objective_status",
    "objective_dissent",
)
ANOTHER = (
    "INSERT INTO objective_status SELECT organisation, gen_random_uuid(), objective,"
    " {}, {}, status, text, person, reported_at FROM objective_status LIMIT 1"
)


async def everything(joint: Joint) -> UUID:
    """An objective with a row in every table, and two statuses."""
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)
    await moved(fact.id, id_, Person(joint.partner), MilestoneState.MET)
    indicator = await measured(fact.id, joint.machine)
    await read(fact.id, indicator, joint.machine, 50)
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner)
    await said(fact.id, joint.subject)
    return fact.id


async def broken_by(statement: str) -> str | None:
    """Return the constraint that refuses a statement."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as found:
        async with transaction() as connection:
            await connection.execute(statement)
    name: str | None = found.value.constraint_name
    return name


async def test_two_statuses_have_not_one_number_and_none_is_left_out(
    joint: Joint,
) -> None:
    await everything(joint)
    for number, follows, constraint in (
        ("2", "1", "objective_status_once"),
        ("4", "3", "objective_status_leaves_no_gap"),
        ("4", "2", "objective_status_counts_on"),
        ("3", "NULL", "objective_status_counts_on"),
    ):
        assert await broken_by(ANOTHER.format(number, follows)) == constraint
    async with transaction() as connection:
        assert await connection.execute(ANOTHER.format("3", "2")) == "INSERT 0 1"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("milestone SET title = ''", "milestone_has_title"),
        (
            (
                "milestone SET state = 'late', met_at = NULL, met_by = NULL,"
                " met_for = NULL"
            ),
            "milestone_state_is_known",
        ),
        ("milestone SET met_at = NULL", "milestone_is_met_whole"),
        ("milestone SET state = 'planned'", "milestone_is_met_whole"),
        ("milestone SET met_by = NULL", "milestone_is_met_whole"),
        ("indicator SET unit = ''", "indicator_has_unit"),
        ("indicator SET target = 61", "indicator_target_lies_ahead"),
        ("indicator SET direction = 'up'", "indicator_direction_is_known"),
        ("indicator SET change_at = -1", "indicator_change_is_a_size"),
        ("indicator SET baseline = 'NaN'", "indicator_figures_are_finite"),
        ("indicator SET compared_with = 'next'", "indicator_comparison_is_known"),
    ],
)
async def test_what_cannot_be_is_not_stored(
    joint: Joint, change: str, constraint: str
) -> None:
    await everything(joint)
    found = await broken_by(f"UPDATE objective_{change}")
    assert found == f"objective_{constraint}"


async def test_a_dissent_is_from_a_status_of_its_own_objective(joint: Joint) -> None:
    await everything(joint)
    other = await joint.agreed()
    elsewhere = await broken_by(
        "INSERT INTO objective_dissent SELECT organisation, gen_random_uuid(),"  # noqa: S608 - ours
        f" '{other.id}', status, 2, text, person, lodged_at FROM objective_dissent"
    )
    assert elsewhere == "objective_dissent_is_from_its_own"
    twice = await broken_by(
        "INSERT INTO objective_dissent SELECT organisation, gen_random_uuid(),"
        " objective, status, number, text, person, lodged_at FROM objective_dissent"
    )
    assert twice == "objective_dissent_once"


@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET organisation = ''"])
@pytest.mark.parametrize("table", TABLES[2:])
async def test_what_was_said_is_never_rewritten(
    joint: Joint, table: str, verb: str
) -> None:
    await everything(joint)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction() as connection:
            await connection.execute(verb.format(table))


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_is_there_for_parties_alone(joint: Joint, table: str) -> None:
    await everything(joint)
    count = f"SELECT count(*) FROM {table}"  # noqa: S608 - ours
    seen = {}
    for code, reach in {
        "hmt": only(["hmt"]),
        "dft": only(["dft"]),
        "moj": only(["moj"]),
        "": NOBODY,
    }.items():
        with within_reach(reach):
            async with transaction() as connection:
                seen[code] = await connection.fetchval(count)
    assert seen["hmt"] == seen["dft"] >= 1
    assert (seen["moj"], seen[""]) == (0, 0)


# In a database of its own, where each commits.


@pytest.fixture
async def apart(addresses: Addresses, opened: None) -> AsyncIterator[str]:
    """The pool is on a new database, whose owner's address this is."""
    name, kept = f"progress_{uuid4().hex[:12]}", DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        await DB.open(kept.replace("@/joinedup", f"@/{name}"), size=4)
        yield there
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_of_statuses_reported_at_once_each_has_a_number_and_one_is_current(
    apart: str,
) -> None:
    joint = await a_joint_department()
    fact = await joint.agreed()
    await asyncio.gather(*(said(fact.id, joint.subject) for _ in range(4)))
    found = await queries.statuses(fact.id, WHOLE)
    assert [s.number for s in found] == [1, 2, 3, 4]
    assert [s.current for s in found] == [False, False, False, True]


async def test_of_two_who_change_a_milestone_at_once_one_has_not_read_it(
    apart: str,
) -> None:
    joint = await a_joint_department()
    fact = await joint.agreed()
    id_ = await planned(fact.id, joint.machine)

    def have_read_the_first(version: int) -> None:
        if version != 1:
            raise Stale("Read it again.")

    ended = await asyncio.gather(
        *(
            moved(
                fact.id,
                id_,
                Person(person),
                state,
                checked=have_read_the_first,
            )
            for person, state in (
                (joint.hmt.head, MilestoneState.DROPPED),
                (joint.partner, MilestoneState.MET),
            )
        ),
        return_exceptions=True,
    )
    assert [type(each) for each in ended if each is not None] == [Stale]
    assert (await stands(fact.id)).milestones[0].version == 2


async def test_readings_that_come_at_once_are_numbered_one_by_one(apart: str) -> None:
    joint = await a_joint_department()
    fact = await joint.agreed()
    id_ = await measured(fact.id, joint.machine)
    await asyncio.gather(*(read(fact.id, id_, joint.machine, 50) for _ in range(4)))
    rows = await queries.readings(fact.id, id_, WHOLE)
    assert [row.number for row in rows] == [1, 2, 3, 4]


async def test_it_is_undone_with_whatever_was_reported(apart: str) -> None:
    joint = await a_joint_department()
    await everything(joint)
    assert await StoredNotice.exists().where(StoredNotice.kind == "dissent_lodged")
    ids = [migration.id for migration in known()]
    before = ids[ids.index("m0017_objective_progress") - 1]
    waiting = await Delivery.count()

    await undo(apart, to=before)

    assert not await StoredNotice.exists().where(StoredNotice.kind == "dissent_lodged")
    assert await Delivery.count() == waiting - 2
    await migrate(apart, role_of(DB.config["dsn"]))
    assert await StoredNotice.exists()
