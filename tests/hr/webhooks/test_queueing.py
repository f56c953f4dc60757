"""What is queued: with the change or not at all, and for whoever may hear of it."""

from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from service.audit.actions import record
from service.auth.actions import disable_client
from service.auth.caller import Scope
from service.changes.rules import Change, Op, Stream
from service.db import transaction
from service.scores.actions import compute, publish
from tests.factories import (
    CLOSED,
    OPERATOR,
    RELEASED,
    a_cycle,
    a_person,
    a_token,
)
from tests.feedback.lives import five_answer
from tests.hr.webhooks.hearing import Clock, Hearing, change, note_all, number, queued
from tests.hr.webhooks.receiver import Receiver
from tests.scoring import an_asked_cycle

OF_A_CLIENT = "SELECT client FROM webhook WHERE id = $1"
STEPS = """
SELECT payload->>'organisation' AS organisation, payload->>'op' AS op,
    payload->>'entity' AS entity
FROM outbox WHERE kind = 'webhook' AND payload->>'stream' = 'cycles' ORDER BY run_at, 1
"""


async def client_of(hearing: Hearing) -> str:
    async with transaction() as connection:
        found: str = await connection.fetchval(OF_A_CLIENT, hearing.id)
    return found


async def test_every_row_of_its_streams_is_queued_under_its_number(
    verified: Hearing, clock: Clock
) -> None:
    await change(clock, count=3)
    await change(clock, stream=Stream.OBJECTIVES)
    await change(clock, stream=Stream.PEOPLE)
    await change(clock, "defra")

    assert [
        (e["organisation"], e["stream"], e["sequence"]) for e in await queued()
    ] == [
        ("hmt", "objectives", 1),
        *(("hmt", "scores", number) for number in (1, 2, 3)),
    ]


async def test_what_is_rolled_back_is_not_queued(
    verified: Hearing, clock: Clock
) -> None:
    with suppress(RuntimeError):
        async with transaction():
            await change(clock, count=3)
            assert len(await queued()) == 3
            raise RuntimeError

    assert await queued() == []


async def test_a_webhook_that_is_not_verified_hears_nothing(
    hmt: Hearing, clock: Clock
) -> None:
    await hmt.register()
    await change(clock)

    assert await queued() == []


async def test_every_webhook_of_every_client_that_may_hear_has_its_own(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    other = Hearing(
        verified.client,
        await a_token(verified.client, "hmt", "defra"),
        receiver,
        clock,
    )
    await other.register("scores")
    await other.verify()
    await change(clock)
    await change(clock, "defra")

    found = await queued()
    assert [each["organisation"] for each in found] == ["defra", "hmt", "hmt"]
    assert len({each["id"] for each in found}) == 3


@pytest.mark.parametrize("lost", ["scope", "organisation", "webhooks", "client"])
async def test_whoever_may_no_longer_hear_has_nothing_queued(
    verified: Hearing, clock: Clock, lost: str
) -> None:
    await lose(verified, lost, clock)
    await change(clock)

    assert await queued() == []


@pytest.mark.parametrize("lost", ["scope", "organisation", "webhooks", "client"])
async def test_nor_is_told_what_was_queued_before(
    verified: Hearing, receiver: Receiver, clock: Clock, lost: str
) -> None:
    """D10: rights that change in the middle."""
    await change(clock, count=2)
    await lose(verified, lost, clock)
    await verified.tell()

    assert receiver.got == []
    assert {(e["last_error"], e["over"]) for e in await queued()} == {
        ("NoLongerHeard", True)
    }


async def lose(hearing: Hearing, lost: str, clock: Clock) -> None:
    client = await client_of(hearing)
    scopes = "UPDATE oauth_client SET scopes = array_remove(scopes, $2) WHERE id = $1"
    async with transaction() as connection:
        if lost == "scope":
            await connection.execute(scopes, client, Scope.SCORES_READ.value)
        elif lost == "webhooks":
            await connection.execute(scopes, client, Scope.WEBHOOKS_WRITE.value)
        elif lost == "organisation":
            await connection.execute(
                "DELETE FROM oauth_client_organisation WHERE client = $1", client
            )
        else:
            await disable_client(client, caller=OPERATOR, now=clock.now, record=record)


async def test_queued_again_it_is_the_same_event(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    await change(clock, count=5)
    await verified.tell()
    body = {"organisation": "hmt", "stream": "scores", "from_sequence": 3}
    first = {got.sequence: got.id for got in receiver.got}

    answer = await verified.ask("POST", f"/{verified.id}/replay", body)
    assert (answer.status_code, answer.json()) == (202, {"queued": 3, "to_sequence": 5})
    await verified.tell()
    again = receiver.got[5:]
    assert [got.sequence for got in again] == [3, 4, 5]
    assert [got.id for got in again] == [first[number] for number in (3, 4, 5)]

    async with transaction() as connection:  # A month passes.
        await connection.execute("DELETE FROM outbox WHERE kind = 'webhook'")
    await verified.ask("POST", f"/{verified.id}/replay", body)
    await verified.tell()
    assert [got.id for got in receiver.got[8:]] == [got.id for got in again]
    assert [got.event for got in receiver.got[8:]] == [got.event for got in again]


async def test_what_came_before_it_was_verified_can_be_replayed(
    hmt: Hearing, receiver: Receiver, clock: Clock
) -> None:
    await change(clock, count=2)
    await hmt.register()
    await hmt.verify()
    body = {"organisation": "hmt", "stream": "scores", "from_sequence": 1}
    await hmt.ask("POST", f"/{hmt.id}/replay", body)
    await hmt.tell()

    assert [got.sequence for got in receiver.got] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"organisation": "defra"}, 404),
        ({"organisation": "nowhere"}, 404),
        ({"stream": "people"}, 422),
        ({"stream": "cycles"}, 422),
        ({"stream": "feedback"}, 422),
        ({"from_sequence": 0}, 422),
        ({"from_sequence": 2**70}, 422),
        ({"from_sequence": 9}, 202),
    ],
)
async def test_what_a_client_may_not_hear_of_is_not_replayed(
    verified: Hearing, clock: Clock, changed: dict[str, object], status: int
) -> None:
    await change(clock, "defra")
    await change(clock, stream=Stream.PEOPLE)
    body = {"organisation": "hmt", "stream": "scores", "from_sequence": 1} | changed
    answer = await verified.ask("POST", f"/{verified.id}/replay", body)

    assert answer.status_code == status, answer.text
    assert await queued() == []


