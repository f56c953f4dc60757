"""What a partner is not told of an objective's past: its template, and what it was."""

from typing import Any

from service.objectives.measuring import Direction
from service.objectives.queries import ObjectiveFact
from tests.factories import sharing
from tests.objectives.asking import named
from tests.objectives.assigning.many import Many
from tests.objectives.assigning.test_carried import an_indicator, shown
from tests.objectives.assigning.test_copies import copied

LINKS = ("template", "previous", "lineage")


async def read(many: Many, code: str, path: str) -> dict[str, Any]:
    answer = await many.client.get(f"/v1/{path}", headers=many.tokens[code])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def gone_on_with_moj(many: Many, fact: ObjectiveFact) -> str:
    """Have an objective of hmt and dft go on as one of hmt and moj."""
    await sharing("hmt", "moj")
    answer = await copied(
        many,
        fact.id,
        continues=True,
        stage="proposed",
        contributions=[
            {
                "organisation": code,
                "person": await named(person),
                "role": role,
                "share": share,
                "commitment": "time",
            }
            for code, person, role, share in (
                ("hmt", many.joint.subject, "lead", 60),
                ("moj", many.joint.moj.people[0], "major", 40),
            )
        ],
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_partner_is_not_told_of_the_leads_template(many: Many) -> None:
    made = (await many.post(many.body(many.names[0]))).json()
    path = f"objectives/{made['items'][0]['objective']}"
    assert (await read(many, "hmt", path))["template"] == made["template"]
    assert (await read(many, "dft", path))["template"] is None
    partner = await many.sign_in(many.joint.dft.head, "dft")
    answer = await many.client.get(f"/v1/{path}", headers=partner)
    assert (answer.status_code, answer.json()["template"]) == (200, None)


async def test_a_new_partner_is_not_told_what_an_objective_goes_on_from(
    many: Many, going_on: ObjectiveFact
) -> None:
    path = f"objectives/{await gone_on_with_moj(many, going_on)}"
    old = str(going_on.id)
    assert [(await read(many, "hmt", path))[n] for n in LINKS] == [None, old, old]
    assert [(await read(many, "moj", path))[n] for n in LINKS] == [None] * 3


async def test_who_was_party_is_told_what_an_objective_goes_on_from(
    many: Many, going_on: ObjectiveFact
) -> None:
    answer = await copied(many, going_on.id, continues=True, stage="proposed")
    said = await read(many, "dft", f"objectives/{answer.json()['id']}")
    assert [said[name] for name in LINKS] == [None, *[str(going_on.id)] * 2]


async def test_a_new_partner_is_told_the_figure_and_not_who_read_it_nor_the_note(
    many: Many, going_on: ObjectiveFact
) -> None:
    await an_indicator(many, going_on.id, "told once", Direction.INCREASE, "70")
    path = f"objectives/{await gone_on_with_moj(many, going_on)}/indicators"
    signed = await many.sign_in(many.joint.moj.head, "moj")
    answer = await many.client.get(f"/v1/{path}", headers=signed)
    (indicator,) = answer.json()
    last = indicator["last_reading"]
    assert (last["value"], last["note"], last["person"]) == ("70", "", None)


async def test_who_was_party_is_told_who_read_the_last_figure(
    many: Many, going_on: ObjectiveFact
) -> None:
    await an_indicator(many, going_on.id, "told once", Direction.INCREASE, "70")
    new = (await copied(many, going_on.id, continues=True)).json()["id"]
    (indicator,) = await shown(many, new, "indicators")
    last = indicator["last_reading"]
    assert (last["value"], last["note"]) == ("70", "read")
    assert last["person"]["id"] == str(many.joint.subject)
