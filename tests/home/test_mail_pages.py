"""On a developer's machine mail is kept and can be read; elsewhere there is no page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from service.app import create_app
from service.auth.authentication import remember_nothing
from service.home.mail_pages import linked
from service.jobs.development import NEWEST, kept, newest
from service.jobs.letters import Letter
from service.jobs.mail import way_out
from service.settings import Settings, settings
from tests.factories import IN_THE_YEAR
from tests.web.visiting import heading, visiting

ISSUER = "http://127.0.0.1:8000"


@pytest.fixture
def development(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Settings]:
    monkeypatch.setenv("JOINEDUP_DEV_SIGN_IN", "true")
    monkeypatch.setenv("JOINEDUP_ISSUER", ISSUER)
    monkeypatch.setenv("JOINEDUP_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


async def posted(chosen: Settings, subject: str, text: str = "Hello.") -> Letter:
    post = way_out(chosen)
    assert post is not None
    letter = Letter(uuid4(), "sam@hmt.example", subject, text, "BEGIN:VCALENDAR")
    await post(letter, IN_THE_YEAR)
    return letter


def served() -> Litestar:
    app = create_app(Settings(), ISSUER)
    remember_nothing(app.state)
    return app


async def test_mail_is_kept_and_read(db: None, development: Settings) -> None:
    letter = await posted(development, "An objective waits", f"Open {ISSUER}/records")
    async with visiting(None, app=served()) as stranger:
        listed = await stranger.get("/dev/mail")
        assert "An objective waits" in listed.text
        answer = await stranger.get(f"/dev/mail/{letter.id}")
    assert heading(answer) == "An objective waits"
    assert "deadline.ics" in answer.text
    assert "sam@hmt.example" in answer.text


async def test_it_is_shown_to_whoever_sits_at_the_machine_alone(
    db: None, development: Settings
) -> None:
    """`serve --host 0.0.0.0` listens to a network, and mails hold links and codes."""
    letter = await posted(development, "Your code", "204518")
    app, paths = served(), ("/dev/mail", f"/dev/mail/{letter.id}")
    answers = []
    for client in ("203.0.113.9", "127.0.0.1"):
        way: Any = httpx.ASGITransport(app=cast("Any", app), client=(client, 4000))
        async with httpx.AsyncClient(transport=way, base_url=ISSUER) as there:
            answers += [await there.get(path) for path in paths]
            rebound = {"Host": "rebound.example"}
            answers += [await there.get(path, headers=rebound) for path in paths]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [404, 404, 404, 404, 200, 200, 404, 404]


async def test_the_newest_stands_first(development: Settings) -> None:
    await posted(development, "First")
    assert [mail.subject for mail in newest(development)[0]] == ["First"]
    post = way_out(development)
    assert post is not None
    later = IN_THE_YEAR.replace(year=IN_THE_YEAR.year + 1)
    await post(Letter(uuid4(), "a@hmt.example", "Second", "Hello."), later)
    mails, in_all = newest(development)
    assert [mail.subject for mail in mails] == ["Second", "First"]
    assert in_all == 2


async def test_a_list_that_is_cut_short_says_of_how_many(
    db: None, development: Settings
) -> None:
    letters = [await posted(development, f"Mail {n}") for n in range(NEWEST)]
    async with visiting(None, app=served()) as stranger:
        whole = await stranger.get("/dev/mail")
        await posted(development, "One more")
        cut = await stranger.get("/dev/mail")
        texts = [
            (await stranger.get(f"/dev/mail/{letter.id}")).status_code
            for letter in letters[:3]
        ]

    assert "The latest" not in whole.text
    assert f"The latest {NEWEST} of {NEWEST + 1}." in cut.text
    assert cut.text.count('href="/dev/mail/') == NEWEST
    assert texts == [200, 200, 200]


async def test_a_list_reads_no_mail_whole(
    development: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took a second or two: parsing attachments takes longest."""
    letter = await posted(development, "An objective waits")

    def parsed(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("service.jobs.development.message_from_bytes", parsed)
    assert [mail.id for mail in newest(development)[0]] == [letter.id]
    with pytest.raises(AssertionError):
        kept(letter.id, development)


async def test_there_is_no_such_page_where_people_sign_in_for_real(db: None) -> None:
    async with visiting(None) as stranger:
        assert (await stranger.get("/dev/mail")).status_code == 404
        assert (await stranger.get(f"/dev/mail/{uuid4()}")).status_code == 404
    assert way_out(settings()) is None


def test_only_this_service_is_linked() -> None:
    said = linked(f"<b> {ISSUER}/x https://elsewhere.example/", ISSUER)
    assert said == (
        "&lt;b&gt; "
        f'<a class="govuk-link" href="{ISSUER}/x">{ISSUER}/x</a>'
        " https://elsewhere.example/"
    )
