"""Several at once, each in a transaction of their own: one of them comes first."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from service.objectives.assessing.rules import AssessmentSettled, AssessmentWaits
from service.objectives.content import Contributed
from service.objectives.rules import OwnershipModel
from tests.factories import sharing
from tests.objectives.assessing.assessed import (
    MET,
    SUPPORTING,
    agreed,
    assess,
    assess_part,
    countersign,
    listed,
    object_to,
    outcomes,
    part_of,
    shared_out,
    stage_of,
)
from tests.objectives.joint import Joint


def kinds(ended: list[object]) -> Counter[str]:
    return Counter(type(each).__name__ for each in ended)


async def three(joint: Joint) -> list[Contributed]:
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    third = Contributed("moj", joint.moj.people[0], SUPPORTING, 10, "lawyers")
    return shared_out(joint, third)


@pytest.mark.parametrize("second", [countersign, object_to])
async def test_of_two_answers_at_once_one_counts(
    committed: Joint, second: Callable[..., Awaitable[None]]
) -> None:
    joint = committed
    fact = await agreed(joint, await three(joint))
    new = await assess(fact, joint.hmt.head)
    ended = await asyncio.gather(
        countersign(fact, new, joint.dft.head),
        second(fact, new, joint.moj.head),
        return_exceptions=True,
    )
    assert kinds([*ended]) == {"NoneType": 1, AssessmentSettled.__name__: 1}
    (one,) = await outcomes(fact)
    assert one.answer is not None
    assert (await stage_of(fact) == "assessed") == (one.state == "countersigned")


async def test_of_two_owners_managers_who_assess_at_once_one_does(
    committed: Joint,
) -> None:
    joint = committed
    fact = await agreed(
        joint,
        ownership_model=OwnershipModel.COLLECTIVE_ACCOUNTABILITY,
        owners=((joint.subject,), (joint.partner,)),
    )
    ended = await asyncio.gather(
        assess(fact, joint.hmt.head),
        assess(fact, joint.dft.head),
        return_exceptions=True,
    )
    assert kinds([*ended]) == {"UUID": 1, AssessmentWaits.__name__: 1}
    assert len(await outcomes(fact)) == 1


async def test_assessed_twice_at_once_a_contribution_has_one_that_is_current(
    committed: Joint,
) -> None:
    joint = committed
    fact = await agreed(joint)
    part = part_of(fact, joint.partner)
    await asyncio.gather(
        *(assess_part(fact, part, joint.dft.head, MET) for _ in range(3))
    )
    found = (await listed(fact)).contributions
    assert sorted(each.number for each in found) == [1, 2, 3]
    assert [each.number for each in found if each.current] == [3]
