"""Who thanks whom, and in which quarter, without any I/O."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.objectives.recognition import rules
from service.objectives.recognition.rules import ThanksOwn, quarter_of, thanks_for
from service.objectives.rules import NotYours
from service.objectives.stages import Stage, WrongStage

ANA, BEA, CEM, DEV = (UUID(int=number) for number in range(1, 5))
SIDES = [(ANA, "hmt"), (BEA, "dft"), (CEM, "moj")]


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 1), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2027, 1, 1), date(2027, 3, 31)),
        (date(2027, 4, 1), date(2027, 4, 1), date(2027, 6, 30)),
    ],
)
def test_the_quarters_of_the_uk_begin_with_april(
    day: date, start: date, end: date
) -> None:
    quarter = quarter_of(day, month=4, first=1)
    assert (quarter.start, quarter.end) == (start, end)


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.integers(1, 12),
    st.integers(1, 31),
)
def test_every_day_lies_in_one_quarter_of_about_three_months(
    day: date, month: int, first: int
) -> None:
    quarter = quarter_of(day, month=month, first=first)
    assert quarter.start <= day <= quarter.end < quarter.next
    assert 88 <= (quarter.next - quarter.start).days <= 93
    assert quarter_of(quarter.start, month=month, first=first) == quarter
    assert quarter_of(quarter.end, month=month, first=first) == quarter
    after = quarter_of(quarter.end + timedelta(days=1), month=month, first=first)
    assert after.start == quarter.next


@pytest.mark.parametrize("person", [ANA, DEV])
def test_a_contributor_or_their_manager_thanks_for_their_side(person: UUID) -> None:
    assert thanks_for(person, SIDES, {ANA: DEV}, "hmt", (BEA, "dft")) == "hmt"


def test_who_has_no_part_in_it_thanks_nobody() -> None:
    with pytest.raises(NotYours):
        thanks_for(DEV, SIDES, {}, "hmt", (BEA, "dft"))


def test_who_may_thank_for_several_does_it_for_where_they_work() -> None:
    managers = {ANA: DEV, CEM: DEV}
    assert thanks_for(DEV, SIDES, managers, "moj", (BEA, "dft")) == "moj"
    assert thanks_for(DEV, SIDES, managers, "ofgem", (BEA, "dft")) == "hmt"
    assert thanks_for(DEV, SIDES, managers, None, (BEA, "dft")) == "hmt"


@pytest.mark.parametrize(
    ("person", "managers", "works_in"),
    [
        (BEA, {}, "dft"),  # Themselves.
        (BEA, {ANA: BEA}, "hmt"),  # Themselves, for another's side.
        (DEV, {BEA: DEV}, "dft"),  # Their own report.
        (DEV, {BEA: DEV}, "hmt"),  # The same, from elsewhere.
        (DEV, {ANA: DEV, BEA: DEV}, "dft"),  # For a side that is not theirs.
    ],
)
def test_nobody_thanks_themselves_or_their_own_organisation(
    person: UUID, managers: dict[UUID, UUID], works_in: str
) -> None:
    with pytest.raises(ThanksOwn):
        thanks_for(person, SIDES, managers, works_in, (BEA, "dft"))


@pytest.mark.parametrize("stage", Stage)
def test_contributors_are_thanked_from_agreement_until_it_is_closed(
    stage: Stage,
) -> None:
    if stage in {Stage.AGREED, Stage.DISPUTED, Stage.ASSESSED}:
        rules.check_stage(stage)
    else:
        with pytest.raises(WrongStage):
            rules.check_stage(stage)
