"""An HR administrator has a file of their own organisation's scores made."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from service.access.rules import Role
from service.audit.tables import AuditEntry, Disclosure
from service.hr.exports.actions import make
from service.settings import settings
from tests.conftest import ISSUER
from tests.factories import RELEASED
from tests.feedback.results.living import clock, role
from tests.scoring import EXPECTED, Scene, a_scored_cycle, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import title, visiting

HERE = "/hr/exports"
OF_HMT = [name for name in EXPECTED if name.startswith(("hmt", "newcomer"))]


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        yield await a_scored_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture
async def hr(
    scene: Scene, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> UUID:
    secret = settings().data_dir / "secret-key"
    if secret.exists():
        (tmp_path / "secret-key").write_bytes(secret.read_bytes())
    monkeypatch.setenv("JOINEDUP_DATA_DIR", str(tmp_path))
    clock(monkeypatch, RELEASED)
    await role(scene.people["hmt2"], Role.HR_ADMINISTRATOR, "hmt")
    await role(scene.people["hmt3"], Role.HR_ADMINISTRATOR, "hmt")
    return scene.people["hmt2"]


async def test_a_file_is_asked_for_made_and_downloaded_by_whoever_asked(
    hr: UUID, scene: Scene
) -> None:
    told = await Disclosure.count()
    async with visiting(hr, "hmt") as visitor:
        got = await visitor.post(HERE, {"format": "csv", "cycle": str(scene.cycle)})
        assert got.status_code == 303, got.text
        waits = await visitor.get(HERE)
        assert "Check again" in waits.text
        (row,) = await AuditEntry.select().where(AuditEntry.entity == "export")
        assert (row["actor"], row["organisation"]) == (f"person:{hr}", "hmt")
        id_, chosen = UUID(row["entity_id"]), settings()
        early = await visitor.get(f"{HERE}/{id_}/file")
        assert early.status_code == 409
        await make(id_, issuer=ISSUER, data_dir=chosen.data_dir, now=chosen.clock())
        assert len(await asked(visitor, HERE)) <= MOST
        ready = await visitor.get(HERE)
        (link,) = re.findall(rf'href="({HERE}/[^"]+/file)"', ready.text)
        file = await visitor.get(link)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "no-store"
        assert len([*csv.DictReader(io.StringIO(file.text))]) == len(OF_HMT)
    async with visiting(scene.people["hmt3"], "hmt") as other:
        assert (await other.get(link)).status_code == 404
    assert await Disclosure.count() == told
    taken = await AuditEntry.select().where(AuditEntry.action == "download")
    assert [each["actor"] for each in taken] == [f"person:{hr}"]


async def test_a_bad_form_is_said_to_be_so(hr: UUID) -> None:
    async with visiting(hr, "hmt") as visitor:
        got = await visitor.post(HERE, {"format": "pdf"})
    assert (got.status_code, title(got)[:6]) == (422, "Error:")
    assert "Select a format" in got.text


async def test_progress_counts_decisions_and_never_feedback(
    hr: UUID, scene: Scene
) -> None:
    async with visiting(hr, "hmt") as visitor:
        units = await visitor.get("/hr/progress")
        assert units.status_code == 200
        assert f">{len(OF_HMT) + 1}<" in units.text or "Policy" in units.text
        one = await visitor.get(f"/hr/progress?cycle={scene.cycle}&unit=Policy")
        assert "Waiting for the line manager" in one.text
        assert "Nothing to decide yet" in one.text
        assert len(await asked(visitor, "/hr/progress")) <= MOST
        nowhere = await visitor.get(f"/hr/progress?cycle={hr}")
        assert nowhere.status_code == 404
