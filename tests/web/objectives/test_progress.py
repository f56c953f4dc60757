"""How an objective gets on, said in a browser."""

import pytest

from service.objectives.progress.queries import progress_of
from service.objectives.progress.schemas import ProgressOut
from service.objectives.queries import ObjectiveFact
from tests.objectives.assessing.assessed import EVERYTHING
from tests.objectives.joint import Joint
from tests.web.counting import MOST, asked
from tests.web.objectives.people import Browsers, hidden, refused, went_to, words

INDICATOR = {
    "title": "Forms asked for twice",
    "unit": "forms",
    "baseline": "100",
    "target": "20",
    "direction": "decrease",
    "compared_with": "baseline",
}


async def progress(fact: ObjectiveFact) -> ProgressOut:
    return (await progress_of([fact.id], EVERYTHING))[fact.id]


async def test_the_owner_reports_the_one_status_and_a_partner_dissents_beside_it(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    at = f"/objectives/{fact.id}"
    owner, partner = await browsers.of("subject"), await browsers.of("partner")
    assert "No status has been reported yet." in words(await owner.get(at))
    wrong = await owner.post(f"{at}/status", {"text": "All is well."})
    refused(wrong, "Choose a status")
    assert "All is well." in wrong.text
    said = {"status": "on_track", "text": "All is well."}
    went_to(await owner.post(f"{at}/status", said), f"{at}?done=reported")
    page = await partner.get(f"{at}/dissent")
    assert "All is well." in words(page)
    read = hidden(page)
    refused(await partner.post(f"{at}/dissent", read), "Enter how you see it")
    await owner.post(f"{at}/status", {"status": "at_risk", "text": "Not so well."})
    late = await partner.post(f"{at}/dissent", {**read, "text": "It is late."})
    refused(late, "Status 2 is the current one", "It is late.", "Not so well.")
    answer = await partner.post(
        f"{at}/dissent", {**hidden(late), "text": "It is late."}
    )
    went_to(answer, f"{at}?done=dissented")
    page = await (await browsers.of("manager")).get(at)
    assert "At risk" in words(page)
    assert "Department dft sees it differently" in words(page)
    everything = words(await (await browsers.of("manager")).get(f"{at}/progress"))
    assert everything.index("At risk") < everything.index("On track")
    assert "All is well." in everything
    stranger = await browsers.of("stranger")
    assert (await stranger.get(f"{at}/progress")).status_code == 404


@pytest.mark.parametrize(
    ("who", "below"),
    [
        ("partner", "status"),
        ("manager", "status"),
        ("subject", "dissent"),
        ("partner", "milestones/new"),
        ("partner manager", "indicators/new"),
    ],
)
async def test_nobody_reports_what_is_another_s(
    browsers: Browsers, joint: Joint, who: str, below: str
) -> None:
    fact = await joint.agreed()
    page = await (await browsers.of(who)).get(f"/objectives/{fact.id}/{below}")
    assert page.status_code == 403


async def test_a_milestone_is_planned_and_met_by_whoever_works_on_it(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    at = f"/objectives/{fact.id}"
    manager, partner = await browsers.of("manager"), await browsers.of("partner")
    assert (await manager.get(f"{at}/milestones/new")).status_code == 200
    wrong = {"title": "A pilot", "due_on": "31/2/2027"}
    answer = await manager.post(f"{at}/milestones/new", wrong)
    refused(answer, "Enter a day, such as 27/3/2027")
    assert 'value="31/2/2027"' in answer.text
    right = wrong | {"due_on": "28/2/2027"}
    went_to(await manager.post(f"{at}/milestones/new", right), f"{at}?done=planned")
    (milestone,) = (await progress(fact)).milestones
    page = await partner.get(f"{at}/milestones/{milestone.id}")
    met = {**hidden(page), "title": "A pilot", "due_on": "28/2/2027", "state": "met"}
    went_to(
        await partner.post(f"{at}/milestones/{milestone.id}", met), f"{at}?done=planned"
    )
    assert "Met 1 June 2026" in words(await manager.get(at))
    stale = await manager.post(f"{at}/milestones/{milestone.id}", met)
    refused(stale, "Somebody has changed this since you opened it.")
    other = await manager.get(f"/objectives/{fact.id}/milestones/{fact.id}")
    assert other.status_code == 403


async def test_an_indicator_is_added_read_and_changed(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    at = f"/objectives/{fact.id}"
    manager, partner = await browsers.of("manager"), await browsers.of("partner")
    page = await manager.get(f"{at}/indicators/new")
    assert 'value="baseline" checked' in page.text
    refused(
        await manager.post(f"{at}/indicators/new", INDICATOR | {"baseline": "many"}),
        "Enter a number, such as 12 or 0.5",
    )
    upwards = await manager.post(
        f"{at}/indicators/new", INDICATOR | {"direction": "increase"}
    )
    refused(upwards, "the target cannot lie below the baseline")
    assert 'href="#target"' in upwards.text
    went_to(
        await manager.post(f"{at}/indicators/new", INDICATOR), f"{at}?done=measured"
    )
    (indicator,) = (await progress(fact)).indicators
    new = f"{at}/indicators/{indicator.id}/readings/new"
    assert "in forms" in words(await partner.get(new))
    refused(
        await partner.post(new, {"value": "40", "as_of": "1/6/2030"}),
        "which is to come",
    )
    went_to(
        await partner.post(new, {"value": "40", "as_of": "31 May 2026"}),
        f"{at}?done=read",
    )
    said = words(await manager.get(at))
    for each in ("40 forms, 31 May 2026", "Improving", "75 per cent"):
        assert each in said
    (reading,) = [
        each
        for each in (await partner.get(f"{at}/progress")).text.split('"')
        if "corrects=" in each
    ]
    page = await partner.get(reading)
    assert "Correct a reading" in words(page)
    correct = {**hidden(page), "value": "50", "as_of": "31/5/2026"}
    went_to(await partner.post(new, correct), f"{at}?done=read")
    refused(await partner.post(new, correct), "It has been corrected")
    said = words(await manager.get(f"{at}/progress"))
    assert "50 forms, 31 May 2026" in said
    assert "Corrected: 40 forms, 31 May 2026" in said
    assert len(await asked(partner, f"{at}/progress")) <= MOST
    change = f"{at}/indicators/{indicator.id}"
    page = await manager.get(change)
    assert 'value="100"' in page.text
    moved = {**INDICATOR, **hidden(page), "target": "10"}
    went_to(await manager.post(change, moved), f"{at}?done=measured")
    refused(
        await manager.post(change, moved | {"target": "5"}),
        "Somebody has changed this since you opened it.",
    )
    assert (await partner.get(change)).status_code == 403
