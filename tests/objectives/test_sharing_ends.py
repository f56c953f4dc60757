"""What becomes of an objective when its departments share data no more."""

from collections.abc import Awaitable, Callable

import pytest

from service.access.rules import NotShared
from service.auth.caller import Person
from service.objectives import queries
from service.objectives.queries import ObjectiveFact
from service.objectives.stages import Stage
from tests.objectives.acting import (
    decline,
    dispute,
    leave,
    send_back,
    settle,
    withdraw,
)
from tests.objectives.joint import (
    Joint,
    agree,
    change,
    propose,
    shared_no_more,
)
from tests.objectives.test_disputing import part_of, the_one

Deed = Callable[[Joint, ObjectiveFact], Awaitable[ObjectiveFact]]
CLOSED: dict[str, Deed] = {
    "agreeing": lambda joint, fact: agree(fact.id, joint.subject),
    "sending back": lambda joint, fact: send_back(fact.id, joint.subject),
    "disputing": lambda joint, fact: dispute(fact.id, joint.dft.head),
    "changing": lambda joint, fact: joint.changed(fact, title="Another"),
    "setting another": lambda joint, _: joint.proposed(),
}
OPEN: dict[str, Deed] = {
    "withdrawing": lambda joint, fact: withdraw(fact.id, joint.hmt.head),
    "declining": lambda joint, fact: decline(
        fact.id, part_of(fact, "dft").id, joint.dft.head
    ),
    "leaving": lambda joint, fact: leave(
        fact.id, part_of(fact, "dft").id, joint.dft.head
    ),
}


@pytest.mark.parametrize("deed", sorted(CLOSED))
async def test_nothing_new_is_shared_and_the_refusal_names_the_pair(
    joint: Joint, deed: str
) -> None:
    fact = await joint.proposed()
    await shared_no_more()
    with pytest.raises(NotShared, match="between dft and hmt: have one added"):
        await CLOSED[deed](joint, fact)
    assert await queries.objective(fact.id) == fact


@pytest.mark.parametrize("deed", sorted(OPEN))
async def test_it_can_be_ended_all_the_same(joint: Joint, deed: str) -> None:
    fact = await joint.proposed()
    await shared_no_more()
    ended = await OPEN[deed](joint, fact)
    assert ended.stage in {Stage.WITHDRAWN, Stage.SENT_BACK}


async def test_an_open_dispute_waits_for_a_new_agreement(joint: Joint) -> None:
    fact = await dispute((await joint.agreed()).id, joint.dft.head)
    await shared_no_more()
    with pytest.raises(NotShared):
        await settle(fact.id, await the_one(), joint.dft.head, "dropped")


async def test_of_three_the_pair_that_does_not_share_is_named(joint: Joint) -> None:
    fact = await joint.proposed(await joint.three())
    await shared_no_more("dft", "moj")
    with pytest.raises(NotShared, match="between dft and moj:"):
        await agree(fact.id, joint.subject)


async def test_whoever_shares_no_more_is_left_out_and_the_others_go_on(
    joint: Joint,
) -> None:
    fact = await joint.proposed(await joint.three())
    await shared_no_more("hmt", "moj")
    fact = await joint.changed(fact, contributions=tuple(joint.parts()))
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED


async def test_a_draft_goes_nowhere_without_sharing(joint: Joint) -> None:
    fact = await joint.drafted()
    await shared_no_more()
    boss = Person(joint.hmt.head)
    with pytest.raises(NotShared):
        await propose(fact.id, boss)
    with pytest.raises(NotShared):
        await change(fact, boss, title="Another")
    assert (await withdraw(fact.id, joint.hmt.head)).stage == Stage.WITHDRAWN
