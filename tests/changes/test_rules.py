from dataclasses import FrozenInstanceError, fields
from uuid import uuid4

import pytest

from service.changes.rules import Change, Op, Stream


def test_feedback_has_no_stream() -> None:
    assert {stream.value for stream in Stream} == {
        "scores",
        "records",
        "objectives",
        "people",
    }


def test_a_change_says_which_and_never_what() -> None:
    assert [field.name for field in fields(Change)] == [
        "organisation",
        "stream",
        "type",
        "entity",
        "version",
        "op",
    ]


def test_unless_it_says_otherwise_something_is_there_now() -> None:
    change = Change("hmt", Stream.SCORES, "score", uuid4(), 1)

    assert change.op is Op.UPSERT
    with pytest.raises(FrozenInstanceError):
        change.version = 2  # type: ignore[misc]  # What is shown to fail.
