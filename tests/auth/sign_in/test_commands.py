"""`joinedup providers`, as processes, on a database that keeps."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.audit.tables import AuditEntry
from service.auth.sign_in.tables import SignInProvider
from service.db import transaction
from service.db.cluster import Addresses
from tests.auth.sign_in.a_provider import CLIENT, SECRET, AProvider, Providers
from tests.auth.test_commands import Commands

pytestmark = pytest.mark.slow


@pytest.fixture
async def joinedup(opened: None, migrated: Addresses) -> AsyncIterator[Commands]:
    await clear()
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO organisation (code, hr_system, valid_from)"
            " VALUES ('ZX1', 'oracle', '2020-01-01')"
        )
    commands = Commands(migrated.application)
    commands.environment["JOINEDUP_ALLOW_LOOPBACK_FETCH"] = "true"
    commands.environment["JOINEDUP_ISSUER"] = "http://127.0.0.1:8000"
    yield commands
    await clear()


async def clear() -> None:
    await SignInProvider.delete(force=True)
    async with transaction() as connection:
        await connection.execute("DELETE FROM organisation WHERE code = 'ZX1'")


@pytest.fixture
def provider(at_work: Providers) -> AProvider:
    at_work.hmt.forget()
    return at_work.hmt


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return path


def adding(provider: AProvider, *more: str) -> tuple[str, ...]:
    return (
        "providers",
        "add",
        *("--organisation", "ZX1", "--name", "ZX One", "--issuer", provider.url),
        *("--client-id", CLIENT, "--person-claim", "employee"),
        *("--person-source", "workday", *more),
    )


async def test_a_provider_is_added_listed_and_disabled(
    joinedup: Commands, provider: AProvider, secret: Path
) -> None:
    made = await joinedup.run(*adding(provider, "--secret-file", str(secret), "--json"))
    assert (made.returncode, made.stderr) == (0, b"")
    assert json.loads(made.stdout) == {
        "id": "zx1",
        "redirect_uri": "http://127.0.0.1:8000/sign-in/zx1/callback",
        "post_logout_redirect_uri": "http://127.0.0.1:8000/signed-out",
        "public_key": None,
    }
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]
    answer = await joinedup.run("providers", "list", "--json")
    assert SECRET.encode() not in answer.stdout
    (listed,) = json.loads(answer.stdout)
    assert listed.pop("created_at")
    assert listed == {
        "organisation": "ZX1",
        "id": "zx1",
        "name": "ZX One",
        "issuer": provider.url,
        "client_id": CLIENT,
        "person_claim": "employee",
        "person_source": "workday",
        "algorithms": ["RS256"],
        "checks_email": True,
        "public_key": None,
        "disabled_at": None,
    }
    again = await joinedup.run(*adding(provider, "--secret-file", str(secret)))
    assert (again.returncode, b"another id" in again.stderr) == (2, True)
    assert (await joinedup.run("providers", "disable", "zx1")).returncode == 0
    gone = await joinedup.run("providers", "disable", "zx1")
    assert (gone.returncode, b"providers list" in gone.stderr) == (1, True)
    plain = (await joinedup.run("providers", "list")).stdout.decode()
    assert plain == f"zx1  ZX1  {provider.url}  {CLIENT}  disabled\n"
    told = (
        await AuditEntry.select(AuditEntry.action)
        .where(AuditEntry.entity == "sign_in_provider", AuditEntry.entity_id == "zx1")
        .order_by(AuditEntry.id)
        .output(as_list=True)
    )
    assert told == ["provider.add", "provider.disable"]


async def test_a_provider_may_know_us_by_a_key(
    joinedup: Commands, provider: AProvider
) -> None:
    made = await joinedup.run(*adding(provider, "--private-key-jwt", "--json"))
    key = json.loads(made.stdout)["public_key"]

    assert (key["kty"], key["alg"], "d" in key) == ("EC", "ES256", False)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "either --secret-file or --private-key-jwt"),
        (("--private-key-jwt", "--algorithm", "HS256"), "RS256"),
        (("--private-key-jwt", "--algorithm", "none"), "RS256"),
        (("--private-key-jwt", "--id", "development"), "meaning of its own"),
        (("--private-key-jwt", "--id", "HM Treasury"), "of the form"),
        (("--private-key-jwt", "--organisation", "nobody"), "known: ZX1"),
        (("--private-key-jwt", "--name", " "), "printable"),
        (("--private-key-jwt", "--issuer", "http://169.254.169.254"), "https address"),
    ],
)
async def test_what_is_refused_says_how_to_mend_it(
    joinedup: Commands, provider: AProvider, more: tuple[str, ...], says: str
) -> None:
    refused = await joinedup.run(*adding(provider, *more))

    assert (refused.returncode, refused.stdout) == (1, b"")
    assert says in refused.stderr.decode()
    assert b"Traceback" not in refused.stderr
    assert await SignInProvider.count() == 0


async def test_a_provider_that_says_it_is_another_is_not_added(
    joinedup: Commands, provider: AProvider
) -> None:
    provider.described = {"issuer": "https://evil.example"}
    refused = await joinedup.run(*adding(provider, "--private-key-jwt"))

    assert (refused.returncode, b"names another issuer" in refused.stderr) == (3, True)
    assert await SignInProvider.count() == 0
