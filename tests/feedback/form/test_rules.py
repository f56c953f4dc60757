from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotFound
from service.feedback.form.items import BEHAVIOURS, LONGEST_TEXT, Box
from service.feedback.form.rules import check_answers, check_draft
from service.feedback.rules import BadAnswers
from tests.refusing import refusal

Answers = Mapping[str, int | None]
FORM: dict[str, int | None] = dict.fromkeys(BEHAVIOURS, 3)
EXAMPLE = "They sent the data a week before we asked."


def faults(
    answers: Answers,
    examples: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
) -> dict[str | None, str]:
    """Where it is refused, and why; nothing if it is not."""
    try:
        check_answers(answers, examples or {}, texts or {}, 1)
    except BadAnswers as refusal:
        return {fault.pointer: fault.detail for fault in refusal.faults}
    return {}


def test_a_form_without_extremes_or_texts_is_whole() -> None:
    assert faults(FORM) == {}


def test_a_form_may_say_of_every_item_that_it_was_not_observed() -> None:
    assert faults(dict.fromkeys(BEHAVIOURS)) == {}


def test_each_item_is_answered_or_said_not_to_be_observed() -> None:
    assert faults({}).keys() == {f"#/answers/{item}" for item in BEHAVIOURS}
    assert "send null" in faults({})["#/answers/credits"]


@pytest.mark.parametrize("value", [0, 6, -1, 10**30, True])
def test_no_other_number_stands_for_an_answer(value: int) -> None:
    assert "null, never 0" in faults(FORM | {"credits": value})["#/answers/credits"]


@pytest.mark.parametrize("value", [1, 5])
@pytest.mark.parametrize("example", [None, "", " \n "])
def test_an_extreme_answer_needs_an_example(value: int, example: str | None) -> None:
    given_examples = {} if example is None else {"resolves": example}
    found = faults(FORM | {"resolves": value}, given_examples)

    assert found.keys() == {"#/examples/resolves"}
    assert faults(FORM | {"resolves": value}, {"resolves": EXAMPLE}) == {}


@pytest.mark.parametrize("value", [2, 3, 4])
def test_any_other_answer_may_have_an_example(value: int) -> None:
    assert faults(FORM | {"resolves": value}) == {}
    assert faults(FORM | {"resolves": value}, {"resolves": EXAMPLE}) == {}


def test_an_example_needs_its_answer() -> None:
    unseen = FORM | {"resolves": None}

    assert faults(unseen, {"resolves": EXAMPLE}).keys() == {"#/examples/resolves"}
    assert faults(unseen, {"resolves": ""}) == {}


def test_what_is_not_on_the_form_is_named_where_it_is() -> None:
    found = faults(FORM | {"a/b": 3}, {"charm": EXAMPLE}, {"gossip": "None."})

    assert found.keys() == {"#/answers/a~1b", "#/examples/charm", "#/texts/gossip"}


@pytest.mark.parametrize("box", [*Box])
def test_a_text_is_as_long_as_is_said(box: Box) -> None:
    longest = "é" * (LONGEST_TEXT - 2) + "\r\n" + "x"

    assert faults(FORM, texts={box: longest}) == {}
    assert faults(FORM, texts={box: longest + "x"}).keys() == {f"#/texts/{box}"}
    assert faults(FORM, {"credits": longest}) == {}
    assert faults(FORM, {"credits": longest + "x"}).keys() == {"#/examples/credits"}


@pytest.mark.parametrize(
    "character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\u202e", "\u2066"]
)
def test_a_text_is_plain(character: str) -> None:
    text = f"Good{character}work"

    assert faults(FORM, texts={Box.KEEP_DOING: text}).keys() == {"#/texts/keep_doing"}
    assert faults(FORM, {"credits": text}).keys() == {"#/examples/credits"}


@pytest.mark.parametrize(
    "text",
    ["", "Two\nlines\tand\r\nthree", "<b>stays as written</b> & so does ¬", "Ŵyŷ 👩‍🔬"],
)
def test_any_other_text_is_taken_as_it_is(text: str) -> None:
    assert faults(FORM, texts={Box.DO_DIFFERENTLY: text}) == {}


def test_every_fault_is_named_at_once() -> None:
    found = faults(
        {"credits": 5, "resolves": 9}, texts={Box.KEEP_DOING: "\0", "other": ""}
    )

    assert len(found) == 6 + 1 + 1 + 2


def test_a_draft_may_lack_anything() -> None:
    some = {"credits": 5}, {"resolves": EXAMPLE}, {Box.KEEP_DOING: ""}, 1
    assert refusal(check_draft, {}, {}, {}, 1) is None
    assert refusal(check_draft, *some) is None


@pytest.mark.parametrize(
    ("answers", "examples", "texts"),
    [
        ({"credits": 0}, {}, {}),
        ({"charm": 3}, {}, {}),
        ({}, {"credits": "\0"}, {}),
        ({}, {}, {Box.KEEP_DOING: "x" * (LONGEST_TEXT + 1)}),
    ],
)
def test_a_draft_holds_nothing_that_could_not_stand_on_the_form(
    answers: Answers, examples: Mapping[str, str], texts: Mapping[str, str]
) -> None:
    with pytest.raises(BadAnswers):
        check_draft(answers, examples, texts, 1)


def test_a_version_that_there_is_not_is_not_found() -> None:
    for check in (check_answers, check_draft):
        with pytest.raises(NotFound):
            check(FORM, {}, {}, 2)


@given(
    st.dictionaries(st.sampled_from(BEHAVIOURS), st.none() | st.integers(0, 6)),
    st.dictionaries(st.sampled_from(BEHAVIOURS), st.sampled_from(["", EXAMPLE])),
)
def test_what_may_be_submitted_could_always_be_saved(
    answers: dict[str, int | None], examples: dict[str, str]
) -> None:
    accepted = not faults(answers, examples)

    assert accepted == (
        answers.keys() == {*BEHAVIOURS}
        and all(value is None or 1 <= value <= 5 for value in answers.values())
        and all(examples.get(i) for i, value in answers.items() if value in {1, 5})
        and all(answers.get(i) for i, example in examples.items() if example)
    )
    if accepted:
        check_draft(answers, examples, {}, 1)
