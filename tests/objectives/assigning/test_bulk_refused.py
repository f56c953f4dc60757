"""What bulk assignment refuses: all of it, naming each record and what is wrong."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.directory.tables import Person, Posting, ReportingLine
from service.objectives.queries import objective
from service.objectives.tables import SharedObjective
from service.records.tables import Cycle
from tests.factories import (
    IN_THE_YEAR,
    a_cycle,
    a_person,
    a_token,
    an_organisation,
    record_of,
    sharing,
)
from tests.objectives.asking import named, slug
from tests.objectives.assigning.many import Many, a_partner, an_objective
from tests.objectives.joint import shared_no_more


async def refused(many: Many, body: dict[str, Any], *, code: str = "hmt") -> list[Any]:
    """Send it; return the faults of its one refusal, which left nothing behind."""
    answer = await many.post(body, many.tokens[code])
    assert (answer.status_code, slug(answer)) == (422, "objective-bulk-refused")
    assert not await SharedObjective.exists()
    errors: list[Any] = answer.json()["errors"]
    return errors


async def test_a_record_named_twice_is_told_where(many: Many) -> None:
    (fault,) = await refused(many, many.body(*many.names, many.names[0]))
    assert fault["pointer"] == "#/records/2"
    assert "#/records/0" in fault["detail"]


async def test_the_same_record_under_two_names_is_one(many: Many) -> None:
    body = many.body(f"workday:{many.joint.on.external_id}", str(many.joint.on.id))
    (fault,) = await refused(many, body)
    assert fault["pointer"] == "#/records/1"


async def test_a_missing_agreement_to_share_names_the_item_and_the_pair(
    many: Many,
) -> None:
    body = many.body()
    moj = await named(many.joint.moj.people[0])
    body["records"][1]["contributions"] = [
        {**many.contributions[0], "organisation": "moj", "person": moj}
    ]
    (fault,) = await refused(many, body)
    assert fault["pointer"] == "#/records/1"
    assert "between hmt and moj" in fault["detail"]
    assert "joinedup data-sharing add hmt moj" in fault["detail"]


async def test_who_does_not_share_learns_nothing_of_the_others_people(
    many: Many,
) -> None:
    await shared_no_more()
    known = await refused(many, many.body())
    many.contributions[0]["person"] = {
        "source_system": "workday",
        "external_id": "nobody",
    }
    assert await refused(many, many.body()) == known


@pytest.mark.parametrize("share", [39, 41])
async def test_shares_sum_to_a_hundred(many: Many, share: int) -> None:
    many.contributions[0]["share"] = share
    faults = await refused(many, many.body())
    assert {f"sum to {60 + share}" in fault["detail"] for fault in faults} == {True}


async def test_partners_are_of_another_organisation(many: Many) -> None:
    own = await named(many.joint.hmt.head)
    many.contributions[0] |= {"organisation": "hmt", "person": own}
    faults = await refused(many, many.body())
    assert "another organisation" in faults[0]["detail"]


@pytest.mark.parametrize("whose", ["moj", "nobody", "gone", "hidden"])
async def test_a_partners_people_are_not_told_apart(many: Many, whose: str) -> None:
    joint = many.joint
    today = IN_THE_YEAR.date()
    person = await named(joint.moj.head if whose == "moj" else joint.partner)
    match whose:
        case "nobody":
            person = {"source_system": "workday", "external_id": "nobody"}
        case "gone":
            await Posting.update({Posting.valid_to: today}).where(
                Posting.person == joint.partner
            )
        case "hidden":
            await Person.update({Person.discoverable: False}).where(
                Person.id == joint.partner
            )
    many.contributions[0]["person"] = person
    faults = await refused(many, many.body(many.names[0]))
    assert [fault["detail"] for fault in faults] == [
        "Contributor 1 holds no posting in dft today: name someone who does."
    ]


async def test_ones_own_people_who_are_unknown_are_told_so(many: Many) -> None:
    body = many.body()
    nobody = {"source_system": "workday", "external_id": "nobody"}
    body["records"][1]["accountable_owner"] = nobody
    (fault,) = await refused(many, body)
    assert fault["pointer"] == "#/records/1"
    assert "known as workday:nobody" in fault["detail"]


async def test_an_owner_who_left_yesterday_is_refused(many: Many) -> None:
    joint, body = many.joint, many.body(many.names[0])
    owner = joint.hmt.people[1]
    body["records"][0]["accountable_owner"] = await named(owner)
    yesterday = IN_THE_YEAR.date() - timedelta(days=1)
    await Posting.update({Posting.valid_to: yesterday}).where(Posting.person == owner)
    (fault,) = await refused(many, body)
    assert fault["detail"].startswith("Accountable owner 1 must hold a posting")


async def test_collective_accountability_has_owners_of_two_organisations(
    many: Many,
) -> None:
    many.objective = an_objective(ownership_model="collective_accountability")
    body = many.body(many.names[0])
    (fault,) = await refused(many, body)
    assert "at least two accountable owners" in fault["detail"]
    body["records"][0]["accountable_owners"] = [
        {"organisation": "hmt", "people": [await named(many.joint.subject)]},
        {"organisation": "dft", "people": [await named(many.joint.partner)]},
    ]
    assert (await many.post(body)).status_code == 201


async def test_whoever_must_agree_has_a_line_manager(many: Many) -> None:
    await ReportingLine.delete().where(ReportingLine.person == many.joint.hmt.people[1])
    (fault,) = await refused(many, many.body())
    assert fault["pointer"] == "#/records/1"
    assert "no line manager recorded" in fault["detail"]
    answer = await many.post(many.body(stage="draft"))  # Nobody is asked of a draft.
    assert answer.status_code == 201


async def test_weights_count_with_what_the_record_has(many: Many) -> None:
    many.objective = an_objective(weight=60)
    assert (await many.post(many.body(many.names[1]))).status_code == 201
    answer = await many.post(many.body())
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "#/records/1"
    assert "sum to 120" in fault["detail"]
    assert await SharedObjective.count() == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"element": "nonsense", "weight": 10}, "has no element 'nonsense'"),
        (
            {"kind": "minimum_standard", "standard": "nonsense"},
            "has no minimum standard 'nonsense'",
        ),
        ({"kind": "minimum_standard", "weight": 10}, "A minimum standard has no weigh"),
        ({"priority": {"scheme": "nonsense", "code": "1"}}, "There is no scheme"),
        ({"ends_on": "2020-01-01"}, "before the cycle begins"),
        ({"value_map": [{"organisation": "moj"}]}, "moj is not one of them"),
    ],
)
async def test_what_it_says_is_held_to_the_rules(
    many: Many, more: dict[str, Any], said: str
) -> None:
    many.objective = an_objective(**more)
    faults = await refused(many, many.body())
    assert [said in fault["detail"] for fault in faults] == [True, True]


async def test_nothing_is_added_to_a_cycle_that_is_over(many: Many) -> None:
    await Cycle.update({Cycle.state: "archived"}).where(Cycle.id == many.joint.on.cycle)
    faults = await refused(many, many.body())
    assert "The cycle is archived" in faults[0]["detail"]


async def test_a_parent_that_is_not_seen_is_refused_like_an_absent_one(
    many: Many,
) -> None:
    moj = many.joint.moj
    await sharing("moj", "dft")
    theirs = await record_of(moj.people[0], many.joint.on.cycle)
    body = many.body(f"workday:{theirs.external_id}")
    hidden = (await many.post(body, many.tokens["moj"])).json()["items"][0]
    answers = [
        await many.post(many.body(parent=parent))
        for parent in (hidden["objective"], str(UUID(int=7)))
    ]
    assert [slug(answer) for answer in answers] == ["objective-alignment-invalid"] * 2
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


async def test_all_are_aligned_to_a_parent_that_is_seen(many: Many) -> None:
    parent = await many.joint.proposed()
    said = (await many.post(many.body(parent=str(parent.id)))).json()
    parents = await SharedObjective.select(SharedObjective.parent).where(
        SharedObjective.id.is_in([UUID(item["objective"]) for item in said["items"]])
    )
    assert [row["parent"] for row in parents] == [parent.id, parent.id]


async def test_what_a_partner_gives_is_all_said(many: Many) -> None:
    many.contributions = [await a_partner(many.joint)]
    del many.contributions[0]["share"]
    answer = await many.post(many.body())
    assert (answer.status_code, slug(answer)) == (422, "objective-contributors-invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/contributions/0"

    body = many.body(contributions=[await a_partner(many.joint)])
    body["records"][1]["contributions"] = many.contributions
    (fault,) = await refused(many, body)
    assert fault["pointer"] == "#/records/1"


async def test_a_name_in_two_of_the_callers_organisations_is_to_be_told_apart(
    many: Many,
) -> None:
    names = ("ofsted", "defra")
    for code in names:
        await an_organisation(code)
        head = await a_person(code)
        await a_person(code, manager=head, record_id="twin")
        await sharing("dft", code)
    await a_cycle(2027, [*names])
    both = await a_token(many.client, *names)
    body = many.body("workday:twin")

    answer = await many.post(body, both)
    (fault,) = answer.json()["errors"]
    assert "It is a record in defra and in ofsted" in fault["detail"]
    body["records"][0]["organisation"] = "ofsted"
    said = await many.post(body, both)
    assert said.status_code == 201, said.text
    fact = await objective(UUID(said.json()["items"][0]["objective"]))
    assert fact.organisation == "ofsted"
