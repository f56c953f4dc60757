"""Setting a shared objective, page by page."""

from uuid import UUID

import httpx
import pytest

from service.objectives.queries import ObjectiveFact, objective
from service.objectives.stages import Stage
from tests.objectives.acting import left_yesterday
from tests.objectives.joint import Joint
from tests.web.objectives.people import Browsers, hidden, refused, went_to, words
from tests.web.visiting import Visitor, heading

OUTCOME = {
    "title": "One form for flood repair grants",
    "outcome": "One form, in place by the year's end.",
    "measures": "Read every quarter.",
    "commitment": "Two analysts.",
    "ownership_model": "shared_responsibility",
}


async def started(visitor: Visitor, joint: Joint) -> UUID:
    """Send the first page; the draft it made."""
    answer = await visitor.post(f"/objectives/new?record={joint.on.id}", OUTCOME)
    assert answer.status_code == 303, words(answer)
    return UUID(answer.headers["location"].split("/")[2])


async def with_a_partner(visitor: Visitor, id_: UUID, person: UUID) -> httpx.Response:
    at = f"/objectives/{id_}/partners/new?person={person}&organisation=dft"
    page = await visitor.get(at)
    assert page.status_code == 200, words(page)
    filled = {"role": "major", "share": "40", "commitment": "Data."}
    return await visitor.post(at, {**hidden(page), **filled})


async def test_from_the_outcome_to_everybody_s_agreement(
    browsers: Browsers, joint: Joint
) -> None:
    visitor = await browsers.of("manager")
    page = await visitor.get(f"/objectives/new?record={joint.on.id}")
    assert heading(page) == "What is to be achieved?"
    id_ = await started(visitor, joint)
    at = f"/objectives/{id_}"
    assert "Two analysts. (100%)" in words(await visitor.get(f"{at}/partners"))
    found = await visitor.get(f"{at}/partners/find?q=sam")
    assert f"person={joint.partner}&amp;organisation=dft" in found.text
    went_to(await with_a_partner(visitor, id_, joint.partner), f"{at}/partners")
    page = await visitor.get(f"{at}/shares")
    assert 'value="60"' in page.text
    shared = {
        "share_0": "55",
        "commitment_0": "Two analysts.",
        "share_1": "45",
        "role_1": "supporting",
        "commitment_1": "Data, monthly.",
        "owner": str(joint.partner),
    }
    went_to(await visitor.post(f"{at}/shares", hidden(page) | shared), f"{at}/costs")
    page = await visitor.get(f"{at}/costs")
    costs = {"money_in_0": "£12,000", "people_in_1": "2.5", "gains_1": "Fewer forms."}
    went_to(await visitor.post(f"{at}/costs", hidden(page) | costs), f"{at}/place")
    page = await visitor.get(f"{at}/place")
    place = {"kind": "delivery_objective", "priority": "un-sdg-2030 13"}
    went_to(await visitor.post(f"{at}/place", hidden(page) | place), f"{at}/check")
    said = words(await visitor.get(f"{at}/check"))
    for each in ("55%, Lead", "45%, Supporting", "£12,000", "Fewer forms.", "climate"):
        assert each in said
    went_to(await visitor.post(f"{at}/check"), f"{at}?done=proposed")
    fact = await objective(id_)
    assert fact.stage == Stage.PROPOSED
    assert fact.content.owners == ((joint.partner,),)
    assert [p.share for p in fact.live] == [55, 45]
    page = await (await browsers.of("partner manager")).get(at)
    assert "Agree to this objective" in words(page)


async def test_it_begins_from_one_s_people(browsers: Browsers) -> None:
    answer = await (await browsers.of("manager")).get("/objectives/new")
    went_to(answer, "/people")
    assert answer.text == ""


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("subject", 403),
        ("administrator", 403),
        ("partner manager", 404),
        ("stranger", 404),
    ],
)
async def test_nobody_sets_one_for_whom_they_do_not_manage(
    browsers: Browsers, joint: Joint, who: str, status: int
) -> None:
    visitor = await browsers.of(who)
    at = f"/objectives/new?record={joint.on.id}"
    page = await visitor.get(at)
    assert page.status_code == status
    assert ("sets shared objectives on it: ask them" in words(page)) == (status == 403)
    assert (await visitor.post(at, OUTCOME)).status_code == status


