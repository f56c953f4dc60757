"""Objectives from before there were versions, as the migrations leave them."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.auth.caller import Person
from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate, undo
from service.objectives import queries
from service.objectives.content import digest, plain
from service.objectives.rules import OwnershipModel
from service.objectives.stages import ContributionState, Stage
from service.objectives.tables import Version
from tests.database import connected
from tests.objectives.acting import leave
from tests.objectives.joint import Joint, a_joint_department, agree, change

BEFORE = "m0015_people_search"


@pytest.fixture
async def address(addresses: Addresses, opened: None) -> AsyncIterator[str]:
    """A database of its own with departments in it; its owner's address."""
    name, kept = f"before_{uuid4().hex[:12]}", DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        await DB.open(addresses.application.replace("@/joinedup", f"@/{name}"), size=2)
        yield there
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def before_and_after(address: str, addresses: Addresses) -> None:
    """Undo what came since, and do it again."""
    await undo(address, to=BEFORE)
    await migrate(address, role_of(addresses.application))


async def versions(id_: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Version.select().where(Version.objective == id_).order_by(Version.version)
    )
    return rows


async def test_it_says_what_it_said_with_the_digest_of_that(
    address: str, addresses: Addresses
) -> None:
    joint = await a_joint_department()
    fact = await joint.proposed(
        title='Ffôn "unwaith" \\ a/b',
        outcome="One\n\ttwo\x7f\x01\x1f",
        measures="€ “x”",
    )
    await agree(fact.id, joint.dft.head)
    await before_and_after(address, addresses)

    after = await queries.objective(fact.id)
    assert plain(after.content) == plain(fact.content)
    (first,) = await versions(fact.id)
    assert json.loads(first["content"]) == plain(fact.content)
    assert first["digest"] == digest(plain(fact.content))
    assert (after.stage, after.version, after.terms) == (Stage.PROPOSED, 1, 1)
    assert {p.organisation: p.state for p in after.contributions} == {
        "hmt": ContributionState.INVITED,
        "dft": ContributionState.ACCEPTED,
    }


async def test_it_lives_on_from_there(address: str, addresses: Addresses) -> None:
    joint = await a_joint_department()
    fact = await joint.agreed()
    await before_and_after(address, addresses)

    fact = await queries.objective(fact.id)
    assert fact.stage == Stage.AGREED
    assert all(part.agreed for part in fact.contributions)
    fact = await change(fact, Person(joint.hmt.head), title="Two front doors")
    assert [row["version"] for row in await versions(fact.id)] == [1, 2]
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED


async def test_going_back_keeps_what_an_older_service_can_keep(
    address: str, addresses: Addresses
) -> None:
    joint: Joint = await a_joint_department()
    freely = OwnershipModel.VOLUNTARY_COORDINATION
    fact = await joint.agreed(ownership_model=freely)
    theirs = next(p.id for p in fact.contributions if p.organisation == "dft")
    await leave(fact.id, theirs, joint.dft.head)
    await before_and_after(address, addresses)

    fact = await queries.objective(fact.id)
    assert (fact.stage, [p.organisation for p in fact.contributions]) == (
        Stage.DRAFT,
        ["hmt"],
    )
