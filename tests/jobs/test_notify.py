"""GOV.UK Notify, as a server on loopback that reads the token as Notify does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import AnyHttpUrl, SecretStr, ValidationError

from service.directory.queries import emails_of
from service.jobs import mail
from service.jobs.letters import Letter
from service.jobs.notify import Notify, NotifyFailed, NotifyRefused
from service.jobs.outbox import tell
from service.jobs.undelivered import unreached
from service.jobs.worker import deliver_next
from service.settings import Settings
from tests.factories import a_person, an_organisation
from tests.jobs.waiting import ISSUER, NOW, a_notice, rows, waiting

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"  # noqa: S105 - made up
KEY = f"our-own-key-{SERVICE}-{SECRET}"
TEMPLATE = UUID("f33517ff-2a88-4f6e-b855-c550268ce08a")
HALF_A_MINUTE = 30
"""How far from its own clock Notify lets a token's be."""


class Fake:
    """What was asked; `status` is answered to whoever signs as the service."""

    def __init__(self) -> None:
        self.address = ""
        self.status = 201
        self.asked: list[dict[str, Any]] = []
        self.raw = b""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.raw += head + body
        status = 404
        if first == "POST /v2/notifications/email HTTP/1.1":
            status = self.status if _is_signed(headers["authorization"]) else 403
        if status == 201:
            self.asked.append(json.loads(body))
        said = b'{"errors": [{"message": "canary"}]}'
        answer = f"HTTP/1.1 {status} X\r\ncontent-length: {len(said)}\r\n\r\n"
        writer.write(answer.encode() + said)
        await writer.drain()
        writer.close()


def _is_signed(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    try:
        found = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"])
    except JoseError:
        return False
    claims = found.claims
    near = abs(claims["iat"] - NOW.timestamp()) <= HALF_A_MINUTE
    return scheme == "Bearer" and claims["iss"] == SERVICE and near


@asynccontextmanager
async def faking() -> AsyncIterator[Fake]:
    fake = Fake()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with faking() as found:
        yield found


def a_letter() -> Letter:
    return Letter(uuid4(), "kim@dwp.example", "A subject", "Some words.\n")


async def test_a_mail_is_handed_over_whole_and_signed(fake: Fake) -> None:
    letter = a_letter()
    await Notify(KEY, TEMPLATE, fake.address).post(letter, NOW)
    assert fake.asked == [
        {
            "email_address": "kim@dwp.example",
            "template_id": str(TEMPLATE),
            "reference": str(letter.id),
            "personalisation": {"subject": "A subject", "text": "Some words.\n"},
        }
    ]
    assert SECRET.encode() not in fake.raw
    assert b"our-own-key" not in fake.raw


@pytest.mark.parametrize(
    "key",
    [
        f"our-own-key-{SERVICE}-{SERVICE}",
        f"our-own-key-{SECRET}-{SECRET}",
    ],
)
async def test_another_key_is_not_let_in(fake: Fake, key: str) -> None:
    with pytest.raises(NotifyFailed) as failed:
        await Notify(key, TEMPLATE, fake.address).post(a_letter(), NOW)
    assert failed.value.code == 403
    assert fake.asked == []


async def test_a_token_lasts_half_a_minute(fake: Fake) -> None:
    late = NOW - timedelta(seconds=HALF_A_MINUTE + 1)
    with pytest.raises(NotifyFailed):
        await Notify(KEY, TEMPLATE, fake.address).post(a_letter(), late)


async def test_what_is_refused_repeats_nothing_that_was_answered(fake: Fake) -> None:
    for status, kind in ((400, NotifyRefused), (429, NotifyFailed)):
        fake.status = status
        with pytest.raises(kind) as refused:
            await Notify(KEY, TEMPLATE, fake.address).post(a_letter(), NOW)
        assert "canary" not in repr(refused.value) + str(refused.value)


@pytest.fixture
async def sam(db: None) -> UUID:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam)], now=NOW)
    return sam


def chosen_with(address: str) -> Settings:
    return Settings(
        notify_api_key=SecretStr(KEY),
        notify_template=TEMPLATE,
        notify_url=AnyHttpUrl(address),
    )


async def deliver(fake: Fake) -> None:
    chosen = chosen_with(fake.address)
    ways = mail.mailing(chosen, ISSUER, emails_of)
    assert await deliver_next(ways, lambda: NOW, lambda: 0.5)


async def test_with_its_key_set_notices_go_out_by_it(sam: UUID, fake: Fake) -> None:
    await deliver(fake)
    assert await waiting() == [(1, None, True)]
    (asked,) = fake.asked
    assert asked["email_address"].endswith("@hmt.example")
    assert "Mae" in asked["personalisation"]["subject"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_busy_or_broken_it_is_tried_again(
    sam: UUID, fake: Fake, status: int
) -> None:
    fake.status = status
    await deliver(fake)
    assert await waiting() == [(1, f"NotifyFailed {status}", False)]
    assert await unreached("hmt") == []


async def test_refused_it_is_given_up_and_on_the_list(sam: UUID, fake: Fake) -> None:
    fake.status = 400
    await deliver(fake)
    assert await waiting() == [(1, "NotifyRefused 400", True)]
    assert [one.person for one in await unreached("hmt")] == [sam]


async def test_its_key_is_neither_shown_nor_stored(sam: UUID, fake: Fake) -> None:
    chosen = chosen_with(fake.address)
    assert SECRET not in repr(chosen) + repr(Notify(KEY, TEMPLATE, fake.address))
    await deliver(fake)
    assert SECRET not in str(await rows("SELECT o::text FROM outbox o"))


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ({"notify_api_key": KEY}, "together"),
        ({"notify_template": TEMPLATE}, "together"),
        ({"notify_api_key": KEY, "notify_template": TEMPLATE}, "together"),
        ({"notify_api_key": "canary", "notify_template": TEMPLATE}, "API key"),
        ({"notify_url": "http://notify.example"}, "https://"),
        (
            {
                "notify_api_key": KEY,
                "notify_template": TEMPLATE,
                "notify_url": "https://notify.example",
                "smtp_url": "smtp://relay.example",
                "mail_from": "me@x.example",
            },
            "unset one",
        ),
    ],
)
def test_half_of_it_or_two_ways_out_are_refused(
    given: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**given)
    assert remedy in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "canary" not in str(refused.value)
