"""A form as far as it is filled in: what is kept, and what comes back."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feedback.filling import (
    Filled,
    as_text,
    check_savable,
    check_whole,
    from_text,
    words_of,
)
from service.feedback.form.items import BEHAVIOURS, Basis, Box, ContactFrequency
from service.feedback.rules import BadAnswers, Limits, NotEligible
from tests.refusing import refusal

LIMITS = Limits(10, 3, 20, 2, 50, 3, own_organisation_may_rate=False)
SHARED = UUID(int=7)
WHOLE = Filled(
    dict.fromkeys(BEHAVIOURS, 4),
    months=9,
    frequency=ContactFrequency.MOST_WEEKS,
    basis=Basis.SHARED_OBJECTIVE,
    objective=SHARED,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
DRAFTS = st.builds(
    Filled,
    answers=st.dictionaries(st.sampled_from(BEHAVIOURS), st.none() | st.integers(1, 5)),
    examples=st.dictionaries(st.sampled_from(BEHAVIOURS), TEXT),
    texts=st.dictionaries(st.sampled_from([*Box]), TEXT),
    months=st.none() | st.integers(0, 12),
    frequency=st.none() | st.sampled_from(ContactFrequency),
    basis=st.none() | st.sampled_from(Basis),
    objective=st.none() | st.uuids(),
)


@given(DRAFTS)
def test_a_draft_comes_back_as_it_was_kept(draft: Filled) -> None:
    assert from_text(as_text(draft)) == draft


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"months": 3},
        {"basis": Basis.GENERAL, "objective": None},
        {"answers": dict.fromkeys(BEHAVIOURS)},
    ],
)
def test_a_whole_form_can_be_submitted(change: dict[str, Any]) -> None:
    form = replace(WHOLE, **change)
    assert refusal(check_whole, form, 1, LIMITS, [SHARED]) is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"months": None}, "#/contact/months"),
        ({"frequency": None}, "#/contact/frequency"),
        ({"basis": None, "objective": None}, "#/basis"),
        ({"objective": None}, "#/objective"),
        ({"objective": UUID(int=8)}, "#/objective"),
        ({"basis": Basis.GENERAL}, "#/objective"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadAnswers) as refused:
        check_whole(replace(WHOLE, **change), 1, LIMITS, [SHARED])
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_too_brief_a_contact_can_be_saved_and_not_submitted() -> None:
    brief = replace(WHOLE, months=2)
    check_savable(brief, 1)
    with pytest.raises(NotEligible):
        check_whole(brief, 1, LIMITS, [SHARED])


def test_texts_are_kept_without_the_space_around_them_or_not_at_all() -> None:
    form = replace(
        WHOLE,
        examples={"credits": "  Thanked us.\n", "resolves": " "},
        texts={Box.KEEP_DOING: ""},
    )
    assert words_of(form) == {"example:credits": "Thanked us."}
