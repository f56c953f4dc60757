"""A small app behind the real edge: one route for each thing the edge must do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NoReturn

import asyncpg
import httpx
from litestar import Litestar, Request, Response, Router, get, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import ResponseHeader
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from litestar.types import ASGIApp, Receive, Scope, Send
from pydantic import BaseModel, ConfigDict, Field

from service.db import NoConnection, transaction
from service.edge import problems
from service.edge.bodies import LIMIT, CheckedBodies
from service.edge.conditional import require_match, unless_known
from service.edge.idempotency import KeptAnswers
from service.edge.openapi import About, served
from service.edge.paging import HIGHEST_LIMIT, Page
from service.edge.requests import surround
from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.settings import Settings

ISSUER = "https://joinedup.example.gov.uk"
ABOUT = About(
    issuer=ISSUER,
    version="1.0.0",
    scopes={"things:read": "Read things.", "things:write": "Change things."},
    tags={"Things": "What there is.", "Service": "How the service is."},
)
READ = [{"oauth2": ["things:read"]}]
WRITE = [{"oauth2": ["things:write"]}]
UNSAID = "what only the database may know"
ADD_THING = (
    "INSERT INTO kept_answer (caller, key, request_digest, status, headers, body,"
    " kept_at) VALUES ('thing', $1, sha256(''), 200, '{}', '', now())"
)
"""No table of the edge but `kept_answer` exists to write to."""


class TooMuch(Unprocessable):
    """The shares sum to more than the whole."""

    slug = "test-too-much"


class Share(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[str, Field(max_length=5)]
    percent: Annotated[int, Field(ge=1, le=100)]


class ThingIn(BaseModel):
    """What a caller states of a thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=40)]
    shares: list[Share] = []


class ThingOut(BaseModel):
    """One thing."""

    name: str
    at: datetime | None = None


@dataclass(frozen=True)
class User:
    key: str
    organisation: str = ""


class Authentication(ASGIMiddleware):
    """Believes a header, as no real one would."""

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        name = Request(scope).headers.get("x-test-user")
        name, _, organisation = (name or "").partition("@")
        scope["user"] = User(f"test:{name}", organisation) if name else None
        await next_app(scope, receive, send)


