"""`joinedup people`, as processes, on a database that keeps."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from anyio import run_process

from service.audit.tables import AuditEntry
from service.db import transaction
from service.db.cluster import Addresses
from service.directory.discoverability import discoverability_of
from tests.factories import a_person, an_organisation

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CODE = "zz9"
TABLES = (
    "posting",
    "hr_record",
    "person_identifier",
    "person_details",
    "organisation_domain",
    "organisation_name",
)


@pytest.fixture
async def nia(opened: None) -> AsyncIterator[UUID]:
    """Somebody of a department of their own."""
    await an_organisation(CODE)
    person = await a_person(CODE, external_id="nia")
    yield person
    async with transaction() as connection:
        for table in TABLES:
            await connection.execute(
                f"DELETE FROM {table} WHERE organisation = $1",  # noqa: S608 - of this module
                CODE,
            )
        await connection.execute("DELETE FROM person WHERE id = $1", person)
        await connection.execute("DELETE FROM organisation WHERE code = $1", CODE)


async def people(
    addresses: Addresses, *arguments: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "JOINEDUP_DATABASE_URL": addresses.application,
        "JOINEDUP_SECRET_KEY": "for tests only " * 3,
    }
    environment.pop("JOINEDUP_NOW", None)
    return await run_process(
        [sys.executable, "-m", "service", "people", *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
    )


async def test_an_operator_hides_somebody_and_shows_them_again(
    migrated: Addresses, nia: UUID
) -> None:
    for step, name, shown in (
        ("hide", "workday:nia", False),
        ("unhide", str(nia), True),
    ):
        done = await people(
            migrated, step, name, "--organisation", CODE, "--reason", "Protected."
        )

        assert (done.returncode, done.stderr) == (0, b"")
        assert str(nia).encode() in done.stdout
        assert (await discoverability_of(nia, CODE)).discoverable is shown
    entries = (
        await AuditEntry.select(AuditEntry.action, AuditEntry.reason, AuditEntry.actor)
        .where(AuditEntry.entity_id == str(nia))
        .order_by(AuditEntry.id)
    )
    assert [(each["action"], each["reason"]) for each in entries] == [
        ("person.hidden", "Protected."),
        ("person.shown", "Protected."),
    ]
    assert entries[0]["actor"].startswith("operator:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("hide", "workday:nobody", "--organisation", CODE, "--reason", "r"),
        ("hide", "nia", "--organisation", CODE, "--reason", "r"),
        ("hide", "workday:nia", "--organisation", "zz8", "--reason", "r"),
        ("hide", "workday:nia", "--organisation", CODE),
    ],
)
async def test_what_names_nobody_or_gives_no_reason_is_refused(
    migrated: Addresses, nia: UUID, arguments: tuple[str, ...]
) -> None:
    done = await people(migrated, *arguments)

    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert (await discoverability_of(nia, CODE)).discoverable
