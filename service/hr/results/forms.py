"""What the forms about a score ask, and the sentences for what is wrong with them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import Field

from service.feedback.form.items import LONGEST_TEXT
from service.scores.deciding.rules import Outcome
from service.scores.deciding.schemas import DecisionIn, JudgementIn
from service.scores.rules import Band
from service.web.forms import Filled, Form
from service.web.language import mark, say

LONGEST: Final = 4000
Words = Annotated[str, Field(max_length=LONGEST)]
Version = Annotated[int, Field(ge=0)]
Sentences = Mapping[tuple[str, str], str]
TOO_LONG: Final = mark("It must be 4,000 characters or fewer")


class DecisionForm(Form):
    """What the line manager makes of the score."""

    outcome: Outcome
    reason: Words | None = None
    band: Band | None = None
    note: Words | None = None
    version: Version

    def decision(self) -> DecisionIn:
        """Return what it decides; only an amendment has a judgement of its own."""
        judged = None
        if self.outcome is Outcome.AMEND:
            judged = JudgementIn(band=self.band, note=self.note)
        return DecisionIn(outcome=self.outcome, reason=self.reason, judgement=judged)


def whole(filled: Filled[DecisionForm]) -> Filled[DecisionForm]:
    """Say what a decision lacks, of which some need more than others."""
    form = filled.form
    if form is None or form.outcome is Outcome.ACCEPT:
        return filled
    errors = {}
    if form.reason is None:
        errors["reason"] = say(NO_REASON)
    if form.outcome is Outcome.AMEND and form.band is None and form.note is None:
        errors["note"] = say(NO_JUDGEMENT)
    return replace(filled, errors=errors, form=None) if errors else filled


class AppealForm(Form):
    """Why the subject appeals."""

    reason: Words


class SettlementForm(Form):
    """What comes of an appeal, and why."""

    outcome: Literal["uphold", "partly_uphold", "dismiss"]
    reason: Words
    version: Version


class VersionForm(Form):
    """Which version of the score was read."""

    version: Version


class ReplyForm(Form):
    """What the subject says to their feedback, or that they have read it."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None
    version: Version = 0


NO_REASON: Final = mark("Say why you reject it or put your own judgement beside it")
NO_JUDGEMENT: Final = mark("Say what your own judgement is")
DECIDES: Final[Sentences] = {
    ("outcome", "*"): mark("Choose what you make of the score"),
    ("reason", "*"): TOO_LONG,
    ("note", "*"): TOO_LONG,
}
APPEALS: Final[Sentences] = {
    ("reason", "missing"): mark("Say why you appeal"),
    ("reason", "*"): TOO_LONG,
}
SETTLES: Final[Sentences] = {
    ("outcome", "*"): mark("Choose what comes of the appeal"),
    ("reason", "missing"): mark("Say why you settle it so"),
    ("reason", "*"): TOO_LONG,
}
REPLIES: Final[Sentences] = {
    ("text", "*"): mark("Your reply is too long: cut it"),
}
