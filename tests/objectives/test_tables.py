"""What PostgreSQL refuses by itself, were the rules ever passed by."""

import asyncpg
import pytest

from service.db import transaction
from tests.objectives.joint import Joint, agree

ANOTHER_PERCENT = (
    "INSERT INTO contribution SELECT organisation, gen_random_uuid(), objective,"
    " (SELECT id FROM person WHERE id <> ALL (SELECT person FROM contribution)"
    " LIMIT 1), 'supporting', 1, '' FROM contribution WHERE role = 'major'"
)


async def execute(*statements: str) -> None:
    """Run SQL as the service's own role and check what is checked at commit."""
    async with transaction() as connection:
        for statement in (*statements, "SET CONSTRAINTS ALL IMMEDIATE"):
            await connection.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contribution SET share = share - 1 WHERE role = 'lead'",
        "UPDATE contribution SET share = share + 1 WHERE role = 'major'",
        "DELETE FROM contribution WHERE role = 'major'",
        ANOTHER_PERCENT,
    ],
)
async def test_shares_that_do_not_sum_to_a_hundred_never_commit(
    joint: Joint, change: str
) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.CheckViolationError, match="shares of objective"):
        await execute(change)


async def test_shares_may_move_within_one_transaction(joint: Joint) -> None:
    fact = await joint.drafted()
    await execute(
        "UPDATE contribution SET share = share - 10 WHERE role = 'lead'",
        "UPDATE contribution SET share = share + 10 WHERE role = 'major'",
    )
    async with transaction() as connection:
        total = await connection.fetchval(
            "SELECT sum(share) FROM contribution WHERE objective = $1", fact.id
        )
    assert total == 100


@pytest.mark.parametrize("share", [0, -1, 101])
async def test_a_share_is_a_percentage(joint: Joint, share: int) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.CheckViolationError, match="share_is_a_percentage"):
        await execute(f"UPDATE contribution SET share = {share}")  # noqa: S608 - ours


async def test_an_objective_has_one_lead(joint: Joint) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.UniqueViolationError, match="contribution_one_lead"):
        await execute("UPDATE contribution SET role = 'lead'")


async def test_a_person_contributes_once(joint: Joint) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.UniqueViolationError, match="one_a_person"):
        await execute(
            "INSERT INTO contribution SELECT organisation, gen_random_uuid(),"
            " objective, person, 'supporting', 1, '' FROM contribution"
        )


async def test_only_a_party_contributes(joint: Joint) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await execute("UPDATE contribution SET organisation = 'moj'")


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("stage", "finished", "shared_objective_stage_is_known"),
        ("kind", "target", "shared_objective_kind_is_known"),
        ("ownership_model", "mine", "shared_objective_ownership_is_known"),
        ("title", "", "shared_objective_has_title"),
        ("priority_code", "P1", "shared_objective_priority_is_whole"),
    ],
)
async def test_an_objective_that_cannot_be_is_not_stored(
    joint: Joint, column: str, value: str, constraint: str
) -> None:
    await joint.drafted()
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await execute(f"UPDATE shared_objective SET {column} = '{value}'")  # noqa: S608 - ours


async def test_nobody_agrees_twice_in_one_capacity(joint: Joint) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    with pytest.raises(asyncpg.UniqueViolationError, match="objective_agreement_once"):
        await execute(
            "INSERT INTO objective_agreement SELECT organisation, gen_random_uuid(),"
            " objective, objective_version, capacity, contribution, person, comment,"
            " agreed_at FROM objective_agreement"
        )


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM objective_agreement",
        "UPDATE objective_agreement SET agreed_at = now()",
    ],
)
async def test_who_agreed_is_never_rewritten(joint: Joint, change: str) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(change)
