"""Cycles on pages: what happens when, new dates, and a longer feedback window."""

import re
from uuid import UUID, uuid4

from service.access.rules import Role
from service.audit.tables import AuditEntry
from service.records.frameworks import Stage
from service.records.queries import cycles, instants
from tests.factories import a_cycle
from tests.web.hr.conftest import Office
from tests.web.visiting import Visitor, heading, title, visiting

FIELD = re.compile(r'<input class="govuk-input[^>]* name="(\w+)"[^>]* value="([^"]*)"')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


async def dates_on(visitor: Visitor, path: str) -> dict[str, str]:
    """The form of a page with dates, as it is before anybody changes it."""
    page = (await visitor.get(path)).text
    main = page.partition('id="main-content"')[2]
    found = {**dict(FIELD.findall(main)), **dict(HIDDEN.findall(main))}
    found.pop("_csrf", None)
    return found


async def test_a_cycle_is_opened_with_the_dates_that_were_seen(office: Office) -> None:
    new = "/hr/cycles/new?framework=uk-scs-2025&year=2027"
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        form = await dates_on(hr, new)
        assert form["feedback_opens"] == "1/2/2028"
        assert form["framework"] == "uk-scs-2025"
        got = await hr.post("/hr/cycles/new", {**form, "feedback_opens": "3 Feb 2028"})
        assert got.status_code == 303, got.text
        shown = await hr.get(got.headers["location"])
    assert heading(shown) == "Cycle 2027"
    assert '<td class="govuk-table__cell">3 February 2028</td>' in shown.text
    assert "the end of 29 February 2028" in shown.text
    assert "12am" not in shown.text
    (made,) = [each for each in await cycles(["hmt"]) if each["year"] == 2027]
    assert made["organisations"] == ["hmt"]


async def test_dates_out_of_order_come_back_as_they_were_written(
    office: Office,
) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        form = await dates_on(hr, "/hr/cycles/new?framework=uk-scs-2025&year=2027")
        late = {**form, "local_moderation": "1/5/2020", "published": "soon"}
        got = await hr.post("/hr/cycles/new", late)
        assert got.status_code == 422
        assert title(got).startswith("Error: ")
        assert "Enter a day, like 27/3/2027" in got.text
        assert 'value="soon"' in got.text
        assert 'value="1/5/2020"' in got.text
        again = await hr.post(
            "/hr/cycles/new", {**form, "local_moderation": "1/5/2020"}
        )
        assert again.status_code == 422
        there = await hr.post("/hr/cycles/new", {**form, "year": "2026"})
        assert (there.status_code, "for 2026 already" in there.text) == (422, True)
    assert len(await cycles(["hmt"])) == 1


async def test_stages_still_to_come_are_moved(office: Office) -> None:
    path = f"/hr/cycles/{office.cycle}/dates"
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        form = await dates_on(hr, path)
        assert "objective_setting" not in form  # It has begun.
        assert not [name for name in form if name.startswith("feedback_")]
        form["local_moderation"] = "3/5/2027"
        got = await hr.post(path, form)
        assert got.status_code == 303, got.text
        stale = await hr.post(path, {**form, "local_moderation": "4/5/2027"})
        assert stale.status_code == 422
    moved = (await instants(office.cycle))[Stage.LOCAL_MODERATION]
    assert moved.isoformat() == "2027-05-02T23:00:00+00:00"
    (entry,) = await AuditEntry.select().where(AuditEntry.action == "reschedule")
    assert entry["organisation"] == "hmt"


async def test_what_has_begun_and_feedback_are_not_moved_here(office: Office) -> None:
    before = await instants(office.cycle)
    path = f"/hr/cycles/{office.cycle}/dates"
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        form = await dates_on(hr, path)
        begun = await hr.post(path, {**form, "objective_setting": "2/4/2026"})
        assert begun.status_code == 422
        past = await hr.post(path, {**form, "local_moderation": "2/4/2026"})
        assert past.status_code == 422
        await hr.post(path, {**form, "feedback_opens": "5/2/2027"})
    assert await instants(office.cycle) == before


async def test_a_cycle_of_several_is_seen_and_not_moved(office: Office) -> None:
    shared = await a_cycle(2027, organisations=["hmt", "defra"])
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        one = await hr.get(f"/hr/cycles/{shared.id}")
        assert "Other organisations take part" in one.text
        got = await hr.post(f"/hr/cycles/{shared.id}/dates", {"version": "1"})
        assert got.status_code == 422
        extended = await hr.post(
            f"/hr/cycles/{shared.id}/extend-feedback", {"closes": "20/3/2028"}
        )
        assert extended.status_code == 422
        assert "Other organisations take part" in extended.text


async def test_another_organisation_s_cycle_is_not_there(office: Office) -> None:
    async with visiting(office.other_hr, "defra") as other:
        for id_ in (office.cycle, uuid4()):
            for rest in ("", "/dates", "/extend-feedback"):
                assert (await other.get(f"/hr/cycles/{id_}{rest}")).status_code == 404
            got = await other.post(
                f"/hr/cycles/{id_}/extend-feedback", {"closes": "20/3/2027"}
            )
            assert got.status_code == 404


async def closes(cycle: UUID) -> str:
    return (await instants(cycle))[Stage.FEEDBACK_CLOSES].isoformat()


async def test_a_window_is_extended_once_one_knows_what_that_does(
    office: Office,
) -> None:
    path = f"/hr/cycles/{office.cycle}/extend-feedback"
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        told = await hr.get(path)
        assert "is told by e-mail" in told.text
        sooner = await hr.post(path, {"closes": "20/2/2027"})
        assert (sooner.status_code, 'value="20/2/2027"' in sooner.text) == (422, True)
        none = await hr.post(path, {"closes": ""})
        assert "Enter the day on which feedback closes" in none.text
        got = await hr.post(path, {"closes": "8/3/2027"})
        assert got.status_code == 303
    assert await closes(office.cycle) == "2027-03-08T00:00:00+00:00"