async def test_what_is_missing_is_said_at_each_field_and_the_rest_is_kept(
    browsers: Browsers, joint: Joint
) -> None:
    visitor = await browsers.of("manager")
    answer = await visitor.post(
        f"/objectives/new?record={joint.on.id}", {"title": "A <name>", "outcome": " "}
    )
    refused(
        answer,
        "Enter what is to be achieved",
        "Enter how it is measured",
        "Enter what they will do",
        "Choose how departments own it",
    )
    assert 'value="A &lt;name&gt;"' in answer.text
    assert 'href="#measures"' in answer.text


async def test_shares_that_do_not_sum_to_100_are_not_sent(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("manager")
    at = f"/objectives/{fact.id}/shares"
    page = await visitor.get(at)
    assert "Everyone in this objective is asked to agree again." in words(page)
    filled = hidden(page) | {
        "share_0": "60",
        "commitment_0": "two analysts",
        "share_1": "30",
        "role_1": "major",
        "commitment_1": "data and more",
        "owner": str(joint.subject),
    }
    answer = await visitor.post(at, filled)
    refused(answer, "The shares sum to 90")
    assert 'href="#share_0"' in answer.text
    assert "data and more" in answer.text
    refused(
        await visitor.post(at, filled | {"share_1": "x"}),
        "Enter a share as a whole number from 1 to 100",
    )
    taken = await visitor.post(at, filled | {"share_1": "40"})
    went_to(taken, f"/objectives/{fact.id}?done=changed")


@pytest.mark.parametrize("shares", [("60", "30"), ("60", "41"), ("100", "100")])
async def test_in_a_draft_too_shares_are_held_to_100_where_they_are_asked_for(
    browsers: Browsers, joint: Joint, shares: tuple[str, str]
) -> None:
    fact = await joint.drafted()
    visitor = await browsers.of("manager")
    at = f"/objectives/{fact.id}/shares"
    filled = hidden(await visitor.get(at)) | {
        "share_0": shares[0],
        "commitment_0": "two analysts",
        "share_1": shares[1],
        "role_1": "major",
        "commitment_1": "data and more",
        "owner": str(joint.subject),
    }
    answer = await visitor.post(at, filled)
    refused(answer, f"The shares sum to {sum(map(int, shares))}")
    assert 'href="#share_0"' in answer.text
    assert 'id="share_0-error"' in answer.text
    assert "data and more" in answer.text
    assert (await objective(fact.id)).revision == fact.revision
    stale = await visitor.post(at, filled | {"revision": "99"})
    refused(stale, "Somebody has changed this since you opened it.")
    right = filled | {"share_0": "55", "share_1": "45"}
    went_to(await visitor.post(at, right), f"/objectives/{fact.id}/costs")


async def test_a_draft_that_is_not_whole_is_kept_and_not_sent(
    browsers: Browsers, joint: Joint
) -> None:
    visitor = await browsers.of("manager")
    id_ = await started(visitor, joint)
    answer = await visitor.post(f"/objectives/{id_}/check")
    refused(answer, "Add a contribution from another organisation.")
    assert (await objective(id_)).stage == Stage.DRAFT


async def change(visitor: Visitor, fact: ObjectiveFact, **other: str) -> httpx.Response:
    says = fact.content
    at = f"/objectives/{fact.id}/outcome"
    return await visitor.post(
        at,
        {
            "revision": str(fact.revision),
            "title": says.title,
            "outcome": says.outcome,
            "measures": says.measures,
            "commitment": "two analysts",
            "ownership_model": says.ownership_model.value,
            **other,
        },
    )


async def test_a_change_asks_everyone_again_and_says_why(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    visitor = await browsers.of("manager")
    answer = await change(visitor, fact, outcome="Once and online", reason="Clearer.")
    went_to(answer, f"/objectives/{fact.id}?done=changed")
    changed = await objective(fact.id)
    assert (changed.stage, changed.version) == (Stage.PROPOSED, 2)
    partner = await browsers.of("partner manager")
    said = words(await partner.get(f"/objectives/{fact.id}/history"))
    assert "Clearer." in said
    assert "Removed: People tell government" in said
    assert "Added:" in said


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("manager")
    await joint.changed(fact, outcome="Said by another")
    answer = await change(visitor, fact, outcome="Said by me")
    refused(answer, "Somebody has changed this since you opened it.")
    assert "Said by me" in answer.text
    assert (await objective(fact.id)).content.outcome == "Said by another"
    now = await objective(fact.id)
    assert hidden(answer)["revision"] == str(now.revision)
    assert (await change(visitor, now, outcome="Said by me")).status_code == 303


@pytest.mark.parametrize("who", ["subject", "partner manager", "administrator"])
@pytest.mark.parametrize(
    "step",
    ["check", "outcome", "partners", "partners/find?q=sam", "shares", "costs", "place"],
)
async def test_only_the_line_manager_changes_it(
    browsers: Browsers, joint: Joint, who: str, step: str
) -> None:
    fact = await joint.proposed()
    page = await (await browsers.of(who)).get(f"/objectives/{fact.id}/{step}")
    assert page.status_code == 403


async def test_who_is_taken_off_gives_their_share_back(
    browsers: Browsers, joint: Joint
) -> None:
    visitor = await browsers.of("manager")
    fact = await joint.drafted()
    part = next(p for p in fact.live if p.person == joint.partner)
    at = f"/objectives/{fact.id}/partners/{part.id}/removal"
    answer = await visitor.post(at, hidden(await visitor.get(at)))
    went_to(answer, f"/objectives/{fact.id}/partners")
    assert [p.share for p in (await objective(fact.id)).live] == [100]
    lead = (await objective(fact.id)).live[0]
    at = f"/objectives/{fact.id}/partners/{lead.id}/removal"
    assert (await visitor.get(at)).status_code == 403


async def test_a_partner_is_not_added_twice(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.drafted()
    visitor = await browsers.of("manager")
    answer = await with_a_partner(visitor, fact.id, joint.partner)
    refused(answer, "Data.")
    page = await visitor.get(f"/objectives/{fact.id}/partners/find?q=sam")
    assert "Takes part already" in words(page)


async def test_people_of_departments_that_share_nothing_are_not_found(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.drafted()
    visitor = await browsers.of("manager")
    found = await visitor.get(f"/objectives/{fact.id}/partners/find?q=sam")
    assert "organisation=dft" in found.text
    assert "organisation=moj" not in found.text
    outsider = joint.moj.people[0]
    at = f"/objectives/{fact.id}/partners/new?person={outsider}&organisation=moj"
    assert (await visitor.get(at)).status_code == 404


async def test_looking_for_nothing_says_what_to_look_for(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.drafted()
    visitor = await browsers.of("manager")
    at = f"/objectives/{fact.id}/partners/find"
    assert (await visitor.get(at)).status_code == 200
    refused(await visitor.get(f"{at}?q=%20"), "Enter a name, a job, a unit")
    page = await visitor.get(f"{at}?q=zzzzqq")
    assert "Nobody found" in words(page)


async def test_partners_are_found_by_what_they_work_on(
    browsers: Browsers, joint: Joint
) -> None:
    await joint.agreed(title="Flood risk on the coast")
    fact = await joint.drafted([joint.parts()[0]])
    visitor = await browsers.of("manager")
    found = await visitor.get(f"/objectives/{fact.id}/partners/find?q=flood+risk")
    assert str(joint.partner) in found.text


async def test_who_left_meanwhile_is_not_added(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.drafted([joint.parts()[0]])
    visitor = await browsers.of("manager")
    at = f"/objectives/{fact.id}/partners/new?person={joint.partner}&organisation=dft"
    page = await visitor.get(at)
    assert page.status_code == 200
    await left_yesterday(joint.partner)
    answer = await visitor.get(at)
    assert answer.status_code == 404


async def test_collective_accountability_names_owners_in_two_departments(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.drafted()
    visitor = await browsers.of("manager")
    page = await visitor.get(f"/objectives/{fact.id}/shares")
    filled = hidden(page) | {
        "share_0": "60",
        "commitment_0": "two analysts",
        "share_1": "40",
        "role_1": "major",
        "commitment_1": "data",
    }
    none = await visitor.post(f"/objectives/{fact.id}/shares", filled)
    refused(none, "Choose who is accountable")
    both = {**filled, "owner": [str(joint.subject), str(joint.partner)]}
    answer = await visitor.post(f"/objectives/{fact.id}/shares", both)
    assert answer.status_code == 422
    assert 'href="#owner"' in answer.text
