"""How events are told: thin, in order, one at a time, and until they are taken."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog

from service import logs
from service.access.rules import Role
from service.access.tables import RoleGrant
from service.changes.rules import Op, Stream
from service.db import transaction
from service.hr.webhooks import rules, sending
from service.hr.webhooks.sending import forget_attempts
from service.settings import Settings
from tests.factories import a_person
from tests.hr.webhooks.hearing import ISSUER, Clock, Hearing, change, queued
from tests.hr.webhooks.receiver import TAKEN, Answer, Receiver

NOTICES = "SELECT person, kind, about FROM notice"
DISABLINGS = """
SELECT actor, entity_id, after->>'reason' FROM audit_entry
WHERE action = 'webhook.disable'
"""


async def rows(sql: str) -> list[tuple[Any, ...]]:
    async with transaction() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def test_an_event_names_things_and_tells_nothing(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    (entity,) = await change(clock, op=Op.DELETE)
    await verified.tell()

    (got,) = receiver.got
    assert got.event == {
        "specversion": "1.0",
        "id": got.id,
        "source": ISSUER,
        "type": "joinedup.score.delete",
        "subject": str(entity),
        "time": clock.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "datacontenttype": "application/json",
        "data": {
            "organisation": "hmt",
            "stream": "scores",
            "sequence": 1,
            "id": str(entity),
            "version": 1,
            "op": "delete",
        },
    }
    assert got.headers["content-type"] == "application/cloudevents+json"
    assert "authorization" not in got.headers
    assert got.headers["webhook-timestamp"] == str(int(clock.now.timestamp()))


async def test_events_come_in_the_order_of_their_numbers(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    for _ in range(5):
        await change(clock, count=3)
        await change(clock, stream=Stream.OBJECTIVES)
        clock.wait(seconds=-1)  # Who commits later may have begun sooner.
    clock.wait(seconds=60)
    failed = iter([(500, {}), TAKEN, (503, {})])
    receiver.answer = lambda _: next(failed, TAKEN)
    while await verified.tell() or not all(e["over"] for e in await queued()):
        clock.wait(seconds=10)

    for stream, many in (("scores", 15), ("objectives", 5)):
        taken = [g for g in receiver.taken if g.event["data"]["stream"] == stream]
        assert [got.sequence for got in taken] == [*range(1, many + 1)]
    assert len(receiver.got) == 22


async def test_while_one_is_not_taken_those_after_it_wait(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = lambda _: (500, {})
    await change(clock, count=4)
    assert (await verified.tell(), len(receiver.got)) == (1, 1)
    await change(clock, stream=Stream.OBJECTIVES)  # It would sort before the others.
    clock.wait(seconds=4)
    assert (await verified.tell(), len(receiver.got)) == (0, 1)
    clock.wait(seconds=3)
    receiver.answer = lambda _: TAKEN
    await verified.tell()
    assert [got.event["data"]["stream"] for got in receiver.got] == [
        "scores",
        "scores",
        "objectives",
        "scores",
        "scores",
        "scores",
    ]
    first, again = receiver.got[:2]
    assert (first.id, first.body) == (again.id, again.body)
    assert int(again.headers["webhook-timestamp"]) == int(clock.now.timestamp())
    assert first.headers["webhook-timestamp"] != again.headers["webhook-timestamp"]


def answering(status: int, headers: dict[str, str]) -> Callable[[object], Answer]:
    return lambda _: (status, headers)


async def test_a_receiver_that_asks_to_be_left_alone_is(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    for status in (429, 503):
        receiver.answer = answering(status, {"Retry-After": "600"})
        await change(clock)
        before = len(receiver.got)
        await verified.tell(chance=0)
        clock.wait(seconds=599)
        await verified.tell()
        assert len(receiver.got) == before + 1
        receiver.answer = lambda _: TAKEN
        clock.wait(seconds=1)
        await verified.tell()
        assert len(receiver.got) == before + 2


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 500, 502])
async def test_nothing_but_success_counts_and_no_redirect_is_followed(
    verified: Hearing, receiver: Receiver, clock: Clock, status: int
) -> None:
    elsewhere = f"http://127.0.0.1:{receiver.port}/elsewhere"
    receiver.answer = lambda _: (status, {"Location": elsewhere})
    await change(clock)
    await verified.tell()

    assert len(receiver.got) == 1
    (one,) = await verified.deliveries()
    assert one["state"] == "pending"
    assert [each["status"] for each in one["attempts"]] == [status]


async def test_gone_disables_and_those_who_look_after_it_are_told(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    keeper = await a_person("hmt")
    await a_person("defra")
    await RoleGrant.insert(
        RoleGrant(
            organisation="hmt",
            id=keeper,
            person=keeper,
            role=Role.HR_ADMINISTRATOR,
            granted_by="tests",
            granted_at=clock.now,
            until=clock.now.date() + timedelta(days=9),
            ended_at=None,
        )
    )
    receiver.answer = lambda _: (410, {})
    await change(clock, count=3)
    await verified.tell()

    found = await verified.state()
    assert (found["state"], found["reason"]) == ("disabled", "gone")
    assert len(receiver.got) == 1
    assert await rows(NOTICES) == [(keeper, "webhook_disabled", verified.id)]
    assert await rows(DISABLINGS) == [("operator:webhooks", str(verified.id), "gone")]
    assert {each["state"] for each in await verified.deliveries()} == {"given_up"}
    await change(clock)
    clock.wait(days=9)
    assert (await verified.tell(), len(receiver.got)) == (0, 1)


async def test_after_the_last_attempt_it_is_disabled_and_can_be_mended(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = lambda _: (500, {})
    await change(clock, count=2)
    begun = clock.now
    for delay in (timedelta(0), *rules.DELAYS):
        clock.now += delay * 1.1
        assert await verified.tell(chance=1) == 1
    found = await verified.state()
    assert (found["state"], found["reason"]) == ("disabled", "not_taken")
    assert len(receiver.got) == rules.ATTEMPTS
    assert len({got.id for got in receiver.got}) == 1
    assert timedelta(days=3) < clock.now - begun < timedelta(days=4)

    receiver.answer = lambda _: TAKEN
    await verified.verify()
    body = {"organisation": "hmt", "stream": "scores", "from_sequence": 1}
    await verified.ask("POST", f"/{verified.id}/replay", body)
    await verified.tell()
    assert [got.sequence for got in receiver.taken] == [1, 2]
    assert receiver.taken[0].id == receiver.got[0].id


async def test_an_address_that_hangs_costs_one_attempt(
    verified: Hearing,
    receiver: Receiver,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    receiver.answer = lambda _: "hang"
    await change(clock, count=50)
    await verified.tell()

    assert len(receiver.got) == 1
    tried = [each for one in await verified.deliveries() for each in one["attempts"]]
    assert [(each["status"], each["error"]) for each in tried] == [
        (None, "TimeoutError")
    ]


async def test_who_has_much_to_hear_lets_others_have_their_turn(
    verified: Hearing,
    receiver: Receiver,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "IN_A_ROW", 2)
    await change(clock, count=5)
    assert await verified.tell() == 3
    assert [got.sequence for got in receiver.taken] == [1, 2, 3, 4, 5]


async def test_a_name_that_has_come_to_lead_inside_is_not_told(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    async with transaction() as connection:
        await connection.execute(
            "UPDATE webhook SET url = $1", f"http://10.0.0.1:{receiver.port}/"
        )
    await change(clock)
    await verified.tell()

    assert receiver.got == []
    (one,) = await verified.deliveries()
    assert one["attempts"][0]["error"] == "AddressRefused"


async def test_whoever_holds_a_webhook_holds_it_alone_until_taken_for_dead(
    verified: Hearing, receiver: Receiver, clock: Clock
) -> None:
    await change(clock)
    held = await sending._hold(clock.now)
    assert held is not None
    assert await verified.tell() == 0

    clock.wait(seconds=60)
    other = await sending._hold(clock.now)
    assert other is not None
    assert await sending._next(held, clock.now) is None
    assert await sending._next(other, clock.now) is not None


async def test_deliveries_are_paged_and_each_is_there_once(
    verified: Hearing, clock: Clock
) -> None:
    for _ in range(4):
        await change(clock, count=3)
        clock.wait(seconds=1)
    await verified.tell()
    found, where = [], f"/v1/webhooks/{verified.id}/deliveries?limit=5"
    while where:
        page = (await verified.client.get(where, headers=verified.token)).json()
        found += page["items"]
        where = page["next"]
    assert [each["sequence"] for each in found if each["sequence"] > 9] != []
    assert sorted(each["sequence"] for each in found) == [*range(1, 13)]
    times = [each["changed_at"] for each in found]
    assert times == sorted(times, reverse=True)
    assert {each["state"] for each in found} == {"delivered"}
    assert all(len(each["attempts"]) == 1 for each in found)


async def test_a_cursor_of_one_webhook_is_of_no_use_for_another(
    verified: Hearing, clock: Clock
) -> None:
    await change(clock, count=2)
    where = f"/{verified.id}/deliveries?limit=1"
    cursor = (await verified.ask("GET", where)).json()["next"].partition("cursor=")[2]
    other = await verified.register()
    answer = await verified.ask("GET", f"/{other['id']}/deliveries?cursor={cursor}")

    assert answer.status_code == 400


async def test_attempts_are_forgotten_after_a_month(
    verified: Hearing, clock: Clock
) -> None:
    await change(clock)
    await verified.tell()
    await forget_attempts(clock.now + timedelta(days=29))
    assert len((await verified.deliveries())[0]["attempts"]) == 1
    await forget_attempts(clock.now + timedelta(days=30))
    assert (await verified.deliveries())[0]["attempts"] == []


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What the service itself logs."""
    logs.set_up(Settings())
    yield capsys
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


async def test_no_address_and_no_secret_reaches_the_log(
    verified: Hearing,
    receiver: Receiver,
    clock: Clock,
    said: pytest.CaptureFixture[str],
) -> None:
    receiver.answer = lambda _: (410, {})
    await change(clock)
    await verified.tell()

    told = "".join(said.readouterr())
    assert "webhook disabled" in told
    assert str(verified.id) in told
    for secret in ("127.0.0.1", "from=us", receiver.secret[6:20]):
        assert secret not in told
