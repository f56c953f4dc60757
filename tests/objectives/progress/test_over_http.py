"""Progress over HTTP: by people and machines, of the lead, a partner and a stranger."""

from uuid import uuid4

import pytest

from service.audit.tables import Disclosure
from service.objectives import actions
from service.objectives.progress.tables import Dissent, Reading, StatusReport
from service.objectives.tables import Contribution
from tests.factories import IN_THE_YEAR
from tests.objectives.asking import slug
from tests.objectives.joint import shared_no_more
from tests.objectives.progress.portal import (
    DISSENT,
    INDICATOR,
    MILESTONE,
    READING,
    READS,
    STATUS,
    WRITES,
    Portal,
    everything,
)


async def test_a_department_s_people_and_machine_report_and_everyone_party_reads(
    portal: Portal,
) -> None:
    joint, lead = portal.joint, portal.machines["hmt"]
    owner = await portal.person(joint.subject, "hmt")
    partner = await portal.person(joint.partner, "dft")
    added = await portal.ask("POST", "indicators", lead, INDICATOR)
    assert (added.status_code, added.headers["etag"]) == (201, '"1"')
    id_ = added.json()["id"]
    read = await portal.ask("POST", f"indicators/{id_}/readings", partner, READING)
    assert read.status_code == 201, read.text
    assert read.json()["value"] == "45.25"
    reported = await portal.ask("POST", "statuses", owner, STATUS)
    assert (reported.status_code, reported.json()["number"]) == (201, 1)
    lodged = await portal.ask("POST", "dissents", partner, DISSENT)
    assert (lodged.status_code, lodged.json()["organisation"]) == (201, "dft")

    for headers in (lead, portal.machines["dft"], owner, partner):
        (indicator,) = (await portal.ask("GET", "indicators", headers)).json()
        assert (indicator["baseline"], indicator["target"]) == ("60", "30.5")
        assert (indicator["trend"], indicator["progress"]) == ("improving", "0.5")
        assert indicator["last_reading"]["value"] == "45.25"
        (status,) = (await portal.ask("GET", "statuses", headers)).json()
        assert (status["status"], status["current"]) == ("at_risk", True)
        assert [d["text"] for d in status["dissents"]] == ["It came as agreed."]
        (dissent,) = (await portal.ask("GET", "dissents", headers)).json()
        assert dissent["stands"] is True


async def test_a_milestone_is_changed_by_whoever_has_read_it(portal: Portal) -> None:
    lead = portal.machines["hmt"]
    added = await portal.ask("POST", "milestones", lead, MILESTONE)
    path = f"milestones/{added.json()['id']}"
    changed = MILESTONE | {"state": "planned", "due_on": "2026-10-31"}

    unread = await portal.ask("PUT", path, lead, changed)
    assert (unread.status_code, slug(unread)) == (428, "precondition-required")
    stale = await portal.ask("PUT", path, lead | {"If-Match": '"2"'}, changed)
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    fresh = lead | {"If-Match": added.headers["etag"]}
    done = await portal.ask("PUT", path, fresh, changed)
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    again = await portal.ask("PUT", path, fresh, changed)
    assert (again.status_code, slug(again)) == (412, "stale")

    partner = await portal.person(portal.joint.partner, "dft")
    met = changed | {"state": "met"}
    done = await portal.ask("PUT", path, partner | {"If-Match": '"2"'}, met)
    assert done.status_code == 200, done.text
    assert done.json()["met_by"]["id"] == str(portal.joint.partner)
    versions = (await portal.ask("GET", f"{path}/versions", lead)).json()
    assert [v["person"] for v in versions] == [None, None, None]
    assert [c["field"] for v in versions for c in v["changes"]] == ["due_on", "state"]


async def test_what_a_target_was_stays_readable_to_a_partner(portal: Portal) -> None:
    lead = portal.machines["hmt"]
    added = await portal.ask("POST", "indicators", lead, INDICATOR)
    path = f"indicators/{added.json()['id']}"
    changed = INDICATOR | {"target": 40}
    done = await portal.ask("PUT", path, lead | {"If-Match": '"1"'}, changed)
    assert (done.status_code, done.json()["target"]) == (200, "40")
    read = await portal.ask("GET", f"{path}/versions", portal.machines["dft"])
    assert [v["changes"] for v in read.json()] == [
        [],
        [{"field": "target", "before": "30.5", "after": "40"}],
    ]


async def test_for_others_there_is_nothing_to_read_or_to_report(
    portal: Portal,
) -> None:
    ids = await everything(portal)
    stranger = await portal.person(portal.joint.moj.head, "moj")
    colleague = await portal.person(portal.joint.hmt.people[1], "hmt")
    machine = portal.machines["moj"]
    absent = await portal.client.get(f"/v1/objectives/{uuid4()}", headers=machine)
    for method, path, body in [*(("GET", each, None) for each in READS), *WRITES]:
        for headers in (stranger, colleague, machine):
            answer = await portal.ask(method, path.format(**ids), headers, body)
            if headers is machine and path in {"statuses", "dissents"} and body:
                assert slug(answer) == "wrong-caller"
                continue
            assert answer.status_code == 404, (method, path, answer.text)
            assert answer.json()["detail"] == absent.json()["detail"]


