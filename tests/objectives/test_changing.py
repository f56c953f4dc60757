"""Saying something else: what is asked again, what is kept, and what is left behind."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from service.auth.caller import Caller, Person
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.objectives import queries
from service.objectives.content import (
    Priority,
    Valued,
    differences,
    digest,
    plain,
)
from service.objectives.rules import (
    BadShares,
    NotYours,
    OwnershipModel,
)
from service.objectives.stages import ContributionState, Stage, WrongStage
from service.objectives.tables import Agreement, StepTaken, Version
from tests.objectives.acting import (
    TODAY,
    dispute,
    feed_of,
    told_of,
    withdraw,
)
from tests.objectives.joint import (
    Joint,
    agree,
    audited,
    change,
    hr_administrator,
    machine_of,
    propose,
)

MATERIAL: list[dict[str, Any]] = [
    {"title": "Two front doors"},
    {"outcome": "People tell government twice"},
    {"measures": "None"},
    {"ownership_model": OwnershipModel.STRUCTURAL},
    {"value_map": (Valued("hmt", money_in=Decimal(10)),)},
    {"ends_on": TODAY},
]


async def versions(id_: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Version.select()
        .where(Version.objective == id_)
        .order_by(Version.version)
        .output(load_json=True)
    )
    return rows


@pytest.mark.parametrize("other", MATERIAL)
async def test_what_was_agreed_is_agreed_again_after_a_material_change(
    joint: Joint, other: dict[str, Any]
) -> None:
    fact = await joint.agreed()
    fact = await joint.changed(fact, **other)

    assert (fact.stage, fact.version, fact.terms) == (Stage.PROPOSED, 2, 2)
    assert not any(part.agreed for part in fact.contributions)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        assert fact.stage == Stage.PROPOSED
        fact = await agree(fact.id, person)
    assert fact.stage == Stage.AGREED
    assert await Agreement.count() == 6  # What was agreed before is kept.


async def test_a_new_share_or_commitment_is_agreed_again(joint: Joint) -> None:
    fact = await joint.agreed()
    mine, theirs = joint.parts()
    fact = await joint.changed(
        fact, contributions=(replace(mine, share=50), replace(theirs, share=50))
    )
    assert fact.stage == Stage.PROPOSED
    assert [part.share for part in fact.contributions] == [50, 50]
    assert {part.state for part in fact.contributions} == {ContributionState.INVITED}


@pytest.mark.parametrize(
    "other", [{"priority": Priority("un-sdg-2030", "13")}, {"parent": "another"}]
)
async def test_a_link_changes_without_anybody_being_asked_again(
    joint: Joint, other: dict[str, Any]
) -> None:
    if "parent" in other:
        other = {"parent": (await joint.drafted()).id}
    fact = await joint.agreed()
    fact = await joint.changed(fact, **other)

    assert (fact.stage, fact.version, fact.terms) == (Stage.AGREED, 2, 1)
    assert all(part.agreed for part in fact.contributions)
    assert [v["version"] for v in await versions(fact.id)] == [1, 2]


async def test_half_agreed_it_keeps_what_was_agreed_after_a_change_of_links(
    joint: Joint,
) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    fact = await queries.objective(fact.id)
    await joint.changed(fact, priority=Priority("un-sdg-2030", "13"))
    await agree(fact.id, joint.hmt.head)
    assert (await agree(fact.id, joint.dft.head)).stage == Stage.AGREED


async def test_the_same_again_changes_nothing(joint: Joint) -> None:
    money = Valued("hmt", money_in=Decimal("10.5"), people_in=Decimal(2), days_in=3)
    fact = await joint.agreed(value_map=(money,))
    feed, entries = await feed_of("dft"), await audited(fact.id)
    same = await joint.changed(
        fact,
        value_map=(replace(money, money_in=Decimal("10.50")),),
        contributions=fact.content.contributions[::-1],
    )
    assert same == fact
    assert await queries.objective(fact.id) == fact
    assert (await feed_of("dft"), await audited(fact.id)) == (feed, entries)
    assert len(await versions(fact.id)) == 1


async def test_every_version_is_kept_with_who_when_and_why(joint: Joint) -> None:
    fact = await joint.proposed()
    boss = Person(joint.hmt.head)
    for number in (2, 3):
        fact = await change(fact, boss, reason=f"reason {number}", title=f"T{number}")

    kept = await versions(fact.id)
    assert [(v["version"], v["reason"], v["person"]) for v in kept] == [
        (1, "", None),
        (2, "reason 2", boss.id),
        (3, "reason 3", boss.id),
    ]
    assert kept[0]["actor"] == joint.machine.key
    assert [v["content"]["title"] for v in kept] == ["One front door", "T2", "T3"]
    assert all(v["digest"] == digest(v["content"]) for v in kept)
    assert kept[-1]["content"] == plain(fact.content)
    (found,) = differences(kept[1]["content"], kept[2]["content"])
    assert (found.field, found.before, found.after) == ("title", "T2", "T3")


async def test_each_change_is_one_revision_in_every_partys_feed(joint: Joint) -> None:
    fact = await joint.drafted()
    assert (await feed_of("hmt"), await feed_of("dft")) == ([(1, "upsert")], [])
    fact = await joint.changed(fact, title="Ours alone as yet")
    assert await feed_of("dft") == []

    fact = await propose(fact.id, joint.machine)
    fact = await agree(fact.id, joint.subject)
    fact = await joint.changed(await queries.objective(fact.id), title="Both ours")
    assert fact.revision == 5
    assert await feed_of("hmt") == [(n, "upsert") for n in range(1, 6)]
    assert await feed_of("dft") == [(n, "upsert") for n in range(3, 6)]
    assert await feed_of("moj") == []


async def test_only_who_sets_it_changes_it(joint: Joint) -> None:
    fact = await joint.proposed()
    parties: list[Caller] = [
        Person(joint.subject),
        Person(joint.partner),
        Person(joint.dft.head),
        machine_of("dft"),
        hr_administrator(joint.hmt),
        hr_administrator(joint.dft),
    ]
    strangers: list[Caller] = [
        Person(joint.moj.head),
        machine_of("moj"),
        hr_administrator(joint.moj),
    ]
    for caller in parties:
        with pytest.raises(NotYours):
            await change(fact, caller, title="Mine")
    for caller in strangers:
        with pytest.raises(NotFound):
            await change(fact, caller, title="Mine")
    assert await queries.objective(fact.id) == fact
    setters: list[Caller] = [Person(joint.hmt.head), joint.machine]
    for number, caller in enumerate(setters):
        fact = await change(fact, caller, title=f"Ours {number}")


async def test_a_draft_may_be_in_pieces_and_what_was_put_to_others_may_not(
    joint: Joint,
) -> None:
    lead, major = joint.parts()
    pieces = (replace(lead, share=1), major)
    fact = await joint.changed(await joint.drafted(), contributions=pieces)
    assert sum(part.share for part in fact.contributions) == 41

    fact = await joint.proposed()
    with pytest.raises(BadShares, match="sum to 41"):
        await joint.changed(fact, contributions=pieces)
    assert await queries.objective(fact.id) == fact


async def test_withdrawn_it_stays_as_it_is(joint: Joint) -> None:
    fact = await withdraw((await joint.agreed()).id, joint.hmt.head)
    assert fact.stage == Stage.WITHDRAWN
    for caller in (Person(joint.hmt.head), joint.machine):
        with pytest.raises(WrongStage, match="set another objective"):
            await change(fact, caller, title="Back again")
        with pytest.raises(WrongStage):
            await propose(fact.id, caller)
    with pytest.raises(WrongStage):
        await withdraw(fact.id, joint.hmt.head)


async def test_a_change_settles_what_was_disputed(joint: Joint) -> None:
    fact = await dispute((await joint.agreed()).id, joint.dft.head)
    fact = await joint.changed(fact, title="As dft would have it")
    assert fact.stage == Stage.PROPOSED
    (row,) = await StepTaken.select().where(
        StepTaken.objective == fact.id, StepTaken.step == "change"
    )
    assert (row["was"], row["became"]) == ("disputed", "proposed")


async def test_a_partner_that_joins_later_is_party_from_then_on(joint: Joint) -> None:
    fact = await joint.agreed()
    fact = await joint.changed(fact, contributions=tuple(await joint.three()))
    assert await feed_of("moj") == [(fact.revision, "upsert")]
    assert joint.moj.head in await told_of(NoticeKind.AGREEMENT_WANTED)
