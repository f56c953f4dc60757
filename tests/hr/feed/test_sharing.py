"""Whoever left an objective sees it by the day: the feed tells of the day's coming."""

import json
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from service.access.tables import DataSharing
from service.objectives.feed import see_to_sharing
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import OwnershipModel
from tests.factories import IN_THE_YEAR, a_token
from tests.hr.feed.following import (
    NUMBERED_AT_ONCE,
    Follower,
    begun,
    items_of,
    pulled,
    said,
)
from tests.objectives.acting import feed_of, leave
from tests.objectives.joint import Joint, a_joint_department, propose, shared_no_more
from tests.objectives.test_disputing import part_of
from tests.scoring import undone

FREELY = OwnershipModel.VOLUNTARY_COORDINATION


@pytest.fixture
async def db(opened: None) -> AsyncIterator[None]:
    async with undone():
        await said(NUMBERED_AT_ONCE)
        yield


@pytest.fixture
async def joint(db: None) -> Joint:
    return await a_joint_department()


@pytest.fixture
async def left(joint: Joint) -> ObjectiveFact:
    """An objective that dft left, and sees on while it shares data with hmt."""
    fact = await joint.agreed(ownership_model=FREELY)
    return await leave(fact.id, part_of(fact, "dft").id, joint.dft.head)


async def share_again() -> None:
    await DataSharing.update({DataSharing.valid_to: date(2040, 1, 1)}, force=True)


async def test_the_end_of_sharing_is_told_though_nobody_changes_the_objective(
    client: httpx.AsyncClient, left: ObjectiveFact
) -> None:
    headers = await a_token(client, "dft")
    delta = await begun(client, headers, "objectives")
    await shared_no_more()

    (item,), delta = await items_of(client, headers, delta)
    assert (item["id"], item["op"], item["data"]) == (str(left.id), "delete", None)
    assert item["version"] == left.revision
    assert await items_of(client, headers, delta) == ([], delta)


async def test_so_is_its_beginning(
    client: httpx.AsyncClient, left: ObjectiveFact
) -> None:
    headers = await a_token(client, "dft")
    await shared_no_more()
    delta = await begun(client, headers, "objectives")
    await share_again()

    (item,), delta = await items_of(client, headers, delta)
    assert (item["id"], item["op"]) == (str(left.id), "upsert")
    assert item["version"] == item["data"]["revision"] == left.revision
    assert await items_of(client, headers, delta) == ([], delta)


async def test_a_copy_that_followed_is_whole_after_each(
    client: httpx.AsyncClient, left: ObjectiveFact
) -> None:
    follower = Follower(client, await a_token(client, "dft"))
    for happens in (shared_no_more, share_again, shared_no_more):
        await follower.follow("objectives")
        await happens()
        assert await follower.is_equal("objectives") is None
        await follower.follow("objectives")
        assert await follower.is_equal("objectives") is True


async def test_those_who_are_in_it_are_told_nothing(
    client: httpx.AsyncClient, left: ObjectiveFact
) -> None:
    headers = await a_token(client, "hmt")
    delta = await begun(client, headers, "objectives")
    await shared_no_more()
    assert await items_of(client, headers, delta) == ([], delta)


async def test_the_rounds_of_housekeeping_tell_whoever_does_not_read(
    left: ObjectiveFact,
) -> None:
    """So that their webhooks hear of it."""
    told = await feed_of("dft")
    await see_to_sharing(IN_THE_YEAR)
    assert await feed_of("dft") == told
    await shared_no_more()
    for _ in range(2):
        await see_to_sharing(IN_THE_YEAR)
    assert await feed_of("dft") == [*told, (left.revision, "delete")]


async def test_a_link_that_somebody_may_now_follow_is_told(
    client: httpx.AsyncClient, joint: Joint
) -> None:
    """It is shown to nobody for whom what it leads to is not there."""
    above = await joint.drafted(title="Above")
    below = await joint.proposed(title="Below", parent=above.id)
    headers = await a_token(client, "dft")
    follower = Follower(client, headers)
    await follower.follow("objectives")
    (held,) = follower.held("objectives")
    assert '"parent": null' in held[4]

    await propose(above.id, joint.machine)

    await follower.follow("objectives")
    assert follower.held("objectives") == await pulled(client, headers, "objectives")
    links = {held[2]: json.loads(held[4]) for held in follower.held("objectives")}
    assert links[str(below.id)]["parent"] == str(above.id)
