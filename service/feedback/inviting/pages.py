"""Pages of raters who cannot sign in: declare, delegate, draw.

The law: as of the API beside it: a link alone names nobody, and one that does not count
is answered as one that never was. What somebody wrote while their half hour ended goes
on with them to the code and back.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from pydantic import BeforeValidator, Field

from service.auth.guard import VISITORS
from service.edge.untraced import UNTRACED
from service.errors import NotFound
from service.feedback import actions as raters_own
from service.feedback.giving import ending, steps
from service.feedback.giving.steps import UNPROCESSABLE, Draw, Place, Take, Values
from service.feedback.inviting import actions
from service.feedback.inviting.limiting import count
from service.feedback.inviting.rules import (
    SESSION_LASTS,
    CodeTooSoon,
    CodeWanted,
    WrongCode,
)
from service.feedback.inviting.tokens import digest_of
from service.feedback.own import Own
from service.settings import settings
from service.web import forms
from service.web.language import mark, say
from service.web.pages import PAGE, AnyRequest, page, see_other
from service.web.templating import until

LINKS: Final = "/feedback-links"
COOKIE: Final = "__Host-feedback-"
DIGITS: Final = 12
"""Of the link's digest, so that two links in one browser do not end each other."""
TO: Final = "to"
"""The field that holds, while a code is typed, what was to be done."""
NOT_FOUND: Final = 404
OPEN: Final[dict[str, Any]] = {
    **PAGE,
    "security": VISITORS,
    "opt": {UNTRACED: True},
}
SENTENCES: Final = {
    ("code", "missing"): mark("Enter the code that was mailed to you"),
    ("code", "*"): mark("The code is six digits, such as 204518"),
}
DRAWS: Final[Mapping[str, Draw]] = {"form": steps.show, **ending.DRAWS}
TAKES: Final[Mapping[str, Take]] = {"form": steps.take, **ending.TAKES}
Step = TypeVar("Step")


def _joined(text: object) -> object:
    """Return a code without the spaces that people put in it."""
    return "".join(text.split()) if isinstance(text, str) else text


class Code(forms.Form):
    """The code that was mailed."""

    code: Annotated[str, BeforeValidator(_joined), Field(pattern=r"^[0-9]{6}$")]


def _nowhere(request: AnyRequest, _: Exception) -> Response[Any]:
    """Draw the same for a link that never was, is over or was used up."""
    return page(
        request,
        "feedback/no_link.html",
        title=say("This link leads nowhere"),
        status=NOT_FOUND,
    )


