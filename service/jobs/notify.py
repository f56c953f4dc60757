"""Hands mails to GOV.UK Notify instead of a mail server.

The law: its key signs and is never sent, logged or stored; what Notify answers is not
repeated, since it may name people.

Its own Python client is not used: it waits without yielding, where all here is
asynchronous, and one POST needs none. Notify sends no calendar files, so its mails say
the deadline in words alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from service.jobs.bounces import Bounce
from service.jobs.letters import Letter
from service.jobs.outbox import GivenUp

SECONDS: Final = 20.0
"""How long Notify may take over one mail."""
WHOLE: Final = 36
"""Characters of a UUID: a key ends with the service's and a secret one."""
PAGES: Final = 40
"""Of 250 mails each, asked for at most: what came back a week ago is known by now."""
FAILED: Final = {"template_type": "email", "status": "permanent-failure"}
OK: Final = 200
CREATED: Final = 201
REFUSED: Final = 400


class NotifyRefused(GivenUp):
    """Notify will not send this mail to this address."""

    code = REFUSED


class NotifyFailed(Exception):
    """Notify did not do what it was asked; later it may."""

    def __init__(self, code: int) -> None:
        """Keep the status that it answered with, and nothing else."""
        super().__init__()
        self.code = code


@dataclass(frozen=True, slots=True)
class Notify:
    """One service at Notify and the template that its mails fill in."""

    key: str = field(repr=False)
    template: UUID
    address: str
    """Base URL of its API."""

    async def post(self, letter: Letter, now: datetime) -> None:
        """Hand a mail over; refuse one that Notify will never send."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            answer = await client.post(
                f"{self.address}/v2/notifications/email",
                json={
                    "email_address": letter.address,
                    "template_id": str(self.template),
                    "reference": str(letter.id),
                    "personalisation": {
                        "subject": letter.subject,
                        "text": letter.text,
                    },
                },
                headers={"Authorization": f"Bearer {_token(self.key, now)}"},
            )
        if answer.status_code == REFUSED:
            raise NotifyRefused
        if answer.status_code != CREATED:
            raise NotifyFailed(answer.status_code)

    async def returned(self, now: datetime) -> list[Bounce]:
        """Return what came back for good of the mails that it knows: a week's."""
        found: list[Bounce] = []
        wanted = dict(FAILED)
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            for _ in range(PAGES):
                answer = await client.get(
                    f"{self.address}/v2/notifications",
                    params=wanted,
                    headers={"Authorization": f"Bearer {_token(self.key, now)}"},
                )
                if answer.status_code != OK:
                    raise NotifyFailed(answer.status_code)
                page = answer.json()["notifications"]
                if not page:
                    break
                found += filter(None, map(_bounce, page))
                wanted["older_than"] = page[-1]["id"]
        return found


def _bounce(mail: Mapping[str, str | None]) -> Bounce | None:
    """Return a mail that came back, if we sent it: its reference is our id."""
    try:
        return Bounce(UUID(mail["reference"]), mail["email_address"] or "")
    except (TypeError, ValueError):
        return None


def _token(key: str, now: datetime) -> str:
    """Return the token that shows, for half a minute, who we are."""
    service, secret = key[-2 * WHOLE - 1 : -WHOLE - 1], key[-WHOLE:]
    return jwt.encode(
        {"typ": "JWT", "alg": "HS256"},
        {"iss": service, "iat": int(now.timestamp())},
        OctKey.import_key(secret),
    )
