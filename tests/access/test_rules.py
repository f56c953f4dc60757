from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import rules
from service.access.rules import BadTerm, GrantToOneself, NotShared, WithItself
from service.directory.rules import UnknownOrganisation
from service.errors import NotFound
from tests.refusing import refusal

SOMEBODY = UUID(int=1)
ADMINISTRATOR = UUID(int=2)
TODAY = date(2026, 6, 1)
TOMORROW = TODAY + timedelta(days=1)
CODES = st.text("abcdef", min_size=1, max_size=3)


def test_a_role_is_granted_by_somebody_else_until_a_later_day() -> None:
    facts = SOMEBODY, ADMINISTRATOR, TOMORROW, TODAY
    assert refusal(rules.check_grant, *facts) is None


def test_an_operator_who_is_no_person_may_grant_a_role_to_anyone() -> None:
    assert refusal(rules.check_grant, SOMEBODY, None, TOMORROW, TODAY) is None


@pytest.mark.parametrize("until", [TODAY, TOMORROW, date(2040, 1, 1)])
def test_nobody_grants_a_role_to_themselves(until: date) -> None:
    with pytest.raises(GrantToOneself):
        rules.check_grant(SOMEBODY, SOMEBODY, until, TODAY)


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1), date(2000, 1, 1)])
def test_a_role_that_would_be_over_already_is_refused(until: date) -> None:
    with pytest.raises(BadTerm, match=f"give a date after {TODAY}"):
        rules.check_grant(SOMEBODY, ADMINISTRATOR, until, TODAY)


def test_codes_of_organisations_that_are_known_are_accepted() -> None:
    assert refusal(rules.check_known, ["hmt"], {"hmt", "dft"}) is None
    assert refusal(rules.check_known, [], set()) is None


def test_every_unknown_code_is_named_once() -> None:
    with pytest.raises(UnknownOrganisation, match=r"organisation abc, xyz: see"):
        rules.check_known(["xyz", "hmt", "abc", "xyz"], {"hmt"})


@given(CODES, CODES)
def test_two_organisations_make_one_pair_whichever_is_named_first(
    one: str, other: str
) -> None:
    if one == other:
        with pytest.raises(WithItself):
            rules.pair(one, other)
    else:
        assert rules.pair(one, other) == rules.pair(other, one)
        assert set(rules.pair(one, other)) == {one, other}
        assert rules.pair(one, other)[0] < rules.pair(one, other)[1]


@pytest.mark.parametrize("days", [0, -1, -400])
def test_an_agreement_that_is_over_before_it_begins_is_refused(days: int) -> None:
    with pytest.raises(BadTerm):
        rules.check_agreement(TODAY, TODAY + timedelta(days=days))


def test_an_agreement_of_one_day_is_an_agreement() -> None:
    assert refusal(rules.check_agreement, TODAY, TOMORROW) is None


@given(st.sets(st.tuples(CODES, CODES)), CODES, st.sets(CODES))
def test_all_partners_share_or_those_without_an_agreement_are_named(
    couples: set[tuple[str, str]], lead: str, partners: set[str]
) -> None:
    in_force = {rules.pair(*couple) for couple in couples if len(set(couple)) > 1}
    strangers = {
        partner
        for partner in partners - {lead}
        if (lead, partner) not in in_force and (partner, lead) not in in_force
    }

    if not strangers:
        assert refusal(rules.check_shared, lead, partners, in_force, TODAY) is None
        return
    with pytest.raises(NotShared) as refused:
        rules.check_shared(lead, partners, in_force, TODAY)
    pairs = sorted(rules.pair(lead, stranger) for stranger in strangers)
    named = "; ".join(" and ".join(each) for each in pairs)
    assert f"between {named}: have one added" in str(refused.value)


@given(st.sets(st.tuples(CODES, CODES)), st.sets(CODES))
def test_each_two_of_many_share_or_the_pairs_that_do_not_are_named(
    couples: set[tuple[str, str]], together: set[str]
) -> None:
    in_force = {rules.pair(*couple) for couple in couples if len(set(couple)) > 1}
    missing = {*combinations(sorted(together), 2)} - in_force

    if not missing:
        assert refusal(rules.check_all_shared, together, in_force, TODAY) is None
        return
    with pytest.raises(NotShared) as refused:
        rules.check_all_shared(together, in_force, TODAY)
    named = "; ".join(" and ".join(each) for each in sorted(missing))
    assert f"between {named}: have one added" in str(refused.value)


def test_an_organisation_needs_no_agreement_with_itself() -> None:
    assert refusal(rules.check_shared, "hmt", ["hmt"], set(), TODAY) is None


def test_two_who_share_with_a_third_do_not_share_with_each_other() -> None:
    in_force = {("dft", "hmt"), ("dft", "moj")}
    assert refusal(rules.check_shared, "dft", ["hmt", "moj"], in_force, TODAY) is None
    assert refusal(rules.check_shared, "hmt", ["moj"], in_force, TODAY) is NotShared


def test_a_caller_who_names_no_organisation_means_all_of_theirs() -> None:
    assert rules.within({"moj", "hmt"}, None) == ["hmt", "moj"]


def test_a_caller_may_name_one_of_theirs() -> None:
    assert rules.within({"moj", "hmt"}, "moj") == ["moj"]


@pytest.mark.parametrize("wanted", ["dft", "", "HMT", "%", "hmt "])
def test_an_organisation_that_is_not_the_callers_is_not_there(wanted: str) -> None:
    with pytest.raises(NotFound):
        rules.within({"hmt"}, wanted)
