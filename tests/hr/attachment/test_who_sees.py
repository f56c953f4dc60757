"""Who is shown a record, and what of it, from the first draft to the last word."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from service.objectives.queries import ObjectiveFact
from service.records.tables import AppraisalRecord
from tests.factories import IN_THE_YEAR, YEAR, a_cycle, a_person, record_of
from tests.hr.attachment.asking import Asking, people_in, stages
from tests.hr.attachment.whole import whole, without
from tests.objectives.acting import a_functional_manager, dispute, withdraw
from tests.objectives.asking import an_administrator, told
from tests.objectives.joint import Joint

ABSENT = None
SHOWN = {
    "draft": ("draft", None),
    "proposed": ("proposed", None),
    "agreed": ("agreed", "agreed"),
    "disputed": ("disputed", "disputed"),
    "assessed": ("assessed", "assessed"),
    "withdrawn": ("withdrawn", None),
}
"""By what has come of an objective: its stage on the subject's and the partner's."""
SEES_DRAFTS = {"hmt's machine", "line manager", "administrator"}
OWN = {*SEES_DRAFTS, "subject", "functional manager", "machine of both"}
THEIRS = {
    "dft's machine",
    "machine of both",
    "partner",
    "partner's manager",
    "partner's administrator",
}
"""Who is shown the subject's record, and who is shown the partner's."""


async def disputed(joint: Joint) -> ObjectiveFact:
    return await dispute((await joint.agreed()).id, joint.dft.head)


async def withdrawn(joint: Joint) -> ObjectiveFact:
    return await withdraw((await joint.agreed()).id, joint.hmt.head)


MADE: dict[str, Callable[[Joint], Awaitable[ObjectiveFact]]] = {
    "draft": lambda joint: joint.drafted(),
    "proposed": lambda joint: joint.proposed(),
    "agreed": lambda joint: joint.agreed(),
    "disputed": disputed,
    "assessed": whole,
    "withdrawn": withdrawn,
}


async def callers(asking: Asking) -> dict[str, tuple[UUID | None, tuple[str, ...]]]:
    """Everybody who may ask: a person of an organisation, or nobody's machine."""
    joint = asking.joint
    matrix = await a_person("hmt")
    await a_functional_manager(joint.subject, matrix, "hmt")
    return {
        "hmt's machine": (None, ("hmt",)),
        "dft's machine": (None, ("dft",)),
        "moj's machine": (None, ("moj",)),
        "machine of both": (None, ("hmt", "dft")),
        "subject": (joint.subject, ("hmt",)),
        "line manager": (joint.hmt.head, ("hmt",)),
        "functional manager": (matrix, ("hmt",)),
        "administrator": (await an_administrator(joint.hmt), ("hmt",)),
        "colleague": (joint.hmt.people[1], ("hmt",)),
        "partner": (joint.partner, ("dft",)),
        "partner's manager": (joint.dft.head, ("dft",)),
        "partner's administrator": (await an_administrator(joint.dft), ("dft",)),
        "stranger": (joint.moj.head, ("moj",)),
    }


@pytest.mark.parametrize("become", [*SHOWN])
async def test_each_sees_of_it_what_is_theirs_to_see(
    asking: Asking, become: str
) -> None:
    joint = asking.joint
    asked = await callers(asking)
    await MADE[become](joint)
    theirs = await record_of(joint.partner, joint.on.cycle)
    stage, contributed = SHOWN[become]
    for who, (person, codes) in asked.items():
        for on, see, place, shown in (
            (joint.on, OWN, "own", stage),
            (theirs, THEIRS, "contribution", contributed),
        ):
            answer = (
                await asking.as_machine(on.id, *codes)
                if person is None
                else await asking.as_person(on.id, person, codes[0])
            )
            if who not in see:
                assert answer.status_code == 404, (who, place)
                continue
            hidden = stage == "draft" and who not in {*SEES_DRAFTS, "machine of both"}
            expected = [] if shown is None or hidden else [(place, shown)]
            of_it = [each for each in stages(answer) if each[1] == shown]
            # dft leads the objective above the assessed one, which is proposed.
            assert of_it == expected, (who, place)


