"""Who reads, decides, appeals and settles, and by when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from service.errors import Refusal
from service.scores.deciding import rules
from service.scores.deciding.rules import AppealFact, Around, Asking, Capacity
from service.scores.deciding.stages import AppealState
from service.scores.rules import State
from tests.refusing import refusal

SUBJECT, MANAGER, ABOVE, HIGHER, COUNTERSIGNS, HR, OTHER = (uuid4() for _ in range(7))
AROUND = Around(
    subject=SUBJECT,
    organisation="hmt",
    above=[MANAGER, ABOVE, HIGHER],
    countersigning=frozenset({COUNTERSIGNS}),
    deciders=frozenset({MANAGER}),
)
NOON = datetime(2027, 4, 1, 12, tzinfo=UTC)


def asking(person: UUID, *, above: tuple[UUID, ...] = ()) -> Asking:
    return Asking(person, administers=person == HR, above=above)


@pytest.mark.parametrize(
    ("person", "capacity"),
    [
        (SUBJECT, Capacity.SUBJECT),
        (MANAGER, Capacity.LINE_MANAGER),
        (ABOVE, Capacity.NEXT_ABOVE),
        (COUNTERSIGNS, Capacity.COUNTERSIGNING_MANAGER),
        (HR, Capacity.HR_ADMINISTRATOR),
        (HIGHER, None),
        (OTHER, None),
    ],
)
def test_a_score_is_there_for_those_who_have_to_do_with_it(
    person: UUID, capacity: Capacity | None
) -> None:
    assert rules.capacity_of(asking(person), AROUND) == capacity


@pytest.mark.parametrize("capacity", [*Capacity])
@pytest.mark.parametrize("state", [*State])
def test_only_the_line_manager_decides_and_only_on_a_number(
    capacity: Capacity, state: State
) -> None:
    wanted: type[Refusal] | None = None
    if capacity != Capacity.LINE_MANAGER:
        wanted = rules.NotYourDecision
    elif state != State.PUBLISHED:
        wanted = rules.NothingToDecide
    assert refusal(rules.check_decides, capacity, state) is wanted


@pytest.mark.parametrize("capacity", [*Capacity])
@pytest.mark.parametrize("state", [*State])
def test_only_the_subject_appeals_even_where_there_is_no_number(
    capacity: Capacity, state: State
) -> None:
    wanted: type[Refusal] | None = None
    if capacity != Capacity.SUBJECT:
        wanted = rules.NotYourAppeal
    elif state == State.WITHDRAWN:
        wanted = rules.NothingToAppeal
    assert refusal(rules.check_appeals, capacity, state) is wanted


@pytest.mark.parametrize(
    ("person", "capacity"),
    [
        (COUNTERSIGNS, Capacity.COUNTERSIGNING_MANAGER),
        (ABOVE, Capacity.NEXT_ABOVE),
        (HR, Capacity.HR_ADMINISTRATOR),
        (SUBJECT, None),
        (MANAGER, None),
        (HIGHER, None),
        (OTHER, None),
    ],
)
def test_an_appeal_is_settled_by_somebody_apart(
    person: UUID, capacity: Capacity | None
) -> None:
    assert settles_as(asking(person), AROUND) == capacity


def settles_as(who: Asking, around: Around) -> Capacity | None:
    """In what capacity somebody settles an appeal; None: they may not."""
    try:
        return rules.settles_as(who, around)
    except rules.NotYoursToSettle:
        return None


@pytest.mark.parametrize("person", [COUNTERSIGNS, ABOVE, HR])
def test_whoever_decided_settles_nothing_whatever_else_they_are(person: UUID) -> None:
    around = replace(AROUND, deciders=frozenset({MANAGER, person}))
    assert settles_as(asking(person), around) is None
    assert person not in around.settlers


def test_where_the_next_above_decided_the_one_above_them_settles() -> None:
    around = replace(AROUND, deciders=frozenset({ABOVE}))
    assert around.next_above == HIGHER
    assert settles_as(asking(HIGHER), around) == Capacity.NEXT_ABOVE


@pytest.mark.parametrize("person", [COUNTERSIGNS, HR])
def test_whoever_answers_to_the_subject_settles_nothing_about_them(
    person: UUID,
) -> None:
    assert settles_as(asking(person, above=(OTHER, SUBJECT)), AROUND) is None


def test_a_line_manager_who_countersigns_as_well_settles_nothing() -> None:
    around = replace(AROUND, countersigning=frozenset({MANAGER}))
    assert settles_as(asking(MANAGER), around) is None
    assert around.settlers == {ABOVE}


def test_hr_of_the_organisation_settles_where_there_is_no_manager_at_all() -> None:
    around = replace(AROUND, above=[], countersigning=frozenset())
    assert around.line_manager is None
    assert around.settlers == frozenset()
    assert settles_as(asking(HR), around) == Capacity.HR_ADMINISTRATOR


@pytest.mark.parametrize(
    ("since", "last"),
    [
        (NOON, date(2027, 4, 29)),
        # A quarter to midnight UTC is the next day in London: a Friday.
        (datetime(2027, 4, 1, 23, 45, tzinfo=UTC), date(2027, 4, 30)),
        # Christmas Day, Boxing Day's substitute and New Year's Day are no working days.
        (datetime(2026, 12, 18, 12, tzinfo=UTC), date(2027, 1, 20)),
    ],
)
def test_an_appeal_has_twenty_working_days_in_london(
    since: datetime, last: date
) -> None:
    assert rules.last_day(since, 20) == last


@pytest.mark.parametrize(
    ("day", "over"),
    [
        (date(2027, 4, 29), datetime(2027, 4, 29, 23, tzinfo=UTC)),
        (date(2027, 1, 18), datetime(2027, 1, 19, tzinfo=UTC)),
        (date(2027, 3, 27), datetime(2027, 3, 28, tzinfo=UTC)),  # Clocks go on
        (date(2027, 3, 28), datetime(2027, 3, 28, 23, tzinfo=UTC)),  # that night.
    ],
)
def test_a_day_is_over_at_midnight_in_london(day: date, over: datetime) -> None:
    assert rules.end_of(day) == over


def test_the_time_to_appeal_is_over_at_an_instant() -> None:
    def check(now: datetime) -> type[Refusal] | None:
        return refusal(rules.check_in_time, NOON, now)

    assert check(NOON - timedelta(microseconds=1)) is None
    assert check(NOON) is rules.AppealTooLate


@pytest.mark.parametrize("state", [*AppealState])
def test_the_same_is_appealed_against_once_unless_it_was_withdrawn(
    state: AppealState,
) -> None:
    run, decision = uuid4(), uuid4()
    before = [an_appeal(run, decision, state), an_appeal(run, None, AppealState.OPEN)]
    again = refusal(rules.check_first, run, decision, before)
    settled = state not in {AppealState.OPEN, AppealState.WITHDRAWN}
    assert again is (rules.AppealedAlready if settled else None)
    for on, against in ((run, uuid4()), (run, None), (uuid4(), decision)):
        other = partial(rules.check_first, on, against, before)
        assert refusal(other) is None


def an_appeal(run: UUID, decision: UUID | None, state: AppealState) -> AppealFact:
    return AppealFact(
        id=uuid4(),
        number=1,
        run=run,
        decision=decision,
        state=state,
        reason="Two of my objectives are missing.",
        lodged_at=NOON,
        due_at=NOON + timedelta(days=28),
        settled_by=None,
        capacity=None,
        answer=None,
        ended_at=None,
    )


@pytest.mark.parametrize("state", [*AppealState])
def test_an_appeal_that_has_ended_is_neither_settled_nor_withdrawn(
    state: AppealState,
) -> None:
    wanted = None if state == AppealState.OPEN else rules.AppealOver
    assert refusal(rules.check_open, state) is wanted


@pytest.mark.parametrize("capacity", [*Capacity])
def test_only_the_subject_withdraws_an_appeal(capacity: Capacity) -> None:
    wanted = None if capacity == Capacity.SUBJECT else rules.NotYourAppeal
    assert refusal(rules.check_withdraws, capacity) is wanted
