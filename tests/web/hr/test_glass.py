"""Two people open who gave feedback: asked, approved, read for an hour, told."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.feedback.break_glass.tables import BreakGlass
from tests.factories import FEEDBACK_OPEN
from tests.feedback.results.living import clock, role
from tests.scoring import Scene, an_asked_cycle, undone
from tests.web.counting import MOST, asked
from tests.web.visiting import Visitor, title, visiting

HERE = "/hr/break-glass"
WHY = "A complaint <b>, case 7."


@pytest.fixture(scope="module")
async def scene(opened: None) -> AsyncIterator[Scene]:
    async with undone():
        yield await an_asked_cycle()


@pytest.fixture
async def db(scene: Scene) -> AsyncIterator[None]:
    async with undone():
        yield


@pytest.fixture(autouse=True)
async def officers(scene: Scene, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, FEEDBACK_OPEN)
    await role(scene.people["hmt2"], Role.HR_ADMINISTRATOR, "hmt")
    await role(scene.people["hmt3"], Role.DATA_PROTECTION_OFFICER, "hmt")
    await role(scene.people["dwp1"], Role.DATA_PROTECTION_OFFICER, "dwp")


async def asks(hr: Visitor, scene: Scene) -> str:
    record = str(scene.records["hmt1"].id)
    got = await hr.post(f"{HERE}/new", {"record": record, "reason": WHY})
    assert got.status_code == 303, got.text
    where: str = got.headers["location"]
    return where


async def test_it_takes_two_and_lasts_an_hour(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        visiting(scene.people["hmt2"], "hmt") as hr,
        visiting(scene.people["hmt3"], "hmt") as dpo,
    ):
        where = await asks(hr, scene)
        early = await hr.post(f"{where}/raters")
        assert early.status_code == 422
        assert "A complaint &lt;b&gt;, case 7." in (await dpo.get(where)).text
        assert (await hr.post(f"{where}/approval")).status_code == 403
        assert (await dpo.post(f"{where}/approval")).status_code == 303
        again = await dpo.post(f"{where}/approval")
        assert (again.status_code, title(again)[:6]) == (422, "Error:")
        assert (await dpo.post(f"{where}/raters")).status_code == 403
        shown = await hr.get(where)
        assert "Read the names" in shown.text
        names = await hr.post(f"{where}/raters")
        assert (names.status_code, names.headers["cache-control"]) == (200, "no-store")
        assert "dwp" in names.text
        assert len(await asked(hr, where)) <= MOST
        assert len(await asked(dpo, HERE)) <= MOST
        clock(monkeypatch, FEEDBACK_OPEN + timedelta(hours=1))
        late = await hr.post(f"{where}/raters")
        assert late.status_code == 422
        assert "Over" in (await hr.get(where)).text
    entries = await AuditEntry.select().where(AuditEntry.entity == "break_glass")
    assert [each["action"] for each in entries] == ["ask", "approve", "read"]


async def test_looking_at_the_page_reads_no_name(scene: Scene) -> None:
    async with visiting(scene.people["hmt2"], "hmt") as hr:
        where = await asks(hr, scene)
        before = await AuditEntry.count()
        assert (await hr.get(where)).status_code == 200
        assert (await hr.get(f"{where}/raters")).status_code in {404, 405}
    assert await AuditEntry.count() == before


async def test_a_bad_form_comes_back_with_what_was_written(scene: Scene) -> None:
    async with visiting(scene.people["hmt2"], "hmt") as hr:
        none = await hr.post(f"{HERE}/new", {"record": "", "reason": ""})
        assert none.status_code == 422
        assert "Enter why you need to know" in none.text
        theirs = str(scene.records["dwp1"].id)
        got = await hr.post(f"{HERE}/new", {"record": theirs, "reason": WHY})
        assert (got.status_code, title(got)[:6]) == (422, "Error:")
        assert "no appraisal record of this number" in got.text
        assert f'value="{theirs}"' in got.text
        own = str(scene.records["hmt2"].id)
        close = await hr.post(f"{HERE}/new", {"record": own, "reason": WHY})
        assert (close.status_code, "It is about you" in close.text) == (422, True)
    assert await BreakGlass.count() == 0


async def test_another_organisation_cannot_tell_that_it_was_asked(
    scene: Scene,
) -> None:
    async with visiting(scene.people["hmt2"], "hmt") as hr:
        where = await asks(hr, scene)
    async with visiting(scene.people["dwp1"], "dwp") as other:
        assert (await other.get(where)).status_code == 404
        assert (await other.post(f"{where}/approval")).status_code == 404
        assert where not in (await other.get(HERE)).text
