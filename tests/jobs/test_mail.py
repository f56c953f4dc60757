"""What a mail says: in both languages, for any kind, and of nobody."""

import re
from datetime import date
from email.errors import HeaderParseError
from email.message import EmailMessage
from uuid import uuid4

import pytest
from litestar import Litestar

from service.auth.declared import routes
from service.jobs.letters import LANGUAGES, as_mail
from service.jobs.mail import MAILS, letter_of
from service.jobs.rules import NoticeKind, Told
from tests.jobs.waiting import ISSUER, NOW, SENDER

ADDRESS = "sam.person@hmt.example"
LONGEST_LINE = 998
"""Of a mail, by RFC 5322."""


def told(
    kind: NoticeKind = NoticeKind.AGREEMENT_WANTED,
    *,
    count: int = 1,
    due_on: date | None = None,
) -> Told:
    return Told(uuid4(), uuid4(), kind, uuid4(), count, due_on, NOW, None)


def mail_of(notice: Told) -> EmailMessage:
    return as_mail(letter_of(notice, ISSUER, ADDRESS), SENDER, NOW)


def text(mail: EmailMessage) -> str:
    said = mail.get_content()
    assert isinstance(said, str)
    return said


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_is_said_in_english_then_in_welsh(kind: NoticeKind) -> None:
    notice = told(kind, count=12, due_on=date(2026, 4, 30))
    mail = mail_of(notice)
    english, welsh = text(mail).split("-" * 72)
    for said in (english, welsh):
        assert "$" not in said
        assert "12\n" in said
        assert "30/04/2026" in said
        assert f"\n{ISSUER}/" in said
        assert "/v1/" not in said
        words = [line for line in said.splitlines() if not line.startswith(ISSUER)]
        assert all(len(line) <= 78 for line in words)
    in_english, in_welsh = str(mail["Subject"]).split(" / ")
    assert {in_english, in_welsh} & set(text(mail).splitlines()) == set()
    assert "[Drafft:" in welsh
    assert all(len(line) < LONGEST_LINE for line in bytes(mail).splitlines())


def test_no_two_kinds_say_the_same() -> None:
    for language in LANGUAGES:
        said = {
            (MAILS / language / f"{kind}.txt").read_text(encoding="utf-8")
            for kind in NoticeKind
        }
        assert len(said) == len(NoticeKind)


def test_no_text_is_left_over() -> None:
    known = {*NoticeKind, "count", "due", "frame"}
    for language in LANGUAGES:
        assert {path.stem for path in (MAILS / language).iterdir()} == known


def test_one_objective_is_not_counted_and_no_date_is_made_up() -> None:
    said = text(mail_of(told()))
    assert "Objectives:" not in said
    assert "Wanted by" not in said
    assert "\n\n\n" not in said


def test_the_mail_names_nobody_but_whom_it_goes_to() -> None:
    notice = told()
    whole = bytes(mail_of(notice)).decode()
    assert str(notice.person) not in whole
    assert whole.count(ADDRESS) == 1
    assert mail_of(notice)["To"] == ADDRESS
    assert mail_of(notice)["From"] == SENDER


def test_sent_twice_it_is_the_same_mail() -> None:
    notice = told()
    assert mail_of(notice)["Message-ID"] == mail_of(notice)["Message-ID"]
    assert mail_of(notice)["Message-ID"] != mail_of(told())["Message-ID"]


def test_no_machine_answers_it_and_a_reader_knows_its_languages() -> None:
    mail = mail_of(told())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en, cy"


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_it_links_to_is_there_and_asks_who_you_are(
    app: Litestar, kind: NoticeKind
) -> None:
    notice = told(kind)
    (link,) = {line for line in text(mail_of(notice)).splitlines() if ISSUER in line}
    path = link.removeprefix(ISSUER).replace(str(notice.about), "{}")
    (access,) = {
        to
        for method, at, to in routes(app)
        if (method, re.sub(r"{\w+}", "{}", at)) == ("GET", path)
    }
    assert access != "public"


@pytest.mark.parametrize(
    "address",
    ["one@hmt.example, two@hmt.example", "one@hmt.example\r\nBcc: two@x.example", ""],
)
def test_an_address_that_would_be_several_is_refused(address: str) -> None:
    with pytest.raises((ValueError, IndexError, HeaderParseError)):
        as_mail(letter_of(told(), ISSUER, address), SENDER, NOW)
