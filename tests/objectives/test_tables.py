"""What PostgreSQL refuses by itself, were the rules ever passed by."""

import asyncpg
import pytest

from service.db import transaction
from service.objectives import queries
from tests.objectives.acting import dispute, execute
from tests.objectives.joint import Joint, agree

ANOTHER_PERCENT = (
    "INSERT INTO contribution SELECT organisation, gen_random_uuid(), objective,"
    " (SELECT id FROM person WHERE id <> ALL (SELECT person FROM contribution)"
    " LIMIT 1), 'supporting', 1, '', 'invited' FROM contribution WHERE role = 'major'"
)


SHARES_OFF = [
    "UPDATE contribution SET share = share - 1 WHERE role = 'lead'",
    "UPDATE contribution SET share = share + 1 WHERE role = 'major'",
    "DELETE FROM contribution WHERE role = 'major'",
    "UPDATE contribution SET state = 'left' WHERE role = 'major'",
    ANOTHER_PERCENT,
]


@pytest.mark.parametrize("change", SHARES_OFF)
async def test_shares_that_do_not_sum_to_a_hundred_never_commit(
    joint: Joint, change: str
) -> None:
    await joint.proposed()
    with pytest.raises(asyncpg.CheckViolationError, match="shares of objective"):
        await execute(change)


@pytest.mark.parametrize("change", SHARES_OFF)
async def test_a_draft_may_be_in_pieces(joint: Joint, change: str) -> None:
    await joint.drafted()
    await execute(change)
    with pytest.raises(asyncpg.CheckViolationError, match="shares of objective"):
        await execute("UPDATE shared_objective SET stage = 'proposed'")


async def test_shares_may_move_within_one_transaction(joint: Joint) -> None:
    fact = await joint.proposed()
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
    with pytest.raises(asyncpg.UniqueViolationError, match="contribution_once"):
        await execute(
            "INSERT INTO contribution SELECT organisation, gen_random_uuid(),"
            " objective, person, 'supporting', 1, '', 'invited' FROM contribution"
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
            " agreed_at, digest FROM objective_agreement"
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


async def test_of_what_a_person_contributes_for_two_departments_one_counts(
    joint: Joint,
) -> None:
    fact = await joint.drafted()
    again = (
        "INSERT INTO contribution SELECT 'dft', gen_random_uuid(), objective, person,"
        " 'supporting', 1, '', '{}' FROM contribution WHERE role = 'lead'"
    )
    with pytest.raises(asyncpg.UniqueViolationError, match="one_a_person"):
        await execute(again.format("invited"))
    await execute(again.format("left"))
    assert len((await queries.objective(fact.id)).live) == 2


ANOTHER_OWNER = (
    "INSERT INTO objective_owner SELECT organisation, gen_random_uuid(), objective,"
    " {}, '{}' FROM objective_owner"
)


@pytest.mark.parametrize(
    "change", ["DELETE FROM objective_owner", ANOTHER_OWNER.format(2, "{}")]
)
async def test_two_owners_or_none_never_commit(joint: Joint, change: str) -> None:
    await joint.proposed()
    with pytest.raises(asyncpg.CheckViolationError, match="accountable owners"):
        await execute(change.format(joint.hmt.head))


async def test_two_of_one_number_are_one_owner(joint: Joint) -> None:
    await joint.proposed()
    await execute(ANOTHER_OWNER.format(1, joint.hmt.head))
    with pytest.raises(asyncpg.UniqueViolationError, match="objective_owner_once"):
        await execute(ANOTHER_OWNER.format(2, joint.hmt.head))


async def test_several_owners_are_whole_in_collective_accountability_alone(
    joint: Joint,
) -> None:
    collective = "UPDATE shared_objective SET ownership_model = '{}'"
    await joint.proposed()
    await execute(
        ANOTHER_OWNER.format(2, joint.hmt.head),
        collective.format("collective_accountability"),
    )
    with pytest.raises(asyncpg.CheckViolationError, match="2 accountable owners"):
        await execute(collective.format("structural"))


@pytest.mark.parametrize("table", ["objective_version", "objective_step"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET reason = 'none'"])
async def test_what_was_said_and_done_is_never_rewritten(
    joint: Joint, table: str, change: str
) -> None:
    await joint.proposed()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(change.format(table))


async def test_a_dispute_is_settled_whole(joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    with pytest.raises(asyncpg.CheckViolationError, match="is_settled_whole"):
        await execute("UPDATE objective_dispute SET outcome = 'kept'")


async def test_one_dispute_in_one_capacity_is_open(joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.subject)
    with pytest.raises(asyncpg.UniqueViolationError, match="dispute_one_open"):
        await execute(
            "INSERT INTO objective_dispute SELECT organisation, gen_random_uuid(),"
            " objective, version, contribution, capacity, person, reason, raised_at"
            " FROM objective_dispute"
        )
