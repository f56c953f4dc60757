from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.jobs.mail import SECONDS
from service.jobs.rules import ATTEMPTS, delay_after, is_last
from service.jobs.worker import GRACE

chances = st.floats(0, 1)


def test_the_first_retry_comes_within_minutes() -> None:
    assert delay_after(1, 0.5) == timedelta(minutes=5)


@given(st.lists(chances, min_size=ATTEMPTS, max_size=ATTEMPTS))
def test_it_is_given_up_about_three_days_after_the_first_attempt(
    luck: list[float],
) -> None:
    waited = sum((delay_after(n, luck[n - 1]) for n in range(1, ATTEMPTS)), timedelta())
    assert timedelta(days=2.4) < waited < timedelta(days=3.8)


@given(st.integers(1, 10_000), chances)
def test_a_delay_is_spread_by_a_fifth_at_most(attempt: int, chance: float) -> None:
    middle = delay_after(attempt, 0.5)
    assert abs(delay_after(attempt, chance) - middle) <= middle * 0.2001


@given(st.integers(1, 100))
def test_the_delay_never_shrinks(attempt: int) -> None:
    assert delay_after(attempt + 1, 0.5) >= delay_after(attempt, 0.5)


@given(chances)
def test_no_retry_starts_while_the_attempt_before_may_still_run(chance: float) -> None:
    assert timedelta(seconds=GRACE) > timedelta(seconds=SECONDS)
    assert delay_after(1, chance) > timedelta(seconds=2 * GRACE)


def test_only_the_last_attempt_is_the_last() -> None:
    assert [n for n in range(1, ATTEMPTS + 1) if is_last(n)] == [ATTEMPTS]
    assert is_last(ATTEMPTS + 1)  # A crash during the last leaves one more.
