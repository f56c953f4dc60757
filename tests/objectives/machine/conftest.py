"""Three departments for the machine, and the service with no limit on their rates."""

import httpx
import pytest
from litestar import Litestar

from tests.objectives.machine.departments import Departments, three_departments

UNLIMITED = 1_000_000_000


@pytest.fixture
async def departments(
    app: Litestar, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> Departments:
    monkeypatch.setattr(app.state, "rate_limit", UNLIMITED)
    return await three_departments(app, client)
