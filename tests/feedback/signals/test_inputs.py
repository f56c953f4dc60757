"""People are numbered and answers laid out so that nothing is lost or mixed up."""

import numpy as np

from service.feedback.forms import Tie
from service.feedback.signals.inputs import network, numbered, table

TIES = [
    Tie("b", "a", {"x": 4, "y": None}, on_last_day=False),
    Tie("a", "b", {"x": 2, "y": 5}, on_last_day=True),
    Tie("a", "c", {"y": 1, "x": 3}, on_last_day=False),
]


def test_somebody_has_one_number_as_subject_and_as_rater() -> None:
    forms = network(TIES)
    assert forms.people == 3
    assert forms.subject.tolist() == [1, 0, 0]
    assert forms.rater.tolist() == [0, 1, 2]
    assert forms.late.tolist() == [False, True, False]


def test_not_observed_is_not_a_number() -> None:
    answers = table([tie.answers for tie in TIES])
    assert np.isnan(answers[0, 1])
    assert answers[1:].tolist() == [[2, 5], [3, 1]]


def test_the_same_name_has_the_same_number() -> None:
    assert numbered(["q", "p", "q"]).tolist() == [1, 0, 1]
