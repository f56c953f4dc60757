"""Who contributes, who owns and who agrees: the rules by themselves."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.directory.rules import Held
from service.objectives import rules
from service.objectives.rules import (
    BadContributors,
    BadKind,
    BadOwners,
    BadShares,
    BadValues,
    Capacity,
    ContributionRole,
    Kind,
    Needed,
    NoLineManager,
    OwnershipModel,
    TooFewOrganisations,
)
from tests.refusing import refusal

SUBJECT, PARTNER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
BOSS, PARTNERS_BOSS, THIRDS_BOSS = UUID(int=11), UUID(int=12), UUID(int=13)
MANAGERS = {SUBJECT: BOSS, PARTNER: PARTNERS_BOSS, THIRD: THIRDS_BOSS}
ONE, TWO, THREE = UUID(int=21), UUID(int=22), UUID(int=23)
CONTRIBUTORS = {ONE: SUBJECT, TWO: PARTNER, THREE: THIRD}
LEAD, MAJOR, SUPPORTING = ContributionRole
SHARED = OwnershipModel.SHARED_RESPONSIBILITY
COLLECTIVE = OwnershipModel.COLLECTIVE_ACCOUNTABILITY


def parts(*shares: int) -> list[tuple[str, int]]:
    """What hmt, dft, moj and so on have of the whole."""
    codes = ["hmt", "dft", "moj", "dwp", "dfe", "dhsc", "mod", "fcdo"]
    return list(zip(codes, shares, strict=False))


@given(st.lists(st.integers(-50, 150), min_size=2, max_size=8))
def test_shares_are_whole_or_refused(shares: Sequence[int]) -> None:
    if sum(shares) == 100 and min(shares) >= 1:
        rules.check_stated(parts(*shares))
    else:
        with pytest.raises(BadShares):
            rules.check_stated(parts(*shares))


@given(st.sets(st.integers(1, 99), min_size=1, max_size=7))
def test_any_way_to_cut_a_hundred_is_whole(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), 100]
    shares = [b - a for a, b in pairwise(places)]
    assert refusal(rules.check_stated, parts(*shares)) is None


@pytest.mark.parametrize(
    "shares", [(99, 0), (60, 39), (60, 41), (150, -50), (100, 0), (0, 0), ()]
)
def test_shares_that_do_not_make_one_whole_are_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(BadShares, match=f"sum to {sum(shares)}:") as refused:
        rules.check_stated(parts(*shares))
    assert refused.value.faults[0].pointer == "#/contributions"


def test_one_organisation_does_not_share_with_itself() -> None:
    with pytest.raises(TooFewOrganisations):
        rules.check_stated([("hmt", 50), ("hmt", 50)])


def test_two_people_of_one_organisation_may_contribute_beside_another() -> None:
    stated = [("hmt", 40), ("hmt", 30), ("dft", 30)]
    assert refusal(rules.check_stated, stated) is None
    contribute = [(SUBJECT, LEAD), (THIRD, MAJOR)]
    assert refusal(rules.check_contributors, contribute, SUBJECT) is None


def test_one_person_contributes_once_even_for_two_organisations() -> None:
    twice = [(SUBJECT, LEAD), (PARTNER, MAJOR), (PARTNER, MAJOR)]
    with pytest.raises(BadContributors, match="two contributions"):
        rules.check_contributors(twice, SUBJECT)


@pytest.mark.parametrize(
    ("subjects", "partners"),
    [(LEAD, LEAD), (MAJOR, LEAD), (MAJOR, SUPPORTING), (SUPPORTING, SUPPORTING)],
)
def test_the_subject_leads_and_nobody_else(
    subjects: ContributionRole, partners: ContributionRole
) -> None:
    with pytest.raises(BadContributors, match="one lead"):
        rules.check_contributors([(SUBJECT, subjects), (PARTNER, partners)], SUBJECT)


def test_the_subject_must_contribute() -> None:
    with pytest.raises(BadContributors):
        rules.check_contributors([(PARTNER, LEAD), (THIRD, MAJOR)], SUBJECT)


def asking(
    managers: Mapping[UUID, UUID] = MANAGERS,
    functional: Mapping[UUID, UUID] | None = None,
    model: OwnershipModel = SHARED,
) -> Needed:
    return rules.needed(SUBJECT, CONTRIBUTORS, managers, functional or {}, model)


def test_the_subject_and_every_contributors_own_manager_must_agree() -> None:
    assert asking() == {
        (Capacity.SUBJECT, None): SUBJECT,
        (Capacity.LINE_MANAGER, None): BOSS,
        (Capacity.CONTRIBUTOR_MANAGER, TWO): PARTNERS_BOSS,
        (Capacity.CONTRIBUTOR_MANAGER, THREE): THIRDS_BOSS,
    }


def test_contributors_themselves_are_not_asked() -> None:
    asked = set(asking().values())
    assert not asked & {PARTNER, THIRD}


def test_one_manager_of_two_contributors_is_needed_for_each() -> None:
    managers = {**MANAGERS, THIRD: PARTNERS_BOSS}
    asked = asking(managers)
    assert [k for k, person in asked.items() if person == PARTNERS_BOSS] == [
        (Capacity.CONTRIBUTOR_MANAGER, TWO),
        (Capacity.CONTRIBUTOR_MANAGER, THREE),
    ]


@given(st.sets(st.sampled_from([SUBJECT, PARTNER, THIRD])))
def test_everyone_can_agree_only_if_everyone_has_a_manager(without: set[UUID]) -> None:
    managers = {p: boss for p, boss in MANAGERS.items() if p not in without}
    asked = asking(managers)

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
    asked = asking()
    given_ = data.draw(st.sets(st.sampled_from([*asked])))

    left = rules.outstanding(asked, given_)
    assert left | given_ == set(asked)
    assert not left & given_
    assert (not left) == (given_ == set(asked))


def test_an_agreement_that_is_not_needed_stands_for_none_that_is() -> None:
    stray = {(Capacity.CONTRIBUTOR_MANAGER, UUID(int=99))}
    asked = asking()
    assert rules.outstanding(asked, stray) == set(asked)


@pytest.mark.parametrize("model", [*OwnershipModel])
def test_functional_managers_agree_in_a_matrix_alone(model: OwnershipModel) -> None:
    asked = asking(functional={SUBJECT: THIRD, PARTNER: THIRD}, model=model)

    matrix = model in {OwnershipModel.SEMI_STRUCTURAL, OwnershipModel.STRUCTURAL}
    theirs = {part: person for part, person in asked.items() if person == THIRD}
    assert theirs == (
        {
            (Capacity.FUNCTIONAL_MANAGER, ONE): THIRD,
            (Capacity.FUNCTIONAL_MANAGER, TWO): THIRD,
        }
        if matrix
        else {}
    )
    assert {part: who for part, who in asked.items() if who != THIRD} == asking()


POSTS: Mapping[UUID, Collection[Held]] = {
    SUBJECT: [Held("hmt", "P1", shares_job=False)],
    BOSS: [Held("hmt", "P2", shares_job=True)],
    PARTNER: [Held("dft", "P2", shares_job=True)],
    PARTNERS_BOSS: [Held("dft", "P2", shares_job=True)],
    THIRD: [Held("moj", None, shares_job=True)],
    THIRDS_BOSS: [
        Held("hmt", "P9", shares_job=False),
        Held("moj", "P9", shares_job=False),
    ],
}


def owners(
    *owners: Sequence[UUID],
    model: OwnershipModel = SHARED,
    of: Collection[str] = ("hmt", "dft"),
) -> None:
    rules.check_owners(owners, model, POSTS, of)


@pytest.mark.parametrize("model", [m for m in OwnershipModel if m != COLLECTIVE])
def test_there_is_exactly_one_owner(model: OwnershipModel) -> None:
    owners([SUBJECT], model=model)
    for several in ([], [[SUBJECT], [PARTNER]]):
        with pytest.raises(BadOwners, match=f"^{len(several)} accountable owners"):
            owners(*several, model=model)


def test_two_who_share_one_job_are_one_owner() -> None:
    assert refusal(owners, [PARTNER, PARTNERS_BOSS]) is None


@pytest.mark.parametrize(
    "pair",
    [
        [SUBJECT, PARTNER],  # Two posts.
        [BOSS, PARTNER],  # The same reference, in two organisations.
        [THIRD, THIRDS_BOSS],  # No reference.
        [SUBJECT, SUBJECT],
    ],
)
def test_two_who_do_not_share_one_job_are_not_one_owner(pair: list[UUID]) -> None:
    with pytest.raises(BadOwners):
        owners(pair, of=["hmt", "dft", "moj"])


def test_three_are_no_job_share() -> None:
    posts = {**POSTS, THIRD: [Held("dft", "P2", shares_job=True)]}
    with pytest.raises(BadOwners, match="do not share one job"):
        rules.check_owners(
            [[PARTNER, PARTNERS_BOSS, THIRD]], SHARED, posts, ["hmt", "dft"]
        )


def test_an_owner_is_in_post_with_a_party() -> None:
    for stranger in (THIRD, UUID(int=99)):
        with pytest.raises(BadOwners, match="owner 1 must hold a posting") as refused:
            owners([stranger])
        assert refused.value.faults[0].pointer == "#/accountable_owners/0"


def test_collective_accountability_has_owners_of_two_parties() -> None:
    owners([SUBJECT], [PARTNER, PARTNERS_BOSS], model=COLLECTIVE)
    one_department = [
        [[SUBJECT]],
        [[SUBJECT], [BOSS]],
        [[SUBJECT], [THIRDS_BOSS]],  # Whose other organisation is no party.
        [[PARTNER, PARTNERS_BOSS]],
    ]
    for wrong in one_department:
        with pytest.raises(BadOwners, match="of at least two organisations"):
            owners(*wrong, model=COLLECTIVE)


def test_a_value_map_has_one_entry_for_each_party() -> None:
    rules.check_values(["hmt", "dft"], ["hmt", "dft"])
    rules.check_values([], ["hmt", "dft"])
    for wrong, place in ((["moj"], 0), (["dft", "dft"], 1), (["hmt", "moj"], 1)):
        with pytest.raises(BadValues) as refused:
            rules.check_values(wrong, ["hmt", "dft"])
        assert refused.value.faults[0].pointer == f"#/value_map/{place}"


def test_a_minimum_standard_alone_names_a_standard_and_weighs_nothing() -> None:
    rules.check_kind(Kind.MINIMUM_STANDARD, None, "finance")
    rules.check_kind(Kind.MINIMUM_STANDARD, None, None)
    rules.check_kind(Kind.DELIVERY_OBJECTIVE, 30, None)
    with pytest.raises(BadKind, match="no weight"):
        rules.check_kind(Kind.MINIMUM_STANDARD, 30, "finance")
    with pytest.raises(BadKind, match="names a standard"):
        rules.check_kind(Kind.DELIVERY_OBJECTIVE, 30, "finance")
