from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.scores.estimate import MEAN, UnusableForm
from service.scores.inputs import Evidence, FormFact, digest, evidence, marks

ONE, OTHER = UUID(int=1), UUID(int=2)
EXPOSURE = {ONE: 261, OTHER: 100}
FORM: dict[str, int | None] = {"a": 4, "b": 2, "c": None, "d": 3}
FORMS = [
    FormFact(ONE, "rater 1", "dwp", FORM),
    FormFact(ONE, "rater 2", "moj", FORM),
    FormFact(OTHER, "rater 1", "dwp", {**FORM, "c": 5}),
]


@given(st.permutations(FORMS))
def test_the_digest_is_the_same_in_any_order(forms: list[FormFact]) -> None:
    turned = dict(reversed([*EXPOSURE.items()]))
    shuffled = [replace(f, answers=dict(reversed([*f.answers.items()]))) for f in forms]
    assert digest(shuffled, turned, MEAN) == digest(FORMS, EXPOSURE, MEAN)


@pytest.mark.parametrize(
    "changed",
    [
        replace(FORMS[0], record=UUID(int=3)),
        replace(FORMS[0], rater="rater 3"),
        replace(FORMS[0], organisation="moj"),
        replace(FORMS[0], answers={**FORM, "a": 5}),
        replace(FORMS[0], answers={**FORM, "a": None}),
    ],
)
def test_the_digest_tells_any_change_of_a_form(changed: FormFact) -> None:
    told = digest([changed, *FORMS[1:]], EXPOSURE, MEAN)
    assert told != digest(FORMS, EXPOSURE, MEAN)


def test_the_digest_tells_a_change_of_exposure_and_of_method() -> None:
    found = {
        digest(FORMS, EXPOSURE, MEAN),
        digest(FORMS, {**EXPOSURE, ONE: 260}, MEAN),
        digest(FORMS, {ONE: 261}, MEAN),
        digest(FORMS, EXPOSURE, replace(MEAN, version=2)),
        digest(FORMS, EXPOSURE, replace(MEAN, digest="0" * 64)),
        digest(FORMS[1:], EXPOSURE, MEAN),
    }
    assert len(found) == 6


def test_a_mark_is_the_mean_of_what_was_observed() -> None:
    people, values = marks(FORMS)
    assert people.tolist() == [str(ONE), str(ONE), str(OTHER)]
    assert values.tolist() == [3.0, 3.0, 3.5]


def test_an_item_that_a_form_lacks_is_not_observed_rather_than_zero() -> None:
    """The forms of one cycle may be of two versions."""
    _, values = marks(
        [*FORMS, FormFact(OTHER, "rater 4", "dft", {"a": 4, "e": 4, "f": 4})]
    )
    assert values[-1] == 4.0
    assert np.isfinite(values).all()


def test_a_form_too_empty_to_count_is_refused() -> None:
    with pytest.raises(UnusableForm):
        marks([FormFact(ONE, "rater 1", "dwp", {"a": 4, "b": 2, "c": None})])


def test_evidence_counts_people_and_organisations_once() -> None:
    again = [*FORMS, FormFact(ONE, "rater 2", "moj", FORM)]
    assert evidence(again) == {ONE: Evidence(2, 2), OTHER: Evidence(1, 1)}


def test_without_forms_there_is_no_evidence() -> None:
    assert evidence([]) == {}
