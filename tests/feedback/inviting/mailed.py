"""What is queued for raters, and what a mail server on loopback gets of it."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from pydantic import SecretStr

from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.directory.queries import emails_of
from service.feedback.inviting.actions import mailing
from service.jobs import mail
from service.jobs.worker import Deliver, deliver_next
from service.settings import Settings
from tests.jobs.catcher import Catcher

ISSUER = "https://joinedup.example"
SENDER = "no-reply@joinedup.example"
A_PROVIDER = """
INSERT INTO sign_in_provider (organisation, id, name, issuer, client_id, sealed,
    algorithms, person_claim, person_source, checks_email, created_at)
VALUES ($1::varchar, $1, $1, 'https://sign-in.example/' || $1, 'joinedup', '',
    '{ES256}', 'employee', 'hr', true, now())
"""
QUEUED = """
SELECT m.about, m.listed, o.run_at, o.done_at FROM feedback_mail m
LEFT JOIN outbox o ON o.kind = 'feedback_mail' AND o.dedupe_key = m.id::text
WHERE m.request = $1 ORDER BY m.queued_at, m.about
"""


async def a_provider(organisation: str) -> None:
    """Let an organisation's people sign in on pages."""
    async with transaction() as connection:
        await connection.execute(A_PROVIDER, organisation)


async def queued(request: UUID) -> list[str]:
    """What a request's rater was, or is to be, mailed."""
    async with transaction() as connection:
        return [row["about"] for row in await connection.fetch(QUEUED, request)]


async def deliveries() -> int:
    async with transaction() as connection:
        found: int = await connection.fetchval(
            "SELECT count(*) FROM outbox WHERE kind = 'feedback_mail'"
        )
    return found


async def forget_all() -> None:
    """Nothing waits to be delivered; what was queued stays queued once."""
    async with transaction() as connection:
        await connection.execute("DELETE FROM outbox")


def ways(catcher: Catcher, *, notices: bool = False) -> Mapping[str, Deliver]:
    chosen = Settings(smtp_url=SecretStr(catcher.url), mail_from=SENDER)
    also = mail.mailing(chosen, ISSUER, emails_of) if notices else {}
    return {**mailing(chosen, ISSUER), **also}


async def deliver(
    catcher: Catcher, now: datetime, *, notices: bool = False
) -> list[EmailMessage]:
    """Deliver all that is due to raters, and notices too; return the mails of it."""
    before = len(catcher.mails)
    by_kind = ways(catcher, notices=notices)
    with within_reach(NOBODY):  # As where the app starts it.
        while await deliver_next(by_kind, lambda: now, lambda: 0.5):
            pass
    return catcher.mails[before:]


def text(received: EmailMessage) -> str:
    body = received.get_body()
    assert isinstance(body, EmailMessage)
    said = body.get_content()
    assert isinstance(said, str)
    return said
