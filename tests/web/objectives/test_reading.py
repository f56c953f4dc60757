"""Who opens the pages of an objective, and what they read there."""

import pytest

from tests.objectives.acting import dispute, send_back, withdraw
from tests.objectives.joint import Joint, agree, propose
from tests.web.counting import MOST, asked
from tests.web.objectives.people import PARTIES, Browsers, words
from tests.web.visiting import heading, title, visiting


@pytest.mark.parametrize("who", PARTIES)
async def test_every_party_reads_it(browsers: Browsers, joint: Joint, who: str) -> None:
    fact = await joint.agreed()
    visitor = await browsers.of(who)
    page = await visitor.get(f"/objectives/{fact.id}")
    assert page.status_code == 200
    assert heading(page) == "One front door"
    assert title(page) == "One front door - Joined-up Appraisal"
    assert "People tell government once" in words(page)
    assert "Department dft" in words(page)
    assert "Everyone has agreed to what it says." in words(page)


@pytest.mark.parametrize("below", ["", "/history", "/agreement", "/check", "/status"])
@pytest.mark.parametrize("who", ["stranger", "colleague"])
async def test_nobody_else_can_tell_that_it_is_there(
    browsers: Browsers, joint: Joint, who: str, below: str
) -> None:
    fact = await joint.proposed()
    visitor = await browsers.of(who)
    page = await visitor.get(f"/objectives/{fact.id}{below}")
    assert page.status_code == 404
    assert "One front door" not in page.text


@pytest.mark.parametrize("who", ["subject", "partner", "partner manager"])
async def test_a_draft_is_its_line_manager_s_alone(
    browsers: Browsers, joint: Joint, who: str
) -> None:
    fact = await joint.drafted()
    page = await (await browsers.of(who)).get(f"/objectives/{fact.id}")
    assert page.status_code == 404
    page = await (await browsers.of("manager")).get(f"/objectives/{fact.id}")
    assert page.status_code == 200
    assert "Send it for agreement" in words(page)


@pytest.mark.parametrize(
    ("who", "offered", "never"),
    [
        ("subject", ["Agree to this objective"], ["Withdraw it", "Report its status"]),
        ("manager", ["Agree to this objective", "Withdraw it", "Change what"], []),
        ("partner", [], ["Agree to this objective", "Change what", "Dispute it"]),
        ("partner manager", ["Agree to", "Decline this"], ["Change what", "Withdraw"]),
        ("administrator", [], ["Agree to this objective", "Change what"]),
    ],
)
async def test_each_is_offered_what_is_theirs_to_do(
    browsers: Browsers, joint: Joint, who: str, offered: list[str], never: list[str]
) -> None:
    fact = await joint.proposed()
    said = words(await (await browsers.of(who)).get(f"/objectives/{fact.id}"))
    assert [each for each in offered if each not in said] == []
    assert [each for each in never if each in said] == []


