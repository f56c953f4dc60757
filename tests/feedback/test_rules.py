from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feedback import rules
from service.feedback.items import BEHAVIOURS
from service.feedback.rules import Candidate, Limits, State, Step

LIMITS = Limits(
    aim=10,
    least=3,
    other_organisations=2,
    minimum_contact_months=3,
    own_organisation_may_rate=False,
)
SUBJECT = UUID(int=1)
COLLEAGUE = Candidate(UUID(int=2), "dwp")
OPENS = datetime(2027, 2, 1, tzinfo=UTC)
CLOSES = datetime(2027, 3, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FORM: dict[str, int | None] = dict.fromkeys(BEHAVIOURS, 3)
LEADS_TO = {
    ("invited", "submit"): "submitted",
    ("submitted", "submit"): "submitted",
    ("invited", "decline"): "declined",
    ("invited", "expire"): "expired",
}
POOLS = st.lists(
    st.builds(Candidate, st.uuids(version=4), st.sampled_from("abcde")),
    unique_by=lambda candidate: candidate.person,
    max_size=25,
)
SEEDS = st.text(max_size=64)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_request_moves_by_the_table_and_in_no_other_way(
    state: State, step: Step
) -> None:
    if (state, step) in LEADS_TO:
        assert rules.after(state, step) == LEADS_TO[state, step]
    else:
        with pytest.raises(rules.WrongState, match=f"{step}.*{state}"):
            rules.after(state, step)


@pytest.mark.parametrize("now", [OPENS, OPENS + TICK, CLOSES - TICK])
def test_a_window_is_open_from_its_opening_until_just_before_its_closing(
    now: datetime,
) -> None:
    rules.check_open(OPENS, CLOSES, now)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (OPENS - TICK, "2027-02-01T00:00:00"),
        (CLOSES, "2027-03-01T00:00:00"),
        (CLOSES + TICK, "2027-03-01T00:00:00"),
    ],
)
def test_outside_its_window_feedback_is_refused_with_the_instant(
    now: datetime, said: str
) -> None:
    with pytest.raises(rules.NotOpen, match=said):
        rules.check_open(OPENS, CLOSES, now)


def test_a_colleague_elsewhere_may_rate() -> None:
    rules.check_eligible(COLLEAGUE, SUBJECT, {"hmt"}, set(), LIMITS)


@pytest.mark.parametrize(
    ("rater", "organisations", "line", "said"),
    [
        (Candidate(SUBJECT, "dwp"), {"hmt"}, set(), "themselves"),
        (COLLEAGUE, {"hmt"}, {COLLEAGUE.person}, "manager or report"),
        (COLLEAGUE, {"dwp"}, set(), "other organisations"),
        (COLLEAGUE, {"hmt", "dwp"}, set(), "other organisations"),
    ],
)
def test_the_subject_their_line_and_their_organisation_may_not_rate(
    rater: Candidate, organisations: set[str], line: set[UUID], said: str
) -> None:
    with pytest.raises(rules.NotEligible, match=said):
        rules.check_eligible(rater, SUBJECT, organisations, line, LIMITS)


def test_a_framework_may_let_the_own_organisation_rate_but_never_the_own_line() -> None:
    limits = Limits(10, 3, 2, 3, own_organisation_may_rate=True)
    rules.check_eligible(COLLEAGUE, SUBJECT, {"dwp"}, set(), limits)
    with pytest.raises(rules.NotEligible):
        rules.check_eligible(COLLEAGUE, SUBJECT, {"dwp"}, {COLLEAGUE.person}, limits)


def test_working_together_for_a_quarter_is_enough() -> None:
    rules.check_contact(3, LIMITS)


@pytest.mark.parametrize("months", [0, 2])
def test_working_together_too_briefly_is_refused_with_what_to_do(months: int) -> None:
    with pytest.raises(rules.NotEligible, match=r"at least 3 months.*decline"):
        rules.check_contact(months, LIMITS)


@pytest.mark.parametrize("months", [-1, 13])
def test_a_year_has_no_more_months_than_twelve(months: int) -> None:
    with pytest.raises(rules.BadAnswers, match="0 to 12"):
        rules.check_contact(months, LIMITS)


