"""Who is accountable: one owner, two who share a job, or several collectively."""

from uuid import UUID

import pytest

from service.directory.tables import Posting
from service.objectives import queries
from service.objectives.rules import BadOwners, OwnershipModel
from service.objectives.stages import Stage
from service.objectives.tables import Version
from tests.objectives.acting import TODAY, a_job_share, left_yesterday
from tests.objectives.joint import Joint, change, propose

COLLECTIVE = OwnershipModel.COLLECTIVE_ACCOUNTABILITY


async def test_two_who_share_a_job_are_one_owner(joint: Joint) -> None:
    pair = joint.dft.people
    await a_job_share("SCS2-7", "dft", *pair)
    fact = await joint.agreed(owners=(pair,))

    assert [{*owner} for owner in fact.content.owners] == [{*pair}]
    assert fact.owning == dict.fromkeys(pair, "dft")
    same = await joint.changed(fact, owners=(pair[::-1],))
    assert (same.version, same.stage) == (1, Stage.AGREED)  # In no order.


async def test_two_who_do_not_share_a_job_are_two(joint: Joint) -> None:
    pair = joint.dft.people
    with pytest.raises(BadOwners, match="do not share one job"):
        await joint.drafted(owners=(pair,))
    await a_job_share("SCS2-7", "dft", pair[0])
    await a_job_share("SCS2-8", "dft", pair[1])
    with pytest.raises(BadOwners, match="do not share one job"):
        await joint.drafted(owners=(pair,))


async def test_who_shared_a_job_until_yesterday_is_no_owner_with_the_other(
    joint: Joint,
) -> None:
    pair = joint.dft.people
    await a_job_share("SCS2-7", "dft", *pair)
    fact = await joint.drafted(owners=(pair,))
    await Posting.update({Posting.valid_to: TODAY}).where(
        Posting.person == pair[0], Posting.post_reference == "SCS2-7"
    )
    with pytest.raises(BadOwners, match="do not share one job"):
        await propose(fact.id, joint.machine)


async def test_an_owner_who_left_yesterday_owns_nothing(joint: Joint) -> None:
    owner = joint.dft.people[1]
    fact = await joint.drafted(owners=((owner,),))
    await left_yesterday(owner)
    with pytest.raises(BadOwners, match="must hold a posting today"):
        await propose(fact.id, joint.machine)
    with pytest.raises(BadOwners, match="must hold a posting today"):
        await joint.changed(fact, title="Another title")
    fact = await joint.changed(fact, owners=((joint.dft.head,),))
    assert (await propose(fact.id, joint.machine)).stage == Stage.PROPOSED


@pytest.mark.parametrize("model", [m for m in OwnershipModel if m != COLLECTIVE])
async def test_two_owners_are_refused(joint: Joint, model: OwnershipModel) -> None:
    two = ((joint.subject,), (joint.partner,))
    with pytest.raises(BadOwners, match=r"^2 accountable owners are named"):
        await joint.drafted(ownership_model=model, owners=two)
    with pytest.raises(BadOwners, match=r"^0 accountable owners are named"):
        await joint.drafted(ownership_model=model, owners=())


async def test_collective_accountability_has_several_owners(joint: Joint) -> None:
    """Known failure: "group goals with exactly one owner"."""
    two = ((joint.subject,), (joint.partner,))
    fact = await joint.agreed(ownership_model=COLLECTIVE, owners=two)
    assert fact.owning == {joint.subject: "hmt", joint.partner: "dft"}
    with pytest.raises(BadOwners, match=r"^2 accountable owners"):
        await joint.changed(fact, ownership_model=OwnershipModel.STRUCTURAL)
    fact = await joint.changed(
        fact, ownership_model=OwnershipModel.STRUCTURAL, owners=two[:1]
    )
    assert fact.owning == {joint.subject: "hmt"}


@pytest.mark.parametrize("hmt_alone", [[0], [0, 1]])
async def test_collective_accountability_is_of_two_departments(
    joint: Joint, hmt_alone: list[int]
) -> None:
    owners = tuple((joint.hmt.people[n],) for n in hmt_alone)
    with pytest.raises(BadOwners, match="of at least two organisations"):
        await joint.drafted(ownership_model=COLLECTIVE, owners=owners)


async def test_who_owned_it_before_is_kept_in_its_versions(joint: Joint) -> None:
    fact = await joint.agreed()
    fact = await joint.changed(fact, owners=((joint.partner,),))
    assert fact.stage == Stage.PROPOSED  # It is for all to agree who is accountable.
    rows = (
        await Version.select(Version.content)
        .order_by(Version.version)
        .output(load_json=True)
    )
    owners: list[list[list[str]]] = [row["content"]["owners"] for row in rows]
    assert owners == [[[str(joint.subject)]], [[str(joint.partner)]]]
    assert owner_of(await queries.objective(fact.id)) == joint.partner


def owner_of(fact: queries.ObjectiveFact) -> UUID:
    ((owner,),) = fact.content.owners
    return owner


async def test_the_subjects_manager_may_own_it_and_a_partners_person_too(
    joint: Joint,
) -> None:
    for person in (joint.hmt.head, joint.dft.people[1]):
        fact = await joint.drafted(owners=((person,),))
        assert owner_of(fact) == person
    with pytest.raises(BadOwners, match="Accountable owner 1"):
        await change(fact, joint.machine, owners=((joint.moj.head,),))
