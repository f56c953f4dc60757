"""What is shown of the feedback on one record, without I/O."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.feedback.form.items import BEHAVIOURS
from service.feedback.results import rules
from service.feedback.results.rules import (
    EXAMPLE,
    Category,
    Comment,
    Withheld,
    extremes,
)
from service.feedback.results.stored import as_kept, from_kept
from service.suppression import Average, Beyond
from tests.feedback.results.forms import alike, forms, seeded, shown

FIRST = BEHAVIOURS[0]
NOW = datetime(2027, 4, 1, 9, tzinfo=UTC)


def test_a_mean_is_of_those_who_saw_it_and_what_nobody_saw_is_not_nought() -> None:
    given = forms(*alike(4, 5), [2, None, None, 4, 4, 4, 4, 4])
    found = shown(given).behaviours
    assert found[FIRST] == Average(3.7, None, None)  # (5 x 4 + 2) / 6
    assert found[BEHAVIOURS[1]] == Average(4.0, None, None)  # of five, not of six


@pytest.mark.parametrize(
    ("raters", "at", "reason"),
    [
        (4, "dwp moj", "below_minimum_raters"),
        (5, "dwp", "below_minimum_organisations"),
        (5, "dwp hmt", "below_minimum_organisations"),
        (5, "dwp moj", None),
    ],
)
def test_a_number_needs_five_raters_of_two_other_organisations(
    raters: int, at: str, reason: str | None
) -> None:
    found = shown(forms(*alike(3, raters), at=at))
    assert found.verdict.reason == reason
    assert {each.reason for each in found.behaviours.values()} == {reason}
    assert (found.behaviours[FIRST].figure is None) == (reason is not None)


def test_the_threshold_counts_those_who_saw_the_behaviour() -> None:
    given = forms(*alike(4, 4), [None, None, 4, 4, 4, 4, 4, 4])
    found = shown(given).behaviours
    hidden = [code for code, each in found.items() if each.figure is None]
    assert hidden == list(BEHAVIOURS[:2])


def test_never_just_one_behaviour_is_missing() -> None:
    given = forms(*alike(4, 5), [None] + [3] * 7, [None] + [3] * 7)
    one = [[None, *form][: len(BEHAVIOURS)] for form in alike(4, 4)]
    found = shown(forms(*alike(4, 4), *one)).behaviours
    assert {found[FIRST].reason} == {"below_minimum_raters"}
    others = [code for code, each in found.items() if each.reason][1:]
    assert [found[code].reason for code in others] == ["protects_another"]
    assert not [e for e in shown(given).behaviours.values() if e.reason]


@pytest.mark.parametrize(
    ("answers", "figure", "beyond"),
    [
        (alike(5, 5), None, Beyond.HIGH),
        ([*alike(5, 4), *alike(4, 1)], None, Beyond.HIGH),
        ([*alike(5, 3), *alike(4, 2)], 4.6, None),
        (alike(1, 5), None, Beyond.LOW),
        ([*alike(1, 4), *alike(2, 1)], None, Beyond.LOW),
        ([*alike(1, 3), *alike(2, 2)], 1.4, None),
        (alike(3, 5), 3.0, None),
    ],
)
def test_what_everybody_s_answer_would_follow_from_is_shown_as_such(
    answers: list[list[int | None]], figure: float | None, beyond: Beyond | None
) -> None:
    found = shown(forms(*answers)).behaviours[FIRST]
    assert (found.figure, found.beyond) == (figure, beyond)


def test_categories_under_three_are_merged_and_one_alone_says_nothing() -> None:
    assert shown(forms(*alike(4, 10), shared=2)).groups == ()
    assert shown(forms(*alike(4, 10), shared=0)).groups == ()


def test_a_category_has_a_number_only_where_each_has_five_raters() -> None:
    three = shown(forms(*alike(4, 10), shared=3)).groups
    assert {each.average.figure for each in three} == {None}
    assert {each.average.reason for each in three} == {
        "below_minimum_raters",
        "protects_another",
    }
    five = shown(forms(*alike(4, 5), *alike(3, 5), shared=5)).groups
    assert [(each.categories, each.average.figure) for each in five] == [
        ((Category.OTHER_WORK,), 3.0),
        ((Category.SHARED_OBJECTIVE,), 4.0),
    ]


def comment(number: int, form: int, field: str = "keep_doing") -> Comment:
    return Comment(UUID(int=number), UUID(int=form + 10), field, None)


@pytest.mark.parametrize(
    ("raters", "at", "reason"),
    [
        (2, "dwp moj", "below_minimum_raters"),
        (3, "dwp", "below_minimum_organisations"),
        (3, "dwp moj", None),
    ],
)
def test_words_need_three_raters_of_two_other_organisations(
    raters: int, at: str, reason: str | None
) -> None:
    found = shown(forms(*alike(3, raters), at=at), [comment(1, 0), comment(2, 1)])
    assert found.words == reason
    assert len(found.comments) == (0 if reason else 2)


def test_words_on_a_form_that_does_not_count_are_not_shown() -> None:
    found = shown(forms(*alike(3, 5)), [comment(1, 0), comment(2, 99)])
    assert [each.id for each in found.comments] == [UUID(int=1)]


def test_examples_too_few_to_hide_the_extreme_answers_are_left_out_in_silence() -> None:
    """Three answers of 5 in five follow from 4.6: three examples would say that all
    other answers lie between."""
    mixed = [[5, *[4] * 7] for _ in range(3)] + alike(4, 2)
    forced = [comment(n, n, EXAMPLE) for n in range(3)]
    more = [comment(n + 5, n, EXAMPLE) for n in range(2)]
    assert shown(forms(*mixed)).behaviours[FIRST].figure == 4.6
    assert shown(forms(*mixed), forced).comments == ()
    assert len(shown(forms(*mixed), forced + more).comments) == 5


def test_examples_of_fewer_than_three_raters_are_left_out_and_texts_are_not() -> None:
    of_two = [comment(n, n % 2, EXAMPLE) for n in range(6)]
    found = shown(forms(*alike(3, 5)), [*of_two, comment(9, 0)])
    assert [each.field for each in found.comments] == ["keep_doing"]


@pytest.mark.parametrize(
    ("average", "raters", "least"),
    [
        (Average(4.6, None, None), 5, 3),
        (Average(4.0, None, None), 5, 0),
        (Average(1.4, None, None), 5, 3),
        (Average(3.0, None, None), 5, 0),
        (Average(None, Beyond.HIGH, None), 5, 4),
        (Average(None, Beyond.LOW, None), 5, 4),
        (Average(None, None, "below_minimum_raters"), 4, 0),
    ],
)
def test_how_many_extreme_answers_follow_from_an_average(
    average: Average, raters: int, least: int
) -> None:
    assert extremes(average, raters) == least


def test_what_is_kept_is_what_is_shown() -> None:
    chance = seeded(4)
    answers = [
        [chance.choice([None, 1, 2, 3, 4, 5]) for _ in BEHAVIOURS] for _ in "x" * 9
    ]
    withheld = Comment(UUID(int=7), UUID(int=11), "keep_doing", Withheld.ABUSIVE)
    found = shown(forms(*answers, shared=4), [comment(1, 0), withheld])
    again = from_kept(as_kept(found))
    assert as_kept(again) == as_kept(found)
    assert again.behaviours == found.behaviours
    assert again.groups == found.groups
    assert "response" not in str(as_kept(found))


def test_a_reply_can_be_changed_for_fourteen_days() -> None:
    rules.check_amendable(NOW, NOW + timedelta(days=14) - timedelta(microseconds=1))
    with pytest.raises(rules.ReplyIsFinal, match="2027-04-15"):
        rules.check_amendable(NOW, NOW + timedelta(days=14))