@given(
    st.dictionaries(
        st.sampled_from([*BEHAVIOURS]),
        st.none() | st.integers(1, 5),
        min_size=len(BEHAVIOURS),
    )
)
def test_every_item_answered_or_not_observed_is_a_form(
    form: dict[str, int | None],
) -> None:
    rules.check_answers(form)
    seen = [value for value in form.values() if value is not None]
    assert rules.is_valid_form(form) == (len(seen) >= 3)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"credits": 0}, "#/answers/credits"),
        ({"credits": 6}, "#/answers/credits"),
        ({"invented": 3}, "#/answers/invented"),
    ],
)
def test_an_answer_that_does_not_fit_is_named(
    change: dict[str, int | None], pointer: str
) -> None:
    with pytest.raises(rules.BadAnswers) as refused:
        rules.check_answers({**FORM, **change})
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_all_faults_of_a_form_are_told_at_once() -> None:
    form = {**FORM, "credits": 9, "invented": 1}
    del form["resolves"]
    with pytest.raises(rules.BadAnswers) as refused:
        rules.check_answers(form)
    assert {fault.pointer for fault in refused.value.faults} == {
        "#/answers/credits",
        "#/answers/invented",
        "#/answers/resolves",
    }


def pool_of(**organisations: int) -> list[Candidate]:
    return [
        Candidate(UUID(int=100 * place + number), code)
        for place, (code, size) in enumerate(organisations.items(), start=1)
        for number in range(size)
    ]


@given(POOLS.flatmap(lambda p: st.tuples(st.just(p), st.permutations(p))), SEEDS)
def test_the_same_pool_and_seed_give_the_same_turns_in_any_order(
    pools: tuple[list[Candidate], list[Candidate]], seed: str
) -> None:
    one, other = pools
    assert rules.in_turn(one, seed) == rules.in_turn(other, seed)
    assert sorted(rules.in_turn(one, seed), key=str) == sorted(one, key=str)


def test_the_turns_stay_as_they_were_recorded() -> None:
    turns = rules.in_turn(pool_of(dwp=3, moj=2), "a recorded seed")
    assert [candidate.person.int for candidate in turns] == RECORDED


RECORDED = [101, 200, 102, 201, 100]


def test_another_seed_gives_another_draw() -> None:
    pool = pool_of(dwp=20, moj=20)
    drawn = {tuple(rules.draw(pool, LIMITS, str(seed))) for seed in range(20)}
    assert len(drawn) == 20


@given(POOLS, SEEDS)
def test_no_organisation_has_two_turns_more_than_one_with_people_left(
    pool: list[Candidate], seed: str
) -> None:
    left = Counter(candidate.organisation for candidate in pool)
    taken: Counter[str] = Counter()
    for candidate in rules.in_turn(pool, seed):
        waiting = [taken[code] for code, people in left.items() if people]
        assert taken[candidate.organisation] == min(waiting)
        taken[candidate.organisation] += 1
        left[candidate.organisation] -= 1


def test_the_first_drawn_are_of_different_organisations() -> None:
    for seed in range(50):
        first, second, *_ = rules.draw(pool_of(dwp=20, moj=1), LIMITS, str(seed))
        assert {first.organisation, second.organisation} == {"dwp", "moj"}


@pytest.mark.parametrize(
    ("pool", "drawn"),
    [
        (pool_of(dwp=2, moj=1), 3),
        (pool_of(dwp=5, moj=5), 10),
        (pool_of(dwp=20, moj=20), 10),
    ],
)
def test_as_many_are_drawn_as_wanted_or_there_are(
    pool: list[Candidate], drawn: int
) -> None:
    assert len(rules.draw(pool, LIMITS, "seed")) == drawn


@pytest.mark.parametrize(
    ("pool", "said"),
    [
        ([], "0 eligible colleagues from 0"),
        (pool_of(dwp=1, moj=1), "2 eligible colleagues from 2"),
        (pool_of(dwp=20), "20 eligible colleagues from 1"),
    ],
)
def test_a_pool_too_small_to_hide_anyone_in_is_refused(
    pool: list[Candidate], said: str
) -> None:
    with pytest.raises(rules.PoolTooSmall, match=said):
        rules.draw(pool, LIMITS, "seed")