async def guard(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    security = (
        handler.resolve_security() if isinstance(handler, HTTPRouteHandler) else []
    )
    if security != [{}] and connection.scope["user"] is None:
        raise NotAuthorizedException


@get(
    "/things",
    operation_id="listThings",
    summary="List things",
    tags=["Things"],
    security=READ,
    responses={200: ResponseSpec(Page[ThingOut], description="One page.")},
)
async def list_things(
    limit: Annotated[
        int, QueryParameter(ge=1, le=HIGHEST_LIMIT, description="Size of a page.")
    ] = 100,
    since: Annotated[
        datetime | None, QueryParameter(description="Only what is newer.")
    ] = None,
    name: Annotated[
        str, QueryParameter(description="Part of a name.", max_length=5)
    ] = "",
) -> Page[ThingOut]:
    """All things, a page at a time."""
    return Page(items=[ThingOut(name=f"{limit}{name}", at=since)])


@get("/needs", include_in_schema=False, security=READ)
async def needs_cycle(cycle: Annotated[str, QueryParameter()]) -> str:
    return cycle


@get(
    "/things/{name:str}",
    operation_id="getThing",
    summary="Get a thing",
    tags=["Things"],
    security=READ,
    response_headers=[
        ResponseHeader(name="ETag", description="Its version.", documentation_only=True)
    ],
)
async def get_thing(
    request: Request[Any, Any, Any], name: FromPath[str]
) -> Response[bytes]:
    """One thing, by its name."""
    if name == "none":
        raise NotFound(f"No thing {name}.")
    return unless_known(request, b'{"name":"a"}', etag='"3"')


async def make(name: str) -> None:
    async with transaction() as connection:
        await connection.execute(ADD_THING, name)


@post(
    "/things",
    operation_id="makeThing",
    summary="Make a thing",
    tags=["Things"],
    security=WRITE,
    opt={"refuses": [TooMuch]},
)
async def make_thing(
    request: Request[Any, Any, Any], data: JSONBody[ThingIn]
) -> Response[ThingOut]:
    """Make a thing, once."""
    before = request.app.state.get("before_making")
    if before is not None:
        await before(data.name)
    await make(data.name)
    if data.name.startswith("refused"):
        raise TooMuch("Take some away.", faults=[Fault("Too much.", pointer="#/name")])
    if data.name.startswith("broken"):
        break_as("bug")
    headers = {"Location": f"/v1/things/{data.name}", "ETag": '"1"', "X-Other": "1"}
    return Response(ThingOut(name=data.name), status_code=201, headers=headers)


@post(
    "/things/bulk",
    operation_id="makeThings",
    summary="Make many things",
    tags=["Things"],
    security=WRITE,
    request_max_body_size=5_000_000,
    opt={"idempotency_required": True},
)
async def make_things(data: JSONBody[list[ThingIn]]) -> ThingOut:
    """Make many things, once."""
    return ThingOut(name=str(len(data)))


@put(
    "/things/{name:str}",
    operation_id="changeThing",
    summary="Change a thing",
    tags=["Things"],
    security=WRITE,
)
async def change_thing(
    request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[ThingIn]
) -> ThingOut:
    """Change a thing."""
    require_match(request, 3)
    return ThingOut(name=data.name)


@post("/echo", include_in_schema=False, security=[{}])
async def echo(request: Request[Any, Any, Any], data: JSONBody[Any]) -> Response[bytes]:
    return Response(await request.body(), status_code=200)


def caused() -> Exception:
    error = ValueError(UNSAID)
    error.__cause__ = KeyError(UNSAID)
    return error


FAILURES: dict[str, Callable[[], Exception]] = {
    "bug": lambda: RuntimeError(UNSAID),
    "caused": caused,
    "refusal": lambda: Conflict("Not now.", headers={"X-Why": "stage"}),
    "teapot": lambda: HTTPException(status_code=418, detail=UNSAID),
    "lock": lambda: asyncpg.LockNotAvailableError(UNSAID),
    "deadlock": lambda: asyncpg.DeadlockDetectedError(UNSAID),
    "serialization": lambda: asyncpg.SerializationError(UNSAID),
    "shutdown": lambda: asyncpg.AdminShutdownError(UNSAID),
    "crash": lambda: asyncpg.CrashShutdownError(UNSAID),
    "starting": lambda: asyncpg.CannotConnectNowError(UNSAID),
    "full": lambda: asyncpg.TooManyConnectionsError(UNSAID),
    "lost": lambda: asyncpg.ConnectionDoesNotExistError(UNSAID),
    "closed": lambda: asyncpg.InterfaceError("the connection is closed"),
    "reset": lambda: ConnectionResetError(UNSAID),
    "cancelled": lambda: asyncpg.QueryCanceledError(UNSAID),
    "timeout": lambda: TimeoutError(UNSAID),
    "pool": lambda: NoConnection("No connection came free."),
    "nul": lambda: asyncpg.CharacterNotInRepertoireError(UNSAID),
    "unique": lambda: asyncpg.UniqueViolationError(UNSAID),
    "misused": lambda: asyncpg.InterfaceError("another operation is in progress"),
}


def break_as(name: str) -> NoReturn:
    failure = FAILURES[name]()
    raise failure


@get("/failures/{name:str}", include_in_schema=False, security=[{}])
async def fail(name: FromPath[str]) -> None:
    break_as(name)


@get("/half", include_in_schema=False, security=[{}])
async def half() -> Stream:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half"
        await asyncio.sleep(0)
        break_as("bug")

    return Stream(parts())


@get(
    "/livez", operation_id="live", summary="Is it up?", tags=["Service"], security=[{}]
)
async def livez() -> str:
    """Say that the process is up."""
    return "ok"


@get("/page", include_in_schema=False, security=[{}])
async def page() -> Response[str]:
    policy = {"Content-Security-Policy": "default-src 'self'"}
    return Response("", headers={**policy, "Cache-Control": "max-age=60"})


class Broken(ASGIMiddleware):
    """Fails outside every handler when asked to."""

    scopes = (ScopeType.HTTP,)

    async def handle(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        if b"x-break" in dict(scope["headers"]):
            break_as("bug")
        await next_app(scope, receive, send)


V1 = [
    list_things,
    needs_cycle,
    get_thing,
    make_thing,
    make_things,
    change_thing,
    echo,
    fail,
    half,
]


def small_app(
    *, issuer: str = ISSUER, before: Callable[[str], Awaitable[None]] | None = None
) -> Litestar:
    """Wire the edge as the service does."""
    app = Litestar(
        [Router("/v1", route_handlers=V1), livez, page, served(ABOUT)],
        guards=[guard],
        middleware=[Authentication(), Broken(), CheckedBodies(), KeptAnswers()],
        exception_handlers={Exception: problems.answer},
        request_max_body_size=LIMIT,
        openapi_config=None,
        logging_config=None,
    )
    app.state.issuer = issuer
    app.state.before_making = before
    surround(app, Settings())
    return app


def calling(app: Litestar, user: str = "hr") -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),  # type: ignore[arg-type] # Litestar's types are its own
        base_url="http://test",
        headers={"x-test-user": user} if user else {},
    )
