"""Break-glass over HTTP, by whoever asks, approves and reads."""

from datetime import timedelta

import httpx

from tests.feedback.over_http import Callers

GLASS = "/v1/break-glass"
WHY = "A complaint of harassment, case 7."
ASKS, APPROVES, BESIDE = "hmt2", "hmt3", "hmt4"
HOUR = timedelta(hours=1)


async def ask(
    callers: Callers, name: str = ASKS, subject: str = "hmt1"
) -> httpx.Response:
    record = str(callers.scene.records[subject].id)
    body = {"record": record, "reason": WHY}
    return await callers.ask(name, "POST", GLASS, body)


async def asked(callers: Callers) -> str:
    got = await ask(callers)
    assert got.status_code == 201, got.text
    return str(got.json()["id"])


async def approve(callers: Callers, id_: str, name: str = APPROVES) -> httpx.Response:
    return await callers.ask(name, "POST", f"{GLASS}/{id_}/approval")


async def read(callers: Callers, id_: str, name: str = ASKS) -> httpx.Response:
    return await callers.get(name, f"{GLASS}/{id_}/raters")
