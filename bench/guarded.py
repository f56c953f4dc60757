"""The bare endpoint behind our authentication: what knowing who asks adds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from litestar import Litestar, get

from bench.bare import SCORE
from service.audit.actions import record
from service.auth.authentication import Authentication, remember_nothing
from service.auth.caller import Scope
from service.auth.controller import OAuthController
from service.auth.guard import enforce, machine
from service.db.opening import database
from service.settings import settings

ISSUER: Final = "https://joinedup.example"


@get("/", sync_to_thread=False, security=machine(Scope.SCORES_READ))
def guarded() -> dict[str, object]:
    """Answer as the bare endpoint does, to whoever may ask."""
    return SCORE


@asynccontextmanager
async def open_database(_: Litestar) -> AsyncIterator[None]:
    """Join the database of the benchmark."""
    async with database(settings()):
        yield


app = Litestar(
    [guarded, OAuthController],
    guards=[enforce],
    middleware=[Authentication()],
    lifespan=[open_database],
    openapi_config=None,
    logging_config=None,
)
app.state.issuer = ISSUER
app.state.record = record
remember_nothing(app.state)
