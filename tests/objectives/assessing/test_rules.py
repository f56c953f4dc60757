"""Who assesses, who countersigns and from when, without any I/O."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.objectives.assessing import rules
from service.objectives.assessing.rules import (
    AssessmentDisputed,
    AssessmentState,
    TooEarlyToAssess,
    Verdict,
)
from service.objectives.stages import Stage, WrongStage

ANA, BEA, CEM, DEV, EVE, FAY = (UUID(int=number) for number in range(1, 7))
BEGINS = datetime(2027, 3, 31, 23, tzinfo=UTC)
SOON = timedelta(seconds=1)


def test_the_manager_of_the_owner_assesses_for_the_owners_organisation() -> None:
    found = rules.assessors({ANA: "hmt"}, {ANA: BEA}, {ANA})
    assert found == {BEA: "hmt"}


def test_each_owners_manager_assesses_where_several_own_it() -> None:
    found = rules.assessors({ANA: "hmt", BEA: "dft"}, {ANA: CEM, BEA: DEV}, {ANA, BEA})
    assert found == {CEM: "hmt", DEV: "dft"}


def test_a_manager_who_takes_part_is_passed_over_for_the_next_above() -> None:
    above = {ANA: BEA, BEA: CEM, CEM: DEV}
    assert rules.manager_above(ANA, above, {ANA, BEA}) == CEM
    assert rules.manager_above(ANA, above, {ANA, BEA, CEM}) == DEV


def test_where_those_who_take_part_manage_each_other_nobody_assesses() -> None:
    assert rules.manager_above(ANA, {ANA: BEA, BEA: ANA}, {ANA, BEA}) is None
    assert rules.assessors({ANA: "hmt"}, {ANA: BEA, BEA: ANA}, {ANA, BEA}) == {}
    assert rules.assessors({ANA: "hmt"}, {}, {ANA}) == {}


PEOPLE = st.sampled_from([ANA, BEA, CEM, DEV, EVE, FAY])
WORKING = st.dictionaries(PEOPLE, st.sampled_from(["hmt", "dft", "moj"]))


@given(
    st.dictionaries(PEOPLE, st.sampled_from(["hmt", "dft"]), min_size=1),
    st.dictionaries(PEOPLE, PEOPLE),
    WORKING,
    st.sets(PEOPLE),
)
def test_of_any_people_nobody_rates_alone_or_what_they_take_part_in(
    owners: dict[UUID, str],
    managers: dict[UUID, UUID],
    working: dict[UUID, str],
    others: set[UUID],
) -> None:
    taking_part = {*owners, *others}
    for assessor, organisation in rules.assessors(
        owners, managers, taking_part
    ).items():
        apart = {organisation, working.get(assessor, organisation)}
        partners = rules.partners(
            [*owners.items()],
            managers,
            working,
            taking_part,
            assessor=assessor,
            apart=apart,
        )
        assert assessor not in taking_part
        assert not {assessor, *taking_part} & {*partners}
        for partner, for_whom in partners.items():
            assert not {for_whom, working[partner]} & apart


@pytest.mark.parametrize(
    ("organisation", "works_in", "found"),
    [
        ("dft", "dft", {DEV: "dft"}),
        ("hmt", "hmt", {}),
        ("hmt", "dft", {}),  # In it for the assessor's organisation.
        ("dft", "hmt", {}),  # Works where the assessor does.
        ("dft", None, {}),  # In no post today.
    ],
)
def test_a_partner_manager_is_of_another_organisation_in_every_way(
    organisation: str, works_in: str | None, found: dict[UUID, str]
) -> None:
    working = {} if works_in is None else {DEV: works_in}
    partners = rules.partners(
        [(CEM, organisation)],
        {CEM: DEV},
        working,
        {ANA, CEM},
        assessor=BEA,
        apart={"hmt"},
    )
    assert partners == found


def test_who_assessed_it_does_not_countersign_it_after_a_move() -> None:
    found = rules.partners(
        [(CEM, "dft")],
        {CEM: BEA},
        {BEA: "dft"},
        {ANA, CEM},
        assessor=BEA,
        apart={"hmt"},
    )
    assert found == {}


@pytest.mark.parametrize(
    ("over", "begins"),
    [
        (None, BEGINS),
        (BEGINS - timedelta(days=90), BEGINS - timedelta(days=90)),
        (BEGINS + timedelta(days=90), BEGINS),
    ],
)
def test_it_is_assessed_from_the_end_of_the_year_or_of_the_objective(
    over: datetime | None, begins: datetime
) -> None:
    rules.check_begun(begins, BEGINS, over)
    with pytest.raises(TooEarlyToAssess) as refused:
        rules.check_begun(begins - SOON, BEGINS, over)
    assert f"{begins:%Y-%m-%dT%H:%MZ}" in str(refused.value)


@pytest.mark.parametrize("allowed", [rules.OF_OUTCOME, rules.OF_CONTRIBUTION])
@pytest.mark.parametrize("stage", Stage)
def test_it_is_assessed_at_these_stages_and_no_other(
    stage: Stage, allowed: frozenset[Stage]
) -> None:
    if stage in allowed:
        rules.check_stage(stage, allowed)
        return
    with pytest.raises((AssessmentDisputed, WrongStage)) as refused:
        rules.check_stage(stage, allowed)
    assert isinstance(refused.value, AssessmentDisputed) == (stage == Stage.DISPUTED)


@pytest.mark.parametrize(
    ("verdict", "version", "state"),
    [
        (None, 3, AssessmentState.WAITING),
        (None, 2, AssessmentState.OUTDATED),
        (Verdict.COUNTERSIGNED, 2, AssessmentState.COUNTERSIGNED),
        (Verdict.OBJECTED, 3, AssessmentState.OBJECTED),
    ],
)
def test_an_assessment_of_what_was_changed_since_waits_no_more(
    verdict: Verdict | None, version: int, state: AssessmentState
) -> None:
    assert rules.state_of(verdict, version, 3) is state
