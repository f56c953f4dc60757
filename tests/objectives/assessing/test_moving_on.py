"""The organisation chart moves on between assessment and countersignature."""

import pytest

from service.directory.rules import PostingKind
from service.directory.tables import Posting
from service.errors import NotFound
from service.objectives.assessing.rules import (
    AssessmentWaits,
)
from service.objectives.rules import NotYours
from tests.factories import a_person
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    agreed,
    assess,
    countersign,
    managed_by,
    outcomes,
    stage_of,
)
from tests.objectives.joint import Joint

TODAY = AT_THE_END.date()


async def test_the_partner_manager_of_the_day_countersigns(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await managed_by(joint.partner, joint.dft.people[1], "dft", since=TODAY)

    with pytest.raises(NotFound):
        await countersign(fact, new, joint.dft.head)
    await countersign(fact, new, joint.dft.people[1])
    assert await stage_of(fact) == "assessed"


async def test_what_a_manager_assessed_stays_when_another_takes_over(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    (before,) = await outcomes(fact)
    await managed_by(joint.subject, joint.hmt.people[1], "hmt", since=TODAY)

    assert await outcomes(fact) == [before]
    with pytest.raises(AssessmentWaits):
        await assess(fact, joint.hmt.people[1])
    await countersign(fact, new, joint.dft.head)


async def test_an_assessor_who_moves_does_not_countersign_their_own(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await managed_by(joint.partner, joint.hmt.head, "dft", since=TODAY)
    with pytest.raises(NotYours):
        await countersign(fact, new, joint.hmt.head)
    assert await stage_of(fact) == "agreed"


async def test_a_new_partner_of_the_same_organisation_does_not_countersign(
    joint: Joint,
) -> None:
    """Their report works for dft; they themselves work where the assessor does."""
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await managed_by(joint.partner, joint.hmt.people[1], "dft", since=TODAY)
    with pytest.raises(NotYours):
        await countersign(fact, new, joint.hmt.people[1])


async def test_the_manager_of_either_who_share_the_owners_job_assesses(
    joint: Joint,
) -> None:
    other = await a_person("hmt", manager=joint.hmt.people[1])
    await Posting.update(
        {Posting.kind: PostingKind.JOB_SHARE, Posting.post_reference: "7"}
    ).where(Posting.person.is_in([joint.subject, other]))
    fact = await agreed(joint, owners=((joint.subject, other),))

    await assess(fact, joint.hmt.people[1])
    with pytest.raises(AssessmentWaits):
        await assess(fact, joint.hmt.head)
