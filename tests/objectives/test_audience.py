"""Who sees an objective at each stage, on every route; for others it is not there."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.objectives.queries import ObjectiveFact
from tests.factories import a_person, a_token, record_of
from tests.objectives.acting import (
    a_functional_manager,
    a_new_manager,
    dispute,
    withdraw,
)
from tests.objectives.asking import People, an_administrator, told
from tests.objectives.joint import Joint

ROUTES = [
    "",
    "/agreements",
    "/contributions",
    "/disputes",
    "/steps",
    "/versions",
    "/versions/1",
]
SETTERS = {"line manager", "lead's administrator", "lead's machine"}
PARTIES = SETTERS | {
    "subject",
    "contributor",
    "contributor's manager",
    "functional manager",
    "owner",
    "partner's administrator",
    "partner's machine",
    "both machines",
}
OTHERS = {
    "lead's colleague",
    "partner's colleague",
    "stranger",
    "stranger's administrator",
    "stranger's machine",
}
STAGES: dict[str, Callable[[Joint], Awaitable[ObjectiveFact]]] = {
    "draft": lambda joint: joint.drafted(owners=((joint.hmt.people[1],),)),
    "proposed": lambda joint: joint.proposed(owners=((joint.hmt.people[1],),)),
    "agreed": lambda joint: joint.agreed(owners=((joint.hmt.people[1],),)),
}


async def at(joint: Joint, stage: str) -> ObjectiveFact:
    if stage == "withdrawn draft":
        return await withdraw((await at(joint, "draft")).id, joint.hmt.head)
    if stage == "withdrawn":
        return await withdraw((await at(joint, "agreed")).id, joint.hmt.head)
    if stage == "disputed":
        return await dispute((await at(joint, "agreed")).id, joint.dft.head)
    return await STAGES[stage](joint)


async def callers(people: People, joint: Joint) -> dict[str, dict[str, str]]:
    """The headers of everybody whom the matrix is about, by what they are."""
    hmt, dft, moj = joint.hmt, joint.dft, joint.moj
    chief = await a_person("moj")
    await a_functional_manager(joint.partner, chief, "dft")
    named = {
        "line manager": (hmt.head, "hmt"),
        "lead's administrator": (await an_administrator(hmt), "hmt"),
        "subject": (joint.subject, "hmt"),
        "owner": (hmt.people[1], "hmt"),
        "contributor": (joint.partner, "dft"),
        "contributor's manager": (dft.head, "dft"),
        "functional manager": (chief, "moj"),
        "partner's administrator": (await an_administrator(dft), "dft"),
        "lead's colleague": (await a_person("hmt", manager=hmt.head), "hmt"),
        "partner's colleague": (dft.people[1], "dft"),
        "stranger": (moj.head, "moj"),
        "stranger's administrator": (await an_administrator(moj), "moj"),
    }
    found = {who: await people.headers(*name) for who, name in named.items()}
    machines = {
        "lead's machine": ["hmt"],
        "partner's machine": ["dft"],
        "both machines": ["dft", "moj"],
        "stranger's machine": ["moj"],
    }
    return found | {
        who: await a_token(people.client, *codes) for who, codes in machines.items()
    }


@pytest.mark.parametrize(
    "stage",
    ["draft", "withdrawn draft", "proposed", "disputed", "agreed", "withdrawn"],
)
async def test_who_sees_it_at_each_stage_on_every_route(
    people: People, joint: Joint, stage: str
) -> None:
    sees = SETTERS if "draft" in stage else PARTIES
    everybody = await callers(people, joint)
    assert {*everybody} == PARTIES | OTHERS
    fact = await at(joint, stage)
    nowhere = uuid4()
    for route in ROUTES:
        found = set()
        for who, headers in everybody.items():
            path = f"/v1/objectives/{fact.id}{route}"
            answer = await people.client.get(path, headers=headers)
            absent = await people.client.get(
                f"/v1/objectives/{nowhere}{route}", headers=headers
            )
            assert absent.status_code == 404
            if answer.status_code == 200:
                found.add(who)
                continue
            unseen = str(told(answer)).replace(str(fact.id), str(nowhere))
            assert unseen == str(told(absent)), who
        assert found == sees, route


@pytest.mark.parametrize("stage", ["draft", "agreed"])
async def test_whose_the_leads_record_is_to_list(
    people: People, joint: Joint, stage: str
) -> None:
    fact = await at(joint, stage)
    everybody = await callers(people, joint)
    path = f"/v1/records/{joint.on.id}/objectives"
    absent = f"/v1/records/{uuid4()}/objectives"
    seen = {}
    for who, headers in everybody.items():
        answer = await people.client.get(path, headers=headers)
        if answer.status_code == 200:
            seen[who] = [each["id"] for each in answer.json()]
            continue
        missing = told(await people.client.get(absent, headers=headers))
        names = (path.split("/")[3], absent.split("/")[3])
        assert str(told(answer)).replace(*names) == str(missing), who
    # Whoever looks at the record at all; others find it under their own objectives.
    there = SETTERS if stage == "draft" else SETTERS | {"subject"}
    assert seen == {who: [str(fact.id)] for who in there} | (
        {"subject": []} if stage == "draft" else {}
    )


async def test_a_colleague_cannot_tell_that_a_record_exists_by_setting_on_it(
    people: People, joint: Joint
) -> None:
    everybody = await callers(people, joint)
    body = {
        "title": "x",
        "outcome": "x",
        "measures": "x",
        "ownership_model": "structural",
        "contributions": [
            {
                "organisation": "hmt",
                "person": {"id": str(joint.subject)},
                "role": "lead",
                "share": 100,
                "commitment": "x",
            }
        ],
    }
    for who in ("lead's colleague", "owner", "partner's machine", "stranger"):
        answers = []
        for record in (joint.on.id, uuid4()):
            answer = await people.client.post(
                f"/v1/records/{record}/objectives", json=body, headers=everybody[who]
            )
            assert answer.status_code == 404
            answers.append(str(told(answer)).replace(str(record), "RECORD"))
        assert answers[0] == answers[1], who


async def test_a_contributors_record_shows_it_to_their_department(
    people: People, joint: Joint
) -> None:
    fact = await at(joint, "agreed")
    record = (await record_of(joint.partner, joint.on.cycle)).id
    everybody = await callers(people, joint)
    seen = {
        who
        for who, headers in everybody.items()
        if [str(fact.id)]
        == ids(
            await people.client.get(f"/v1/records/{record}/objectives", headers=headers)
        )
    }
    assert seen == {
        "contributor",
        "contributor's manager",
        "functional manager",
        "partner's administrator",
        "partner's machine",
        "both machines",
    }


def ids(answer: Any) -> list[str]:  # noqa: ANN401 - a response
    return [each["id"] for each in answer.json()] if answer.status_code == 200 else []


async def test_parties_see_names_and_administrators_their_own_peoples(
    people: People, joint: Joint
) -> None:
    fact = await at(joint, "agreed")
    everybody = await callers(people, joint)
    parties = PARTIES - {who for who in PARTIES if "machine" in who or "admin" in who}
    for who in PARTIES:
        answer = await people.client.get(
            f"/v1/objectives/{fact.id}", headers=everybody[who]
        )
        named = {
            part["organisation"]: part["person"] and part["person"]["name"]
            for part in answer.json()["contributions"]
        }
        if who in parties:
            assert all(name.startswith("Sam Person") for name in named.values()), who
        elif "administrator" in who:
            own = "hmt" if who.startswith("lead") else "dft"
            assert [code for code, name in named.items() if name] == [own], who
        else:
            assert not any(named.values()), who


async def test_a_manager_who_hands_over_sees_it_no_more_and_the_new_one_does(
    people: People, joint: Joint
) -> None:
    fact = await at(joint, "agreed")
    await a_new_manager(joint.partner, joint.moj.head, "dft")
    expected = {(joint.dft.head, "dft"): 404, (joint.moj.head, "moj"): 200}
    for who, status in expected.items():
        answer = await people.ask(who, "GET", f"/v1/objectives/{fact.id}")
        assert answer.status_code == status


async def test_who_agreed_once_keeps_their_name_where_names_are_seen(
    people: People, joint: Joint
) -> None:
    """And from another department's machine they stay hidden, whoever they are now."""
    fact = await at(joint, "agreed")
    before = joint.dft.head
    await a_new_manager(joint.partner, joint.dft.people[1], "dft")
    path = f"/v1/objectives/{fact.id}"
    for route in ("/agreements", "/steps"):
        mine = await people.ask((joint.subject, "hmt"), "GET", path + route)
        assert str(before) in mine.text
        (name,) = {
            found["person"]["name"]
            for found in rows(mine.json())
            if found["person"] and found["person"]["id"] == str(before)
        }
        assert name.startswith("Sam Person")
        for code in ("hmt", "dft"):
            headers = await a_token(people.client, code)
            theirs = await people.client.get(path + route, headers=headers)
            assert str(before) not in theirs.text


def rows(answer: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    found: list[dict[str, Any]] = (
        answer if isinstance(answer, list) else answer["given"]
    )
    return found


async def test_everybody_lists_what_they_have_to_do_with(
    people: People, joint: Joint
) -> None:
    drafted, agreed = await at(joint, "draft"), await at(joint, "agreed")
    proposed = await at(joint, "proposed")
    shared = {str(agreed.id), str(proposed.id)}
    expected: dict[tuple[UUID, str], set[str]] = {
        (joint.hmt.head, "hmt"): shared | {str(drafted.id)},
        (joint.subject, "hmt"): shared,
        (joint.partner, "dft"): shared,
        (joint.dft.head, "dft"): shared,
        (joint.dft.people[1], "dft"): set(),
        (joint.moj.head, "moj"): set(),
    }
    for who, there in expected.items():
        answer = await people.ask(who, "GET", "/v1/objectives")
        assert {each["id"] for each in answer.json()} == there
        waiting = await people.ask(who, "GET", "/v1/objectives?waiting=true")
        asked = who[0] in (joint.hmt.head, joint.subject, joint.dft.head)
        assert ids(waiting) == ([str(proposed.id)] if asked else [])
