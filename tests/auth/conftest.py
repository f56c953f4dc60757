"""A small service: OAuth, the guard and one guarded route."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc.jwk import Key
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State

from service.audit.actions import record
from service.auth import actions
from service.auth.authentication import Authentication, remember_nothing
from service.auth.caller import Caller, Operator, Scope
from service.auth.controller import OAuthController
from service.auth.declared import check_declared
from service.auth.guard import enforce, machine
from service.auth.tables import SigningKey
from service.edge.outbound import NotFetched
from service.errors import Refusal
from service.settings import settings

ISSUER = "https://appraisal.example"
NOW = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
KNOWN = frozenset({"DEFRA", "HMT", "MOD"})
SOMEBODY = Operator("tester")


class Clock:
    """A monotonic clock that stands still until it is told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Published:
    """Stands where the cache of others' keys does, and counts who asks."""

    def __init__(self) -> None:
        self.sets: dict[str, list[Key]] = {}
        self.asked: list[tuple[str, str | None]] = []

    async def keys(
        self,
        url: str,
        kid: str | None,
        now: float,  # noqa: ARG002 - as the cache is asked
    ) -> Sequence[Key]:
        self.asked.append((url, kid))
        if url not in self.sets:
            raise NotFetched("It does not answer.")
        return [key for key in self.sets[url] if kid is None or key.kid == kid]


@dataclass
class Service:
    app: Litestar
    client: httpx.AsyncClient
    clock: Clock

    async def registered(
        self, *scopes: Scope, organisations: tuple[str, ...] = ("DEFRA",)
    ) -> tuple[str, str]:
        return await actions.create_client(
            organisations,
            scopes or (Scope.SCORES_READ,),
            known=KNOWN,
            caller=SOMEBODY,
            now=NOW,
            record=record,
        )

    async def token(self, *scopes: Scope) -> str:
        response = await self.client.post(
            "/oauth/token",
            auth=await self.registered(*scopes),
            data={"grant_type": "client_credentials"},
        )
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])


@get("/v1/probe", security=machine(Scope.SCORES_READ))
async def probe(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say who asked."""
    user = request.user
    return {"client": user.client_id, "organisations": sorted(user.organisations)}


def as_json(
    _: Request[Any, Any, Any], refusal: Refusal
) -> Response[Mapping[str, object]]:
    return Response(
        {"slug": refusal.slug, "detail": str(refusal)},
        status_code=refusal.status,
        headers=refusal.headers,
    )


@pytest.fixture(autouse=True)
def fixed_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOINEDUP_SECRET_KEY", "for tests only " * 3)
    monkeypatch.setenv("JOINEDUP_NOW", NOW.isoformat())
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def no_keys(db: None) -> None:
    """Forget keys that were committed before, under another secret."""
    await SigningKey.delete(force=True)


@pytest.fixture
async def service(no_keys: None) -> AsyncIterator[Service]:
    clock = Clock()
    app = Litestar(
        [OAuthController, probe],
        guards=[enforce],
        middleware=[Authentication()],
        exception_handlers={Refusal: as_json},
        openapi_config=None,
        state=State({"issuer": ISSUER}, deep_copy=False),
    )
    remember_nothing(app.state, clock)
    app.state.published_keys = Published()
    app.state.record = record
    check_declared(app)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield Service(app, client, clock)


@pytest.fixture
def audited() -> "Audited":
    return Audited()


class Audited:
    """Stands where the audit does, and remembers."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []

    async def __call__(
        self, caller: Caller, action: str, *_: object, **__: object
    ) -> None:
        self.entries.append((caller.key, action))
