"""What raters are mailed of a window that closes later: each of their own request."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from service.auth.caller import Person
from service.db import transaction
from service.directory.queries import emails_of
from service.feedback import actions, windows
from service.jobs.undelivered import unreached
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.inviting.mailed import a_provider, deliver, forget_all, text
from tests.feedback.stored import counted, request_of
from tests.jobs.catcher import Catcher
from tests.scoring import Scene, give

LATER = datetime(2027, 3, 8, tzinfo=UTC)
LATER_STILL = datetime(2027, 3, 9, 12, tzinfo=UTC)
SAID = re.compile(r"(UID|SEQUENCE|DTSTART)(?:;VALUE=DATE)?:(\S+)")


async def extend(scene: Scene, closes_at: datetime = LATER) -> None:
    await windows.extend(
        scene.cycle, closes_at=closes_at, caller=OPERATOR, now=FEEDBACK_OPEN
    )


def entry(mail: EmailMessage) -> dict[str, str]:
    (calendar,) = mail.iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    content = calendar.get_content()
    said = content if isinstance(content, str) else content.decode()
    return dict(SAID.findall(said.replace("\r\n ", "")))


async def forget_notices() -> None:
    """What the scene's people were told of their objectives is not looked at here."""
    async with transaction() as connection:
        await connection.execute("DELETE FROM outbox WHERE kind = 'mail'")


async def address_of(scene: Scene, name: str) -> str:
    return (await emails_of([scene.people[name]]))[scene.people[name]]


async def test_each_entry_moves_in_the_calendars_of_raters_alone(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_notices()
    invited = {
        entry(mail)["UID"]: entry(mail)
        for mail in await deliver(catcher, FEEDBACK_OPEN)
    }
    to = sorted(catcher.recipients)
    catcher.recipients.clear()
    await extend(scene)
    extended = await deliver(catcher, FEEDBACK_OPEN, notices=True)
    assert sorted(catcher.recipients) == to
    assert {entry(mail)["UID"] for mail in extended} == invited.keys()
    for mail in extended:
        now = entry(mail)
        before = invited[now["UID"]]
        assert int(now["SEQUENCE"]) > int(before["SEQUENCE"])
        assert (before["DTSTART"], now["DTSTART"]) == (
            "20270228",
            "20270307",
        )
        assert "New deadline: the end of 7 March 2027 (London time)" in text(mail)


async def test_extended_again_they_are_mailed_again(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    asked = await counted("SELECT count(*) FROM feedback_request")
    for closes_at in (LATER, LATER_STILL):
        await extend(scene, closes_at)
        mails = await deliver(catcher, FEEDBACK_OPEN, notices=True)
        assert len(mails) == asked
    assert "New deadline: 12pm on 9 March 2027" in text(mails[0])
    assert len({mail["Message-ID"] for mail in catcher.mails}) == 2 * asked


async def test_who_declined_is_not_mailed_and_who_submitted_is(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    for request in await actions.waiting(scene.people["dwp1"], scene.cycle):
        await actions.decline(
            request, reason="No time.", caller=Person(scene.people["dwp1"]),
            now=FEEDBACK_OPEN,
        )  # fmt: skip
    waiting = len(await actions.waiting(scene.people["moj1"], scene.cycle))
    await give(scene, "moj1", "hmt1")
    await extend(scene)
    await deliver(catcher, FEEDBACK_OPEN, notices=True)
    assert await address_of(scene, "dwp1") not in catcher.recipients
    assert catcher.recipients.count(await address_of(scene, "moj1")) == waiting


async def test_held_until_the_window_has_closed_none_is_sent(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    await forget_all()
    await extend(scene)
    assert await deliver(catcher, LATER) == []


@pytest.mark.parametrize(
    ("has_provider", "path"), [(True, "/feedback/"), (False, "/feedback-links/")]
)
async def test_it_leads_to_where_the_rater_can_go(
    db: None, scene: Scene, catcher: Catcher, path: str,
    *, has_provider: bool,
) -> None:  # fmt: skip
    if has_provider:
        await a_provider("dwp")
    await forget_all()
    await extend(scene)
    mails = await deliver(catcher, FEEDBACK_OPEN)
    mine = await address_of(scene, "dwp1")
    (said, *_) = [text(mail) for mail in mails if mail["To"] == mine]
    assert f"joinedup.example{path}" in said


async def test_what_is_queued_does_not_tell_who_declined(
    db: None, scene: Scene
) -> None:
    request = await request_of(scene, "dwp1", "hmt1")
    caller = Person(scene.people["dwp1"])
    await actions.decline(request, reason="Brief.", caller=caller, now=FEEDBACK_OPEN)
    await extend(scene)
    queued = "SELECT count(*) FROM feedback_mail WHERE about = 'extension'"
    asked = "SELECT count(*) FROM feedback_request"
    assert await counted(queued) == await counted(asked)


async def test_coming_back_it_shows_nowhere(
    db: None, scene: Scene, catcher: Catcher
) -> None:
    """Whoever declined is not told: the list would tell who that is."""
    await forget_all()
    await extend(scene)
    catcher.answer = "550 No such mailbox"
    await deliver(catcher, FEEDBACK_OPEN, notices=True)
    assert await unreached("dwp") == []
