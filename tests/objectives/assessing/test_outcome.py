"""The outcome: assessed on one side, countersigned on another, by nobody alone."""

from uuid import uuid4

import pytest

from service.audit.tables import AuditEntry
from service.directory.tables import ReportingLine
from service.errors import NotFound
from service.objectives.assessing.rules import (
    AssessmentSettled,
    NobodyCountersigns,
)
from service.objectives.content import Contributed
from service.objectives.rules import NotYours, OwnershipModel
from service.objectives.tables import StepTaken
from tests.factories import IN_THE_YEAR, a_person, sharing
from tests.objectives.assessing.assessed import (
    AT_THE_END,
    EXCEEDED,
    SUPPORTING,
    agreed,
    assess,
    countersign,
    managed_by,
    object_to,
    outcomes,
    shared_out,
    stage_of,
    told,
)
from tests.objectives.joint import Joint

COLLECTIVE = OwnershipModel.COLLECTIVE_ACCOUNTABILITY
TODAY = AT_THE_END.date()


async def test_it_is_assessed_once_two_departments_have_signed(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head, EXCEEDED)
    assert await stage_of(fact) == "agreed"
    (waiting,) = await outcomes(fact)
    assert (waiting.state, waiting.attainment, waiting.answer) == (
        "waiting",
        EXCEEDED,
        None,
    )

    await countersign(fact, new, joint.dft.head)

    assert await stage_of(fact) == "assessed"
    (stands,) = await outcomes(fact)
    assert (stands.state, stands.organisation) == ("countersigned", "hmt")
    assert stands.person is not None
    assert stands.answer is not None
    assert stands.answer.person is not None
    assert (stands.person.id, stands.answer.person.id) == (
        joint.hmt.head,
        joint.dft.head,
    )
    assert stands.answer.organisation == "dft"


