"""HTTP for released feedback: declare, delegate, present.

The law: the subject and their line manager read the same; to everybody else, and to HR
administrators, there is nothing.
"""

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter

from service.auth.caller import SignedIn
from service.auth.guard import person
from service.edge.conditional import require_match, version_tag
from service.errors import NotFound, PreconditionRequired, Stale
from service.feedback.form.items import Language
from service.feedback.form.sealing import TextNotOpened
from service.feedback.results import actions, rules
from service.feedback.results.presenting import reply_shown, shown
from service.feedback.results.queries import ReplyFact
from service.feedback.results.schemas import FeedbackOut, ReplyIn, ReplyOut
from service.feedback.rules import NotYetReleased
from service.records.whose import record_for
from service.settings import settings

Asked = Request[Any, Any, Any]
Caller = NamedDependency[SignedIn]
Organisation = Annotated[
    str | None, Parameter(description="Code of the organisation that keeps the record.")
]
RecordName = Annotated[
    str, Parameter(description="The record's id, or source:external_record_id.")
]
READS = (NotYetReleased, TextNotOpened)
REPLY = ResponseSpec(
    ReplyOut, generate_examples=False, description="The reply, with its ETag."
)


class FeedbackController(Controller):
    """The released feedback on a record."""

    path = "/v1/records/{record:str}/feedback"
    tags = ("Feedback",)

    @get(
        operation_id="getFeedback",
        summary="Read the feedback on a record",
        security=person(),
        opt={"refuses": READS},
    )
    async def feedback(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> FeedbackOut:
        """Return it to its subject or their line manager, once it has been released."""
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        return shown(on, await actions.read(on, caller=caller, now=now), language)

    @get(
        "/reply",
        operation_id="getFeedbackReply",
        summary="Read the reply to feedback",
        security=person(),
        responses={200: REPLY},
        opt={"refuses": READS},
    )
    async def reply(
        self,
        caller: Caller,
        record: FromPath[RecordName],
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Return what the subject replied, to them or their line manager."""
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        found = await actions.read_reply(on, caller=caller, now=now)
        if found is None:
            raise NotFound("The subject has not said that they have read it.")
        return _tagged(found)

    @put(
        "/reply",
        operation_id="replyToFeedback",
        summary="Reply to your feedback",
        security=person(),
        responses={200: REPLY},
        opt={
            "refuses": (
                *READS,
                rules.NotYourReply,
                rules.ReplyIsFinal,
                Stale,
                PreconditionRequired,
            )
        },
    )
    async def give(
        self,
        request: Asked,
        caller: Caller,
        record: FromPath[RecordName],
        data: JSONBody[ReplyIn],
        organisation: FromQuery[Organisation] = None,
    ) -> Response[bytes]:
        """Say that you have read your feedback, and what you reply to it.

        Your line manager sees it. For fourteen days you can change it, with the ETag
        that you read in If-Match.
        """
        now = settings().clock()
        on = await record_for(record, caller, organisation, now.date())
        given = await actions.reply(
            on,
            data.text,
            check=lambda version: require_match(request, version),
            caller=caller,
            now=now,
        )
        return _tagged(given)


def _tagged(reply: ReplyFact) -> Response[bytes]:
    return Response(
        reply_shown(reply).model_dump_json().encode(),
        media_type="application/json",
        headers={"ETag": version_tag(reply.version)},
    )
