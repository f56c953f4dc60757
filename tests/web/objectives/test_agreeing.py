"""Agreeing to an objective, or not, in a browser."""

import pytest

from service.objectives.queries import objective
from service.objectives.stages import ContributionState, Stage
from tests.objectives.acting import dispute
from tests.objectives.joint import Joint
from tests.web.objectives.people import Browsers, hidden, refused, went_to, words


async def test_everyone_agrees_and_it_is_agreed(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    at = f"/objectives/{fact.id}/agreement"
    for who in ("subject", "manager", "partner manager"):
        visitor = await browsers.of(who)
        page = await visitor.get(at)
        assert "People tell government once" in words(page)
        answer = await visitor.post(at, {**hidden(page), "comment": "Gladly."})
        went_to(answer, f"/objectives/{fact.id}?done=agreed")
    assert (await objective(fact.id)).stage == Stage.AGREED
    page = await (await browsers.of("partner")).get(f"/objectives/{fact.id}")
    assert "Gladly." in words(page)


async def test_nobody_agrees_to_what_they_have_not_read(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("partner manager")
    at = f"/objectives/{fact.id}/agreement"
    read = hidden(await visitor.get(at))
    await joint.changed(fact, outcome="People tell government twice")
    answer = await visitor.post(at, {**read, "comment": "As it was."})
    refused(answer, "People tell government twice", "As it was.")
    assert (await objective(fact.id)).stage == Stage.PROPOSED
    went_to(
        await visitor.post(at, hidden(answer)), f"/objectives/{fact.id}?done=agreed"
    )


async def test_it_is_sent_back_with_a_reason(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("subject")
    at = f"/objectives/{fact.id}/return"
    assert (await visitor.get(at)).status_code == 200
    refused(await visitor.post(at, {"reason": "  "}), "Enter a reason")
    answer = await visitor.post(at, {"reason": "Too much."})
    went_to(answer, f"/objectives/{fact.id}?done=sent-back")
    assert (await objective(fact.id)).stage == Stage.SENT_BACK
    page = await visitor.get(f"/objectives/{fact.id}?done=sent-back")
    assert "You have sent this objective back" in words(page)


@pytest.mark.parametrize("below", ["agreement", "return", "dispute", "withdrawal"])
async def test_what_is_not_theirs_to_do_has_no_page(
    browsers: Browsers, joint: Joint, below: str
) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("partner")
    page = await visitor.get(f"/objectives/{fact.id}/{below}")
    assert page.status_code == 403
    assert "is not yours to do" in words(page)
    sent = {"reason": "Mine.", "version": "1"}
    kept = {"agreement": ["version"], "withdrawal": ["reason"]}.get(below, ["reason"])
    answer = await visitor.post(
        f"/objectives/{fact.id}/{below}", {name: sent[name] for name in kept}
    )
    assert answer.status_code == 403
    assert (await objective(fact.id)).revision == fact.revision


async def test_a_contribution_is_disputed_and_kept(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    part = next(p for p in fact.contributions if p.person == joint.partner)
    partner = await browsers.of("partner manager")
    at = f"/objectives/{fact.id}/dispute"
    assert "What Sam Person" in words(await partner.get(at))
    wrong = await partner.post(at, {"about": str(part.id), "reason": ""})
    refused(wrong, "Enter a reason")
    assert f'value="{part.id}" checked' in wrong.text
    answer = await partner.post(at, {"about": str(part.id), "reason": "Not ours."})
    went_to(answer, f"/objectives/{fact.id}?done=disputed")
    manager = await browsers.of("manager")
    page = await manager.get(f"/objectives/{fact.id}")
    (keep,) = {each for each in page.text.split('"') if each.endswith("/keep")}
    assert "Not ours." in words(await manager.get(keep))
    refused(await manager.post(keep, {"reply": ""}), "Enter a reply")
    went_to(
        await manager.post(keep, {"reply": "It is."}),
        f"/objectives/{fact.id}?done=settled",
    )
    assert (await objective(fact.id)).stage == Stage.PROPOSED
    page = await partner.get(f"/objectives/{fact.id}")
    assert "It stays as it was" in words(page)
    assert "It is." in words(page)


async def test_whoever_disputes_drops_it_and_nobody_else(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    await dispute(fact.id, joint.subject)
    subject, manager = await browsers.of("subject"), await browsers.of("manager")
    page = await subject.get(f"/objectives/{fact.id}")
    (drop,) = {each for each in page.text.split('"') if each.endswith("/drop")}
    assert (await manager.get(drop)).status_code == 403
    assert (await manager.post(drop, {"reply": "No."})).status_code == 403
    went_to(
        await subject.post(drop, {"reply": "We spoke."}),
        f"/objectives/{fact.id}?done=settled",
    )
    assert (await objective(fact.id)).stage == Stage.AGREED
    page = await subject.post(drop, {"reply": "Again."})
    refused(page, "It is settled")


@pytest.mark.parametrize("way", ["refusal", "departure"])
async def test_a_partner_s_manager_declines_or_takes_off_their_own(
    browsers: Browsers, joint: Joint, way: str
) -> None:
    declines = way == "refusal"
    made = joint.proposed if declines else joint.agreed
    fact = await made(ownership_model="voluntary_coordination")
    part = next(p for p in fact.contributions if p.person == joint.partner)
    at = f"/objectives/{fact.id}/contributions/{part.id}/{way}"
    assert (await (await browsers.of("manager")).get(at)).status_code == 403
    visitor = await browsers.of("partner manager")
    assert "data" in words(await visitor.get(at))
    refused(await visitor.post(at, {}), "Enter a reason")
    done = "declined" if declines else "left"
    went_to(
        await visitor.post(at, {"reason": "No room."}),
        f"/objectives/{fact.id}?done={done}",
    )
    left = await objective(fact.id)
    assert left.stage == Stage.SENT_BACK
    assert {p.state for p in left.contributions if p.id == part.id} == {
        ContributionState.DECLINED if declines else ContributionState.LEFT
    }


async def test_it_is_withdrawn_with_a_reason(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of("manager")
    at = f"/objectives/{fact.id}/withdrawal"
    assert "You cannot undo this." in words(await visitor.get(at))
    refused(await visitor.post(at, {"reason": ""}), "Enter a reason")
    long = "x" * 4001
    wrong = await visitor.post(at, {"reason": long})
    refused(wrong, "Use 4,000 characters or fewer")
    assert long in wrong.text
    answer = await visitor.post(at, {"reason": "Overtaken."})
    went_to(answer, f"/objectives/{fact.id}?done=withdrawn")
    assert (await objective(fact.id)).stage == Stage.WITHDRAWN
    page = await visitor.get(f"/objectives/{fact.id}/withdrawal")
    assert page.status_code == 403


async def test_a_stage_that_does_not_allow_it_is_a_sentence(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    answer = await (await browsers.of("subject")).post(
        f"/objectives/{fact.id}/return", {"reason": "I changed my mind."}
    )
    refused(answer, "raise a dispute", "I changed my mind.")
    assert (await objective(fact.id)).stage == Stage.AGREED


async def test_a_form_without_its_token_does_nothing(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    answer = await (await browsers.of("manager")).post(
        f"/objectives/{fact.id}/withdrawal", {"reason": "Forged.", "_csrf": "x"}
    )
    assert answer.status_code == 403
    assert (await objective(fact.id)).stage == Stage.PROPOSED