async def test_a_webhook_that_is_not_active_is_not_replayed_to(
    hmt: Hearing, clock: Clock
) -> None:
    await hmt.register()
    await change(clock)
    body = {"organisation": "hmt", "stream": "scores", "from_sequence": 1}

    answer = await hmt.ask("POST", f"/{hmt.id}/replay", body)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("webhook-not-active")


# Cycles.


async def steps() -> list[tuple[str, str, str]]:
    async with transaction() as connection:
        rows = await connection.fetch(STEPS)
    return [(row["organisation"], row["op"], row["entity"]) for row in rows]


async def test_the_steps_of_a_cycle_are_told_to_its_organisations(
    hmt: Hearing, receiver: Receiver, clock: Clock
) -> None:
    await hmt.register("cycles")
    await hmt.verify()
    await a_person("hmt")
    cycle = (await a_cycle(organisations=["hmt", "defra"])).id
    await compute(cycle, method=None, key=b"k" * 32, caller=OPERATOR, now=CLOSED)
    await publish(cycle, key=b"k" * 32, caller=OPERATOR, now=RELEASED)
    await number()

    assert await steps() == [
        ("hmt", step, str(cycle)) for step in ("opened", "closed", "published")
    ]
    await hmt.tell()
    assert [got.event["type"] for got in receiver.got] == [
        f"joinedup.cycle.{step}" for step in ("opened", "closed", "published")
    ]
    assert {got.event["data"]["sequence"] for got in receiver.got} == {None}


async def test_who_hears_of_scores_alone_learns_that_they_are_published(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    cycle = uuid4()
    await note_all(
        clock, [Change("hmt", Stream.SCORES, "published", cycle, 3, Op.UPSERT)]
    )
    await verified.tell()

    (got,) = receiver.got
    assert got.event["type"] == "joinedup.published.upsert"
    assert got.event["data"]["id"] == str(cycle)
    assert await steps() == []


async def test_that_raters_answer_is_told_to_nobody(
    client: httpx.AsyncClient, receiver: Receiver, clock: Clock
) -> None:
    """Abuse case 16: "Submit … feedbacks: 0 webhook rows"."""
    scene = await an_asked_cycle()
    await number()
    hearing = Hearing(
        client, await a_token(client, "hmt", "dwp", "moj"), receiver, clock
    )
    await hearing.register("scores", "records", "objectives", "people", "cycles")
    await hearing.verify()
    await five_answer(scene)
    await number()

    assert await queued() == []
