from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.demo.groups import Circle, Colleague, circle
from service.demo.present import OPEN_DAYS, dates
from service.demo.steps import FRAMEWORK, latest_year
from service.records.frameworks import Stage, load, stage_instants
from service.records.rules import with_dates

DAYS = [datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=5 * n) for n in range(74)]
"""Of a whole year: before, within and after each stage's usual day."""


@pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{now:%d-%b}")
def test_feedback_is_open_whenever_the_demo_is_begun(now: datetime) -> None:
    year = latest_year(now) + 1
    found = dates(year, now)
    usual = stage_instants(load(FRAMEWORK), year)
    kept = with_dates(
        {str(stage): at for stage, at in usual.items()},
        {str(stage): at for stage, at in found.items()},
    )
    assert list(kept) == list(Stage)
    assert found[Stage.OBJECTIVE_SETTING] <= found[Stage.FEEDBACK_OPENS] <= now
    left = found[Stage.FEEDBACK_CLOSES] - now
    assert timedelta(OPEN_DAYS) < left <= timedelta(OPEN_DAYS + 1)


def test_what_comes_before_and_after_the_window_keeps_its_day() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    usual = stage_instants(load(FRAMEWORK), 2026)
    moved = {stage for stage, at in dates(2026, now).items() if at != usual[stage]}
    window = {Stage.FEEDBACK_OPENS, Stage.FEEDBACK_CLOSES, Stage.FEEDBACK_RELEASES}
    assert moved == window


def colleagues(organisations: str, each: int, span: int = 7) -> dict[Colleague, UUID]:
    """Return people with their line managers, who manage `span` of those after them."""
    return {
        Colleague(of(code, n), f"{code} {n:03}", code): of(code, (n - 1) // span)
        for code in organisations
        for n in range(1, each)
    }


def of(code: str, number: int) -> UUID:
    return UUID(int=ord(code) * 1000 + number)


def chosen(people: dict[Colleague, UUID], first: UUID | None = None) -> Circle:
    found = circle(people, "a", first, 1)
    assert found is not None
    return found


def test_a_circle_is_of_four_organisations_and_led_by_who_is_asked_for() -> None:
    found = chosen(colleagues("abcdef", 30), of("a", 17))
    assert found.members[0].person == of("a", 17)
    assert found.members[0].organisation == "a"
    for part in (found.members, found.helpers):
        assert {*Counter(each.organisation for each in part).values()} == {2}
        assert len(part) == 8
    assert len({each.person for each in (*found.members, *found.helpers)}) == 16


@pytest.mark.parametrize("span", [1, 2, 7])
def test_nobody_in_a_circle_manages_another(span: int) -> None:
    people = colleagues("abcde", 40, span)
    found = chosen(people)
    here = {each.person for each in (*found.members, *found.helpers)}
    assert not here & {people[each] for each in (*found.members, *found.helpers)}


def test_the_same_seed_chooses_the_same_in_whatever_order() -> None:
    people = colleagues("abcdef", 30)
    assert chosen(people) == chosen(dict(reversed(people.items())))
    assert circle(people, "a", None, 2) != chosen(people)


@pytest.mark.parametrize("people", [colleagues("abc", 30), colleagues("abcd", 4)])
def test_too_few_make_no_circle(people: dict[Colleague, UUID]) -> None:
    assert circle(people, "a", None, 1) is None


def test_an_organisation_that_has_too_few_leads_no_circle() -> None:
    people = colleagues("bcdef", 30) | colleagues("a", 3)
    assert circle(people, "a", None, 1) is None
