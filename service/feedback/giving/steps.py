"""A rater's form: drawn, kept, sent.

The law: no step leaves a trace that others can read, and none loses what was written.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import Response

from service.access.rules import NotShared
from service.auth.caller import Person
from service.errors import Refusal, Stale
from service.feedback import actions
from service.feedback.filling import Filled
from service.feedback.giving import answers, showing, wrong
from service.feedback.giving.answers import Given
from service.feedback.life import OPEN, State, WrongState
from service.feedback.own import Own
from service.feedback.queries import limits_in
from service.feedback.rules import BadAnswers, NotEligible, NotOpen
from service.settings import settings
from service.web import forms
from service.web.language import mark, say
from service.web.pages import AnyRequest, page, see_other
from service.web.templating import since, until

NOT_TAKEN: Final = (BadAnswers, NotEligible, NotShared)
TOO_LATE: Final = (NotOpen, WrongState)
UNPROCESSABLE: Final = 422
CONFLICT: Final = 409
CHANGED_ELSEWHERE: Final = mark(
    "You saved this form in another window since you opened it here. To keep what you"
    " see here instead, send or save it again"
)
OVER: Final[Mapping[State, str]] = {
    State.DECLINED: mark("You have declined to give this feedback"),
    State.WITHDRAWN: mark("This feedback is not needed any more"),
}
EARLY: Final = mark("It is too early for this feedback")
LATE: Final = mark("The time for this feedback is over")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rater stands: their own request, and the addresses of its pages."""

    own: Own
    form: str
    """Path of the form."""
    below: str
    """Path that the other steps lie below."""
    declined: str
    """Path of what is shown once they have declined."""
    signed_in: bool

    @property
    def caller(self) -> Person:
        """Return the rater, on whose behalf they act."""
        return Person(self.own.rater)

    def step(self, name: str) -> str:
        """Return the path of a step."""
        return f"{self.below}/{name}"


Values = Mapping[str, tuple[str, ...]]
"""What was written on a page, by field."""
Draw = Callable[[AnyRequest, Place], Awaitable[Response[Any]]]
Take = Callable[[AnyRequest, Place, Values], Awaitable[Response[Any]]]
"""A step that draws a page, and one that takes what was written there."""


async def show(request: AnyRequest, place: Place) -> Response[Any]:
    """Draw the form with what was saved of it, or why there is none."""
    if not is_open(place.own):
        return over(request, place)
    filled = answers.started(actions.drafted(place.own))
    looked = "looked" in request.query_params
    return await _form(request, place, filled, place.own.version, looked=looked)


def is_open(own: Own) -> bool:
    """Say whether its rater can do something about a request now."""
    now = settings().clock()
    return own.state in OPEN and own.opens_at <= now and not own.is_over(now)


def over(request: AnyRequest, place: Place, status: int = 200) -> Response[Any]:
    """Draw why nothing can be given: it is early, late, declined or not wanted."""
    own, now = place.own, settings().clock()
    early = now < own.opens_at
    return page(
        request,
        "feedback/over.html",
        title=say(EARLY if early else OVER.get(own.state, LATE)),
        status=status,
        place=place,
        state=own.state,
        early=early,
        opens=since(own.opens_at),
        until=until(own.closes_at),
        releases=own.releases_at,
    )


async def _form(
    request: AnyRequest,
    place: Place,
    filled: forms.Filled[Given],
    version: int,
    *,
    looked: bool,
    status: int = 200,
) -> Response[Any]:
    asked = await showing.asked(place.own, settings().clock().date())
    return page(
        request,
        "feedback/form.html",
        title=say("Feedback on %(name)s", name=asked.subject.name),
        status=status,
        filled=filled,
        place=place,
        asked=asked,
        version=version,
        looked=looked,
    )


async def take(request: AnyRequest, place: Place, values: Values) -> Response[Any]:
    """Keep or send a form, as `values` say; whatever is wrong, the rest is kept."""
    if not is_open(place.own):
        return over(request, place, CONFLICT)
    model = answers.model_of(place.own.form_version)
    filled = forms.checked(values, model, answers.SENTENCES)
    form = filled.form or answers.readable(filled, model).form
    if form is None:
        return await _again(request, place, filled, {}, place.own.version)
    given = answers.filled_in(form, place.own.form_version)
    version, errors = place.own.version, dict[str, str]()
    try:
        if filled.form is not None and form.action == "send":
            return see_other(await _send(place, form, given))
        version = await _save(place, given, form.version)
        if filled.form is not None:
            return see_other(place.step("saved"))
    except TOO_LATE as refusal:
        return await too_late(request, place, refusal)
    except NOT_TAKEN as refusal:
        errors = said(place, refusal, given)
        version = await _kept(place, given, form.version)
    except Stale:
        errors = {forms.WHOLE: say(CHANGED_ELSEWHERE)}
    return await _again(request, place, filled, errors, version)


async def _send(place: Place, form: Given, given: Filled) -> str:
    """Send a form, or have its rater look at their words first; return where to."""
    now, request = settings().clock(), place.own.request
    if not form.looked and await showing.pointed(place.own, given):
        await actions.check_sendable(request, given, caller=place.caller, now=now)
        await _save(place, given, form.version)
        return place.step("check")
    await actions.submit(
        request,
        given,
        check=unchanged_since(form.version),
        caller=place.caller,
        now=now,
    )
    return place.step("sent")


async def _save(place: Place, given: Filled, version: int) -> int:
    return await actions.save(
        place.own.request,
        given,
        check=unchanged_since(version),
        caller=place.caller,
        now=settings().clock(),
    )


async def _kept(place: Place, given: Filled, version: int) -> int:
    """Keep a form that was not taken, as far as it can be; return its version."""
    try:
        return await _save(place, given, version)
    except (BadAnswers, Stale):
        return version


def unchanged_since(version: int) -> Callable[[int], None]:
    """Return what refuses a draft that is not the one a page was drawn from."""

    def check(current: int) -> None:
        if current != version:
            raise Stale("The draft was saved from elsewhere: open it again.")

    return check


def said(place: Place, refusal: Refusal, given: Filled) -> dict[str, str]:
    """Return what a refusal says of each field."""
    least = limits_in(place.own.framework).minimum_contact_months
    return wrong.sentences(refusal, given, showing.words_of(place.own), least)


async def too_late(
    request: AnyRequest, place: Place, refusal: Refusal
) -> Response[Any]:
    """Draw what has become of the request meanwhile."""
    now = settings().clock()
    own = await actions.look(place.own.request, caller=place.caller, now=now)
    if is_open(own):
        raise refusal  # Another of their devices was quicker, and it is open still.
    return over(request, replace(place, own=own), CONFLICT)


async def draft_again(
    request: AnyRequest, place: Place, refusal: Refusal
) -> Response[Any]:
    """Draw the form as it was saved, with what a refusal says of it."""
    given = actions.drafted(place.own)
    errors = {} if given is None else said(place, refusal, given)
    filled = answers.started(given)
    return await _again(request, place, filled, errors, place.own.version)


async def _again(
    request: AnyRequest,
    place: Place,
    filled: forms.Filled[Given],
    errors: Mapping[str, str],
    version: int,
) -> Response[Any]:
    found = {**filled.errors, **errors}
    asked = answers.model_of(place.own.form_version).model_fields
    inorder = {name: found[name] for name in (*asked, *found) if name in found}
    return await _form(
        request,
        place,
        replace(filled, errors=inorder, form=None),
        version,
        looked=filled.checked("looked", "true"),
        status=UNPROCESSABLE,
    )
