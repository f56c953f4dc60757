"""Mail that comes back after it was taken: whose shows on the list, and whose never."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from service.cli import mail as cli
from service.db import transaction
from service.directory.queries import emails_of
from service.directory.tables import PersonDetails
from service.feedback import windows
from service.feedback.inviting import schedule
from service.feedback.inviting.actions import came_back
from service.feedback.inviting.schedule import see_to_bounces, see_to_mails
from service.jobs.bounces import Bounce, read
from service.jobs.outbox import tell
from service.jobs.rules import NoticeKind
from service.jobs.undelivered import unreached
from service.settings import Settings
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.inviting.mailed import deliver, forget_all
from tests.feedback.stored import window
from tests.jobs.catcher import Catcher
from tests.jobs.fake_notify import chosen_with, faking
from tests.jobs.returned import report
from tests.jobs.waiting import NOW, a_notice
from tests.scoring import Scene

DAYS_LATER = FEEDBACK_OPEN + timedelta(days=3)


async def listed(scene: Scene) -> list[str]:
    return sorted(scene.name_of(one.person) for one in await unreached("dwp"))


async def address_of(scene: Scene, name: str) -> str:
    return (await emails_of([scene.people[name]]))[scene.people[name]]


def bounce_of(mail: EmailMessage) -> Bounce:
    """As the mail server reports it days later."""
    letter = UUID(str(mail["Message-ID"]).strip("<>").partition("@")[0])
    found = read(report(letter, str(mail["To"])))
    assert found is not None
    return found


async def mailed_to(scene: Scene, catcher: Catcher, name: str) -> list[Bounce]:
    mails = await deliver(catcher, DAYS_LATER, notices=True)
    mine = await address_of(scene, name)
    return [bounce_of(mail) for mail in mails if mail["To"] == mine]


async def test_an_invitation_that_comes_back_later_is_on_the_list(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    (first, *_) = await mailed_to(scene, catcher, "dwp1")
    assert await listed(scene) == []
    for _ in range(2):
        await came_back(first, DAYS_LATER)
    assert await listed(scene) == ["dwp1"]
    (shown,) = await unreached("dwp")
    assert shown.since == DAYS_LATER.date()


@pytest.mark.parametrize("what", ["reminder", "extension", "replacement"])
async def test_what_a_rater_s_act_moves_shows_nowhere(
    db: None, scene: Scene, catcher: Catcher, what: str
) -> None:
    await forget_all()
    now = FEEDBACK_OPEN
    if what == "reminder":
        now = (await window(scene)).closes_at - timedelta(days=7)
        await see_to_mails(now)
    elif what == "extension":
        closes_at = (await window(scene)).closes_at + timedelta(days=1)
        await windows.extend(scene.cycle, closes_at=closes_at, caller=OPERATOR, now=now)
    else:
        await invited_instead()
    mails = await deliver(catcher, max(now, DAYS_LATER), notices=True)
    assert mails
    for mail in mails:
        await came_back(bounce_of(mail), now)
    assert await listed(scene) == []


async def invited_instead() -> None:
    """As when each took the place of somebody who declined."""
    async with transaction() as connection:
        await connection.execute("UPDATE feedback_mail SET listed = false")
        await connection.execute(
            "INSERT INTO outbox (id, kind, payload, dedupe_key, run_at, attempts)"
            " SELECT gen_random_uuid(), 'feedback_mail',"
            " jsonb_build_object('mail', id), id::text, $1, 0 FROM feedback_mail",
            FEEDBACK_OPEN,
        )


@pytest.mark.parametrize(
    ("kind", "shows"),
    [(NoticeKind.AGREEMENT_WANTED, True), (NoticeKind.WINDOW_EXTENDED, False)],
)
async def test_a_notice_s_mail_shows_unless_a_decline_moves_it(
    db: None, scene: Scene, catcher: Catcher, kind: NoticeKind, *, shows: bool
) -> None:
    await forget_all()
    await tell([a_notice(scene.people["dwp1"], "dwp", kind=kind)], now=FEEDBACK_OPEN)
    (mail,) = await mailed_to(scene, catcher, "dwp1")
    await came_back(mail, DAYS_LATER)
    assert await listed(scene) == ["dwp1"] * shows


async def test_whoever_has_another_address_by_now_is_reached(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    (first, *_) = await mailed_to(scene, catcher, "dwp1")
    await PersonDetails.update({PersonDetails.email: "new@dwp.example"}).where(
        PersonDetails.person == scene.people["dwp1"]
    )
    await came_back(first, DAYS_LATER)
    assert await listed(scene) == []


async def test_of_a_mail_that_never_was_nothing_is_noted(
    db: None, scene: Scene
) -> None:
    address = await address_of(scene, "dwp1")
    await came_back(Bounce(UUID(int=9), address), DAYS_LATER)
    assert await listed(scene) == []


async def test_notify_is_asked_what_came_back(
    db: None, scene: Scene, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, *_) = await mailed_to(scene, catcher, "dwp1")
    async with faking() as fake:
        monkeypatch.setattr(schedule, "settings", lambda: chosen_with(fake.address))
        fake.status = 200
        page = {"reference": str(first.letter), "email_address": first.address}
        fake.returned = [[{"id": "1", **page}]]
        await see_to_bounces(NOW)
    assert await listed(scene) == ["dwp1"]


async def test_notify_out_of_order_stops_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with faking() as fake:
        monkeypatch.setattr(schedule, "settings", lambda: chosen_with(fake.address))
        for fake.status in (500, 200):
            fake.returned = [[{"no": "reference"}]]
            with capture_logs() as said:
                await see_to_bounces(NOW)
            (event,) = said
            assert event["event"] == "Notify did not say what came back"
    with capture_logs() as said:
        await see_to_bounces(NOW)
    assert [event["error"] for event in said] == ["ConnectError"]


async def test_without_notify_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "settings", Settings)
    with capture_logs() as said:
        await see_to_bounces(DAYS_LATER)
    assert said == []


def test_the_command_leaves_out_what_is_no_report(tmp_path: Path) -> None:
    note = tmp_path / "note.eml"
    note.write_bytes(b"Subject: Out of office\n\nBack on Monday.")
    done = CliRunner().invoke(cli.mail, ["bounced", str(note)])
    assert done.exit_code == 0
    assert "no mail of ours" in done.stderr


def test_the_command_takes_in_what_a_mail_server_reports(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted: list[tuple[Bounce, datetime]] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[datetime]:
        yield DAYS_LATER

    async def came_back(bounce: Bounce, now: datetime) -> None:
        noted.append((bounce, now))

    monkeypatch.setattr(cli, "opened", opened)
    monkeypatch.setattr(cli, "came_back", came_back)
    raw = report(UUID(int=5), "kim@dwp.example")
    done = CliRunner().invoke(cli.mail, ["bounced"], input=raw)
    assert (done.exit_code, done.output) == (0, "")
    assert noted == [(Bounce(UUID(int=5), "kim@dwp.example"), DAYS_LATER)]
