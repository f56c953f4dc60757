"""A form is known again by its trace, and by nothing else."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scores.inputs import FormFact
from service.scores.traces import (
    HALF,
    LENGTH,
    known,
    of_the_same_raters,
    parted,
    trace,
    traces,
)

FORM = FormFact(UUID(int=1), "a" * 64, "dwp", {"a": 4, "b": 2, "c": None}, "hmt")
FORMS = [
    FORM,
    replace(FORM, rater="b" * 64),
    replace(FORM, rater="c" * 64, organisation="moj"),
    replace(FORM, record=UUID(int=2)),
]


@given(st.permutations(FORMS))
def test_the_traces_are_the_same_in_any_order(forms: list[FormFact]) -> None:
    turned = [replace(f, answers=dict(reversed([*f.answers.items()]))) for f in forms]
    assert traces(turned) == traces(FORMS)


def test_there_is_a_trace_for_each_form_of_a_record() -> None:
    found = traces(FORMS)
    assert {record: len(kept) for record, kept in found.items()} == {
        UUID(int=1): 3 * LENGTH,
        UUID(int=2): LENGTH,
    }
    assert parted(found[UUID(int=1)]) == {trace(form) for form in FORMS[:3]}


@pytest.mark.parametrize(
    "changed",
    [
        replace(FORM, answers={**FORM.answers, "a": 5}),
        replace(FORM, answers={**FORM.answers, "c": 1}),
        replace(FORM, organisation="moj"),
    ],
)
def test_a_change_of_what_is_in_it_leaves_the_half_that_says_whose_it_is(
    changed: FormFact,
) -> None:
    assert trace(changed)[:HALF] == trace(FORM)[:HALF]
    assert trace(changed)[HALF:] != trace(FORM)[HALF:]


@pytest.mark.parametrize("other", FORMS[1:])
def test_another_rater_or_record_shares_neither_half(other: FormFact) -> None:
    assert trace(other)[:HALF] != trace(FORM)[:HALF]
    assert trace(other)[HALF:] != trace(FORM)[HALF:]


def test_only_forms_that_are_as_they_were_are_known() -> None:
    kept = {record: parted(of_it) for record, of_it in traces(FORMS).items()}
    changed = replace(FORM, answers={"a": 1, "b": 2, "c": None})
    new = replace(FORM, rater="d" * 64)
    by_now = [changed, *FORMS[1:], new]
    assert known(by_now, kept) == FORMS[1:]
    assert of_the_same_raters(by_now, kept) == [changed, *FORMS[1:]]
    assert known(by_now, {}) == of_the_same_raters(by_now, {}) == []
