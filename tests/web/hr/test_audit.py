"""Those who watch over an organisation search what was done, read and sent."""

import ast
import re
from datetime import timedelta
from uuid import UUID, uuid4

from service.access.audit_wording import KINDS
from service.access.rules import Role
from service.audit.actions import disclose, record
from service.audit.rules import DETAILED, SHOWN
from service.audit.tables import AuditEntry
from service.auth.caller import Machine, Person, Scope
from service.directory.tables import PersonDetails
from tests.factories import IN_THE_YEAR, OPERATOR
from tests.sources import MODULES
from tests.web.hr.conftest import Office
from tests.web.visiting import title, visiting

KEPT_BACK = {
    "external_issuer",
    "feed_epoch",
    "feedback_window",
    "import",
    "issued_token",
    "signing_key",
}
"""Of no one organisation, or of the service itself."""


def named_in_the_code() -> set[str]:
    """What entries are written of, as far as it is said where they are written."""
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            places = {"record": 2, "audit": 2, "Entry": 1}
            if name in places and len(node.args) > places[name]:
                what = node.args[places[name]]
                if isinstance(what, ast.Constant):
                    found.add(str(what.value))
    return found


def test_of_everything_written_it_is_said_whether_it_is_shown() -> None:
    named = named_in_the_code()
    assert len(named) > 15
    assert named - SHOWN - KEPT_BACK == set()
    assert set() == SHOWN & KEPT_BACK
    assert KINDS.keys() == SHOWN
    assert DETAILED <= SHOWN


async def test_entries_of_one_s_own_organisation_are_found_by_who_what_and_when(
    office: Office,
) -> None:
    auditor = office.people[Role.AUDITOR]
    hr = Person(office.people[Role.HR_ADMINISTRATOR])
    for organisation, thing in (("hmt", "ours"), ("defra", "theirs")):
        for kind in ("objective", "feedback_window"):
            await record(
                hr,
                "change",
                kind,
                f"{thing}-{kind}",
                now=IN_THE_YEAR - timedelta(days=1),
                organisation=organisation,
                reason="Because <b>.",
                after={"secret": "text"},
            )
    async with visiting(auditor, "hmt") as visitor:
        found = await visitor.get(f"/audit?who={hr.id}&kind=objective")
        assert "ours-objective" in found.text
        assert "Because &lt;b&gt;." in found.text
        assert "secret" not in found.text
        everything = await visitor.get("/audit")
        assert "theirs" not in everything.text
        assert "feedback_window" not in everything.text
        one = await visitor.get("/audit?thing=ours-objective")
        assert one.text.count("<br>ours-objective<") == 1
        late = await visitor.get("/audit?kind=objective&since=1/6/2026")
        assert "<br>ours-objective<" not in late.text
        that_day = "/audit?kind=objective&since=31/5/2026&until=31/5/2026"
        assert "ours-objective" in (await visitor.get(that_day)).text
        wrong = await visitor.get("/audit?since=never")
        assert (wrong.status_code, title(wrong)[:6]) == (422, "Error:")
        assert 'value="never"' in wrong.text


async def test_entries_and_releases_are_found_by_a_name_of_one_s_own_people(
    office: Office,
) -> None:
    hr = office.people[Role.HR_ADMINISTRATOR]
    await a_name(hr, "hmt", "Imani", "O'Neill Bell")
    await a_name(office.other_hr, "defra", "Juno", "Marsh")
    for person, organisation in ((hr, "hmt"), (office.other_hr, "hmt")):
        await record(
            Person(person),
            "change",
            "objective",
            f"of-{person}",
            now=IN_THE_YEAR,
            organisation=organisation,
        )
    pulling = Machine("hr-system", frozenset({"hmt"}), frozenset({Scope.SCORES_READ}))
    await disclose(pulling, "their scores", [hr], purpose="pull", now=IN_THE_YEAR)

    async with visiting(office.people[Role.AUDITOR], "hmt") as visitor:
        found = await visitor.get("/audit", params={"who": " imani  o'neill bell "})
        told = await visitor.get("/audit/disclosures?person=Imani+O'Neill+Bell")
        for unknown in ("Imani", "Juno Marsh", "Nobody Atall"):
            for path in ("/audit?who=", "/audit/disclosures?person="):
                wrong = await visitor.get(f"{path}{unknown}")
                assert (wrong.status_code, title(wrong)[:6]) == (422, "Error:")
                assert "full name of somebody in your organisation" in wrong.text
        by_kind = await visitor.get("/audit?who=client:nobody")

    assert f"of-{hr}" in found.text
    assert f"of-{office.other_hr}" not in found.text
    assert "their scores" in told.text
    assert "Nothing was found" in by_kind.text


