"""Signing in and out.

The law: where a page leads after signing in is a path of this service, and nothing on
these pages says who exists.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, FromQuery

from service.auth.guard import VISITORS, signed_in
from service.auth.sign_in import csrf, development, flow, providers, sessions
from service.auth.sign_in.development import NoDevelopment
from service.auth.sign_in.directory import Candidate
from service.auth.sign_in.flow import COOKIE, SIGNED_OUT, Leaving
from service.auth.sign_in.refusing import NotLetIn, SignInFailed
from service.auth.sign_in.sessions import Session, cookie_of, dropped, held
from service.errors import Refusal
from service.settings import settings
from service.web.addresses import local
from service.web.forms import Filled, Form, read, started
from service.web.language import mark, say
from service.web.pages import PAGE, AnyRequest, page, see_other
from service.web.refusing import sentence_of

CHOOSE: Final = mark("Which department do you work for?")
NOT_LET_IN: Final = mark("You cannot sign in")
NOT_FINISHED: Final = mark("You are not signed in yet")
ENDED: Final = mark("You have signed out")
CHOOSE_SOMEBODY: Final = mark("Select who you want to be")
ATTEMPT_SECONDS: Final = 600
SIGN_IN: Final = "/sign-in"
"""Where choosing another language leads from what cannot be asked for again."""


class GoingOn(Form):
    """Where somebody wanted to go."""

    to: str | None = None


class Somebody(GoingOn):
    """Whom somebody wants to be, in development."""

    who: str
    search: str = ""
    """What they were looked for by, to list the same people if nobody was chosen."""


class SignInPages(Controller):
    """Pages on which people sign in and out."""

    path = "/"
    include_in_schema = False

    @get(SIGN_IN, security=VISITORS, **PAGE)
    async def choose(
        self, request: AnyRequest, to: FromQuery[str] = "/"
    ) -> Response[Any]:
        """Let somebody choose the department whose account they have."""
        if session_of(request) is not None:
            return see_other(local(to))
        return page(
            request,
            "sign_in/choose.html",
            title=say(CHOOSE),
            providers=await providers.choices(),
            development=development.is_offered(request),
            to=local(to),
        )

    @get("/sign-in/development", security=VISITORS, **PAGE)
    async def show_everybody(
        self, request: AnyRequest, to: FromQuery[str] = "/", search: FromQuery[str] = ""
    ) -> Response[Any]:
        """Offer everybody, where that is switched on."""
        development.check(request)
        found = await development.people(
            search, request.app.state.directory, settings().clock()
        )
        only = _named(found[0]) if len(found) == 1 else None
        return _everybody(request, found, started(search=search, who=only), to)

    @post("/sign-in/development", security=VISITORS, **PAGE)
    async def become_somebody(self, request: AnyRequest) -> Response[Any]:
        """Sign in as whoever was chosen."""
        development.check(request)
        directory, now = request.app.state.directory, settings().clock()
        filled = await read(request, Somebody, {("who", "*"): CHOOSE_SOMEBODY})
        if filled.form is None:
            found = await development.people(filled.value("search"), directory, now)
            return _everybody(request, found, filled, filled.value("to"), status=422)
        organisation, _, person = filled.form.who.partition(" ")
        session = await development.begin(
            _uuid(person), organisation, directory, now, replacing=_replaced(request)
        )
        return _arrived(session, local(filled.form.to))

    @post("/sign-in/{provider:str}", security=VISITORS, **PAGE)
    async def leave(
        self, request: AnyRequest, provider: FromPath[str]
    ) -> Response[Any]:
        """Send somebody to their department's provider."""
        wanted = (await read(request, GoingOn)).form
        to = local(wanted.to if wanted else None)
        address = request.client.host if request.client else ""
        leaving = await flow.begin(
            provider, to, address, request.app.state, settings().clock()
        )
        kept = held(COOKIE, leaving.browser, max_age=ATTEMPT_SECONDS)
        said = say(mark("You are on your way to your department's sign-in page."))
        title = say(mark("Sign in with your department"))
        return _leave(request, leaving, title=title, said=said, cookies=[kept])

    @get("/sign-in/{provider:str}/callback", security=VISITORS, **PAGE)
    async def arrive(
        self, request: AnyRequest, provider: FromPath[str]
    ) -> Response[Any]:
        """Take somebody back from their department's provider."""
        try:
            arrived = await flow.finish(
                provider,
                _query(request),
                request.cookies.get(COOKIE, ""),
                request.app.state,
                settings().clock(),
                replacing=_replaced(request),
            )
        except (NotLetIn, SignInFailed) as refusal:
            return _not_signed_in(request, refusal)
        answer = _arrived(arrived.session, arrived.next)
        answer.cookies.append(dropped(COOKIE))
        return answer

    @post("/sign-out", security=signed_in(), **PAGE)
    async def end(self, request: AnyRequest) -> Response[Any]:
        """End the visit here, and at the provider where that can be."""
        session: Session = request.scope["auth"]
        leaving = await flow.end(session, request.app.state)
        gone = [dropped(sessions.COOKIE), dropped(csrf.COOKIE)]
        if leaving is None:
            return see_other(SIGNED_OUT, cookies=gone)
        request.scope["auth"] = request.scope["user"] = None
        said = say(mark("You have signed out here. Now sign out of your department."))
        return _leave(request, leaving, title=say(ENDED), said=said, cookies=gone)

    @get(SIGNED_OUT, security=VISITORS, **PAGE)
    async def say_goodbye(self, request: AnyRequest) -> Response[Any]:
        """Say that the visit is over."""
        said = say(mark("Close this browser if others use it too."))
        return page(request, "sign_in/ended.html", title=say(ENDED), said=said)


