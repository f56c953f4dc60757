"""Two who do something to one objective at the same moment, really committed."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from service.auth.caller import Person
from service.changes.tables import ChangeLog
from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.edge.conditional import version_tag
from service.errors import Refusal, Stale
from service.objectives import queries
from service.objectives.agreement.actions import SaysAnotherThing
from service.objectives.changing import Checked
from service.objectives.drafting import BadAlignment
from service.objectives.stages import Stage
from service.objectives.tables import Agreement, Version
from service.records.weights import WeightsOverWhole
from tests.factories import record_of
from tests.objectives.acting import a_new_manager
from tests.objectives.joint import SUPPORTING, Joint, agree, change


async def at_once(*done: Awaitable[Any]) -> tuple[int, list[Refusal]]:
    """Return how many were done, and why the others were refused."""
    ends = await asyncio.gather(*done, return_exceptions=True)
    refused = [end for end in ends if isinstance(end, Refusal)]
    broken = [
        end
        for end in ends
        if isinstance(end, BaseException) and not isinstance(end, Refusal)
    ]
    assert broken == []
    return len(ends) - len(refused), refused


def having_read(revision: int) -> Checked:
    def check(now: int) -> None:
        if now != revision:
            raise Stale(f"It is {version_tag(now)}.")

    return check


async def test_of_two_changes_to_what_both_have_read_one_is_made(
    committed: Joint,
) -> None:
    fact = await committed.proposed()
    boss, read = Person(committed.hmt.head), having_read(fact.revision)
    lead, major = committed.parts()
    shares = [(50, 50), (55, 45)]
    done, refused = await at_once(
        *(
            change(
                fact,
                boss,
                checked=read,
                contributions=(replace(lead, share=a), replace(major, share=b)),
            )
            for a, b in shares
        )
    )
    assert done == 1
    assert [type(each) for each in refused] == [Stale]
    fact = await queries.objective(fact.id)
    assert tuple(part.share for part in fact.contributions) in shares
    assert fact.version == 2


async def test_no_agreement_counts_for_what_its_giver_has_not_read(
    committed: Joint,
) -> None:
    fact = await committed.proposed()
    boss = Person(committed.hmt.head)
    done, refused = await at_once(
        change(fact, boss, title="Two front doors"),
        *(
            agree(fact.id, person, version=1)
            for person in (committed.subject, committed.dft.head)
        ),
    )
    assert {type(each) for each in refused} <= {SaysAnotherThing}
    assert done == 3 - len(refused)
    fact = await queries.objective(fact.id)
    assert (fact.stage, fact.version, fact.terms) == (Stage.PROPOSED, 2, 2)
    rows = await Agreement.select()
    assert {row["objective_version"] for row in rows} <= {1}
    assert not any(part.agreed for part in fact.contributions)


async def test_the_last_two_to_agree_make_it_agreed_once(committed: Joint) -> None:
    fact = await committed.proposed()
    people = (committed.subject, committed.hmt.head, committed.dft.head)
    done, refused = await at_once(*(agree(fact.id, person) for person in people))
    assert (done, refused) == (3, [])
    fact = await queries.objective(fact.id)
    assert fact.stage == Stage.AGREED
    assert fact.revision == 5
    rows = await ChangeLog.select().where(
        ChangeLog.organisation == "dft", ChangeLog.stream == "objectives"
    )
    assert sorted(row["version"] for row in rows) == [2, 3, 4, 5]
    assert sorted(row["sequence"] for row in rows) == [1, 2, 3, 4]


async def test_every_version_of_many_changes_at_once_is_kept(committed: Joint) -> None:
    fact = await committed.proposed()
    boss = Person(committed.hmt.head)
    done, _ = await at_once(*(change(fact, boss, title=f"T{n}") for n in range(4)))
    assert done == 4
    kept = await Version.select(Version.version).order_by(Version.version)
    assert [row["version"] for row in kept] == [1, 2, 3, 4, 5]


async def test_two_objectives_at_once_do_not_outweigh_their_record(
    committed: Joint,
) -> None:
    done, refused = await at_once(
        committed.drafted(weight=60), committed.drafted(weight=60)
    )
    assert done == 1
    assert [type(each) for each in refused] == [WeightsOverWhole]


async def test_no_loop_is_closed_by_two_at_once(committed: Joint) -> None:
    one, other = await committed.drafted(), await committed.drafted()
    done, refused = await at_once(
        committed.changed(one, parent=other.id),
        committed.changed(other, parent=one.id),
    )
    assert done == 1
    assert [type(each) for each in refused] == [BadAlignment]


async def test_a_record_is_set_two_objectives_at_once(committed: Joint) -> None:
    done, refused = await at_once(*(committed.proposed() for _ in range(3)))
    assert (done, refused) == (3, [])
    on = await record_of(committed.subject, committed.on.cycle)
    assert len(await queries.ids_on_record(on.id)) == 3


ANOTHER_TWENTY = """
INSERT INTO contribution SELECT organisation, gen_random_uuid(), objective, $1,
    'supporting', 20, '', 'invited' FROM contribution WHERE role = 'lead'
"""


async def test_two_who_each_make_it_whole_do_not_make_it_more(
    committed: Joint,
) -> None:
    """Not even past the service, which would hold the objective's row first."""
    lead, major = committed.parts()
    fact = await committed.drafted([replace(lead, share=40), major])
    ready = asyncio.Barrier(2)

    async def add(person: UUID, *more: str) -> None:
        async with transaction() as connection:
            await connection.execute(ANOTHER_TWENTY, person)
            for statement in more:
                await connection.execute(statement)
            await ready.wait()

    ends = await asyncio.gather(
        add(committed.hmt.people[1], "UPDATE shared_objective SET stage = 'proposed'"),
        add(committed.hmt.head),
        return_exceptions=True,
    )
    assert [type(end) for end in ends if end] == [asyncpg.CheckViolationError]
    fact = await queries.objective(fact.id)
    total = sum(part.share for part in fact.live)
    assert (total == 100) or fact.stage == Stage.DRAFT


async def test_what_is_agreed_is_held_whole_whoever_reaches_what(
    committed: Joint,
) -> None:
    """A manager of a third department agrees under a key, in an outer transaction."""
    await a_new_manager(committed.partner, committed.moj.head, "dft")
    fact = await committed.proposed()
    for person in (committed.subject, committed.hmt.head, committed.moj.head):
        with within_reach(NOBODY):
            async with transaction():
                await agree(fact.id, person)
    assert (await queries.objective(fact.id)).stage == Stage.AGREED
    lead, major = committed.parts()
    with within_reach(NOBODY):
        async with transaction():
            fact = await committed.changed(
                fact,
                contributions=(
                    replace(lead, share=50),
                    replace(major, share=50, role=SUPPORTING),
                ),
            )
    assert (await queries.objective(fact.id)).stage == Stage.PROPOSED
