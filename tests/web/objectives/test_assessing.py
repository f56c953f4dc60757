"""Assessing, countersigning and thanking in a browser."""

from dataclasses import replace

import pytest

from service.objectives.queries import objective
from service.objectives.rules import Kind
from service.objectives.stages import Stage
from service.settings import settings
from tests.objectives.assessing.assessed import AT_THE_END, assess, listed, part_of
from tests.objectives.joint import Joint
from tests.web.objectives.people import Browsers, hidden, refused, went_to, words

MET = {"attainment": "met", "reasons": "Forms are asked for once."}


@pytest.fixture
def at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOINEDUP_NOW", AT_THE_END.isoformat())
    settings.cache_clear()


@pytest.mark.usefixtures("at_the_end")
async def test_an_outcome_counts_once_a_second_department_has_countersigned_it(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    at = f"/objectives/{fact.id}"
    manager = await browsers.of("manager")
    partner = await browsers.of("partner manager")
    assert "Assess the outcome" in words(await manager.get(at))
    assert (await partner.get(f"{at}/assessment")).status_code == 403
    assert (await manager.get(f"{at}/assessment")).status_code == 200
    refused(
        await manager.post(f"{at}/assessment", {}),
        "Choose how far it was met",
        "Enter your reasons",
    )
    bad = await manager.post(f"{at}/assessment", MET | {"evidence": "ftp://x report"})
    refused(bad, "Write each link on a line of its own")
    assert "ftp://x report" in bad.text
    links = {"evidence": "https://intranet.example/a The report\nhttps://b.example/c"}
    went_to(await manager.post(f"{at}/assessment", MET | links), f"{at}?done=assessed")
    page = await partner.get(at)
    assert "Waiting for a second department" in words(page)
    assert "The report: https://intranet.example/a" in words(page)
    (waiting,) = (await listed(fact)).outcome
    answering = f"{at}/assessments/{waiting.id}"
    assert (await manager.get(answering)).status_code == 403
    assert "The outcome was assessed as: Met." in words(await partner.get(answering))
    refused(await partner.post(answering, {}), "Choose whether you countersign")
    refused(
        await partner.post(answering, {"verdict": "objected"}), "Enter why you object"
    )
    signed = await partner.post(answering, {"verdict": "countersigned"})
    went_to(signed, f"{at}?done=countersigned")
    assert (await objective(fact.id)).stage == Stage.ASSESSED
    closing = await manager.get(f"{at}/closure")
    assert closing.status_code == 200
    went_to(await manager.post(f"{at}/closure", hidden(closing)), f"{at}?done=closed")
    assert (await objective(fact.id)).stage == Stage.CLOSED


@pytest.mark.usefixtures("at_the_end")
async def test_a_partner_manager_objects_with_a_reason(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    new = await assess(fact, joint.hmt.head)
    partner = await browsers.of("partner manager")
    at = f"/objectives/{fact.id}/assessments/{new}"
    answer = await partner.post(at, {"verdict": "objected", "comment": "Not by us."})
    went_to(answer, f"/objectives/{fact.id}?done=objected")
    page = await (await browsers.of("subject")).get(f"/objectives/{fact.id}")
    assert "Objected to by" in words(page)
    assert "Not by us." in words(page)
    refused(
        await partner.post(at, {"verdict": "countersigned"}),
        "The assessment is objected",
    )


@pytest.mark.usefixtures("at_the_end")
async def test_a_contribution_is_assessed_by_its_own_manager(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    part = part_of(fact, joint.partner)
    at = f"/objectives/{fact.id}/contributions/{part.id}/assessment"
    assert (await (await browsers.of("manager")).get(at)).status_code == 403
    partner = await browsers.of("partner manager")
    assert "data" in words(await partner.get(at))
    refused(await partner.post(at, {"attainment": "x"}), "Choose how far it was met")
    went_to(await partner.post(at, MET), f"/objectives/{fact.id}?done=assessed")
    page = await (await browsers.of("subject")).get(f"/objectives/{fact.id}")
    assert "Assessed by Sam Person" in words(page)


@pytest.mark.usefixtures("at_the_end")
async def test_whose_contribution_is_to_be_assessed_is_said(
    browsers: Browsers, joint: Joint
) -> None:
    parts = [*joint.parts()]
    second = joint.dft.people[1]
    parts[1:] = [
        replace(parts[1], share=20),
        replace(parts[1], person=second, share=20),
    ]
    fact = await joint.agreed(parts)
    partner = await browsers.of("partner manager")
    for path in ("/objectives", f"/objectives/{fact.id}"):
        page = await partner.get(path)
        asked = page.text.partition("Waiting for you")[2].partition("</ul>")[0]
        for person in (joint.partner, second):
            part = part_of(fact, person)
            at = f"/objectives/{fact.id}/contributions/{part.id}/assessment"
            assert f'href="{at}">Assess the contribution of Sam ' in asked, path
        assert "Assess this contribution" not in asked, path


@pytest.mark.usefixtures("at_the_end")
async def test_a_minimum_standard_is_met_or_not(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed(kind=Kind.MINIMUM_STANDARD)
    manager = await browsers.of("manager")
    page = await manager.get(f"/objectives/{fact.id}/assessment")
    assert "Exceeded" not in words(page)
    refused(
        await manager.post(
            f"/objectives/{fact.id}/assessment", MET | {"attainment": "exceeded"}
        ),
        "met or not",
    )


async def test_nothing_is_assessed_before_the_year_s_end(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    manager = await browsers.of("manager")
    at = f"/objectives/{fact.id}/assessment"
    assert (await manager.get(at)).status_code == 403
    refused(await manager.post(at, MET), "It is assessed from")


async def test_a_department_thanks_a_contributor_of_another_once_a_quarter(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    part = part_of(fact, joint.partner)
    own = part_of(fact, joint.subject)
    subject = await browsers.of("subject")
    at = f"/objectives/{fact.id}/contributions/{part.id}/thanks"
    assert "Thank Sam Person" in words(await subject.get(at))
    refused(await subject.post(at, {"text": " "}), "Enter what you thank them for")
    went_to(
        await subject.post(at, {"text": "The data came early."}),
        f"/objectives/{fact.id}?done=thanked",
    )
    page = await (await browsers.of("partner")).get(f"/objectives/{fact.id}")
    assert "Department hmt thanks Sam Person" in words(page)
    assert "The data came early." in words(page)
    assert (await subject.get(at)).status_code == 403
    refused(await subject.post(at, {"text": "Again."}), "has thanked them")
    mine = f"/objectives/{fact.id}/contributions/{own.id}/thanks"
    assert (await subject.get(mine)).status_code == 403
