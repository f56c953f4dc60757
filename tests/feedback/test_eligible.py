"""Who stands too near to a subject to be drawn, and how many of those who may."""

from datetime import date
from uuid import UUID

import pytest

from service.directory.tables import PersonDetails, Posting, ReportingLine
from service.feedback import asking, rules
from service.records.queries import RecordFact
from tests.factories import FEEDBACK_OPEN, OPERATOR, a_person
from tests.feedback.stored import asked, proposed
from tests.scoring import HMT, REST, Scene


async def a_pool(scene: Scene, *names: str) -> RecordFact:
    """The record of hmt's head, whose raters nobody has drawn, with these in it."""
    on = scene.records["hmt-head"]
    await proposed(on, [scene.people[name] for name in names])
    return on


async def test_a_second_record_of_the_subject_is_not_drawn(
    db: None, scene: Scene
) -> None:
    """Two records with one e-mail address are one human, joined or not."""
    on = await a_pool(scene, *REST)
    again = await a_person("dwp")
    await same_address(scene.people["hmt-head"], again)
    await proposed(on, [again])
    assert again not in await asked_of(scene, on)


async def test_two_records_of_one_colleague_are_asked_once(
    db: None, scene: Scene
) -> None:
    on = await a_pool(scene, *REST)
    again = await a_person("moj")
    await same_address(scene.people["dwp1"], again)
    await proposed(on, [again])
    both = {scene.people["dwp1"], again}
    assert len(both & await asked_of(scene, on)) == 1


async def same_address(one: UUID, other: UUID) -> None:
    """Give another person the address of one, in other letters."""
    (row,) = await PersonDetails.select().where(PersonDetails.person == one)
    await PersonDetails.update({PersonDetails.email: row["email"].upper()}).where(
        PersonDetails.person == other
    )


async def asked_of(scene: Scene, on: RecordFact) -> set[UUID]:
    await asking.draw(on, seed="seed", caller=OPERATOR, now=FEEDBACK_OPEN)
    return await asked(on)


async def graded(scene: Scene, grade: str, *names: str) -> None:
    await Posting.update({Posting.grade: grade}).where(
        Posting.person.is_in([scene.people[name] for name in names])
    )


@pytest.fixture
def own_may_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    async def limits_of(cycle: UUID) -> rules.Limits:
        return rules.Limits(10, 3, 20, 2, 50, 3, own_organisation_may_rate=True)

    monkeypatch.setattr("service.feedback.queries.limits_of", limits_of)


async def test_nobody_is_drawn_who_is_moderated_with_the_subject(
    db: None, scene: Scene, own_may_rate: None
) -> None:
    """The same organisation keeps both records, and both hold the same grade."""
    on = scene.records["moj-head"]
    await ReportingLine.delete().where(ReportingLine.manager == on.person)
    await graded(scene, "SCS2", "moj1")
    await proposed(
        on, [scene.people[name] for name in ("moj1", "moj2", *HMT[:4], "dft1")]
    )
    found = {scene.name_of(person) for person in await asked_of(scene, on)}
    assert "moj1" in found
    assert "moj2" not in found


async def test_whoever_sits_elsewhere_may_be_moderated_with_the_subject_all_the_same(
    db: None, scene: Scene
) -> None:
    """hmt6 is on loan to dwp: hmt keeps their record, and they compete in hmt."""
    await Posting.update({Posting.organisation: "dwp"}).where(
        Posting.person.is_in([scene.people["hmt6"], scene.people["hmt5"]])
    )
    await graded(scene, "SCS2", "hmt5")
    await ReportingLine.delete().where(
        ReportingLine.person.is_in([scene.people["hmt5"], scene.people["hmt6"]])
    )
    on = await a_pool(scene, *REST, "hmt5", "hmt6")
    found = {scene.name_of(person) for person in await asked_of(scene, on)}
    assert found == {*REST, "hmt5"}


async def test_at_least_half_are_drawn_from_outside_where_the_own_may_rate(
    db: None, scene: Scene, own_may_rate: None
) -> None:
    on = scene.records["moj-head"]
    await ReportingLine.delete().where(ReportingLine.manager == on.person)
    await graded(scene, "SCS2", "moj1", "moj2")
    more = [await a_person("moj", since=date(2027, 1, 1)) for _ in range(6)]
    await proposed(
        on, [*more, *(scene.people[n] for n in ("moj1", "moj2", "dwp1", "dft1"))]
    )
    found = await asked_of(scene, on)
    outside = found & {scene.people["dwp1"], scene.people["dft1"]}
    assert (len(found), len(outside)) == (4, 2)
