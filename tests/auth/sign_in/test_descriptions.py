"""oauth.md, "People's sign-in": what providers publish and how they answer."""

from typing import Any

import pytest

from service.auth.sign_in import discovery
from service.auth.sign_in.tables import SignInAttempt
from service.settings import settings
from tests.auth.sign_in.signing import (
    Departments,
    address_of,
    arrive,
    attempted,
    leave,
    refused,
    saying,
)
from tests.web.visiting import visiting


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"token_endpoint": 1},
        {"jwks_uri": None},
        {"token_endpoint": "https://169.254.169.254/latest"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "http://192.168.0.1/"},
    ],
    ids=str,
)
async def test_metadata_issuer_equals_the_configured_one(
    departments: Departments, described: dict[str, object]
) -> None:
    """'metadata `issuer` equals the configured one', and its addresses are public."""
    departments.hmt.described = described
    async with visiting(None, app=departments.app) as visitor:
        answer = await leave(visitor, departments.hmt)

    assert answer.status_code == 503
    assert "refresh" not in answer.headers
    assert await SignInAttempt.count() == 0


async def test_twin_that_believes_any_description_is_led_away(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is the comparison of issuers that stops it."""
    right = discovery.read

    def believing(body: bytes, issuer: str) -> Any:  # noqa: ANN401 - as it is called
        said = body.replace(b"https://evil.example", issuer.encode())
        return right(said, issuer)

    monkeypatch.setattr(discovery, "read", believing)
    departments.hmt.described = {"issuer": "https://evil.example"}
    async with visiting(None, app=departments.app) as visitor:
        assert (await leave(visitor, departments.hmt)).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (200, b""),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (200, b'{"access_token": "a"}'),
        (200, b'{"id_token": "a"}'),
        (200, b'{"id_token": 1, "access_token": "a"}'),
        (200, b'{"id_token": "a", "access_token": ["a"], "expires_in": "soon"}'),
        (200, b"\xff"),
        (200, b"[" * 50_000),
        (200, b"x" * 200_000),
        (302, b""),
        (401, b'{"error": "invalid_client"}'),
        (400, b'{"error": "invalid_grant", "error_description": "<b>ada</b>"}'),
    ],
    ids=str,
)
async def test_a_token_endpoint_that_fails_signs_nobody_in(
    departments: Departments, answer: tuple[int, bytes]
) -> None:
    departments.hmt.answer = answer

    assert await refused(await attempted(departments, {}))


async def test_userinfo_about_another_is_not_about_this_one(
    departments: Departments,
) -> None:
    """OpenID Connect Core 5.3.2."""
    departments.hmt.in_userinfo = ("employee",)
    departments.hmt.about = "somebody-else"

    assert await refused(await attempted(departments, {}))


async def test_a_signed_claim_is_not_changed_by_userinfo(
    departments: Departments,
) -> None:
    departments.hmt.in_userinfo = ("email",)
    departments.hmt.twist = saying(employee="hmt-e1")
    async with visiting(None, app=departments.app) as visitor:
        begun = await leave(visitor, departments.hmt)
        back = departments.hmt.come_back(
            address_of(begun), "hmt-1", employee="hmt-e2", email="ada@hmt.example"
        )
        answer = await arrive(visitor, departments.hmt, back)

    assert answer.status_code == 303


async def test_no_fetch_leaves_for_this_machine_unless_that_is_allowed(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOINEDUP_ALLOW_LOOPBACK_FETCH")
    settings.cache_clear()
    async with visiting(None, app=departments.app) as visitor:
        asked = len(departments.hmt.asked)
        answer = await leave(visitor, departments.hmt)

    assert answer.status_code == 503
    assert len(departments.hmt.asked) == asked


async def test_a_refusal_gives_no_reason_and_the_log_no_name(
    departments: Departments, capsys: pytest.CaptureFixture[str]
) -> None:
    departments.hmt.twist = saying(nonce="x" * 43)
    answer = await attempted(departments, {})
    said = "".join(capsys.readouterr())

    assert "nonce" not in answer.text
    assert "sign-in failed" in said
    for private in ("hmt-1", "hmt-e1", "ada@", str(departments.ada)):
        assert private not in said
