"""What comes with the answer: tag, links and names, and who is told of whom."""

from uuid import UUID

from service.audit.tables import AuditEntry, Disclosure
from tests.factories import a_person, a_token
from tests.hr.attachment.asking import Asking, people_in
from tests.hr.attachment.whole import whole
from tests.objectives.asking import slug
from tests.objectives.assessing.assessed import AT_THE_END, managed_by


async def disclosed() -> list[set[UUID]]:
    return [
        {*row["people"]}
        for row in await Disclosure.select().where(Disclosure.what == "record")
    ]


async def test_whoever_has_it_is_told_so_until_it_changes(asking: Asking) -> None:
    joint = asking.joint
    await joint.agreed()
    first = await asking.as_machine(joint.on.id, "hmt")
    tag = first.headers["etag"]
    again = await asking.as_machine(joint.on.id, "hmt", If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag

    await joint.proposed(title="Another")
    changed = await asking.as_machine(joint.on.id, "hmt", If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    titles = [each["objective"]["title"] for each in changed.json()["objectives"]]
    assert titles == ["Another", "One front door"]


async def test_there_is_nothing_but_json(asking: Asking) -> None:
    answer = await asking.as_machine(asking.joint.on.id, "hmt", Accept="text/html")
    assert answer.status_code == 406
    assert slug(answer) == "not-acceptable"


async def test_every_link_leads_somewhere(asking: Asking) -> None:
    await whole(asking.joint)
    token = await a_token(asking.client, "hmt")
    answer = await asking.get(asking.joint.on.id, token)
    links = answer.json()["links"]
    assert links.pop("score") is None
    assert len(links) == 3
    for link in links.values():
        led = await asking.client.get(link, headers=token)
        assert led.status_code == 200, link
    own = await asking.client.get(links["self"], headers=token)
    assert own.content == answer.content


async def test_everybody_who_is_shown_to_a_machine_is_disclosed(asking: Asking) -> None:
    """Also who assessed or reported once, and has nothing to do with it now."""
    joint = asking.joint
    await whole(joint)
    former = joint.hmt.head
    new = await a_person("hmt")
    await managed_by(joint.subject, new, "hmt", since=AT_THE_END.date())
    answer = await asking.as_machine(joint.on.id, "hmt")

    shown = {UUID(id_) for id_ in people_in(answer.json())}
    assert former in shown
    assert await disclosed() == [shown]


async def test_a_record_with_nothing_on_it_discloses_whose_it_is(
    asking: Asking,
) -> None:
    answer = await asking.as_machine(asking.joint.on.id, "hmt")
    assert answer.json()["objectives"] == []
    assert await disclosed() == [{asking.joint.subject}]


async def test_what_a_person_reads_is_written_down(asking: Asking) -> None:
    joint = asking.joint
    await asking.as_person(joint.on.id, joint.hmt.head, "hmt")
    await asking.as_person(joint.on.id, joint.dft.head, "dft")
    entries = await AuditEntry.select().where(AuditEntry.entity == "record")
    told = [(e["actor"], e["action"], e["entity_id"]) for e in entries]
    assert told == [(f"person:{joint.hmt.head}", "read", str(joint.on.id))]
    assert entries[0]["organisation"] == "hmt"
    assert await disclosed() == []


async def test_a_party_reads_the_name_of_whoever_acted_though_they_left(
    asking: Asking,
) -> None:
    joint = asking.joint
    await whole(joint)
    for department, person in ((joint.hmt, joint.subject), (joint.dft, joint.partner)):
        boss = await a_person(department.code)
        await managed_by(person, boss, department.code, since=AT_THE_END.date())
    answer = await asking.as_person(joint.on.id, joint.subject, "hmt")
    named = people_in(answer.json())
    assert {str(joint.hmt.head), str(joint.dft.head)} < {*named}
    assert all(name and name.startswith("Sam Person") for name in named.values())
