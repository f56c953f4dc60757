"""`joinedup clients` and `joinedup keys`, as processes, on a database that keeps."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from anyio import run_process

from service.audit.tables import AuditEntry
from service.auth.rules import digest
from service.auth.tables import (
    OAuthClient,
    OAuthClientOrganisation,
    OAuthClientSecret,
    SigningKey,
)
from service.db import transaction
from service.db.cluster import Addresses
from tests.auth.assertions import JWKS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
ROTATE = ("clients", "rotate-secret")
CREATE = ("clients", "create", "--organisation", "ZZ1", "--organisation", "ZZ2")


class Commands:
    def __init__(self, dsn: str) -> None:
        self.environment = {
            **os.environ,
            "JOINEDUP_DATABASE_URL": dsn,
            "JOINEDUP_SECRET_KEY": "for tests only " * 3,
        }
        self.environment.pop("JOINEDUP_NOW", None)

    async def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return await run_process(
            [sys.executable, "-m", "service", *arguments],
            check=False,
            cwd=ROOT,
            env=self.environment,
        )


@pytest.fixture
async def joinedup(opened: None, migrated: Addresses) -> AsyncIterator[Commands]:
    await clear(migrated.owner)
    async with transaction() as connection:
        await connection.execute(
            "INSERT INTO organisation (code, hr_system, valid_from)"
            " VALUES ('ZZ1', 'oracle', '2020-01-01'), ('ZZ2', 'sap', '2020-01-01')"
        )
    yield Commands(migrated.application)
    await clear(migrated.owner)


async def clear(owner: str) -> None:
    for table in (OAuthClientSecret, OAuthClientOrganisation, OAuthClient, SigningKey):
        await table.delete(force=True)
    async with transaction() as connection:
        await connection.execute("DELETE FROM organisation WHERE code LIKE 'ZZ_'")
    # Keys of rows stay for good, and these are sealed under other secrets.
    connected = await asyncpg.connect(owner)
    await connected.execute(
        "ALTER TABLE row_key DISABLE TRIGGER USER; DELETE FROM row_key;"
        " ALTER TABLE row_key ENABLE TRIGGER USER"
    )
    await connected.close()


async def test_a_client_is_created_shown_and_disabled(joinedup: Commands) -> None:
    made = await joinedup.run(*CREATE, "--scope", "scores:read cycles:read", "--json")
    assert (made.returncode, made.stderr) == (0, b"")
    credentials = json.loads(made.stdout)
    assert credentials.keys() == {"client_id", "client_secret"}
    client_id, secret = credentials["client_id"], credentials["client_secret"]

    (shown,) = json.loads((await joinedup.run("clients", "list", "--json")).stdout)
    assert shown["client_id"] == client_id
    assert shown["organisations"] == ["ZZ1", "ZZ2"]
    assert shown["scopes"] == ["cycles:read", "scores:read"]
    assert shown["disabled_at"] is None

    for step in ("revoke-tokens", "disable"):
        assert (await joinedup.run("clients", step, client_id)).returncode == 0
    again = await joinedup.run("clients", "show", client_id, "--json")
    assert json.loads(again.stdout)["disabled_at"] is not None
    for arguments in (("list",), ("show", client_id)):
        plain = await joinedup.run("clients", *arguments)
        assert client_id.encode() in plain.stdout
        assert secret.encode() not in plain.stdout + plain.stderr
    stored = await OAuthClientSecret.select(OAuthClientSecret.digest)
    assert stored == [{"digest": digest(secret)}]
    told = await AuditEntry.select().where(AuditEntry.entity_id == client_id)
    assert [row["action"] for row in sorted(told, key=lambda row: row["id"])] == [
        "client.create",
        "client.revoke-tokens",
        "client.disable",
        "client.show",
        "client.show",
    ]


async def test_a_secret_is_printed_once_for_people_too(joinedup: Commands) -> None:
    made = await joinedup.run(*CREATE, "--scope", "scores:read", "--name", "Oracle")
    assert made.stdout.startswith(b"client_id      hr-")
    assert b"cannot be shown again" in made.stderr


async def test_a_secret_is_rotated_and_never_shown(joinedup: Commands) -> None:
    made = await joinedup.run(*CREATE, "--scope", "scores:read", "--json")
    client_id = json.loads(made.stdout)["client_id"]
    told = []
    for more in ((), ("--keep-days", "7"), ("--expires-old", "2999-01-31")):
        rotated = await joinedup.run("clients", "rotate-secret", client_id, *more)
        assert rotated.returncode == 0, rotated.stderr
        told.append(rotated.stdout.split()[-1])
    assert len({*told}) == 3
    shown = await joinedup.run("clients", "show", client_id)
    listed = shown.stdout + (await joinedup.run("clients", "list")).stdout
    assert listed.count(b"made ") == 4
    assert b"ends never" in listed
    assert not [secret for secret in told if secret in listed]
    stored = await OAuthClientSecret.select(OAuthClientSecret.digest)
    assert {digest(secret.decode()) for secret in told} <= {
        row["digest"] for row in stored
    }


async def test_a_client_that_signs_is_registered_by_its_keys(
    joinedup: Commands, tmp_path: Path
) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(JWKS))
    signing = (*CREATE, "--scope", "scores:read", "--auth", "private_key_jwt")
    made = await joinedup.run(*signing, "--jwks", str(jwks), "--dpop", "--json")
    assert made.returncode == 0, made.stderr
    client_id = json.loads(made.stdout)["client_id"]
    assert json.loads(made.stdout).keys() == {"client_id"}

    in_a_month = str((datetime.now(UTC) + timedelta(days=30)).date())
    for what in ("allow-audience", "allow-rs256"):
        done = await joinedup.run("clients", what, client_id, "--until", in_a_month)
        assert done.returncode == 0, done.stderr
    address = "https://hr.example/jwks"
    before = await joinedup.run("clients", "show", client_id, "--json")
    await joinedup.run("clients", "replace-keys", client_id, "--jwks-uri", address)
    after = await joinedup.run("clients", "show", client_id, "--json")
    shown = json.loads(before.stdout)
    assert shown["key_ids"] == ["ec", "ed", "rsa"]
    assert (shown["dpop"], shown["secrets"]) == (True, [])
    assert shown["rs256_until"] == shown["endpoint_audience_until"] == in_a_month
    assert json.loads(after.stdout)["jwks_uri"] == address

    jwks.write_text("not JSON")
    for more, says in (
        (("--jwks", str(jwks)), b"does not hold JSON"),
        (("--jwks-uri", "http://hr.example/jwks"), b"https"),
        ((), b"one of both"),
    ):
        refused = await joinedup.run(*signing, *more)
        assert (refused.returncode, refused.stdout) == (1, b"")
        assert says in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("clients", "create", "--organisation", "NASA", "--scope", " "), "ZZ2"),
        ((*CREATE, "--scope", "scores:write"), "scores:read"),
        (("clients", "show", "hr-none"), "clients list"),
        (("clients", "disable", "hr-none"), "clients list"),
        (("clients", "rotate-secret", "hr-none"), "clients list"),
        (("clients", "revoke-tokens", "hr-none"), "clients list"),
        (
            (*ROTATE, "x", "--keep-days", "1", "--expires-old", "2030-01-01"),
            "not both",
        ),
        ((*CREATE, "--scope", "scores:read", "--jwks-uri", "https://x.y/"), "--auth"),
    ],
)
async def test_what_is_refused_says_how_to_mend_it(
    joinedup: Commands, arguments: tuple[str, ...], says: str
) -> None:
    refused = await joinedup.run(*arguments)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert says in refused.stderr.decode()
    assert b"Traceback" not in refused.stderr
    assert await OAuthClient.count() == 0


async def test_keys_are_listed_rotated_and_discarded(joinedup: Commands) -> None:
    assert (await joinedup.run("keys", "list", "--json")).stdout == b"[]\n"
    rotated = json.loads((await joinedup.run("keys", "rotate", "--json")).stdout)
    assert sorted(key["state"] for key in rotated) == ["active", "next", "retired"]
    listed = (await joinedup.run("keys", "list")).stdout.decode()
    assert all(key["kid"] in listed for key in rotated)

    joinedup.environment["JOINEDUP_SECRET_KEY"] = "another secret " * 3
    refused = await joinedup.run("keys", "rotate")
    assert (refused.returncode, refused.stdout) == (3, b"")
    assert b"keys rotate --discard" in refused.stderr

    discarded = await joinedup.run("keys", "rotate", "--discard", "--json")
    kept = {key["kid"]: key["state"] for key in json.loads(discarded.stdout)}
    assert sorted(kept.values()) == ["active", "next"]
    assert not kept.keys() & {key["kid"] for key in rotated}
