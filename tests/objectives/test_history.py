"""Versions and steps over HTTP: what was said, what differs, and who moved it on."""

import json
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.objectives import actions
from tests.factories import IN_THE_YEAR, a_token
from tests.objectives.acting import dispute, send_back
from tests.objectives.asking import People
from tests.objectives.joint import Joint, agree, change, propose


async def listed(
    people: People, joint: Joint, id_: UUID, what: str, who: str = "subject"
) -> list[dict[str, Any]]:
    named = {
        "subject": (joint.subject, "hmt"),
        "manager": (joint.hmt.head, "hmt"),
        "partner": (joint.dft.head, "dft"),
    }
    answer = await people.ask(named[who], "GET", f"/v1/objectives/{id_}/{what}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_party_reads_what_changed_when_by_whom_and_why(
    people: People, joint: Joint
) -> None:
    fact = await joint.agreed()
    boss = Person(joint.hmt.head)
    await change(fact, boss, reason="One is not enough.", title="Two front doors")
    first, second = await listed(people, joint, fact.id, "versions")

    assert (first["version"], first["changes"], first["person"]) == (1, [], None)
    assert second["reason"] == "One is not enough."
    assert second["at"] == "2026-06-01T09:00:00Z"
    assert second["person"]["id"] == str(joint.hmt.head)
    assert second["person"]["name"].startswith("Sam Person")
    assert second["changes"] == [
        {
            "field": "title",
            "organisation": None,
            "person": None,
            "before": "One front door",
            "after": "Two front doors",
        }
    ]


async def test_a_partys_digest_is_that_of_what_it_reads(
    people: People, joint: Joint
) -> None:
    above = await joint.proposed()
    fact = await joint.agreed(parent=above.id)
    for each in await listed(people, joint, fact.id, "versions"):
        said = json.dumps(
            each["says"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert each["digest"] == sha256(said.encode()).hexdigest()


async def test_one_version_is_read_by_its_number(people: People, joint: Joint) -> None:
    fact = await joint.agreed()
    await joint.changed(fact, title="Two front doors")
    who, path = (joint.subject, "hmt"), f"/v1/objectives/{fact.id}/versions"
    for number, title in ((1, "One front door"), (2, "Two front doors")):
        answer = await people.ask(who, "GET", f"{path}/{number}")
        assert answer.json()["says"]["title"] == title
    for none in (0, 3, -1):
        assert (await people.ask(who, "GET", f"{path}/{none}")).status_code == 404


async def test_what_was_drafted_before_stays_with_who_drafted_it(
    people: People, joint: Joint
) -> None:
    boss = Person(joint.hmt.head)
    fact = await joint.drafted(caller=boss)
    fact = await change(fact, boss, reason="Let dft pay.", title="Ours alone")
    fact = await change(fact, boss, reason="They will not see.", title="For both")
    await propose(fact.id, boss)
    await change(await joint.changed(fact, title="For both of us"), boss)

    for who in ("subject", "partner"):
        seen = await listed(people, joint, fact.id, "versions", who)
        assert [v["version"] for v in seen] == [3, 4]
        assert [v["reason"] for v in seen] == ["", ""]
        assert seen[0]["changes"] == []
        steps = await listed(people, joint, fact.id, "steps", who)
        assert [s["step"] for s in steps] == ["propose", "change"]
        everything = json.dumps([seen, steps])
        assert "Let dft pay" not in everything
        assert "They will not see" not in everything
        assert "Ours alone" not in everything
        path = f"/v1/objectives/{fact.id}/versions/1"
        answer = await people.ask((joint.subject, "hmt"), "GET", path)
        assert answer.status_code == 404
    seen = await listed(people, joint, fact.id, "versions", "manager")
    assert [v["version"] for v in seen] == [1, 2, 3, 4]
    assert seen[1]["reason"] == "Let dft pay."


async def test_steps_tell_the_whole_story_in_order(
    people: People, joint: Joint
) -> None:
    fact = await joint.proposed()
    await send_back(fact.id, joint.subject)
    await propose(fact.id, joint.machine)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(fact.id, person)
    await dispute(fact.id, joint.dft.head)
    found = await listed(people, joint, fact.id, "steps")

    of_it = [(s["step"], s["became"]) for s in found if not s["contribution"]]
    assert of_it == [
        ("propose", "proposed"),
        ("send_back", "sent_back"),
        ("propose", "proposed"),
        ("agree", "agreed"),
        ("dispute", "disputed"),
    ]
    of_parts = [(s["step"], s["became"]) for s in found if s["contribution"]]
    assert of_parts == [
        ("accept", "accepted"),
        ("accept", "accepted"),
        ("dispute", "disputed"),
    ]
    revisions = [s["revision"] for s in found]
    assert revisions == sorted(revisions)
    assert {s["reason"] for s in found} == {"", "Too much.", "Not ours."}
    assert await listed(people, joint, fact.id, "steps") == found


async def test_a_machine_reads_texts_and_no_person_of_another_department(
    people: People, joint: Joint
) -> None:
    fact = await joint.agreed(owners=((joint.dft.people[1],),))
    await joint.changed(fact, owners=((joint.subject,),))
    headers = await a_token(people.client, "dft")
    answer = await people.client.get(
        f"/v1/objectives/{fact.id}/versions", headers=headers
    )
    for person in (joint.subject, joint.hmt.head):
        assert str(person) not in answer.text
    assert str(joint.partner) in answer.text
    first, second = answer.json()
    assert "owners" not in first["says"]
    assert first["says"]["title"] == "One front door"
    (found,) = second["changes"]
    assert found == {
        "field": "owners",
        "organisation": None,
        "person": None,
        "before": None,
        "after": None,
    }


async def test_withdrawn_it_is_read_on_with_its_reason(
    people: People, joint: Joint
) -> None:
    fact = await joint.agreed()
    await actions.withdraw(
        fact.id,
        reason="Overtaken by events.",
        caller=Person(joint.hmt.head),
        now=IN_THE_YEAR,
    )
    last = (await listed(people, joint, fact.id, "steps", "partner"))[-1]
    assert (last["became"], last["reason"]) == ("withdrawn", "Overtaken by events.")
    absent = await people.ask(
        (joint.subject, "hmt"), "GET", f"/v1/objectives/{uuid4()}/steps"
    )
    assert absent.status_code == 404
