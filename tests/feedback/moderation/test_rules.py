"""What a moderator decides, and when, without I/O."""

from datetime import timedelta
from uuid import UUID

import pytest

from service.feedback.moderation import rules
from tests.factories import CLOSED


def test_a_comment_is_decided_on_between_closing_and_release() -> None:
    later = CLOSED + timedelta(days=14)
    rules.check_undecided(CLOSED, later, None)
    with pytest.raises(rules.ModerationOver, match="not closed"):
        rules.check_undecided(None, later, None)
    with pytest.raises(rules.ModerationOver, match="due for release"):
        rules.check_undecided(CLOSED, later, later)


def test_a_label_is_one_moderator_s_and_one_subject_s() -> None:
    one, other, record = (UUID(int=number) for number in (1, 2, 3))
    labels = {
        rules.label(record, one, b"k"),
        rules.label(record, other, b"k"),
        rules.label(other, one, b"k"),
        rules.label(record, one, b"l"),
    }
    assert len(labels) == 4
