"""Bulk assignment at size: as many statements for 3 as for 300, and 10,000 records."""

import asyncio
import re
import tracemalloc
from collections import Counter
from uuid import UUID, uuid4

import httpx
import pytest
from asyncpg.connection import LoggedQuery

from service.audit.tables import AuditEntry
from service.changes.tables import ChangeLog
from service.db import transaction
from service.jobs.tables import Delivery, StoredNotice
from service.objectives.assigning.actions import assign
from service.objectives.assigning.schemas import BulkIn
from service.objectives.tables import SharedObjective
from tests.factories import IN_THE_YEAR, a_token
from tests.objectives.asking import slug
from tests.objectives.assigning.many import Many, a_partner, an_objective, many_records
from tests.objectives.joint import Joint

SAVEPOINT = re.compile(r"savepoint_\d+")
WEIGHED = an_objective(
    weight=10,
    value_map=[{"organisation": "dft", "puts_in": "data", "money_in": "1000.50"}],
)


async def hmts(many: Many, count: int, prefix: str = "many-") -> list[str]:
    joint = many.joint
    return await many_records("hmt", joint.hmt.head, joint.on.cycle, count, prefix)


async def statements(many: Many, names: list[str], stage: str) -> Counter[str]:
    """What is said to PostgreSQL to assign to these records, whatever is named how."""
    said: list[LoggedQuery] = []
    async with transaction() as connection:
        with connection.query_logger(said.append):
            _, cases = await assign(
                BulkIn.model_validate(many.body(*names, stage=stage)),
                call=uuid4(),
                organisations={"hmt"},
                caller=many.joint.machine,
                now=IN_THE_YEAR,
            )
    assert len(cases) == len(names)
    counted = Counter(SAVEPOINT.sub("savepoint", each.query) for each in said)
    # asyncpg asks about the types of arrays when it first meets them.
    ours = {q: n for q, n in counted.items() if "pg_catalog" not in q}
    return Counter({q: n for q, n in ours.items() if "'jit'" not in q})


@pytest.mark.parametrize("stage", ["draft", "proposed"])
async def test_the_number_of_statements_does_not_grow(many: Many, stage: str) -> None:
    many.objective = WEIGHED
    few = await statements(many, await hmts(many, 3, "few-"), stage)
    lots = await statements(many, await hmts(many, 300, "lots-"), stage)

    assert few == lots
    assert 20 < few.total() < 100


@pytest.mark.slow
async def test_1250_objectives_are_one_call_whole_audited_and_told_of_once(
    many: Many,
) -> None:
    names = await hmts(many, 1_250)
    answer = await many.post(many.body(*names))

    assert answer.status_code == 201, answer.text
    ids = {UUID(item["objective"]) for item in answer.json()["items"]}
    assert len(ids) == await SharedObjective.count() == 1_250
    audited = await AuditEntry.count().where(AuditEntry.action == "assign")
    assert audited == 1_250
    feed = await ChangeLog.select(ChangeLog.organisation, ChangeLog.entity)
    told = Counter(row["organisation"] for row in feed if row["entity"] in ids)
    assert told == {"hmt": 1_250, "dft": 1_250}
    notices = await StoredNotice.select()
    assert len({each["person"] for each in notices}) == len(notices) == 1_252
    heads = {many.joint.hmt.head, many.joint.dft.head}
    assert {e["count"] for e in notices if e["person"] in heads} == {1_250}
    assert {e["count"] for e in notices if e["person"] not in heads} == {1}
    assert await Delivery.count() == 1_252
    async with transaction() as connection:  # What is checked at commit holds.
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.slow
async def test_of_ten_thousand_the_three_bad_ones_are_named_and_none_is_done(
    many: Many,
) -> None:
    names = await hmts(many, 10_000)
    body, nobody = many.body(*names), str(uuid4())
    body["records"][17]["record"] = "workday:nobody"
    body["records"][4_999]["contributions"] = [{**many.contributions[0], "share": 41}]
    body["records"][9_999]["accountable_owner"] = {"id": nobody}
    answer = await many.post(body)

    assert (answer.status_code, slug(answer)) == (422, "objective-bulk-refused")
    said = answer.json()
    assert said["detail"].startswith("3 of 10,000 records are refused")
    assert [(e["pointer"], e["detail"].split(":")[0]) for e in said["errors"]] == [
        (
            "#/records/17",
            "There is no such record of somebody whose objectives you set",
        ),
        ("#/records/4999", "The shares sum to 101"),
        ("#/records/9999", f"Nobody in hmt is known as {nobody}"),
    ]
    assert not await SharedObjective.exists()
    one_more = many.body(*names, "workday:one-more")
    assert slug(await many.post(one_more)) == "invalid"


@pytest.mark.slow
async def test_it_takes_memory_by_the_record_and_gives_it_back(many: Many) -> None:
    names = await hmts(many, 2_000)
    body = many.body(*names)
    tracemalloc.start()
    try:
        answer = await many.post(body)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.status_code == 201, answer.text
    assert peak / len(names) < 40_000  # Bytes: 10,000 records stay under 400 MB.
    assert after < 10_000_000


async def test_only_this_route_takes_five_megabytes(many: Many) -> None:
    padding = "x" * 1_100_000
    answer = await many.post(many.body(padding))
    assert slug(answer) == "invalid"  # It was read whole.
    answer = await many.post(many.body("x" * 5_000_001))
    assert (answer.status_code, slug(answer)) == (413, "too-large")
    single = await many.client.post(
        f"/v1/records/{many.joint.on.id}/objectives",
        json={"title": padding},
        headers=many.tokens["hmt"],
    )
    assert (single.status_code, slug(single)) == (413, "too-large")


async def test_the_same_sent_twice_at_once_is_done_once(
    committed: tuple[httpx.AsyncClient, Joint],
) -> None:
    client, joint = committed
    names = await many_records("hmt", joint.hmt.head, joint.on.cycle, 50)
    token = await a_token(client, "hmt")
    partner = [await a_partner(joint)]
    many = Many(client, joint, {"hmt": token}, {}, an_objective(), partner, names)
    answers = await asyncio.gather(*(many.post(many.body(), key="k") for _ in range(3)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    assert await SharedObjective.count() == 50
    again = await many.post(many.body(), key="k")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == done[0].content


async def test_two_at_once_cannot_overload_a_record_together(
    committed: tuple[httpx.AsyncClient, Joint],
) -> None:
    client, joint = committed
    names = await many_records("hmt", joint.hmt.head, joint.on.cycle, 20)
    token = await a_token(client, "hmt")
    partner = [await a_partner(joint)]
    many = Many(
        client, joint, {"hmt": token}, {}, an_objective(weight=60), partner, names
    )
    answers = await asyncio.gather(
        many.post(many.body(*names)), many.post(many.body(*reversed(names)))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert await SharedObjective.count() == 20