async def a_name(person: UUID, organisation: str, given: str, family: str) -> None:
    await PersonDetails.update(
        {PersonDetails.given_name: given, PersonDetails.family_name: family}
    ).where(
        (PersonDetails.person == person) & (PersonDetails.organisation == organisation)
    )


async def test_who_was_given_a_role_is_shown_and_reading_the_audit_is_audited(
    office: Office,
) -> None:
    async with visiting(office.people[Role.AUDITOR], "hmt") as visitor:
        got = await visitor.get("/audit?kind=role")
        assert "hr_administrator" in got.text
        again = await visitor.get("/audit?kind=audit")
        assert "Search of the audit" in again.text
    (first, *_) = await AuditEntry.select().where(AuditEntry.action == "search")
    assert first["actor"] == f"person:{office.people[Role.AUDITOR]}"


async def test_a_long_audit_is_read_page_by_page_and_nothing_twice(
    office: Office,
) -> None:
    """By the instants it shows, though what took long was written last; then as
    written."""
    at = {
        number: IN_THE_YEAR - timedelta(minutes=number // 40) for number in range(120)
    }
    for number, when in at.items():
        await record(
            OPERATOR,
            "change",
            "milestone",
            f"number-{number:03}",
            now=when,
            organisation="hmt",
        )
    seen: list[str] = []
    async with visiting(office.people[Role.AUDITOR], "hmt") as visitor:
        path: str | None = "/audit?kind=milestone"
        while path:
            page = (await visitor.get(path)).text
            seen += re.findall(r"number-\d{3}", page)
            more = re.search(r'href="(/audit\?[^"]*before=[^"]*)"', page)
            path = more[1].replace("&amp;", "&") if more else None
    latest = sorted(at, key=lambda number: (at[number], number), reverse=True)
    assert seen == [f"number-{number:03}" for number in latest]


async def test_a_place_in_another_organisation_s_audit_is_none(office: Office) -> None:
    for organisation in ("hmt", "defra"):
        await record(
            OPERATOR,
            "change",
            "milestone",
            f"of-{organisation}",
            now=IN_THE_YEAR,
            organisation=organisation,
        )
    (theirs,) = await AuditEntry.select().where(AuditEntry.entity_id == "of-defra")
    async with visiting(office.people[Role.AUDITOR], "hmt") as visitor:
        page = await visitor.get(f"/audit?kind=milestone&before={theirs['id']}")
    assert page.status_code == 200
    assert "of-hmt" not in page.text


async def test_what_machines_were_told_is_found_by_whom_it_was_about(
    office: Office,
) -> None:
    ours = Machine("workday-1", frozenset({"hmt"}), frozenset())
    theirs = Machine("oracle-1", frozenset({"defra"}), frozenset())
    about, other = office.staff[0], office.staff[1]
    for machine, people in ((ours, [about]), (ours, [other]), (theirs, [about])):
        await disclose(machine, "scores", people, now=IN_THE_YEAR, purpose="tests")
    async with visiting(office.people[Role.DATA_PROTECTION_OFFICER], "hmt") as dpo:
        every = (await dpo.get("/audit/disclosures")).text
        assert (every.count("client:workday-1"), "oracle-1" in every) == (2, False)
        one = (await dpo.get(f"/audit/disclosures?person={about}")).text
        assert one.count("client:workday-1") == 1
        nobody = (await dpo.get(f"/audit/disclosures?person={uuid4()}")).text
        assert "Nothing was found" in nobody
        wrong = await dpo.get("/audit/disclosures?person=x")
        assert (wrong.status_code, 'value="x"' in wrong.text) == (422, True)
        for _ in range(60):
            await disclose(ours, "people", [other], now=IN_THE_YEAR, purpose="tests")
        page = (await dpo.get("/audit/disclosures")).text
        more = re.search(r'href="(/audit/disclosures\?[^"]*)"', page)
        assert more is not None
        rest = (await dpo.get(more[1].replace("&amp;", "&"))).text
    assert page.count("client:workday-1") + rest.count("client:workday-1") == 62