class LinkPages(Controller):
    """One form of a rater whose organisation has no sign-in provider."""

    path = LINKS
    exception_handlers = {NotFound: _nowhere}  # noqa: RUF012 - as Litestar declares it

    @get("/declined", **OPEN)
    async def declined(self, request: AnyRequest) -> Response[Any]:
        """Draw what comes after declining, when the link leads nowhere any more."""
        title = say("You have declined to give this feedback")
        return page(request, "feedback/link_declined.html", title=title)

    @get("/{token:str}", **OPEN)
    async def start(self, request: AnyRequest, token: FromPath[str]) -> Response[Any]:
        """Draw until when the link counts, and what mails a code."""
        own = await _led_to(request, token)
        return page(
            request,
            "feedback/link.html",
            title=say("Give feedback on a colleague"),
            path=_at(token),
            until=until(own.closes_at),
        )

    @post("/{token:str}/codes", **OPEN)
    async def ask_code(
        self, request: AnyRequest, token: FromPath[str]
    ) -> Response[Any]:
        """Mail a code, and ask for it."""
        await _led_to(request, token)
        words = (await forms.sent(request)).values
        try:
            await actions.ask_code(token, settings().clock())
        except CodeTooSoon as refusal:
            empty: forms.Filled[Code] = forms.Filled()
            filled = empty.refused(refusal, {refusal.slug: "code"})
            return _code(request, token, words, filled)
        return _code(request, token, words) if words else see_other(_at(token, "code"))

    @get("/{token:str}/code", **OPEN)
    async def code(self, request: AnyRequest, token: FromPath[str]) -> Response[Any]:
        """Draw where the code is typed."""
        await _led_to(request, token)
        return _code(request, token, {})

    @post("/{token:str}/code", **OPEN)
    async def type_code(
        self, request: AnyRequest, token: FromPath[str]
    ) -> Response[Any]:
        """Let somebody in who types it: to the form, or on with what they wrote."""
        await _led_to(request, token)
        words = dict((await forms.sent(request)).values)
        filled = forms.checked({"code": words.pop("code", ())}, Code, SENTENCES)
        if filled.form is None:
            return _code(request, token, words, filled)
        try:
            now = settings().clock()
            session, _ = await actions.type_code(token, filled.form.code, now)
        except WrongCode as refusal:
            wrong = filled.refused(refusal, {refusal.slug: "code"})
            return _code(request, token, words, wrong)
        answer = await _go_on(request, token, session, words)
        answer.set_cookie(_cookie(token, session))
        return answer

    @get("/{token:str}/{step:str}", **OPEN)
    async def step(
        self, request: AnyRequest, token: FromPath[str], step: FromPath[str]
    ) -> Response[Any]:
        """Draw the form, or what comes after it."""
        draw = _known(step, DRAWS)
        try:
            place = await _entered(request, token)
        except CodeWanted:
            return see_other(_at(token))
        return await draw(request, place)

    @post("/{token:str}/{step:str}", **OPEN)
    async def take_step(
        self, request: AnyRequest, token: FromPath[str], step: FromPath[str]
    ) -> Response[Any]:
        """Take the form, or what comes after it."""
        take = _known(step, TAKES)
        words = (await forms.sent(request)).values
        try:
            place = await _entered(request, token)
        except CodeWanted:
            return _code(request, token, {**words, TO: (step,)})
        return await take(request, place, words)


async def _led_to(request: AnyRequest, token: str) -> Own:
    await count(request, token)
    return await actions.led_to(token, settings().clock())


def _code(
    request: AnyRequest,
    token: str,
    words: Values,
    filled: forms.Filled[Code] | None = None,
) -> Response[Any]:
    """Draw where the code is typed; `words` were written before and go on with it."""
    return page(
        request,
        "feedback/code.html",
        title=say("Enter your code"),
        status=200 if filled is None else UNPROCESSABLE,
        filled=filled,
        path=_at(token),
        words=words,
    )


async def _go_on(
    request: AnyRequest, token: str, session: str, words: dict[str, tuple[str, ...]]
) -> Response[Any]:
    """Lead to the form, or do what was to be done before the code was wanted."""
    if TO not in words:
        return see_other(_at(token, "form"))
    take = _known(words.pop(TO)[-1], TAKES)
    now = settings().clock()
    own = await raters_own.open_found(await actions.found(token, session, now), now)
    return await take(request, _place(token, own), words)


async def _entered(request: AnyRequest, token: str) -> Place:
    """Return the form of a link whose code was typed, which is opened by it."""
    await count(request, token)
    now = settings().clock()
    session = request.cookies.get(_name(token))
    own = await raters_own.open_found(await actions.found(token, session, now), now)
    return _place(token, own)


def _place(token: str, own: Own) -> Place:
    return Place(
        own=own,
        form=_at(token, "form"),
        below=_at(token),
        declined=f"{LINKS}/declined",
        signed_in=False,
    )


def _known(step: str, found: Mapping[str, Step]) -> Step:
    if step not in found:
        raise NotFound("No such page.")
    return found[step]


def _at(token: str, *step: str) -> str:
    return "/".join([LINKS, token, *step])


def _name(token: str) -> str:
    return COOKIE + digest_of(token).hex()[:DIGITS]


def _cookie(token: str, session: str) -> Cookie:
    """Return what shows for half an hour, to this host alone, that a code was typed."""
    return Cookie(
        key=_name(token),
        value=session,
        path="/",
        max_age=int(SESSION_LASTS.total_seconds()),
        secure=True,
        httponly=True,
        samesite="strict",
    )