def session_of(request: AnyRequest) -> Session | None:
    """Return the visit that a request belongs to."""
    session = request.scope["auth"]
    return session if isinstance(session, Session) else None


def _replaced(request: AnyRequest) -> str | None:
    session = session_of(request)
    return None if session is None else session.id


def _everybody(
    request: AnyRequest,
    found: Sequence[Candidate],
    filled: Filled[Any],
    to: str,
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "sign_in/development.html",
        title=say(mark("Sign in as anybody")),
        status=status,
        filled=filled,
        people=[
            {
                "value": _named(each),
                "text": each.name,
                "hint": {"text": ", ".join(filter(None, _about(each)))},
            }
            for each in found
        ],
        to=local(to),
    )


def _named(somebody: Candidate) -> str:
    return f"{somebody.organisation} {somebody.person}"


def _about(somebody: Candidate) -> list[str]:
    return [somebody.title, somebody.organisation, *somebody.roles]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoDevelopment("Choose somebody from the list.") from None


def _arrived(session: Session, to: str) -> Response[Any]:
    return see_other(to, cookies=[cookie_of(session)])


def _query(request: AnyRequest) -> dict[str, list[str]]:
    return {name: request.query_params.getall(name) for name in request.query_params}


def _leave(
    request: AnyRequest,
    leaving: Leaving,
    *,
    title: str,
    said: str,
    cookies: Sequence[Cookie],
) -> Response[str]:
    """Draw a page that leads elsewhere at once.

    It is no redirect: browsers hold those to the place that the form was for, so every
    page with a form would have to name every provider.
    """
    drawn = page(
        request,
        "sign_in/leaving.html",
        title=title,
        said=said,
        address=leaving.address,
        department=leaving.name,
        here=SIGN_IN,
    )
    drawn.headers["Refresh"] = f"0; url={leaving.address}"
    drawn.cookies.extend(cookies)
    return drawn


def _not_signed_in(request: AnyRequest, refusal: Refusal) -> Response[str]:
    """Say that it came to nothing; to all who are not let in, the same."""
    not_let_in = isinstance(refusal, NotLetIn)
    drawn = page(
        request,
        "sign_in/ended.html",
        title=say(NOT_LET_IN if not_let_in else NOT_FINISHED),
        status=refusal.status,
        said=sentence_of(refusal),
        here=SIGN_IN,
    )
    drawn.cookies.append(dropped(COOKIE))
    return drawn
