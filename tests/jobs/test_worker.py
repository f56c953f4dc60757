"""Deliveries to a mail server on loopback that answers, refuses, hangs or drops."""

import asyncio
import json
import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import structlog

from service import logs
from service.db.reach import NOBODY, within_reach
from service.jobs import mail
from service.jobs.outbox import Due, tell
from service.jobs.rules import ATTEMPTS, delay_after
from service.jobs.worker import Deliver, deliver_next, delivering
from service.settings import Settings
from tests.factories import a_person, an_organisation
from tests.jobs.catcher import Catcher
from tests.jobs.waiting import NOW, a_notice, addresses, rows, waiting, ways


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sam(db: None) -> UUID:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam)], now=NOW)
    return sam


async def deliver_all(by_kind: Mapping[str, Deliver], clock: Clock) -> int:
    """Deliver all that is due; return how many attempts that took."""
    attempts = 0
    with within_reach(NOBODY):  # As where the app starts it.
        while await deliver_next(by_kind, clock, lambda: 0.5):
            attempts += 1
    return attempts


async def test_what_is_due_is_delivered_once(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    assert await deliver_all(ways(catcher.url), clock) == 1
    clock.now += timedelta(days=3)
    assert await deliver_all(ways(catcher.url), clock) == 0
    assert catcher.recipients == [f"{sam.hex[:8]}@hmt.example"]
    (received,) = catcher.mails
    subject = received["Subject"].strip()
    assert subject.startswith("An objective waits for your agreement / Mae")
    assert "cytundeb" in received.get_content()
    assert await waiting() == [(1, None, True)]


async def test_what_is_not_due_yet_waits(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    clock.now -= timedelta(seconds=1)
    assert await deliver_all(ways(catcher.url), clock) == 0


async def test_without_a_server_mails_are_held_and_then_go_out(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    unset = mail.mailing(Settings(), "https://joinedup.example", addresses)
    async with delivering(unset, clock, poll=0):
        assert await waiting() == [(0, None, False)]
    clock.now += timedelta(days=365)
    assert await deliver_all(unset, clock) == 0
    assert await deliver_all(ways(catcher.url), clock) == 1
    assert await waiting() == [(1, None, True)]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("451 Try later", "SMTPRecipientRefused 451"),
        ("550 Nobody here", "SMTPRecipientRefused 550"),
    ],
)
async def test_refused_it_is_tried_again_later(
    sam: UUID, catcher: Catcher, clock: Clock, answer: str, why: str
) -> None:
    catcher.answer = answer
    assert await deliver_all(ways(catcher.url), clock) == 1
    assert await waiting() == [(1, why, False)]
    catcher.answer = "250 OK"
    clock.now += timedelta(minutes=5)
    assert await deliver_all(ways(catcher.url), clock) == 1
    assert await waiting() == [(2, None, True)]
    assert len(catcher.mails) == 1


async def test_a_server_that_hangs_is_left_and_tried_again(
    sam: UUID, catcher: Catcher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.2)
    catcher.hangs = True
    assert await deliver_all(ways(catcher.url), clock) == 1
    ((attempts, why, over),) = await waiting()
    assert (attempts, over) == (1, False)
    assert "Timeout" in (why or "")


async def test_a_server_that_hangs_up_is_tried_again(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    catcher.drops = True
    assert await deliver_all(ways(catcher.url), clock) == 1
    assert await waiting() == [(1, "SMTPServerDisconnected", False)]


async def test_a_server_that_is_not_there_is_tried_again(
    sam: UUID, clock: Clock
) -> None:
    assert await deliver_all(ways("smtp://127.0.0.1:1"), clock) == 1
    assert await waiting() == [(1, "SMTPConnectError", False)]


async def test_without_an_address_it_is_tried_again(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    """An import may bring the address."""

    async def nobody_has_one(_: Collection[UUID]) -> dict[UUID, str]:
        return {}

    assert await deliver_all(ways(catcher.url, nobody_has_one), clock) == 1
    assert await waiting() == [(1, "NoAddress", False)]
    assert catcher.mails == []


async def test_it_is_given_up_after_three_days_and_not_before(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    catcher.answer = "451 Try later"
    for attempt in range(1, ATTEMPTS + 1):
        assert await deliver_all(ways(catcher.url), clock) == 1, attempt
        assert await waiting() == [
            (attempt, "SMTPRecipientRefused 451", attempt == ATTEMPTS)
        ]
        clock.now += delay_after(attempt, 0.5)
    assert timedelta(days=2.5) < clock.now - NOW < timedelta(days=4)
    assert await deliver_all(ways(catcher.url), clock) == 0


async def test_one_that_fails_stops_no_other(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    alex = await a_person("hmt")
    await tell([a_notice(alex)], now=NOW + timedelta(seconds=1))

    async def bad_for_sam(people: Collection[UUID]) -> dict[UUID, str]:
        if sam in people:
            raise ZeroDivisionError
        return await addresses(people)

    clock.now += timedelta(seconds=1)
    assert await deliver_all(ways(catcher.url, bad_for_sam), clock) == 2
    assert {*await waiting()} == {(1, None, True), (1, "ZeroDivisionError", False)}


async def test_the_login_is_decoded(sam: UUID, catcher: Catcher, clock: Clock) -> None:
    with_login = catcher.url.replace("//", "//joined%20up:p%40ss%2Fword@")
    assert await deliver_all(ways(with_login), clock) == 1
    assert catcher.logins == [(b"joined up", b"p@ss/word")]
    assert len(catcher.mails) == 1


async def test_mail_never_goes_in_the_clear_where_tls_was_asked_for(
    sam: UUID, catcher: Catcher, clock: Clock
) -> None:
    """This server speaks no TLS: that must not be overlooked."""
    for scheme in ("starttls", "smtps"):
        url = catcher.url.replace("smtp://", f"{scheme}://me:secret@")
        assert await deliver_all(ways(url), clock) == 1
        clock.now += timedelta(days=1)
    assert catcher.logins == []
    assert catcher.mails == []


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put logging back as it was; what the mail server here says is not ours."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(logging.getLogger("mail.log"), "disabled", True)
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.usefixtures("put_back")
async def test_neither_address_nor_password_is_logged_or_stored(
    sam: UUID, catcher: Catcher, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(Settings(log_level="debug"))
    address = f"{sam.hex[:8]}@hmt.example"
    catcher.answer = f"550 {address} is unknown, says canary"
    wrong_login = catcher.url.replace("//", "//canary:canary@")
    gone = "smtp://canary:canary@127.0.0.1:1"
    for url in (catcher.url, wrong_login, gone):
        assert await deliver_all(ways(url), clock) == 1
        clock.now += timedelta(days=1)
    catcher.answer = "250 OK"
    assert await deliver_all(ways(catcher.url), clock) == 1
    logged = capsys.readouterr().err
    ours = [line for line in map(json.loads, logged.splitlines()) if "kind" in line]
    stored = await rows("SELECT o::text FROM outbox o")

    assert [line["event"] for line in ours] == ["not delivered"] * 3 + ["delivered"]
    assert ours[1]["error"] == "SMTPAuthenticationError 535"
    for said in (logged, str(stored)):
        assert "canary" not in said
        assert address not in said
        assert "hmt.example" not in said


class Probe:
    """A way to deliver that tells when it is under way and ends when it may."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, _: Due, __: datetime) -> None:
        self.begun.set()
        await self.may_end.wait()


async def test_told_to_stop_it_ends_what_it_has_begun(apart: str, clock: Clock) -> None:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam), a_notice(sam, key="2")], now=NOW)
    probe = Probe()
    async with asyncio.timeout(20):
        async with delivering({"mail": probe}, clock):
            await probe.begun.wait()
            asyncio.get_running_loop().call_later(0.05, probe.may_end.set)
    assert {*await waiting()} == {(0, None, False), (1, None, True)}


async def test_it_looks_again_after_the_database_was_away(
    apart: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = await a_person(await an_organisation("hmt"))
    await tell([a_notice(sam)], now=NOW)
    looks = iter([ConnectionRefusedError(), None])
    real = deliver_next

    async def at_first_away(by_kind: Mapping[str, Deliver], at: Clock) -> bool:
        if error := next(looks, None):
            raise error
        return await real(by_kind, at)

    monkeypatch.setattr("service.jobs.worker.deliver_next", at_first_away)
    probe = Probe()
    probe.may_end.set()
    async with asyncio.timeout(20), delivering({"mail": probe}, clock, poll=0):
        await probe.begun.wait()
    assert await waiting() == [(1, None, True)]
