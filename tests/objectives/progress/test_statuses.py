"""The one status, who reports it, and what partners say beside it."""

from uuid import uuid4

import pytest

from service.auth.caller import Person
from service.directory.tables import Posting
from service.errors import NotFound
from service.objectives import actions
from service.objectives.agreement import disputing
from service.objectives.progress import queries
from service.objectives.progress.rules import Status
from service.objectives.queries import objective
from service.objectives.rules import NotYours
from service.objectives.stages import Stage, WrongStage
from tests.factories import IN_THE_YEAR
from tests.objectives.joint import Joint, agree, audited
from tests.objectives.progress.going import WHOLE, agreed_by, dissented, said, stands


async def test_the_newest_status_is_the_current_one_and_every_one_is_kept(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    assert (await stands(fact.id)).status is None
    for status in Status:
        await said(fact.id, joint.subject, status)
        current = (await stands(fact.id)).status
        assert current is not None
        assert (current.status, current.current) == (status, True)

    found = await queries.statuses(fact.id, WHOLE)
    assert [(s.number, s.status, s.current) for s in found] == [
        (1, "on_track", False),
        (2, "at_risk", False),
        (3, "off_track", False),
        (4, "delivered", True),
    ]
    assert found[0].text == "We are on_track."
    assert {s.person and s.person.id for s in found} == {joint.subject}


async def test_nobody_but_an_accountable_owner_reports_it(joint: Joint) -> None:
    fact = await agreed_by(joint, (joint.partner,))
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        with pytest.raises(NotYours, match="accountable owner"):
            await said(fact.id, person)
    for stranger in (joint.moj.head, joint.hmt.people[1], uuid4()):
        with pytest.raises(NotFound):
            await said(fact.id, stranger)
    await said(fact.id, joint.partner)
    (found,) = await queries.statuses(fact.id, WHOLE)
    assert found.organisation == "dft"


async def test_either_of_two_who_share_the_job_reports_it(joint: Joint) -> None:
    other = joint.hmt.people[1]
    await Posting.update(
        {Posting.post_reference: "P1", Posting.kind: "job_share"}
    ).where(Posting.person.is_in([joint.subject, other]))
    fact = await agreed_by(joint, (joint.subject, other))
    for person in (joint.subject, other):
        await said(fact.id, person)
    assert len(await queries.statuses(fact.id, WHOLE)) == 2


async def test_of_several_who_are_accountable_together_each_keeps_the_one_status(
    joint: Joint,
) -> None:
    fact = await agreed_by(joint, (joint.subject,), (joint.partner,))
    await said(fact.id, joint.subject)
    await said(fact.id, joint.partner, "at_risk")
    found = await queries.statuses(fact.id, WHOLE)
    assert [(s.number, s.organisation, s.current) for s in found] == [
        (1, "hmt", False),
        (2, "dft", True),
    ]


async def test_it_is_reported_while_work_goes_on(joint: Joint) -> None:
    fact = await joint.proposed()
    with pytest.raises(WrongStage, match="is proposed"):
        await said(fact.id, joint.subject)
    for person in (joint.subject, joint.hmt.head, joint.dft.head):
        await agree(fact.id, person)
    await said(fact.id, joint.subject)
    await disputing.dispute(
        fact.id,
        reason="Not what we agreed.",
        contribution=None,
        caller=Person(joint.dft.head),
        now=IN_THE_YEAR,
    )
    assert (await objective(fact.id)).stage == Stage.DISPUTED
    await said(fact.id, joint.subject, "at_risk")
    await actions.withdraw(
        fact.id, reason="Over.", caller=joint.machine, now=IN_THE_YEAR
    )
    with pytest.raises(WrongStage, match="is withdrawn"):
        await said(fact.id, joint.subject)
    with pytest.raises(WrongStage, match="is withdrawn"):
        await dissented(fact.id, joint.partner, 2)


async def test_a_report_leaves_a_revision_and_an_audit_without_its_text(
    joint: Joint,
) -> None:
    fact = await joint.agreed()
    before = await objective(fact.id)
    await said(fact.id, joint.subject)
    after = await objective(fact.id)
    assert (after.revision, after.version) == (before.revision + 1, before.version)
    assert (await audited(fact.id))[-1] == (f"person:{joint.subject}", "report")
