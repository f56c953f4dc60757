"""Hands mails to GOV.UK Notify instead of a mail server.

The law: its key signs and is never sent, logged or stored; what Notify answers is not
repeated, since it may name people.

Its own Python client is not used: it waits without yielding, where all here is
asynchronous, and one POST needs none. Notify sends no calendar files, so its mails say
the deadline in words alone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from service.jobs.letters import Letter
from service.jobs.outbox import GivenUp

SECONDS: Final = 20.0
"""How long Notify may take over one mail."""
WHOLE: Final = 36
"""Characters of a UUID: a key ends with the service's and a secret one."""
CREATED: Final = 201
REFUSED: Final = 400


class NotifyRefused(GivenUp):
    """Notify will not send this mail to this address."""

    code = REFUSED


class NotifyFailed(Exception):
    """Notify did not take a mail; later it may."""

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


def _token(key: str, now: datetime) -> str:
    """Return the token that shows, for half a minute, who we are."""
    service, secret = key[-2 * WHOLE - 1 : -WHOLE - 1], key[-WHOLE:]
    return jwt.encode(
        {"typ": "JWT", "alg": "HS256"},
        {"iss": service, "iat": int(now.timestamp())},
        OctKey.import_key(secret),
    )
