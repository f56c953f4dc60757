"""Pages of results, and the subject's reply to them. They only declare.

The law: only the subject and their line manager are shown any; before the release both
are told when it is, and nothing else.
"""

from datetime import datetime
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.auth.caller import SignedIn
from service.auth.guard import signed_in
from service.errors import Refusal
from service.feedback.form.items import LONGEST_TEXT, Language
from service.feedback.results import actions as replying
from service.feedback.rules import Origin
from service.hr import wording
from service.hr.results import actions
from service.hr.results.actions import Shown
from service.hr.results.deciding import unchanged_since
from service.hr.results.forms import REPLIES, ReplyForm
from service.hr.results.reasons import CATEGORIES, WHY, WHY_NO_COMMENTS, average
from service.settings import settings
from service.web.forms import Filled, read, started
from service.web.language import say, spoken
from service.web.pages import PAGE, UNPROCESSABLE, AnyRequest, page, see_other

Caller = NamedDependency[SignedIn]


class ResultPages(Controller):
    """What came of a year, for whom it is about and their line manager."""

    path = "/records/{record:uuid}/results"

    @get(security=signed_in(), **PAGE)
    async def results(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Show score, reasons and feedback, as far as they are released."""
        return await _results(request, caller, record, settings().clock())

    @post("/reply", security=signed_in(), **PAGE)
    async def reply(
        self, request: AnyRequest, caller: Caller, record: FromPath[UUID]
    ) -> Response[str]:
        """Keep that the subject has read their feedback, and what they reply."""
        now = settings().clock()
        filled = await read(request, ReplyForm, REPLIES)
        found = await _read(request, caller, record, now)
        if filled.form is not None:
            try:
                await replying.reply(
                    found.record,
                    filled.form.text,
                    check=unchanged_since(filled.form.version),
                    caller=caller,
                    now=now,
                )
                return see_other(f"/records/{record}/results?done=replied#reply")
            except Refusal as refusal:
                filled = filled.refused(refusal, {"#/text": "text"})
        return _drawn(request, found, filled, now)


async def _read(
    request: AnyRequest, caller: SignedIn, record: UUID, now: datetime
) -> Shown:
    return await actions.read(
        record,
        Language(spoken()),
        caller=caller,
        issuer=request.app.state.issuer,
        now=now,
    )


async def _results(
    request: AnyRequest, caller: SignedIn, record: UUID, now: datetime
) -> Response[str]:
    found = await _read(request, caller, record, now)
    reply = found.feedback.reply if found.feedback else None
    filled = started(text=reply and reply.text, version=found.reply_version)
    return _drawn(request, found, filled, now)


def _drawn(
    request: AnyRequest, found: Shown, filled: Filled[ReplyForm], now: datetime
) -> Response[str]:
    own = found.part is Origin.SUBJECT
    reply = found.feedback.reply if found.feedback else None
    return page(
        request,
        "results/results.html",
        title=say("Your results")
        if own
        else say("Results of %(name)s", name=found.name),
        status=UNPROCESSABLE if filled.errors else 200,
        filled=filled,
        found=found,
        own=own,
        replies=own and (reply is None or now < reply.amendable_until),
        done=request.query_params.get("done"),
        how_sure=wording.how_sure,
        words=wording,
        why=WHY,
        why_no_comments=WHY_NO_COMMENTS,
        average=average,
        categories=CATEGORIES,
        most=LONGEST_TEXT,
    )
