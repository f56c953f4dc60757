"""What the feed of a department tells it of an objective that it has left."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from service.access.tables import DataSharing
from service.objectives import queries
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import OwnershipModel
from tests.objectives.acting import feed_of, leave, withdraw
from tests.objectives.joint import Joint, shared_no_more
from tests.objectives.test_disputing import part_of

FREELY = OwnershipModel.VOLUNTARY_COORDINATION


@pytest.fixture
async def left(joint: Joint) -> ObjectiveFact:
    """An objective that dft left, and sees on while it shares data with hmt."""
    fact = await joint.agreed(ownership_model=FREELY)
    fact = await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)
    assert (await feed_of("dft"))[-1] == (fact.revision, "upsert")
    return fact


async def reworded(joint: Joint, id_: UUID, title: str) -> ObjectiveFact:
    """The objective, said otherwise by the lead alone."""
    fact = await queries.objective(id_)
    alone = replace(joint.parts()[0], share=100)
    return await joint.changed(fact, title=title, contributions=(alone,))


async def test_whoever_left_is_told_when_it_is_there_no_more(
    joint: Joint, left: ObjectiveFact
) -> None:
    """The agreement ended on a day on which nobody changed the objective."""
    await shared_no_more()
    fact = await withdraw(left.id, joint.hmt.head)
    assert (await feed_of("dft"))[-1] == (fact.revision, "delete")


async def test_what_becomes_of_it_after_that_is_not_told(
    joint: Joint, left: ObjectiveFact
) -> None:
    await shared_no_more()
    gone = await reworded(joint, left.id, "Another")
    told = await feed_of("dft")
    assert told[-1] == (gone.revision, "delete")
    later = await withdraw(left.id, joint.hmt.head)
    assert await feed_of("dft") == told
    assert (await feed_of("hmt"))[-1] == (later.revision, "upsert")


async def test_whoever_shares_again_is_told_again(
    joint: Joint, left: ObjectiveFact
) -> None:
    await shared_no_more()
    await reworded(joint, left.id, "Another")
    await DataSharing.update({DataSharing.valid_to: date(2040, 1, 1)}, force=True)
    fact = await withdraw(left.id, joint.hmt.head)
    assert (await feed_of("dft"))[-1] == (fact.revision, "upsert")


async def test_whoever_was_never_told_of_it_is_not_told_that_it_is_gone(
    joint: Joint, left: ObjectiveFact
) -> None:
    told = await feed_of("dft")
    await shared_no_more()
    await withdraw(left.id, joint.hmt.head)
    assert await feed_of("moj") == []
    assert len(await feed_of("dft")) == len(told) + 1
