"""Settings for mail: a wrong one is refused without repeating what it holds."""

import pytest
from pydantic import SecretStr, ValidationError

from service.settings import Settings

SENDER = "no-reply@joinedup.example"


@pytest.mark.parametrize(
    "url",
    [
        "smtp://relay.example",
        "smtp://relay.example:2525",
        "smtp://me:canary@127.0.0.1:2525",
        "smtp://me:canary@[::1]:2525",
        "smtps://me:can%2Fy@relay.example",
        "starttls://me:canary@relay.example:587",
    ],
)
def test_these_servers_may_take_mail(url: str) -> None:
    chosen = Settings(smtp_url=SecretStr(url), mail_from=SENDER)
    for shown in (repr(chosen), str(chosen), chosen.model_dump_json()):
        assert url not in shown
        assert "canary" not in shown


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("relay.example", "smtps://USER"),
        ("https://relay.example", "smtps://USER"),
        ("smtp://", "smtps://USER"),
        ("smtp://relay.example:0", "smtps://USER"),
        ("smtp://relay.example:canary", "smtps://USER"),
        ("smtp://[canary", "smtps://USER"),
        ("smtps://me:can/ary@relay.example", "percent-encoded"),
        ("smtps://me:can#ary@relay.example", "percent-encoded"),
        ("smtps://me:1?cana@relay.example", "percent-encoded"),
        ("smtp://me:canary@relay.example", "starttls://"),
    ],
)
def test_these_are_refused_with_the_remedy(url: str, remedy: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(smtp_url=SecretStr(url), mail_from=SENDER)
    assert remedy in str(refused.value)
    assert "ary" not in str(refused.value)


def test_a_server_needs_a_sender() -> None:
    with pytest.raises(ValidationError, match="needs JOINEDUP_MAIL_FROM"):
        Settings(smtp_url=SecretStr("smtp://relay.example"))


@pytest.mark.parametrize(
    "sender", ["", "joinedup", "a@b@c.example", "Me <me@x.example>", "me@x.example\n"]
)
def test_a_sender_is_one_address(sender: str) -> None:
    with pytest.raises(ValidationError, match="mail_from"):
        Settings(mail_from=sender)
