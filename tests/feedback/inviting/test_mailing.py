"""Raters' mails as a mail server on loopback gets them, and where they come back to."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import structlog
from structlog.testing import CapturingLogger

from service import logs
from service.auth.caller import Person
from service.directory.queries import details_of, emails_of
from service.directory.tables import PersonDetails
from service.feedback import actions, windows
from service.feedback.inviting.schedule import see_to_mails
from service.jobs.outbox import tell
from service.jobs.rules import NoticeKind
from service.jobs.undelivered import unreached
from service.settings import Settings
from tests.factories import CLOSED, FEEDBACK_OPEN
from tests.feedback.inviting.mailed import a_provider, deliver, forget_all, text
from tests.feedback.stored import counted, request_of, window
from tests.jobs.catcher import ACCEPTED, Catcher
from tests.jobs.waiting import a_notice
from tests.scoring import SIZES, Scene, give

REFUSED = "550 No such mailbox"
LATER = FEEDBACK_OPEN + timedelta(days=1)


async def closes(scene: Scene) -> datetime:
    return (await window(scene)).closes_at


async def address_of(scene: Scene, name: str) -> str:
    return (await emails_of([scene.people[name]]))[scene.people[name]]


async def declined(scene: Scene, rater: str, subject: str) -> None:
    request = await request_of(scene, rater, subject)
    caller = Person(scene.people[rater])
    await actions.decline(request, reason="Brief.", caller=caller, now=FEEDBACK_OPEN)


async def test_each_rater_gets_one_invitation_a_request(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    mails = await deliver(catcher, FEEDBACK_OPEN)
    assert len(mails) == await counted("SELECT count(*) FROM feedback_request")
    mine = await actions.waiting(scene.people["dwp1"], scene.cycle)
    assert catcher.recipients.count(await address_of(scene, "dwp1")) == len(mine)
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    assert await deliver(catcher, FEEDBACK_OPEN + timedelta(days=5)) == []


async def test_no_mail_names_a_colleague_or_a_department(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    known = await details_of(scene.people.values())
    names = {each.family_name for each in known.values()} | {*SIZES}
    mails = await deliver(catcher, FEEDBACK_OPEN)
    await give(scene, "dwp1", "hmt1")
    await see_to_mails(await closes(scene) - timedelta(days=1))
    mails += await deliver(catcher, await closes(scene) - timedelta(days=1))
    await windows.close(scene.cycle, CLOSED)
    await see_to_mails(CLOSED)
    mails += await deliver(catcher, CLOSED)
    assert len({mail["Subject"] for mail in mails}) == 3
    for mail in mails:
        del mail["To"]
        said = mail.as_string() + text(mail)
        assert not {name for name in names if name in said}


async def test_with_a_provider_the_mail_leads_to_sign_in_and_else_to_a_link(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await a_provider("dwp")
    mails = await deliver(catcher, FEEDBACK_OPEN)
    by_address = dict(zip(catcher.recipients, mails, strict=True))
    with_one = text(by_address[await address_of(scene, "dwp1")])
    without = text(by_address[await address_of(scene, "moj1")])
    assert "/feedback/" in with_one
    assert "/feedback-links/" not in with_one
    assert "/feedback-links/" in without
    assert "/feedback/" not in without


async def test_every_mail_of_a_request_has_the_same_link(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    def links(mails: list[str]) -> set[str]:
        lines = {line for said in mails for line in said.splitlines()}
        return {line for line in lines if "/feedback-links/" in line}

    first = links([text(mail) for mail in await deliver(catcher, FEEDBACK_OPEN)])
    at = await closes(scene) - timedelta(days=1)
    await see_to_mails(at)
    assert links([text(mail) for mail in await deliver(catcher, at)]) == first
    assert len(first) == await counted("SELECT count(*) FROM feedback_link")


async def test_a_reminder_that_was_held_is_not_sent_to_who_has_submitted(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    at = await closes(scene) - timedelta(days=1)
    await see_to_mails(at)
    mine = len(await actions.waiting(scene.people["dwp1"], scene.cycle))
    await give(scene, "dwp1", "hmt1")
    await deliver(catcher, at)
    assert catcher.recipients.count(await address_of(scene, "dwp1")) == mine - 1


async def test_held_over_the_closing_nothing_is_sent(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await see_to_mails(await closes(scene) - timedelta(days=1))
    assert await deliver(catcher, await closes(scene)) == []


async def test_only_who_has_neither_submitted_nor_declined_is_reminded(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    await give(scene, "dwp1", "hmt1")
    await declined(scene, "dwp2", "hmt1")
    opened = await request_of(scene, "moj1", "hmt1")
    caller = Person(scene.people["moj1"])
    await actions.look(opened, caller=caller, now=FEEDBACK_OPEN)
    at = await closes(scene) - timedelta(days=3)
    waits = {
        name: len(await actions.waiting(scene.people[name], scene.cycle))
        for name in ("dwp1", "dwp2", "moj1")
    }
    await see_to_mails(at)
    await deliver(catcher, at)
    for name, requests in waits.items():
        assert catcher.recipients.count(await address_of(scene, name)) == requests


async def test_thanks_go_to_whom_something_came_from_and_to_nobody_else(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    await give(scene, "dwp1", "hmt1")
    await windows.close(scene.cycle, CLOSED)
    await see_to_mails(CLOSED)
    (mail,) = await deliver(catcher, CLOSED)
    assert mail["To"] == await address_of(scene, "dwp1")
    assert mail["Subject"].startswith("Thank you for your feedback / Diolch")


async def test_what_is_logged_is_the_same_whatever_raters_did(
    db: None, scene: Scene, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = CapturingLogger()
    monkeypatch.setattr("service.jobs.worker.log", heard)
    await forget_all()
    asked = await counted("SELECT count(*) FROM feedback_request")
    await give(scene, "dwp1", "hmt1")
    at = await closes(scene) - timedelta(days=3)
    await see_to_mails(at)
    mails = await deliver(catcher, at)
    assert [(call.method_name, call.args) for call in heard.calls] == [
        ("info", ("delivered",))
    ] * asked
    assert len(mails) == asked - 1


async def listed(scene: Scene, organisation: str = "dwp") -> list[str]:
    return sorted(scene.name_of(one.person) for one in await unreached(organisation))


async def test_an_invitation_that_comes_back_is_on_the_list_of_their_own(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    catcher.answer = REFUSED
    await deliver(catcher, FEEDBACK_OPEN)
    catcher.answer = ACCEPTED
    assert await listed(scene) == ["dwp1", "dwp2"]
    (first, *_) = await unreached("dwp")
    assert first.since == FEEDBACK_OPEN.date()
    assert first.address in (
        await address_of(scene, "dwp1"),
        await address_of(scene, "dwp2"),
    )


async def test_a_server_that_is_busy_is_nobody_s_fault(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    catcher.answer = "451 Later"
    await deliver(catcher, FEEDBACK_OPEN)
    assert await listed(scene) == []


async def test_whoever_gets_another_address_is_off_the_list(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    catcher.answer = REFUSED
    await deliver(catcher, FEEDBACK_OPEN)
    await PersonDetails.update({PersonDetails.email: "new@dwp.example"}).where(
        PersonDetails.person == scene.people["dwp1"]
    )
    assert await listed(scene) == ["dwp2"]


async def test_a_reminder_that_comes_back_shows_nowhere(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    """It goes to whom nothing has come from: the list would tell who that is."""
    await deliver(catcher, FEEDBACK_OPEN)
    at = await closes(scene) - timedelta(days=1)
    await see_to_mails(at)
    catcher.answer = REFUSED
    await deliver(catcher, at)
    assert await listed(scene) == []


async def test_what_a_rater_did_moves_nothing_on_the_list(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await give(scene, "dwp1", "hmt1")
    await declined(scene, "dwp2", "hmt1")
    catcher.answer = REFUSED
    await deliver(catcher, FEEDBACK_OPEN)
    assert await listed(scene) == ["dwp1", "dwp2"]


@pytest.mark.parametrize(
    ("kind", "shows"),
    [(NoticeKind.AGREEMENT_WANTED, True), (NoticeKind.WINDOW_EXTENDED, False)],
)
async def test_other_mail_that_comes_back_shows_unless_a_decline_moves_it(
    db: None, scene: Scene, catcher: Catcher, kind: NoticeKind, *, shows: bool
) -> None:
    await forget_all()
    await tell([a_notice(scene.people["dwp1"], "dwp", kind=kind)], now=LATER)
    catcher.answer = REFUSED
    await deliver(catcher, LATER, notices=True)
    assert await listed(scene) == ["dwp1"] * shows


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
async def test_neither_address_nor_link_is_logged_or_stored(
    db: None,
    scene: Scene,
    catcher: Catcher,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up(Settings(log_level="debug"))
    catcher.answer = f"550 {await address_of(scene, 'dwp1')} says canary"
    await deliver(catcher, FEEDBACK_OPEN)
    catcher.answer = ACCEPTED
    mails = await deliver(catcher, FEEDBACK_OPEN + timedelta(days=1))
    found = {line.rpartition("/")[2] for mail in mails for line in text(mail).split()
             if "/feedback-links/" in line}  # fmt: skip
    assert len(found) == len(mails) > 0
    logged = capsys.readouterr().err
    assert "canary" not in logged
    assert "@" not in logged
    for token in found:
        assert token not in logged
        for table in ("outbox", "feedback_link", "feedback_mail"):
            sql = f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1"  # noqa: S608 - these
            assert await counted(sql, f"%{token}%") == 0


async def test_whose_address_is_unknown_is_tried_again(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    mine: UUID = scene.people["dwp1"]
    await PersonDetails.delete().where(PersonDetails.person == mine)
    await deliver(catcher, FEEDBACK_OPEN)
    waiting = "SELECT count(*) FROM outbox WHERE last_error = 'NoAddress'"
    assert await counted(waiting) == len(await actions.waiting(mine, scene.cycle))


async def test_withdrawn_before_it_was_sent_an_invitation_is_not(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    await withdrawn(request)
    await deliver(catcher, FEEDBACK_OPEN)
    mine = await actions.waiting(scene.people["dwp1"], scene.cycle)
    assert catcher.recipients.count(await address_of(scene, "dwp1")) == len(mine)


async def withdrawn(request: UUID) -> None:
    """Withdraw a request, as when its rater may not answer any more."""
    sql = (
        "WITH done AS (UPDATE feedback_request SET state = 'withdrawn' WHERE id = $1"
        " RETURNING 1) SELECT count(*) FROM done"
    )
    assert await counted(sql, request) == 1