async def test_its_last_step_says_who_countersigned_and_the_audit_who_did_what(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    await countersign(fact, new, joint.dft.head)

    (step,) = await StepTaken.select().where(StepTaken.step == "assess")
    assert (step["was"], step["became"], step["person"]) == (
        "agreed",
        "assessed",
        joint.dft.head,
    )
    rows = await AuditEntry.select().where(AuditEntry.entity_id == str(new))
    assert [(row["actor"], row["action"]) for row in rows] == [
        (f"person:{joint.hmt.head}", "assess"),
        (f"person:{joint.dft.head}", "countersigned"),
    ]
    assert "Forms" not in str(rows)


async def test_partner_managers_are_told_and_then_everybody(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    assert await told("countersignature_wanted") == {joint.dft.head}

    await countersign(fact, new, joint.dft.head)
    assert await told("objective_assessed") == {
        joint.subject,
        joint.partner,
        joint.hmt.head,
    }


# Who may, and who may not.


async def test_nobody_assesses_but_the_owners_line_manager(joint: Joint) -> None:
    fact = await agreed(joint)
    for person in (joint.subject, joint.partner, joint.dft.head):
        with pytest.raises(NotYours):
            await assess(fact, person)
    for stranger in (joint.moj.head, joint.hmt.people[1], uuid4()):
        with pytest.raises(NotFound):
            await assess(fact, stranger)
    assert await outcomes(fact) == []


async def test_nobody_countersigns_but_a_partner_manager(joint: Joint) -> None:
    fact = await agreed(joint)
    new = await assess(fact, joint.hmt.head)
    for person in (joint.hmt.head, joint.subject, joint.partner):
        with pytest.raises(NotYours):
            await countersign(fact, new, person)
        with pytest.raises(NotYours):
            await object_to(fact, new, person)
    with pytest.raises(NotFound):
        await countersign(fact, new, joint.moj.head)
    assert await stage_of(fact) == "agreed"


async def test_a_manager_of_the_assessors_organisation_does_not_countersign(
    joint: Joint,
) -> None:
    another = await a_person("hmt", manager=joint.hmt.people[1])
    fact = await agreed(
        joint, shared_out(joint, Contributed("hmt", another, SUPPORTING, 10, "time"))
    )
    new = await assess(fact, joint.hmt.head)

    with pytest.raises(NotYours):
        await countersign(fact, new, joint.hmt.people[1])
    assert await told("countersignature_wanted") == {joint.dft.head}


async def test_an_owner_of_a_partner_is_assessed_there_and_countersigned_here(
    joint: Joint,
) -> None:
    fact = await agreed(joint, owners=((joint.partner,),))
    with pytest.raises(NotYours):
        await assess(fact, joint.hmt.head)
    new = await assess(fact, joint.dft.head)

    await countersign(fact, new, joint.hmt.head)
    (stands,) = await outcomes(fact)
    assert stands.answer is not None
    assert (stands.organisation, stands.answer.organisation) == ("dft", "hmt")


async def test_a_subject_does_not_assess_the_owner_whom_they_manage(
    joint: Joint,
) -> None:
    deputy = await a_person("hmt", manager=joint.subject)
    fact = await agreed(joint, owners=((deputy,),))

    with pytest.raises(NotYours):
        await assess(fact, joint.subject)
    new = await assess(fact, joint.hmt.head)  # The next above who takes no part.
    await countersign(fact, new, joint.dft.head)
    assert await stage_of(fact) == "assessed"


async def test_a_contributor_does_not_countersign_as_a_contributors_manager(
    joint: Joint,
) -> None:
    report = await a_person("dft", manager=joint.partner)
    fact = await agreed(
        joint, shared_out(joint, Contributed("dft", report, SUPPORTING, 10, "data"))
    )
    new = await assess(fact, joint.hmt.head)
    with pytest.raises(NotYours):
        await countersign(fact, new, joint.partner)
    await countersign(fact, new, joint.dft.head)


async def test_where_no_partner_manager_is_recorded_it_waits_for_nobody(
    joint: Joint,
) -> None:
    fact = await agreed(joint)
    await ReportingLine.update({ReportingLine.valid_to: TODAY}).where(
        ReportingLine.person == joint.partner
    )
    with pytest.raises(NobodyCountersigns):
        await assess(fact, joint.hmt.head)
    assert await outcomes(fact) == []


async def test_who_works_where_the_assessor_does_does_not_countersign(
    joint: Joint,
) -> None:
    """The owner works for dft, the owner's manager where the subject's does."""
    since = IN_THE_YEAR.date()
    await managed_by(joint.partner, joint.hmt.people[1], "dft", since=since)
    fact = await agreed(joint, owners=((joint.partner,),))
    with pytest.raises(NobodyCountersigns):
        await assess(fact, joint.hmt.people[1])


async def a_third(joint: Joint) -> list[Contributed]:
    """The two usual contributions and one of moj, which now shares with both."""
    await sharing("hmt", "moj")
    await sharing("dft", "moj")
    third = Contributed("moj", joint.moj.people[0], SUPPORTING, 10, "lawyers")
    return shared_out(joint, third)


async def test_any_partners_manager_countersigns_and_one_is_enough(
    joint: Joint,
) -> None:
    fact = await agreed(joint, await a_third(joint))
    new = await assess(fact, joint.hmt.head)
    assert await told("countersignature_wanted") == {joint.dft.head, joint.moj.head}

    await countersign(fact, new, joint.moj.head)
    with pytest.raises(AssessmentSettled):
        await countersign(fact, new, joint.dft.head)
    (stands,) = await outcomes(fact)
    assert stands.answer is not None
    assert stands.answer.organisation == "moj"


@pytest.mark.parametrize("first", ["hmt", "dft"])
async def test_what_is_owned_together_is_signed_on_two_owners_sides(
    joint: Joint, first: str
) -> None:
    fact = await agreed(
        joint,
        await a_third(joint),
        ownership_model=COLLECTIVE,
        owners=((joint.subject,), (joint.partner,)),
    )
    heads = {"hmt": joint.hmt.head, "dft": joint.dft.head}
    other = heads[({*heads} - {first}).pop()]

    new = await assess(fact, heads[first])
    with pytest.raises(NotYours):  # A contributor's manager, and no owner's.
        await countersign(fact, new, joint.moj.head)
    with pytest.raises(NotYours):
        await countersign(fact, new, heads[first])
    await countersign(fact, new, other)
    assert await stage_of(fact) == "assessed"
