"""The short forms that several pages of an objective ask, and their sentences."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from service.objectives.schemas import Reason
from service.web.forms import Form
from service.web.language import mark, say

LONGEST: Final = 4_000
TOO_LONG: Final = mark("Use 4,000 characters or fewer")
Words = Annotated[str, Field(max_length=LONGEST)]


class PlainForm(Form):
    """A button alone."""


class ReasonForm(Form):
    """Why."""

    reason: Reason


class CommentForm(Form):
    """What somebody says beside what they do."""

    comment: Words = ""


def needed(
    field: str, sentence: str, otherwise: str = TOO_LONG
) -> Mapping[tuple[str, str], str]:
    """Return what is said of a field that is empty, and what else is wrong with it."""
    return {
        (field, "missing"): sentence,
        (field, "string_too_short"): sentence,
        (field, "*"): otherwise,
    }


NO_SENTENCES: Final[Mapping[tuple[str, str], str]] = {}
REASONS: Final = needed("reason", mark("Enter a reason"))
COMMENTS: Final[Mapping[tuple[str, str], str]] = {("comment", "*"): TOO_LONG}


def reason_field(label: str) -> Mapping[str, Any]:
    """Return the field of a reason, which others read."""
    hint = say("Everyone in this objective can read it.")
    return {"name": "reason", "label": label, "hint": hint}


def comment_field() -> Mapping[str, Any]:
    """Return the field of a comment, which may stay empty."""
    return {
        "name": "comment",
        "label": say("Comment (optional)"),
        "hint": say("Everyone in this objective can read it."),
    }
