"""What the pages about agreeing to an objective ask, and how they are drawn."""

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from litestar import Response
from pydantic import Field

from service.auth.caller import SignedIn
from service.errors import NotFound
from service.objectives.audience import needed_for
from service.objectives.drawing import asked, called
from service.objectives.forms import (
    COMMENTS,
    REASONS,
    CommentForm,
    ReasonForm,
    comment_field,
    needed,
    reason_field,
)
from service.objectives.offering import Kind
from service.objectives.presenting import PersonOut
from service.objectives.queries import ContributionFact
from service.objectives.reading import Whole
from service.objectives.rules import LEAVES_FREELY
from service.objectives.schemas import Reason
from service.web.forms import Filled, Form
from service.web.language import mark, say
from service.web.pages import AnyRequest


class AgreeForm(CommentForm):
    """Which version somebody agrees to."""

    version: Annotated[int, Field(ge=1)]


class DisputeForm(ReasonForm):
    """What is disputed: a contribution, or all of it."""

    about: UUID | None = None


class ReplyForm(Form):
    """What is replied to a dispute."""

    reply: Reason


AGREEING: Final = COMMENTS
DISPUTING: Final = REASONS
REPLIES: Final[Mapping[tuple[str, str], str]] = {
    **needed("reply", mark("Enter a reply")),
}
WAYS: Final[Mapping[str, Kind]] = {"keep": Kind.KEEP, "drop": Kind.DROP}


def way_of(way: str) -> Kind:
    """Return how a dispute is settled, by the word in the address."""
    if way not in WAYS:
        raise NotFound("No such page.")
    return WAYS[way]


def agreement(
    request: AnyRequest, it: Whole, filled: Filled[AgreeForm] | None
) -> Response[str]:
    """Ask whether somebody agrees to what an objective says."""
    return asked(
        request,
        it,
        filled,
        title=say("Agree to this objective"),
        intro=[
            say("You agree to what it says now, for everyone you answer for in it."),
            say("If it is changed later, you are asked again."),
        ],
        says=True,
        fields=[{"name": "version", "value": it.fact.version}, comment_field()],
        button=say("Agree"),
    )


def returned(
    request: AnyRequest, it: Whole, filled: Filled[ReasonForm] | None
) -> Response[str]:
    """Ask why an objective is sent back."""
    return asked(
        request,
        it,
        filled,
        title=say("Send this objective back"),
        intro=[
            say("It goes back to the line manager who set it, to change or withdraw.")
        ],
        fields=[reason_field(say("What has to change before you can agree?"))],
        button=say("Send back"),
    )


def disagreement(
    request: AnyRequest, it: Whole, caller: SignedIn, filled: Filled[DisputeForm] | None
) -> Response[str]:
    """Ask what somebody disputes, and why."""
    return asked(
        request,
        it,
        filled if filled is not None else Filled({"about": ("",)}),
        title=say("Dispute this objective"),
        intro=[
            say(
                "Both line managers are told. The dispute stands on the record with"
                " what comes of it. Nobody can overrule you: you are asked again."
            )
        ],
        fields=[
            {
                "name": "about",
                "label": say("What do you dispute?"),
                "choices": [
                    {"value": "", "text": say("The objective as a whole")},
                    *(
                        {"value": str(part.id), "text": _contribution(it, part)}
                        for part in _disputable(it, caller)
                    ),
                ],
            },
            reason_field(say("Why do you dispute it?")),
        ],
        button=say("Dispute objective"),
    )


def _disputable(it: Whole, caller: SignedIn) -> list[ContributionFact]:
    """Return the contributions for which the caller's agreement is needed."""
    needed = needed_for(it.fact, it.standing)
    mine = {part for (_, part), who in needed.items() if who == caller.id}
    return [
        part
        for part in it.fact.live
        if part.id in mine or (None in mine and part.person == it.fact.person)
    ]


def _contribution(it: Whole, part: ContributionFact) -> str:
    department = it.departments.get(part.organisation, part.organisation)
    person = PersonOut.of(part.person, part.organisation, it.sight)
    name = called(person, department)
    return say("What %(name)s contributes", name=name)


def settlement(
    request: AnyRequest,
    it: Whole,
    dispute: UUID,
    kind: Kind,
    filled: Filled[ReplyForm] | None,
) -> Response[str]:
    """Ask what is replied to a dispute that is kept, or dropped."""
    raised = next((each for each in it.disputes if each.id == dispute), None)
    if raised is None:
        raise NotFound(f"The objective has no dispute {dispute}.")
    keeps = kind == Kind.KEEP
    return asked(
        request,
        it,
        filled,
        title=say("Reply and keep it as it is") if keeps else say("Drop this dispute"),
        intro=[
            say("It is put to whoever disputes it again, with your reply.")
            if keeps
            else say(
                "What you disputed stays as it is, and so do your reason and this."
            )
        ],
        quote=raised.reason,
        fields=[
            {
                "name": "reply",
                "label": say("Your reply") if keeps else say("Why do you drop it?"),
                "hint": say("Everyone in this objective can read it."),
            }
        ],
        button=say("Send reply") if keeps else say("Drop dispute"),
    )


def parting(
    request: AnyRequest,
    it: Whole,
    part: ContributionFact,
    kind: Kind,
    filled: Filled[ReasonForm] | None,
) -> Response[str]:
    """Ask why a contribution is declined, or its contributor taken off."""
    declines = kind == Kind.DECLINE
    freely = it.fact.content.ownership_model in LEAVES_FREELY
    return asked(
        request,
        it,
        filled,
        title=say("Decline this contribution")
        if declines
        else say("Take this contributor off"),
        intro=[
            _contribution(it, part),
            say("The objective goes back to be shared out without it."),
            *([] if declines or freely else [say("As a rule nobody leaves it alone.")]),
        ],
        quote=part.commitment,
        fields=[
            reason_field(
                say("Why do you decline it?") if declines else say("Why do they leave?")
            )
        ],
        button=say("Decline contribution") if declines else say("Take contributor off"),
        warning=True,
    )
