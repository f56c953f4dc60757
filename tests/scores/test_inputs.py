from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scores.estimate import MEAN, UnusableForm, form_marks
from service.scores.inputs import (
    Basis,
    Evidence,
    FormFact,
    columns,
    digest,
    evidence,
)

ONE, OTHER = UUID(int=1), UUID(int=2)
EXPOSURE = {ONE: 261, OTHER: 100}
FORM: dict[str, int | None] = {"a": 4, "b": 2, "c": None, "d": 3}
FORMS = [
    FormFact(ONE, "rater 1", "dwp", FORM, "hmt"),
    FormFact(ONE, "rater 2", "moj", FORM, "hmt"),
    FormFact(OTHER, "rater 1", "dwp", {**FORM, "c": 5}, "dft"),
]


BASIS = Basis(FORMS, EXPOSURE, 60)


@given(st.permutations(FORMS))
def test_the_digest_is_the_same_in_any_order(forms: list[FormFact]) -> None:
    turned = dict(reversed([*EXPOSURE.items()]))
    shuffled = [replace(f, answers=dict(reversed([*f.answers.items()]))) for f in forms]
    assert digest(Basis(shuffled, turned, 60), MEAN) == digest(BASIS, MEAN)


@pytest.mark.parametrize(
    "changed",
    [
        replace(FORMS[0], record=UUID(int=3)),
        replace(FORMS[0], rater="rater 3"),
        replace(FORMS[0], organisation="moj"),
        replace(FORMS[0], home="dft"),
        replace(FORMS[0], answers={**FORM, "a": 5}),
        replace(FORMS[0], answers={**FORM, "a": None}),
    ],
)
def test_the_digest_tells_any_change_of_a_form(changed: FormFact) -> None:
    told = digest(replace(BASIS, forms=[changed, *FORMS[1:]]), MEAN)
    assert told != digest(BASIS, MEAN)


def test_the_digest_tells_a_change_of_exposure_and_of_method() -> None:
    found = {
        digest(BASIS, MEAN),
        digest(replace(BASIS, days={**EXPOSURE, ONE: 260}), MEAN),
        digest(replace(BASIS, days={ONE: 261}), MEAN),
        digest(replace(BASIS, least_days=61), MEAN),
        digest(BASIS, replace(MEAN, version=2)),
        digest(BASIS, replace(MEAN, digest="0" * 64)),
        digest(replace(BASIS, forms=FORMS[1:]), MEAN),
    }
    assert len(found) == 7


def test_a_form_is_a_row_of_whom_by_whom_from_where_and_what() -> None:
    found = columns(FORMS)
    assert found.person.tolist() == [str(ONE), str(ONE), str(OTHER)]
    assert found.rater.tolist() == ["rater 1", "rater 2", "rater 1"]
    assert found.group.tolist() == ["dwp", "moj", "dwp"]
    assert form_marks(found.answers).tolist() == [3.0, 3.0, 3.5]


def test_an_item_that_a_form_lacks_is_not_observed_rather_than_zero() -> None:
    """The forms of one cycle may be of two versions."""
    other = replace(FORMS[2], rater="rater 4", answers={"a": 4, "e": 4, "f": 4})
    more = [*FORMS, other]
    values = form_marks(columns(more).answers)
    assert values[-1] == 4.0
    assert np.isfinite(values).all()


def test_a_form_too_empty_to_count_is_refused() -> None:
    empty = {"a": 4, "b": 2, "c": None}
    with pytest.raises(UnusableForm):
        form_marks(columns([replace(FORMS[0], answers=empty)]).answers)


def test_evidence_counts_people_and_organisations_once() -> None:
    again = [*FORMS, replace(FORMS[1])]
    assert evidence(again) == {ONE: Evidence(2, 2), OTHER: Evidence(1, 1)}


def test_without_forms_there_is_no_evidence() -> None:
    assert evidence([]) == {}
