"""How an objective came to say what it says, read in a browser."""

import re
from dataclasses import replace

import pytest

from service.objectives.comparing import Fate, Piece, changes, compared
from service.objectives.history import DifferenceOut
from tests.objectives.acting import dispute, send_back
from tests.objectives.joint import Joint, propose
from tests.web.objectives.people import PARTIES, Browsers, words

KEPT, GONE, NEW = Fate


def test_words_that_changed_are_told_apart_from_those_that_stayed() -> None:
    assert compared("one door for all", "one front door for all") == [
        Piece(KEPT, "one "),
        Piece(NEW, "front "),
        Piece(KEPT, "door for all"),
    ]
    assert compared("", "new") == [Piece(NEW, "new")]
    assert compared("old", "") == [Piece(GONE, "old")]
    assert compared("a\nb", "a\nc") == [
        Piece(KEPT, "a\n"),
        Piece(GONE, "b"),
        Piece(NEW, "c"),
    ]


@pytest.mark.parametrize("before", ["one two", "a  b\n\nc ", "x"])
def test_nothing_is_lost_between_two_texts(before: str) -> None:
    after = "one three\nb c"
    pieces = compared(before, after)
    assert "".join(p.text for p in pieces if p.fate != NEW) == before
    assert "".join(p.text for p in pieces if p.fate != GONE) == after


def test_an_amount_is_compared_to_the_penny() -> None:
    found = DifferenceOut(
        field="value_map",
        organisation="hmt",
        person=None,
        before={"organisation": "hmt", "money_in": "12000.00"},
        after={"organisation": "hmt", "money_in": "12000.50"},
    )

    [changed] = changes([found], {})

    assert changed.pieces == [Piece(GONE, "£12,000"), Piece(NEW, "£12,000.50")]


@pytest.mark.parametrize("who", PARTIES)
async def test_every_party_reads_what_changed_and_why(
    browsers: Browsers, joint: Joint, who: str
) -> None:
    fact = await joint.proposed()
    lead, major = joint.parts()
    await joint.changed(
        fact,
        contributions=(lead, replace(major, commitment="maps")),
        reason="Maps are wanted.",
    )
    page = await (await browsers.of(who)).get(f"/objectives/{fact.id}/history")
    said = words(page)
    assert "Maps are wanted." in said
    assert "Removed: data" in said
    assert "Added: maps" in said
    assert "<del>" in page.text
    assert "<ins>" in page.text
    assert "Sent for agreement" in said


async def test_what_was_drafted_before_stays_with_those_who_drafted_it(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.drafted()
    await joint.changed(fact, outcome="A second thought")
    await propose(fact.id, joint.machine)
    at = f"/objectives/{fact.id}/history"
    partner = words(await (await browsers.of("partner manager")).get(at))
    assert "A second thought" in partner
    assert "Version 1" not in partner
    manager = words(await (await browsers.of("manager")).get(at))
    assert "Version 1" in manager
    assert "Removed: People tell government once" in manager


async def test_every_agreement_is_told_of_once(
    browsers: Browsers, joint: Joint
) -> None:
    fact = await joint.agreed()
    said = words(
        await (await browsers.of("partner")).get(f"/objectives/{fact.id}/history")
    )
    for capacity in (
        "the lead",
        "the line manager of the lead",
        "the line manager of a contributor",
    ):
        told = re.findall(rf": Agreed, Sam \w+, {capacity}(?! of)", said)
        assert len(told) == 1, said
    assert said.count("Agreed by everyone") == 1
    assert "Contribution agreed" not in said


async def test_each_step_says_who_and_why(browsers: Browsers, joint: Joint) -> None:
    fact = await joint.proposed()
    await dispute(fact.id, joint.dft.head)
    await send_back(fact.id, joint.subject)
    page = await (await browsers.of("manager")).get(f"/objectives/{fact.id}/history")
    said = words(page)
    assert "Disputed, Sam Person" in said
    assert "Sent back, Sam Person" in said
    assert "Too much." in said
    assert "Signed in as Sam Person." in said
