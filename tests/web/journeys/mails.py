"""The mail that somebody gets: from the queue, as a mail server is given it."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from pydantic import SecretStr

from service.db import transaction
from service.db.reach import NOBODY, within_reach
from service.directory.queries import emails_of
from service.feedback.inviting.actions import mailing as mailing_raters
from service.jobs.mail import mailing
from service.jobs.rules import NoticeKind
from service.jobs.worker import Deliver, deliver_next
from service.settings import Settings
from tests.feedback.inviting.linked import CODE
from tests.feedback.inviting.mailed import SENDER, text
from tests.jobs.catcher import Catcher, catching

OTHERS_LATER = """
UPDATE outbox o SET run_at = run_at + interval '100 years' WHERE NOT EXISTS (
    SELECT FROM notice n WHERE n.id::text = o.payload ->> 'notice'
        AND n.person = $1 AND n.kind = $2 AND n.about = $3
) AND NOT EXISTS (
    SELECT FROM feedback_mail m WHERE m.id::text = o.dedupe_key AND m.request = $1
) AND o.payload ->> 'request' IS DISTINCT FROM $1::text
"""
AS_BEFORE = """
UPDATE outbox SET run_at = run_at - interval '100 years'
WHERE run_at > $1::timestamptz + interval '50 years'
"""


async def link_to(
    person: UUID, kind: NoticeKind, about: UUID, issuer: str, now: datetime
) -> str:
    """Have somebody's one notice of a thing mailed; return where that leads."""
    (mail,) = await _mailed(issuer, now, person, kind, about)
    return _link(mail, issuer)


async def invitation(request: UUID, issuer: str, now: datetime) -> str:
    """Have a rater invited by mail; return where that leads."""
    (mail,) = await _mailed(issuer, now, request)
    return _link(mail, issuer)


async def code(request: UUID, issuer: str, now: datetime) -> str:
    """Have the code mailed that a rater asked for."""
    (mail,) = await _mailed(issuer, now, request)
    (found,) = CODE.findall(text(mail))
    return str(found)


async def _mailed(
    issuer: str,
    now: datetime,
    to: UUID,
    kind: NoticeKind | None = None,
    about: UUID | None = None,
) -> list[EmailMessage]:
    """Deliver what is due to a person or for a request, and nothing to others."""
    async with transaction() as connection:
        await connection.execute(OTHERS_LATER, to, kind, about)
    async with catching() as catcher:
        ways = _ways(catcher, issuer)
        with within_reach(NOBODY):  # As where the app starts it.
            while await deliver_next(ways, lambda: now, lambda: 0.5):
                pass
    async with transaction() as connection:
        await connection.execute(AS_BEFORE, now)
    return catcher.mails


def _ways(catcher: Catcher, issuer: str) -> Mapping[str, Deliver]:
    chosen = Settings(smtp_url=SecretStr(catcher.url), mail_from=SENDER)
    raters = mailing_raters(chosen, issuer)
    return {**mailing(chosen, issuer, emails_of), **raters}


def _link(mail: EmailMessage, issuer: str) -> str:
    """The address in a mail: the same in both its languages."""
    (link,) = set(re.findall(re.escape(issuer) + r"(/\S+)", text(mail)))
    return str(link)
