"""The end of a rater's way: look at the words once more, sent, saved, declined.

The law: as of the form itself.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from litestar import Response
from pydantic import Field

from service.errors import Stale
from service.feedback import actions
from service.feedback.giving import showing
from service.feedback.giving.steps import (
    CONFLICT,
    NOT_TAKEN,
    TOO_LATE,
    UNPROCESSABLE,
    Draw,
    Place,
    Take,
    Values,
    draft_again,
    is_open,
    over,
    too_late,
    unchanged_since,
)
from service.feedback.life import State
from service.settings import settings
from service.web import forms
from service.web.language import mark, say
from service.web.pages import AnyRequest, page, see_other
from service.web.templating import until

REASONS: Final = {
    ("reason", "string_too_long"): mark("Write 1,000 or fewer characters"),
    ("reason", "*"): mark("Say in a few words why you cannot give feedback"),
}


class Looked(forms.Form):
    """Which draft was looked at before it is sent."""

    version: int


class Reason(forms.Form):
    """Why somebody gives no feedback."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


async def look_again(request: AnyRequest, place: Place) -> Response[Any]:
    """Draw a rater's own words in which some may tell who they are."""
    if not is_open(place.own):
        return over(request, place)
    given = actions.drafted(place.own)
    found = [] if given is None else await showing.pointed(place.own, given)
    if not found:
        return see_other(place.form)
    return page(
        request,
        "feedback/check.html",
        title=say("Check your words"),
        place=place,
        pointed=found,
        version=place.own.version,
    )


async def send_anyway(
    request: AnyRequest, place: Place, values: Values
) -> Response[Any]:
    """Send the draft that was looked at."""
    filled = forms.checked(values, Looked)
    if filled.form is None:
        return see_other(place.form)
    try:
        await actions.submit_saved(
            place.own.request,
            check=unchanged_since(filled.form.version),
            caller=place.caller,
            now=settings().clock(),
        )
    except TOO_LATE as refusal:
        return await too_late(request, place, refusal)
    except Stale:
        return see_other(place.step("check"))
    except NOT_TAKEN as refusal:
        return await draft_again(request, place, refusal)
    return see_other(place.step("sent"))


async def show_sent(request: AnyRequest, place: Place) -> Response[Any]:
    """Draw that the form was sent, and until when it can be changed."""
    if place.own.state != State.SUBMITTED or not is_open(place.own):
        return see_other(place.form)
    return _done(request, place, "feedback/sent.html", say("Feedback sent"))


async def show_saved(request: AnyRequest, place: Place) -> Response[Any]:
    """Draw that the form was saved, and until when it can be sent."""
    if not place.own.unsent or not is_open(place.own):
        return see_other(place.form)
    return _done(request, place, "feedback/saved.html", say("Saved, not sent yet"))


def _done(
    request: AnyRequest, place: Place, template: str, title: str
) -> Response[Any]:
    return page(
        request,
        template,
        title=title,
        place=place,
        sent=place.own.state == State.SUBMITTED,
        until=until(place.own.closes_at),
        releases=place.own.releases_at,
    )


async def ask_reason(request: AnyRequest, place: Place) -> Response[Any]:
    """Draw what asks why somebody gives no feedback."""
    if not is_open(place.own):
        return over(request, place)
    if place.own.state == State.SUBMITTED:
        return see_other(place.form)  # What was sent is changed, not taken back.
    return await _reason(request, place, forms.started())


async def _reason(
    request: AnyRequest, place: Place, filled: forms.Filled[Any], status: int = 200
) -> Response[Any]:
    return page(
        request,
        "feedback/decline.html",
        title=say("Why can you not give this feedback?"),
        status=status,
        filled=filled,
        place=place,
    )


async def decline(request: AnyRequest, place: Place, values: Values) -> Response[Any]:
    """Take the reason; somebody else may be asked."""
    if not is_open(place.own):
        return over(request, place, CONFLICT)
    filled = forms.checked(values, Reason, REASONS)
    if filled.form is not None:
        try:
            await actions.decline(
                place.own.request,
                reason=filled.form.reason,
                caller=place.caller,
                now=settings().clock(),
            )
        except TOO_LATE as refusal:
            return await too_late(request, place, refusal)
        return see_other(place.declined)
    return await _reason(request, place, filled, UNPROCESSABLE)


DRAWS: Final[Mapping[str, Draw]] = {
    "check": look_again,
    "sent": show_sent,
    "saved": show_saved,
    "decline": ask_reason,
}
TAKES: Final[Mapping[str, Take]] = {"check": send_anyway, "decline": decline}
"""The steps below a form, by the last part of their address."""
