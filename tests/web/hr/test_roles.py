"""HR administrators grant and end roles, but of those who watch over them."""

from uuid import uuid4

from service.access.queries import roles_of
from service.access.rules import Role
from service.access.tables import RoleGrant
from service.audit.tables import AuditEntry
from tests.factories import IN_THE_YEAR, a_person
from tests.web.hr.conftest import Office, a_role
from tests.web.visiting import title, visiting

TODAY = IN_THE_YEAR.date()


async def test_a_role_is_granted_until_the_end_of_its_last_day(office: Office) -> None:
    whom = str(office.people["nobody"])
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        found = await hr.get("/hr/roles/new?q=Sam")
        assert whom in found.text
        got = await hr.post(
            "/hr/roles/new",
            {
                "q": "Sam",
                "person": whom,
                "role": "text_moderator",
                "until": "31/3/2027",
            },
        )
        assert (got.status_code, got.headers["location"]) == (303, "/hr/roles")
        listed = await hr.get("/hr/roles")
    assert "1 April 2027" in listed.text
    held = await roles_of(office.people["nobody"], TODAY)
    assert held == {("hmt", Role.TEXT_MODERATOR)}


async def test_a_bad_form_comes_back_with_what_was_written(office: Office) -> None:
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        got = await hr.post(
            "/hr/roles/new", {"q": "Sam", "until": "the end", "role": "auditor"}
        )
    assert got.status_code == 422
    assert title(got).startswith("Error: ")
    assert "Select who is to hold the role" in got.text
    assert "Enter the last day of the role, like 27/3/2027" in got.text
    assert 'value="the end"' in got.text
    assert 'value="Sam"' in got.text


async def test_hr_names_nobody_who_watches_over_it(office: Office) -> None:
    before = await RoleGrant.count()
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        for role in (Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.CENTRAL_TEAM):
            got = await hr.post(
                "/hr/roles/new",
                {
                    "q": "Sam",
                    "person": str(office.people["nobody"]),
                    "role": role,
                    "until": "31/3/2027",
                },
            )
            assert got.status_code == 422
            assert "Ask whoever runs the service" in got.text
    assert await RoleGrant.count() == before


async def test_hr_grants_nothing_to_themselves_nor_to_strangers(office: Office) -> None:
    elsewhere = await a_person("defra")
    me = office.people[Role.HR_ADMINISTRATOR]
    wanted = {"q": "Sam", "role": "text_moderator", "until": "31/3/2027"}
    async with visiting(me, "hmt") as hr:
        own = await hr.post("/hr/roles/new", {**wanted, "person": str(me)})
        assert (own.status_code, "Ask another administrator" in own.text) == (422, True)
        for whom in (elsewhere, uuid4()):
            got = await hr.post("/hr/roles/new", {**wanted, "person": str(whom)})
            assert got.status_code == 404


async def test_a_role_is_ended_and_another_organisation_s_is_not_there(
    office: Office,
) -> None:
    grant = await a_role(office.people["nobody"], Role.TEXT_MODERATOR, "hmt")
    async with visiting(office.other_hr, "defra") as other:
        assert (await other.get(f"/hr/roles/{grant}/end")).status_code == 404
        assert (await other.post(f"/hr/roles/{grant}/end")).status_code == 404
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        assert (await hr.get(f"/hr/roles/{grant}/end")).status_code == 200
        got = await hr.post(f"/hr/roles/{grant}/end")
        assert got.status_code == 303
    assert await roles_of(office.people["nobody"], TODAY) == set()
    (entry,) = await AuditEntry.select().where(
        AuditEntry.action == "end", AuditEntry.entity == "role"
    )
    assert entry["actor"] == f"person:{office.people[Role.HR_ADMINISTRATOR]}"


async def test_hr_does_not_end_those_who_watch_over_it(office: Office) -> None:
    (row,) = await RoleGrant.select().where(RoleGrant.role == Role.AUDITOR)
    async with visiting(office.people[Role.HR_ADMINISTRATOR], "hmt") as hr:
        assert (await hr.post(f"/hr/roles/{row['id']}/end")).status_code == 403
    assert await roles_of(office.people[Role.AUDITOR], TODAY) != set()
