"""A cycle lived to its release: who answers, what is moderated, what the clock says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.auth.caller import Person, SignedIn
from service.feedback import actions
from service.feedback.form.items import Box
from service.feedback.schedule import see_to_windows
from service.settings import settings
from tests.factories import (
    CLOSED,
    FEEDBACK_OPEN,
    OPERATOR,
    RELEASED,
    a_department,
    a_person,
    sharing,
)
from tests.feedback.over_http import Callers
from tests.feedback.stored import request_of
from tests.scoring import REST, SIZES, Scene, answers, filled
from tests.signing_in import issuers_of, signed_in

KEEP: dict[str, str] = {Box.KEEP_DOING: "Keep writing the weekly note."}
OF_THE_REQUEST = {"x-request-id", "date", "ratelimit"}


def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Have the service's clock stand at an instant."""
    monkeypatch.setenv("JOINEDUP_NOW", now.isoformat())
    settings.cache_clear()


async def answer(
    scene: Scene, rater: str, subject: str, texts: Mapping[str, str] = KEEP
) -> UUID:
    """Have a rater who was asked answer, in words too; return the request."""
    request = await request_of(scene, rater, subject)
    await actions.submit(
        request,
        replace(filled(answers(rater, subject)), texts=texts),
        caller=Person(scene.people[rater]),
        now=FEEDBACK_OPEN,
    )
    return request


async def six_answer(scene: Scene, subject: str = "hmt1") -> None:
    """Six raters of three other organisations answer, each in words of their own."""
    for rater in REST:
        await answer(scene, rater, subject, {Box.KEEP_DOING: f"Words of {rater}."})


async def close(now: datetime = CLOSED) -> None:
    await see_to_windows(now)


async def release(now: datetime = RELEASED) -> None:
    await see_to_windows(now)


async def role(person: UUID, role: Role, organisation: str) -> None:
    await grant(
        person,
        role,
        organisation=organisation,
        until=date(2028, 1, 1),
        caller=OPERATOR,
        now=FEEDBACK_OPEN,
    )


Headers = Callable[[], dict[str, str]]


async def with_outsiders(
    app: Litestar, client: httpx.AsyncClient, scene: Scene
) -> tuple[Callers, dict[str, Headers]]:
    """Everybody of the scene, and two text moderators of `co`.

    `co` shares with all and is in nobody's pool or line. The moderators are named as
    their issuer does; each gives headers for the clock as it stands.
    """
    department = await a_department("co", 1)
    for name in ("m1", "m2"):
        person = await a_person("co", manager=department.head, external_id=name)
        await role(person, Role.TEXT_MODERATOR, "co")
    await sharing("co", *SIZES)
    issuers = await issuers_of(app, "co", *SIZES)

    def headers(name: str) -> Headers:
        return lambda: signed_in(issuers["co"], name)

    moderators = {name: headers(name) for name in ("m1", "m2")}
    return Callers(client, scene, issuers, {}), moderators


def told(answer: httpx.Response) -> tuple[Any, ...]:
    """All that an answer says but for what differs from request to request."""
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name not in OF_THE_REQUEST
    ]
    body = answer.content.replace(answer.headers["x-request-id"].encode(), b"")
    return answer.status_code, headers, body


def signed(scene: Scene, name: str, *roles: Role) -> SignedIn:
    """Somebody of the scene as an action is given them."""
    return SignedIn(
        scene.people[name], scene.records[name].organisation, frozenset(roles)
    )