@pytest.mark.parametrize("code", ["hmt", "dft"])
async def test_a_machine_reads_figures_and_texts_and_no_person_of_another(
    portal: Portal, code: str
) -> None:
    ids = await everything(portal)
    hmt = {str(portal.joint.subject), str(portal.joint.hmt.head)}
    dft = {str(portal.joint.partner), str(portal.joint.dft.head)}
    foreign = dft if code == "hmt" else hmt
    said = ""
    for path in READS:
        read = await portal.ask("GET", path.format(**ids), portal.machines[code])
        assert read.status_code == 200
        said += read.text
    assert [person for person in foreign if person in said] == []
    assert "The data came late." in said
    assert "45.25" in said
    assert "Person" not in said  # The family name of everyone in the tests.


async def test_whoever_is_party_sees_who_said_what(portal: Portal) -> None:
    await everything(portal)
    manager = await portal.person(portal.joint.dft.head, "dft")
    (status,) = (await portal.ask("GET", "statuses", manager)).json()
    assert status["person"]["id"] == str(portal.joint.subject)
    assert status["person"]["name"].startswith("Sam Person")
    assert status["dissents"][0]["person"]["id"] == str(portal.joint.partner)


async def test_what_a_machine_is_shown_is_written_down(portal: Portal) -> None:
    await everything(portal)
    before = await Disclosure.count()
    await portal.ask("GET", "statuses", portal.machines["dft"])
    rows = await Disclosure.select().order_by(Disclosure.at)
    assert len(rows) == before + 1
    assert rows[-1]["what"] == "statuses"


async def test_whoever_left_is_disclosed_to_their_own_machine(portal: Portal) -> None:
    await everything(portal)
    await Contribution.update({Contribution.person: portal.joint.dft.people[1]}).where(
        Contribution.person == portal.joint.partner
    )
    said = await portal.ask("GET", "dissents", portal.machines["dft"])
    assert str(portal.joint.partner) in said.text
    rows = await Disclosure.select().where(Disclosure.what == "dissents")
    assert portal.joint.partner in {person for row in rows for person in row["people"]}


async def test_what_was_drafted_stays_with_those_who_drafted_it(portal: Portal) -> None:
    lead = portal.machines["hmt"]
    drafted = await portal.joint.drafted()
    base = f"/v1/objectives/{drafted.id}/indicators"
    added = await portal.client.post(base, json=INDICATOR, headers=lead)
    path = f"{base}/{added.json()['id']}"
    fresh = lead | {"If-Match": "*"}
    for target in (20, 10):
        body = INDICATOR | {"target": target}
        assert (await portal.client.put(path, json=body, headers=fresh)).is_success
    theirs = await portal.client.get(base, headers=portal.machines["dft"])
    assert theirs.status_code == 404
    await actions.propose(drafted.id, caller=portal.joint.machine, now=IN_THE_YEAR)
    body = INDICATOR | {"target": 5}
    assert (await portal.client.put(path, json=body, headers=fresh)).is_success

    seen = {}
    for code in ("hmt", "dft"):
        read = await portal.client.get(
            f"{path}/versions", headers=portal.machines[code]
        )
        seen[code] = [v["says"]["target"] for v in read.json()]
    assert seen == {"hmt": ["30.5", "20", "10", "5"], "dft": ["10", "5"]}
    assert read.json()[0]["changes"] == []


async def test_a_partner_does_not_report_the_status(portal: Portal) -> None:
    for person, code in (
        (portal.joint.partner, "dft"),
        (portal.joint.dft.head, "dft"),
        (portal.joint.hmt.head, "hmt"),
    ):
        headers = await portal.person(person, code)
        answer = await portal.ask("POST", "statuses", headers, STATUS)
        assert (answer.status_code, slug(answer)) == (403, "objective-not-yours")
    assert not await StatusReport.exists()


async def test_a_machine_reports_no_status_and_dissents_from_none(
    portal: Portal,
) -> None:
    for path, body in (("statuses", STATUS), ("dissents", DISSENT)):
        answer = await portal.ask("POST", path, portal.machines["hmt"], body)
        assert (answer.status_code, slug(answer)) == (403, "wrong-caller")


async def test_a_partner_s_machine_plans_and_reads_nothing(portal: Portal) -> None:
    ids = await everything(portal)
    theirs = portal.machines["dft"] | {"If-Match": "*"}
    for method, path, body in WRITES[:5]:
        answer = await portal.ask(method, path.format(**ids), theirs, body)
        assert (answer.status_code, slug(answer)) == (403, "objective-not-yours")
    assert await Reading.count() == 1


async def test_where_sharing_has_ended_a_report_is_refused_with_the_pair(
    portal: Portal,
) -> None:
    ids = await everything(portal)
    owner = await portal.person(portal.joint.subject, "hmt")
    partner = await portal.person(portal.joint.partner, "dft")
    await shared_no_more()
    asked = {"dissents": partner}
    for method, path, body in WRITES:
        headers = asked.get(path, owner) | {"If-Match": "*"}
        answer = await portal.ask(method, path.format(**ids), headers, body)
        assert (answer.status_code, slug(answer)) == (422, "data-sharing-missing")
        assert "dft and hmt" in answer.json()["detail"]
    for path in READS:
        answer = await portal.ask("GET", path.format(**ids), partner)
        assert answer.status_code == 200


async def test_a_retry_lodges_one_dissent(portal: Portal) -> None:
    owner = await portal.person(portal.joint.subject, "hmt")
    await portal.ask("POST", "statuses", owner, STATUS)
    partner = await portal.person(portal.joint.partner, "dft")
    once = partner | {"Idempotency-Key": "once"}
    first = await portal.ask("POST", "dissents", once, DISSENT)
    again = await portal.ask("POST", "dissents", once, DISSENT)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert await Dissent.count() == 1
