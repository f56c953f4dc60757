"""A queue and decisions over HTTP."""

from typing import Any

import httpx

from tests.feedback.over_http import Callers
from tests.feedback.results.living import Headers

QUEUE = "/v1/moderation/comments"
PASS = {"decision": "pass"}
WITHHOLD = {"decision": "withhold", "reason": "identifies_rater"}


async def queue(callers: Callers, who: Headers) -> dict[str, Any]:
    got = await callers.client.get(QUEUE, headers=who())
    assert got.status_code == 200, got.text
    body: dict[str, Any] = got.json()
    return body


async def decide(
    callers: Callers, who: Headers, comment: str, decision: object = PASS
) -> httpx.Response:
    return await callers.client.post(
        f"{QUEUE}/{comment}/decision", headers=who(), json=decision
    )