async def test_it_says_whose_agreement_is_wanted(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    page = await (await browsers.of("partner")).get(f"/objectives/{fact.id}")
    still = words(page).partition("Still to agree")[2]
    assert "the lead (Department hmt)" in still
    assert "the line manager of the lead (Department hmt)" in still
    assert "the line manager of a contributor (Department dft)" in still


async def test_whoever_agreed_is_not_said_to_have_not(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed()
    await agree(fact.id, joint.subject)
    page = words(await (await browsers.of("subject")).get(f"/objectives/{fact.id}"))
    contributors, _, agreement = page.partition("Still to agree")
    assert contributors.count("Line manager to agree") == 2
    assert "Not agreed" not in page
    assert "the lead," in agreement.partition("Agreed")[2]


async def test_its_history_is_offered_once_it_has_any(
    browsers: Browsers, joint: Joint
) -> None:
    manager = await browsers.of("manager")
    draft = await joint.drafted()
    assert "/history" not in (await manager.get(f"/objectives/{draft.id}")).text
    fact = await propose(draft.id, joint.machine)
    said = words(await manager.get(f"/objectives/{fact.id}"))
    assert "See its history (version 1 now)" in said
    changed = await joint.changed(fact, outcome="People tell government twice")
    said = words(await manager.get(f"/objectives/{fact.id}"))
    assert f"See its history (version {changed.version} now)" in said


async def test_it_says_why_it_was_disputed(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    page = await (await browsers.of("subject")).get(f"/objectives/{fact.id}")
    assert "Not ours." in words(page)
    assert "This dispute is open." in words(page)


@pytest.mark.parametrize(
    ("stage", "meaning"),
    [
        ("sent back", "The line manager of the lead changes it, or withdraws it."),
        ("withdrawn", "It was taken back. You can still read what it said."),
    ],
)
async def test_every_stage_has_its_sentence(
    browsers: Browsers, joint: Joint, stage: str, meaning: str
) -> None:
    fact = await joint.proposed()
    if stage == "sent back":
        await send_back(fact.id, joint.subject)
    else:
        await withdraw(fact.id, joint.hmt.head)
    page = await (await browsers.of("partner manager")).get(f"/objectives/{fact.id}")
    assert meaning in words(page)


@pytest.mark.parametrize("who", ["subject", "manager", "partner", "partner manager"])
async def test_mine_lists_what_i_have_to_do_with(
    browsers: Browsers, joint: Joint, who: str
) -> None:
    fact = await joint.proposed()
    page = await (await browsers.of(who)).get("/objectives")
    assert page.status_code == 200
    assert f"/objectives/{fact.id}" in page.text
    assert ("Waiting for you" in words(page)) == (who != "partner")
    part = {
        "subject": "You lead it",
        "manager": "You manage the lead",
        "partner": "You contribute",
        "partner manager": "You manage a contributor",
    }[who]
    assert part in words(page)


async def test_whoever_has_none_is_told_so(browsers: Browsers, joint: Joint) -> None:
    await joint.proposed()
    page = await (await browsers.of("stranger")).get("/objectives")
    assert "You have no shared objectives." in words(page)


async def test_a_stranger_is_led_to_sign_in(joint: Joint) -> None:
    fact = await joint.proposed()
    async with visiting(None) as nobody:
        page = await nobody.get(f"/objectives/{fact.id}")
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")


async def test_words_are_shown_as_they_were_written_and_never_as_markup(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.proposed(title="<b>Bold</b> & more", outcome="1 < 2\nand 3")
    for path in ("/objectives", f"/objectives/{fact.id}"):
        page = await (await browsers.of("subject")).get(path)
        assert "<b>Bold" not in page.text
        assert "&lt;b&gt;Bold&lt;/b&gt; &amp; more" in page.text


@pytest.mark.parametrize(
    ("who", "below"),
    [
        ("manager", ""),
        ("partner manager", ""),
        ("partner", "/history"),
        ("manager", "/history"),
        ("manager", "/agreement"),
        ("partner manager", "/dispute"),
        ("manager", "/check"),
        ("manager", "/outcome"),
        ("manager", "/partners"),
        ("manager", "/partners/find?q=sam"),
        ("manager", "/shares"),
        ("manager", "/costs"),
        ("manager", "/place"),
        ("manager", "/withdrawal"),
    ],
)
async def test_no_page_takes_more_than_eight_statements(
    browsers: Browsers, joint: Joint, who: str, below: str
) -> None:
    above = await joint.agreed()
    fact = await joint.drafted(parent=above.id, caller=joint.machine)
    fact = await propose(fact.id, joint.machine)
    visitor = await browsers.of(who)
    statements = await asked(visitor, f"/objectives/{fact.id}{below}")
    assert len(statements) <= MOST, "\n---\n".join(statements)


async def test_the_list_takes_as_few_however_long_it_is(
    browsers: Browsers, joint: Joint
) -> None:
    await joint.agreed()
    visitor = await browsers.of("manager")
    one = await asked(visitor, "/objectives")
    for _ in range(3):
        await joint.proposed()
    assert await asked(visitor, "/objectives") == one
    assert len(one) <= MOST


async def test_it_is_read_in_welsh(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.agreed()
    visitor = await browsers.of("manager")
    welsh = {"Accept-Language": "cy"}
    page = await visitor.get("/objectives", headers=welsh)
    assert heading(page) == "Amcanion a rennir"
    page = await visitor.get(f"/objectives/{fact.id}", headers=welsh)
    assert '<html lang="cy"' in page.text
    said = words(page)
    for each in ("Mae pawb wedi cytuno", "60 y cant", "Pwy sy'n cyfrannu"):
        assert each in said
    for each in ("Who contributes", "Outcome", "Agreed", "per cent"):
        assert each not in said
    answer = await visitor.post(
        f"/objectives/{fact.id}/withdrawal", {"reason": ""}, headers=welsh
    )
    assert "Rhowch reswm" in words(answer)
