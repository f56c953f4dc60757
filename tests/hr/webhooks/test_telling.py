"""The workers that a process runs: they tell by themselves, and end what they began."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from service.db import transaction
from service.hr.webhooks.sending import telling
from service.settings import settings
from tests.factories import an_organisation
from tests.hr.webhooks.apart import a_told, commit
from tests.hr.webhooks.hearing import ISSUER, queued
from tests.hr.webhooks.receiver import TAKEN, Answer, Receiver, receiving

pytestmark = pytest.mark.slow
BREAK = "UPDATE webhook_secret SET sealed = 'x' WHERE webhook = $1"


async def until_over(many: int) -> None:
    async with asyncio.timeout(30):
        while sum(each["over"] for each in await queued()) < many:  # noqa: ASYNC110 - the workers tell nobody
            await asyncio.sleep(0.01)


async def test_what_nobody_can_sign_stops_no_other(
    apart: str, receiver: Receiver
) -> None:
    now = settings().clock()
    await an_organisation("hmt")
    async with receiving() as unheard:
        broken = await a_told(unheard, "hmt", now)
        await a_told(receiver, "hmt", now)
        async with transaction() as connection:
            await connection.execute(BREAK, broken.webhook)
        await commit("hmt", [uuid4(), uuid4()], now)
        async with telling(settings().clock, ISSUER, poll=0.01):
            await until_over(2)
        assert ([got.sequence for got in receiver.got], unheard.got) == ([1, 2], [])
    assert sum(each["over"] for each in await queued()) == 2


async def test_what_is_under_way_when_the_process_stops_is_ended_and_noted(
    apart: str, receiver: Receiver
) -> None:
    now, arrived = settings().clock(), asyncio.Event()

    def answer(_: dict[str, Any]) -> Answer:
        arrived.set()
        return TAKEN

    receiver.answer = answer
    await an_organisation("hmt")
    await a_told(receiver, "hmt", now)
    await commit("hmt", [uuid4() for _ in range(90)], now)
    async with telling(settings().clock, ISSUER, poll=0.01):
        await arrived.wait()
    over = sum(each["over"] for each in await queued())
    assert 1 <= over == len(receiver.got) < 90
