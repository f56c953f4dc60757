from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.objectives import rules
from service.objectives.rules import (
    BadContributors,
    BadShares,
    Capacity,
    ContributionRole,
    NoLineManager,
    Part,
    Stage,
    Step,
    TooFewOrganisations,
    WrongStage,
)

SUBJECT, PARTNER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
BOSS, PARTNERS_BOSS, THIRDS_BOSS = UUID(int=11), UUID(int=12), UUID(int=13)
MANAGERS = {SUBJECT: BOSS, PARTNER: PARTNERS_BOSS, THIRD: THIRDS_BOSS}
ONE, TWO, THREE = UUID(int=21), UUID(int=22), UUID(int=23)
CONTRIBUTORS = {ONE: SUBJECT, TWO: PARTNER, THREE: THIRD}
LEAD, MAJOR, SUPPORTING = ContributionRole
LEADS_TO = {
    (Stage.DRAFT, Step.PROPOSE): Stage.PROPOSED,
    (Stage.PROPOSED, Step.AGREE): Stage.AGREED,
}


@pytest.mark.parametrize("stage", [*Stage])
@pytest.mark.parametrize("step", [*Step])
def test_a_step_leads_from_one_stage_and_is_refused_from_every_other(
    stage: Stage, step: Step
) -> None:
    if (stage, step) in LEADS_TO:
        assert rules.after(stage, step) == LEADS_TO[stage, step]
        return
    with pytest.raises(WrongStage, match=f"Cannot {step} an objective that is {stage}"):
        rules.after(stage, step)


def parts(*shares: int) -> list[Part]:
    """A lead of hmt and supporters of dft, moj and so on."""
    codes = ["hmt", "dft", "moj", "dwp", "dfe", "dhsc", "mod", "fcdo"]
    return [
        Part(code, UUID(int=n), SUPPORTING if n > 1 else LEAD, share)
        for n, (code, share) in enumerate(zip(codes, shares, strict=False), start=1)
    ]


@given(st.lists(st.integers(-50, 150), min_size=2, max_size=8))
def test_shares_are_whole_or_refused(shares: Sequence[int]) -> None:
    if sum(shares) == 100 and min(shares) >= 1:
        rules.check_parts(parts(*shares), SUBJECT)
    else:
        with pytest.raises(BadShares):
            rules.check_parts(parts(*shares), SUBJECT)


@given(st.sets(st.integers(1, 99), min_size=1, max_size=7))
def test_any_way_to_cut_a_hundred_is_whole(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), 100]
    shares = [b - a for a, b in pairwise(places)]
    rules.check_parts(parts(*shares), SUBJECT)


@pytest.mark.parametrize(
    "shares", [(99, 0), (60, 39), (60, 41), (150, -50), (100, 0), (0, 0), ()]
)
def test_shares_that_do_not_make_one_whole_are_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(BadShares, match=f"sum to {sum(shares)}:") as refused:
        rules.check_parts(parts(*shares), SUBJECT)
    assert refused.value.faults[0].pointer == "#/contributions"


def test_one_organisation_does_not_share_with_itself() -> None:
    alone = [Part("hmt", SUBJECT, LEAD, 50), Part("hmt", PARTNER, MAJOR, 50)]
    with pytest.raises(TooFewOrganisations):
        rules.check_parts(alone, SUBJECT)


def test_two_people_of_one_organisation_may_contribute_beside_another() -> None:
    rules.check_parts(
        [
            Part("hmt", SUBJECT, LEAD, 40),
            Part("hmt", THIRD, MAJOR, 30),
            Part("dft", PARTNER, MAJOR, 30),
        ],
        SUBJECT,
    )


def test_one_person_contributes_once_even_for_two_organisations() -> None:
    twice = [
        Part("hmt", SUBJECT, LEAD, 40),
        Part("dft", PARTNER, MAJOR, 30),
        Part("moj", PARTNER, MAJOR, 30),
    ]
    with pytest.raises(BadContributors, match="two contributions"):
        rules.check_parts(twice, SUBJECT)


@pytest.mark.parametrize(
    ("subjects", "partners"),
    [(LEAD, LEAD), (MAJOR, LEAD), (MAJOR, SUPPORTING), (SUPPORTING, SUPPORTING)],
)
def test_the_subject_leads_and_nobody_else(
    subjects: ContributionRole, partners: ContributionRole
) -> None:
    wrong = [Part("hmt", SUBJECT, subjects, 50), Part("dft", PARTNER, partners, 50)]
    with pytest.raises(BadContributors, match="one lead"):
        rules.check_parts(wrong, SUBJECT)


def test_the_subject_must_contribute() -> None:
    with pytest.raises(BadContributors):
        rules.check_parts(parts(50, 50), subject=UUID(int=99))


def test_the_subject_and_every_contributors_own_manager_must_agree() -> None:
    assert rules.needed(SUBJECT, MANAGERS, CONTRIBUTORS) == {
        (Capacity.SUBJECT, None): SUBJECT,
        (Capacity.LINE_MANAGER, None): BOSS,
        (Capacity.CONTRIBUTOR_MANAGER, TWO): PARTNERS_BOSS,
        (Capacity.CONTRIBUTOR_MANAGER, THREE): THIRDS_BOSS,
    }


def test_contributors_themselves_are_not_asked() -> None:
    asked = set(rules.needed(SUBJECT, MANAGERS, CONTRIBUTORS).values())
    assert not asked & {PARTNER, THIRD}


def test_one_manager_of_two_contributors_is_needed_for_each() -> None:
    managers = {**MANAGERS, THIRD: PARTNERS_BOSS}
    asked = rules.needed(SUBJECT, managers, CONTRIBUTORS)
    assert [k for k, person in asked.items() if person == PARTNERS_BOSS] == [
        (Capacity.CONTRIBUTOR_MANAGER, TWO),
        (Capacity.CONTRIBUTOR_MANAGER, THREE),
    ]


@given(st.sets(st.sampled_from([SUBJECT, PARTNER, THIRD])))
def test_everyone_can_agree_only_if_everyone_has_a_manager(without: set[UUID]) -> None:
    managers = {p: boss for p, boss in MANAGERS.items() if p not in without}
    asked = rules.needed(SUBJECT, managers, CONTRIBUTORS)

    assert sum(person is None for person in asked.values()) == len(without)
    if not without:
        rules.check_everyone(asked)
        return
    with pytest.raises(NoLineManager, match=f"^{len(without)} of the people"):
        rules.check_everyone(asked)


@given(st.data())
def test_nothing_is_outstanding_only_when_everybody_has_agreed(
    data: st.DataObject,
) -> None:
    asked = rules.needed(SUBJECT, MANAGERS, CONTRIBUTORS)
    given_ = data.draw(st.sets(st.sampled_from([*asked])))

    left = rules.outstanding(asked, given_)
    assert left | given_ == set(asked)
    assert not left & given_
    assert (not left) == (given_ == set(asked))


def test_an_agreement_that_is_not_needed_stands_for_none_that_is() -> None:
    stray = {(Capacity.CONTRIBUTOR_MANAGER, UUID(int=99))}
    asked = rules.needed(SUBJECT, MANAGERS, CONTRIBUTORS)
    assert rules.outstanding(asked, stray) == set(asked)
