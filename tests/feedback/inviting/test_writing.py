"""What raters' mails say: in both languages, and of nobody."""

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import uuid4

import pytest
from litestar import Litestar

from service.auth.declared import routes
from service.feedback.inviting.rules import About
from service.feedback.inviting.writing import MAILS, Asked, code_letter, letter
from service.jobs.letters import LANGUAGES, Letter, as_mail

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
CLOSES = datetime(2027, 3, 1, tzinfo=UTC)
ISSUER = "https://joinedup.example"
SENDER = "no-reply@joinedup.example"
ADDRESS = "kim@dwp.example"
TOKEN = "t" * 43


def a_letter(about: About, token: str | None = None) -> Letter:
    asked = Asked(uuid4(), CLOSES, token)
    return letter(uuid4(), about, asked, issuer=ISSUER, address=ADDRESS, now=NOW)


def a_mail(about: About, token: str | None = None) -> EmailMessage:
    return as_mail(a_letter(about, token), SENDER, NOW)


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("about", About)
def test_each_is_said_in_english_then_in_welsh(about: About, token: str | None) -> None:
    """The window closes at midnight: on the day that ends then, in either language."""
    english, welsh = a_letter(about, token).text.split("-" * 72)
    assert "[Drafft:" in welsh
    assert "[Drafft:" not in english
    for said, deadline in (
        (english, "the end of 28 February 2027 (London time)"),
        (welsh, "tan ddiwedd 28 Chwefror 2027 (amser Llundain)"),
    ):
        assert (deadline in said) == (about != About.THANKS)
        assert "$" not in said
        assert "\n\n\n" not in said
        assert (ISSUER in said) == (about != About.THANKS)
        assert all(len(line) <= 78 for line in said.splitlines() if ISSUER not in line)


def test_no_text_is_left_over() -> None:
    used = {"invitation", "reminder", "extension", "thanks", "code", "sign_in", "link",
            "plain"}  # fmt: skip
    for language in LANGUAGES:
        assert {path.stem for path in (MAILS / language).iterdir()} == used


def test_who_signs_in_is_led_to_what_asks_who_they_are(app: Litestar) -> None:
    path = "/feedback/{request_id}"
    (access,) = {to for method, at, to in routes(app) if (method, at) == ("GET", path)}
    assert access == "page"
    said = a_letter(About.INVITATION)
    (link,) = {line for line in said.text.splitlines() if ISSUER in line}
    assert link.startswith(f"{ISSUER}/feedback/")


def test_who_cannot_is_given_their_link_and_not_the_other_s() -> None:
    said = a_letter(About.REMINDER_3, TOKEN).text
    (link,) = {line for line in said.splitlines() if ISSUER in line}
    assert link == f"{ISSUER}/feedback-links/{TOKEN}"
    assert "Sign in" not in said


def test_an_invitation_brings_its_deadline_for_the_calendar() -> None:
    mail = a_mail(About.INVITATION)
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "deadline.ics"
    written = attached.get_payload(decode=True)
    assert isinstance(written, bytes)
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"DTSTART;VALUE=DATE:20270228\r\n" in written
    assert mail.get_body() is not None


def test_what_is_shared_of_the_calendar_opens_nothing() -> None:
    calendar = a_letter(About.INVITATION, TOKEN).calendar
    assert calendar is not None
    assert TOKEN not in calendar
    assert "http" not in calendar


def test_a_code_is_alone_in_its_mail() -> None:
    said = code_letter(uuid4(), "204518", address=ADDRESS)
    assert said.text.count("204518") == len(LANGUAGES)
    assert "http" not in said.text
    assert "204518" not in said.subject


def test_a_letter_shows_no_address_and_no_words_when_printed() -> None:
    said = repr(a_letter(About.INVITATION, TOKEN))
    assert ADDRESS not in said
    assert TOKEN not in said