@pytest.mark.parametrize("who", ["dft's machine", "colleague", "stranger", "partner"])
async def test_to_others_it_is_as_absent_as_none(asking: Asking, who: str) -> None:
    await asking.joint.agreed()
    person, codes = (await callers(asking))[who]
    on = asking.joint.on
    names: list[object] = [on.id, f"workday:{on.external_id}", uuid4(), "workday:none"]
    answers = [
        await asking.as_machine(name, *codes)
        if person is None
        else await asking.as_person(name, person, codes[0])
        for name in [*names, "none"]
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert len({str(told(answer)) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("code", "other"), [("hmt", "dft"), ("dft", "hmt")], ids=["lead", "partner"]
)
async def test_a_machine_is_told_of_no_person_of_another_organisation(
    asking: Asking, code: str, other: str
) -> None:
    joint = asking.joint
    await whole(joint)
    departments = {"hmt": joint.hmt, "dft": joint.dft}
    own, others = departments[code], departments[other]
    on = await record_of(own.people[0], joint.on.cycle)
    answer = await asking.as_machine(on.id, code)

    assert "assessed" in {stage for _, stage in stages(answer)}
    for person in (others.head, *others.people):
        assert str(person) not in answer.text
    assert {*people_in(answer.json())} == {str(own.head), str(own.people[0])}
    assert "Sam Person" not in answer.text, "machines know people by their ids"
    for word in ("puts_in", "fewer calls", "Not as we see it.", "42.5"):
        assert word in answer.text, "what every party sees of it"


async def test_what_is_written_about_a_contributor_stays_with_their_own(
    asking: Asking,
) -> None:
    await whole(asking.joint)
    answer = await asking.as_machine(asking.joint.on.id, "hmt")
    (own,) = [o for o in answer.json()["objectives"] if o["place"] == "own"]
    said = {
        each["organisation"]: each["reasons"]
        for each in own["assessments"]["contributions"]
    }
    assert said == {"hmt": "The data came in time.", "dft": None}
    thanked = {
        each["contributor_organisation"]: each["text"] for each in own["recognitions"]
    }
    assert thanked == {"hmt": "The data came before we asked.", "dft": None}


async def test_an_administrator_sees_their_own_organisations_people(
    asking: Asking,
) -> None:
    joint = asking.joint
    await whole(joint)
    administrator = await an_administrator(joint.hmt)
    answer = await asking.as_person(joint.on.id, administrator, "hmt")
    assert {*people_in(answer.json())} == {str(joint.hmt.head), str(joint.subject)}
    for person in without(joint, joint.hmt.head, *joint.hmt.people):
        assert str(person) not in answer.text


async def test_a_draft_moves_nothing_that_its_subject_sees(asking: Asking) -> None:
    joint = asking.joint
    await joint.agreed()
    before = await asking.as_person(joint.on.id, joint.subject, "hmt")
    draft = await joint.drafted(title="A secret plan", parent=None)
    after = await asking.as_person(joint.on.id, joint.subject, "hmt")
    assert str(draft.id) not in after.text
    assert after.content == before.content
    boss = await asking.as_person(joint.on.id, joint.hmt.head, "hmt")
    assert str(draft.id) in boss.text


async def test_a_contributors_record_of_another_cycle_does_not_show_it(
    asking: Asking,
) -> None:
    joint = asking.joint
    await joint.agreed()
    this = await record_of(joint.partner, joint.on.cycle)
    following = await a_cycle(YEAR + 1)
    other = uuid4()
    await AppraisalRecord.insert(
        AppraisalRecord(
            organisation="dft",
            id=other,
            cycle=following.id,
            person=joint.partner,
            source="workday",
            external_id="next",
            attached_at=IN_THE_YEAR,
            version=1,
        )
    )
    shown = [
        stages(await asking.as_machine(record, "dft")) for record in (this.id, other)
    ]
    assert shown == [[("contribution", "agreed")], []]
