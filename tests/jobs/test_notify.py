"""Mails handed over to GOV.UK Notify, and what it says came back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from service.directory.queries import emails_of
from service.jobs import mail
from service.jobs.letters import Letter
from service.jobs.notify import Notify, NotifyFailed, NotifyRefused
from service.jobs.outbox import tell
from service.jobs.undelivered import unreached
from service.jobs.worker import deliver_next
from service.settings import Settings
from tests.factories import a_person, an_organisation
from tests.jobs.fake_notify import (
    HALF_A_MINUTE,
    KEY,
    SECRET,
    SERVICE,
    TEMPLATE,
    Fake,
    chosen_with,
    faking,
)
from tests.jobs.waiting import ISSUER, NOW, a_notice, rows, waiting


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


async def test_what_came_back_is_asked_for_page_by_page(fake: Fake) -> None:
    fake.status = 200
    ours, other = str(uuid4()), "not one of ours"
    fake.returned = [
        [
            {"id": "n1", "reference": ours, "email_address": "kim@dwp.example"},
            {"id": "n2", "reference": other, "email_address": "sam@dwp.example"},
        ],
        [{"id": "n3", "reference": None, "email_address": "sam@dwp.example"}],
    ]
    (found,) = await Notify(KEY, TEMPLATE, fake.address).returned(NOW)
    assert (str(found.letter), found.address) == (ours, "kim@dwp.example")
    first = "/v2/notifications?template_type=email&status=permanent-failure"
    assert fake.looked == [first, f"{first}&older_than=n2", f"{first}&older_than=n3"]


async def test_what_came_back_is_not_made_up(fake: Fake) -> None:
    for status in (403, 429, 500):
        fake.status = status
        with pytest.raises(NotifyFailed):
            await Notify(KEY, TEMPLATE, fake.address).returned(NOW)


@pytest.fixture
async def sam(db: None) -> UUID:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam)], now=NOW)
    return sam


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
