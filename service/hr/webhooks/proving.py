"""Asks an address whether it holds a webhook's secret.

The law: of what it answers, nothing but the proof is read, and none of it is repeated.
"""

import hmac
import json
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from service.edge.outbound import Answer, NotFetched, post
from service.hr.webhooks import signing
from service.hr.webhooks.rules import NotProven
from service.hr.webhooks.schemas import MEDIA_TYPE, WebhookChallenge

SECONDS: Final = 10.0
"""How long an address may take."""
LONGEST: Final = 4_096
"""Bytes of an answer that are read."""
OK: Final = 200
HOW: Final = (
    'Answer a `joinedup.webhook.challenge` with 200 and {"proof": "…"}: in hexadecimal,'
    " the SHA-256 of its `data.challenge`, a full stop and the webhook's secret."
)


async def prove(
    webhook: UUID, url: str, secrets: Sequence[str], *, issuer: str, now: datetime
) -> None:
    """Challenge an address, and refuse one that gives no proof for any of `secrets`.

    Raises `AddressRefused` too.
    """
    challenge = randomness.token_urlsafe(32)
    id_ = uuid4()
    event = WebhookChallenge.of(id_, webhook, challenge, issuer, now)
    body = event.model_dump_json().encode()
    headers = {"Content-Type": MEDIA_TYPE} | signing.headers(id_, body, secrets, now)
    try:
        answer = await post(url, body, headers, limit=LONGEST, timeout=SECONDS)
    except NotFetched as why:
        raise NotProven(f"It could not be reached: {why} {HOW}") from why
    given = _proof(answer).encode(errors="replace")  # JSON can hold half a character.
    if not any(
        hmac.compare_digest(given, signing.proof(challenge, secret).encode())
        for secret in secrets
    ):
        raise NotProven(f"It answered {answer.status} without a proof. {HOW}")


def _proof(answer: Answer) -> str:
    """Return the proof in an answer, or nothing that could be one."""
    if answer.status != OK or len(answer.body) > LONGEST:
        return ""
    try:
        read = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    given = read.get("proof") if isinstance(read, dict) else None
    return given if isinstance(given, str) else ""
