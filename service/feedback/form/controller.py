"""HTTP for the form: declare, delegate, present.

The law: everybody is given the same bytes, and that somebody looked leaves no trace.
"""

from typing import Any, Final

from litestar import Controller, Request, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery

from service.auth.guard import person
from service.edge.conditional import unless_known
from service.edge.untraced import UNTRACED
from service.feedback.form.data import ChangedForm, form
from service.feedback.form.items import Language
from service.feedback.form.schemas import FormOut, shown

Asked = Request[Any, Any, Any]
CACHED: Final = {"Cache-Control": "private, max-age=86400"}
"""Private, because it travels beside the caller's own rate limit."""


class FormController(Controller):
    """The form that raters fill in."""

    path = "/v1/feedback-forms"
    tags = ("Feedback",)

    @get(
        "/{version:int}",
        operation_id="getFeedbackForm",
        summary="Get a version of the feedback form",
        security=person(),
        responses={
            200: ResponseSpec(FormOut, generate_examples=False, description="The form.")
        },
        opt={UNTRACED: True, "refuses": (ChangedForm,)},
    )
    async def one(
        self,
        request: Asked,
        version: FromPath[int],
        language: FromQuery[Language] = Language.ENGLISH,
    ) -> Response[bytes]:
        """Return what it asks and how, in English (`en`) or Welsh (`cy`)."""
        content = shown(form(version), language).model_dump_json().encode()
        return unless_known(request, content, headers=CACHED)
