"""Some pages behind the guard, and a department with somebody to visit them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State

from service.access.signing_in import DIRECTORY
from service.auth.authentication import Authentication, remember_nothing
from service.auth.caller import Scope
from service.auth.declared import check_declared
from service.auth.guard import PUBLIC, VISITORS, enforce, machine, person, signed_in
from service.auth.sign_in import csrf
from service.errors import Refusal
from service.settings import settings
from tests.auth.sign_in.a_provider import Providers, serving
from tests.auth.sign_in.signing import Departments, two_departments
from tests.conftest import ISSUER
from tests.factories import a_person, an_organisation

PAGE: dict[str, Any] = {"include_in_schema": False}


def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
    token, cookie = csrf.token_for(request)
    user, session = request.scope["user"], request.scope["auth"]
    return {
        "person": str(user.id) if user else None,
        "organisation": user.organisation if user else None,
        "roles": sorted(user.roles) if user else None,
        "name": session.name if session else None,
        "token": token,
        "new": cookie is not None,
    }


@get("/mine", security=signed_in(), **PAGE)
async def mine(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return who(request)


@get("/hr", security=signed_in("hr_administrator"), **PAGE)
async def for_hr(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return who(request)


@get("/welcome", security=VISITORS, **PAGE)
async def welcome(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return who(request)


@post("/mine", security=signed_in(), status_code=200, **PAGE)
async def change(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"body": (await request.body()).decode()}


@post("/welcome", security=VISITORS, status_code=200, **PAGE)
async def change_as_anyone(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return who(request)


@get("/plain", security=PUBLIC)
async def plain(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"user": request.scope["user"] is not None}


@get("/v1/machines", security=machine(Scope.SCORES_READ))
async def machines() -> None:
    return None


@get("/v1/people", security=person())
async def people() -> None:
    return None


def as_json(
    _: Request[Any, Any, Any], refusal: Refusal
) -> Response[Mapping[str, object]]:
    return Response({"slug": refusal.slug}, status_code=refusal.status)


@pytest.fixture
def pages() -> Litestar:
    app = Litestar(
        [mine, for_hr, welcome, change, change_as_anyone, plain, machines, people],
        guards=[enforce],
        middleware=[Authentication()],
        exception_handlers={Refusal: as_json},
        openapi_config=None,
        state=State({"issuer": ISSUER}, deep_copy=False),
    )
    remember_nothing(app.state)
    app.state.directory = DIRECTORY
    check_declared(app)
    return app


@dataclass(frozen=True)
class Somebody:
    id: UUID
    organisation: str


@pytest.fixture
async def somebody(db: None) -> Somebody:
    await an_organisation("hmt")
    return Somebody(await a_person("hmt", external_id="w-1"), "hmt")


@pytest.fixture(scope="session")
def at_work() -> Iterator[Providers]:
    providers = Providers()
    with serving(providers):
        yield providers


@pytest.fixture
async def departments(
    app: Litestar,
    at_work: Providers,
    db: None,
    fixed_settings: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Departments:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()
    remember_nothing(app.state)
    for provider in (at_work.hmt, at_work.defra):
        provider.forget()
    return await two_departments(app, at_work)
