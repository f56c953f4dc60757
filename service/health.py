"""Whether the process lives, and whether it can serve."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Request, Response, get

from service.auth.guard import PUBLIC
from service.db import transaction
from service.db.migrations import check_current
from service.errors import Refusal
from service.settings import settings

Asked = Request[Any, Any, Any]


class HealthController(Controller):
    """For whoever watches over the service."""

    tags = ("Service",)

    @get("/livez", operation_id="getLiveness", summary="Is it alive?", security=PUBLIC)
    async def live(self) -> dict[str, str]:
        """Say that the process is up; nothing else is looked at."""
        return {"status": "ok"}

    @get(
        "/readyz",
        operation_id="getReadiness",
        summary="Can it serve?",
        security=PUBLIC,
    )
    async def ready(self, request: Asked) -> Response[dict[str, Any]]:
        """Say that database, migrations and keys are there, or 503 and which is not."""
        checks = {"database": "ok", "migrations": "ok", "keys": "ok"}
        try:
            async with transaction(readonly=True) as connection:
                await connection.execute("SELECT 1")
                checks["migrations"] = await _said(check_current(connection))
            ring = request.app.state.key_ring
            checks["keys"] = await _said(ring.current(settings().clock()))
        except Exception as error:  # noqa: BLE001 - whatever it is, we cannot serve
            checks["database"] = type(error).__name__
        ready = set(checks.values()) == {"ok"}
        return Response(
            {"status": "ok" if ready else "unavailable", "checks": checks},
            status_code=200 if ready else 503,
        )


async def _said(check: Awaitable[object]) -> str:
    """Return `ok`, or what the check refused."""
    try:
        await check
    except Refusal as refusal:
        return str(refusal)
    return "ok"
