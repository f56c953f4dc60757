"""Pages on which text moderators pass comments or withhold them."""

from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.feedback.form.items import Box
from service.feedback.moderation import actions
from service.feedback.moderation.rules import Code, DecidedAlready, Decision
from service.feedback.results.rules import EXAMPLE
from service.settings import settings
from service.web.forms import Filled, Form, read
from service.web.language import mark, say
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]
MODERATOR: Final = signed_in(Role.TEXT_MODERATOR)
HERE: Final = "/comments"
SHOWN: Final = 10
"""Comments on a page: few enough to be read with care."""
REASONS: Final = {
    Code.IDENTIFIES_RATER: mark("It tells who wrote it"),
    Code.IDENTIFIES_THIRD_PARTY: mark("It names or tells of somebody else"),
    Code.ABUSIVE: mark("It is abusive"),
    Code.UNLAWFUL: mark("It is unlawful to pass on"),
    Code.OFF_TOPIC: mark("It is not about working together"),
}
ABOUT: Final = {
    Box.KEEP_DOING.value: mark("What they should keep doing"),
    Box.DO_DIFFERENTLY.value: mark("What they should do differently"),
    EXAMPLE: mark("An example"),
}


class DecisionForm(Form):
    """What becomes of a comment."""

    decision: Decision
    reason: Code | None = None


WHY_WITHHELD: Final = mark("Select why it is withheld")
SENTENCES: Final = {
    ("decision", "*"): mark("Select whether to pass or withhold the comment"),
    ("reason", "*"): WHY_WITHHELD,
}


class CommentPages(Controller):
    """The comments that wait for a text moderator."""

    path = HERE

    @get(security=MODERATOR, **PAGE)
    async def waiting(self, request: AnyRequest, caller: Caller) -> Response[Any]:
        """Show the comments that wait, each with its decision to make."""
        found = await actions.queue(limit=SHOWN, caller=caller, now=settings().clock())
        return page(
            request,
            "moderation/comments.html",
            title=say("Comments to check"),
            found=[(each, _about(each.field)) for each in found.first],
            waiting=found.waiting,
        )

    @get("/{comment:uuid}", security=MODERATOR, **PAGE)
    async def one(
        self, request: AnyRequest, caller: Caller, comment: FromPath[UUID]
    ) -> Response[Any]:
        """Show one comment."""
        return await _shown(request, comment, caller, Filled(), 200)

    @post("/{comment:uuid}", security=MODERATOR, **PAGE)
    async def decide(
        self, request: AnyRequest, caller: Caller, comment: FromPath[UUID]
    ) -> Response[Any]:
        """Pass it, or withhold it with a reason: once, and never edited."""
        filled = _with_reason(await read(request, DecisionForm, SENTENCES))
        if filled.form is not None:
            form = filled.form
            withheld = form.decision is Decision.WITHHOLD
            try:
                await actions.decide(
                    comment,
                    form.decision,
                    form.reason if withheld else None,
                    caller=caller,
                    now=settings().clock(),
                )
                return see_other(HERE)
            except DecidedAlready:
                raise  # It is not there to be shown again.
            except Refusal as refusal:
                filled = filled.refused(refusal)
        return await _shown(request, comment, caller, filled, UNPROCESSABLE)


def _with_reason(filled: Filled[DecisionForm]) -> Filled[DecisionForm]:
    """Ask for the reason that a comment is withheld for, as the API does."""
    form = filled.form
    if form is None or form.decision is Decision.PASS or form.reason is not None:
        return filled
    return Filled(filled.values, {"reason": say(WHY_WITHHELD)})


async def _shown(
    request: AnyRequest,
    comment: UUID,
    caller: SignedIn,
    filled: Filled[Any],
    status: int,
) -> Response[str]:
    shown = await actions.waiting(comment, caller=caller, now=settings().clock())
    return page(
        request,
        "moderation/comment.html",
        title=say("Check a comment"),
        status=status,
        filled=filled,
        comment=shown,
        about=_about(shown.field),
        reasons=[{"value": code, "text": say(text)} for code, text in REASONS.items()],
    )


def _about(field: str) -> str:
    return say(ABOUT[field])
