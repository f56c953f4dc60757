"""The scene of attached records, with a portal."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.hr.cards.actions import register
from service.settings import settings
from tests.factories import OPERATOR, a_token
from tests.hr.attachment.asking import Asking
from tests.hr.attachment.conftest import asking, at_the_end, db, joint

__all__ = ["asking", "at_the_end", "db", "joint", "portal"]
PORTAL = "https://hr.hmt.example"


@pytest.fixture
async def portal(asking: Asking) -> str:
    now = settings().clock()
    await register("hmt", PORTAL, caller=OPERATOR, now=now)
    return PORTAL


async def link(asking: Asking, *codes: str, **more: Any) -> httpx.Response:
    """Ask for a link to the subject's card, as a machine of these organisations."""
    token = await a_token(asking.client, *codes, **more)
    record = asking.joint.on.id
    return await asking.client.post(
        f"/v1/records/{record}/cards", headers={**token, "Idempotency-Key": str(record)}
    )


async def opened(asking: Asking, answer: httpx.Response) -> httpx.Response:
    """Open a link as the browser of whoever looks at the portal."""
    asking.client.cookies.clear()
    return await asking.client.get(
        answer.json()["url"], headers={"accept": "text/html"}
    )


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Put the clock on."""
    then = settings().clock() + timedelta(seconds=seconds)
    monkeypatch.setenv("JOINEDUP_NOW", then.isoformat())
    settings.cache_clear()
