"""What partners say beside the one status, and never instead of it."""

import pytest

from service.access.rules import NotShared
from service.directory.tables import Posting, ReportingLine
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.jobs.tables import StoredNotice
from service.objectives.content import Contributed
from service.objectives.presenting import Sight
from service.objectives.progress import queries
from service.objectives.progress.rules import StatusNotCurrent
from service.objectives.progress.tables import Dissent, StatusReport
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import ContributionRole, NotYours
from tests.factories import a_line, sharing
from tests.objectives.joint import Joint, agree, shared_no_more
from tests.objectives.progress.going import (
    TODAY,
    WHOLE,
    agreed_by,
    dissented,
    said,
    stands,
)


@pytest.mark.parametrize("who", ["contributor", "manager"])
async def test_a_partner_dissents_beside_the_status(joint: Joint, who: str) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    person = joint.partner if who == "contributor" else joint.dft.head
    await dissented(fact.id, person)

    status = (await stands(fact.id)).status
    assert status is not None
    assert (status.status, status.text) == ("on_track", "We are on_track.")
    (found,) = status.dissents
    assert (found.organisation, found.status, found.number) == ("dft", 1, 1)
    assert (found.text, found.stands) == ("Not as we see it.", True)
    assert found.person is not None
    assert found.person.id == person


async def test_the_side_that_reported_does_not_dissent(joint: Joint) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    for person in (joint.subject, joint.hmt.head):
        with pytest.raises(NotYours, match="another organisation"):
            await dissented(fact.id, person)
    with pytest.raises(NotFound):
        await dissented(fact.id, joint.moj.head)


async def test_where_a_partner_is_accountable_the_lead_dissents(joint: Joint) -> None:
    fact = await agreed_by(joint, (joint.partner,))
    await said(fact.id, joint.partner)
    with pytest.raises(NotYours):
        await dissented(fact.id, joint.dft.head)
    await dissented(fact.id, joint.subject)
    assert (await queries.dissents(fact.id, WHOLE))[0].organisation == "hmt"


async def test_said_again_it_is_in_other_words_and_the_first_are_kept(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner, text="Late.")
    await dissented(fact.id, joint.dft.head, text="Late by a month.")

    status = (await stands(fact.id)).status
    assert status is not None
    assert [d.text for d in status.dissents] == ["Late by a month."]
    found = await queries.dissents(fact.id, WHOLE)
    assert [(d.number, d.text, d.stands) for d in found] == [
        (1, "Late.", False),
        (2, "Late by a month.", True),
    ]


async def test_the_next_status_deletes_no_dissent(joint: Joint) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner)
    await said(fact.id, joint.subject, "at_risk")

    current = (await stands(fact.id)).status
    assert current is not None
    assert current.dissents == []
    first, second = await queries.statuses(fact.id, WHOLE)
    assert [d.text for d in first.dissents] == ["Not as we see it."]
    assert second.dissents == []
    await dissented(fact.id, joint.partner, 2)
    assert [(d.status, d.number) for d in await queries.dissents(fact.id, WHOLE)] == [
        (1, 1),
        (2, 1),
    ]


async def test_each_organisation_has_one_dissent_from_a_status(joint: Joint) -> None:
    fact = await a_third_takes_part(joint)
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner, text="Late.")
    await dissented(fact.id, joint.moj.people[0], text="Dear.")
    await dissented(fact.id, joint.partner, text="Very late.")
    status = (await stands(fact.id)).status
    assert status is not None
    assert [(d.organisation, d.text) for d in status.dissents] == [
        ("dft", "Very late."),
        ("moj", "Dear."),
    ]


async def a_third_takes_part(joint: Joint) -> ObjectiveFact:
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    parts = [
        Contributed("hmt", joint.subject, ContributionRole.LEAD, 50, "time"),
        Contributed("dft", joint.partner, ContributionRole.MAJOR, 30, "data"),
        Contributed(
            "moj", joint.moj.people[0], ContributionRole.SUPPORTING, 20, "courts"
        ),
    ]
    fact = await joint.proposed(parts)
    for person in (joint.subject, joint.hmt.head, joint.dft.head, joint.moj.head):
        fact = await agree(fact.id, person)
    return fact


async def test_a_manager_of_two_departments_people_dissents_for_their_own(
    joint: Joint,
) -> None:
    fact = await a_third_takes_part(joint)
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.partner
    )
    await a_line(joint.partner, joint.moj.head, "dft", since=TODAY)
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.moj.head)
    assert [d.organisation for d in await queries.dissents(fact.id, WHOLE)] == ["moj"]


async def test_nobody_dissents_from_what_they_have_not_read(joint: Joint) -> None:
    fact = await joint.agreed()
    with pytest.raises(StatusNotCurrent, match="No status"):
        await dissented(fact.id, joint.partner)
    await said(fact.id, joint.subject)
    await said(fact.id, joint.subject, "at_risk")
    for number in (1, 3):
        with pytest.raises(StatusNotCurrent, match="Status 2 is the current") as no:
            await dissented(fact.id, joint.partner, number)
        assert [fault.pointer for fault in no.value.faults] == ["#/status"]
    assert not await Dissent.exists()


async def test_a_dissent_tells_the_owner_and_the_subject_s_line_manager(
    joint: Joint,
) -> None:
    fact = await agreed_by(joint, (joint.hmt.people[1],))
    await said(fact.id, joint.hmt.people[1])
    await dissented(fact.id, joint.partner)
    rows = await StoredNotice.select(StoredNotice.person, StoredNotice.about).where(
        StoredNotice.kind == NoticeKind.DISSENT_LODGED
    )
    assert {row["person"] for row in rows} == {joint.hmt.people[1], joint.hmt.head}
    assert {row["about"] for row in rows} == {fact.id}


async def test_a_machine_sees_what_was_said_and_no_person_of_another(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner)
    for code, sees in (("hmt", (True, False)), ("dft", (False, True))):
        status = (await stands(fact.id, Sight(frozenset({code}), {}))).status
        assert status is not None
        assert (
            status.person is not None,
            status.dissents[0].person is not None,
        ) == sees
        assert status.dissents[0].text == "Not as we see it."


async def test_whom_somebody_acted_for_stays_when_they_move(joint: Joint) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    await dissented(fact.id, joint.partner)
    await Posting.update({Posting.organisation: "moj"}).where(
        Posting.person == joint.partner
    )
    status = (await stands(fact.id)).status
    assert status is not None
    assert status.dissents[0].organisation == "dft"


async def test_where_nothing_is_shared_any_more_nothing_is_said(joint: Joint) -> None:
    fact = await joint.agreed()
    await said(fact.id, joint.subject)
    await shared_no_more()
    with pytest.raises(NotShared, match="dft and hmt"):
        await said(fact.id, joint.subject)
    with pytest.raises(NotShared, match="dft and hmt"):
        await dissented(fact.id, joint.partner)
    assert await StatusReport.count() == 1
    assert (await stands(fact.id)).status is not None
