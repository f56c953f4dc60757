"""`joinedup issuers`, as processes, on a database that keeps."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest

from service.audit.tables import AuditEntry
from service.auth.tables import ExternalIssuerRow
from service.db import transaction
from service.db.cluster import Addresses
from tests.auth.an_issuer import AUDIENCE, AnIssuer, serving
from tests.auth.test_commands import Commands

pytestmark = pytest.mark.slow


@pytest.fixture
def issuer() -> Iterator[AnIssuer]:
    found = AnIssuer()
    with serving(found):
        yield found


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
    yield commands
    await clear()


async def clear() -> None:
    await ExternalIssuerRow.delete(force=True)
    async with transaction() as connection:
        await connection.execute("DELETE FROM organisation WHERE code = 'ZX1'")


def adding(issuer: AnIssuer, *more: str) -> tuple[str, ...]:
    return (
        "issuers",
        "add",
        *("--organisation", "ZX1", "--issuer", issuer.url, "--audience", AUDIENCE),
        *("--map", "a=b=scores:read", "--claim-equals", "tid=x=y", *more),
    )


async def test_an_issuer_is_added_listed_and_removed(
    joinedup: Commands, issuer: AnIssuer
) -> None:
    more = ("--person-claim", "employee", "--person-source", "workday")
    made = await joinedup.run(*adding(issuer, *more, "--client", "hr-portal"))
    assert (made.returncode, made.stderr) == (0, b"")
    assert issuer.fetches == [
        "/tenant/.well-known/openid-configuration",
        "/tenant/keys",
    ]
    (listed,) = json.loads((await joinedup.run("issuers", "list", "--json")).stdout)
    del listed["created_at"]
    id_ = listed.pop("id")
    assert listed == {
        "organisation": "ZX1",
        "issuer": issuer.url,
        "audience": AUDIENCE,
        "jwks_uri": f"{issuer.url}/keys",
        "algorithms": ["RS256"],
        "scopes": [["a=b", "scores:read"]],
        "claims": [["tid", "x=y"]],
        "person_claim": "employee",
        "person_source": "workday",
        "clients": ["hr-portal"],
    }
    plain = (await joinedup.run("issuers", "list")).stdout.decode()
    assert plain == f"{id_}  ZX1  {issuer.url}  {AUDIENCE}\n"
    again = await joinedup.run(*adding(issuer))
    assert (again.returncode, b"Remove the one" in again.stderr) == (2, True)
    assert (await joinedup.run("issuers", "remove", id_)).returncode == 0
    assert await ExternalIssuerRow.count() == 0
    gone = await joinedup.run("issuers", "remove", id_)
    assert (gone.returncode, b"issuers list" in gone.stderr) == (1, True)
    told = (
        await AuditEntry.select(AuditEntry.action)
        .where(AuditEntry.entity_id == id_)
        .order_by(AuditEntry.id)
        .output(as_list=True)
    )
    assert told == ["issuer.add", "issuer.remove"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--map", "nothing"), "two texts"),
        (("--map", "theirs=scores:write"), "scores:read"),
        (("--algorithm", "HS256"), "RS256"),
        (("--person-claim", "employee"), "--person-source"),
        (("--jwks-uri", "http://169.254.169.254/"), "https address"),
    ],
)
async def test_what_is_refused_says_how_to_mend_it(
    joinedup: Commands, issuer: AnIssuer, more: tuple[str, ...], says: str
) -> None:
    refused = await joinedup.run(*adding(issuer, *more))
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert says in refused.stderr.decode()
    assert b"Traceback" not in refused.stderr
    assert await ExternalIssuerRow.count() == 0


async def test_an_issuer_that_is_down_can_be_added_later(
    joinedup: Commands, issuer: AnIssuer
) -> None:
    issuer.down = True
    refused = await joinedup.run(*adding(issuer))
    assert (refused.returncode, b"503" in refused.stderr) == (3, True)
