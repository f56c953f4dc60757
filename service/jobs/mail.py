"""Mails notices: what waits, by when, and an address that by itself lets nobody in.

The law: a mail may be forwarded, so it names nobody and nothing; and neither the
address it goes to nor the server's password reaches a log or the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import structlog
from pydantic import SecretStr

from service.jobs.development import keeping
from service.jobs.letters import BETWEEN, LANGUAGES, Letter, Post, as_mail
from service.jobs.notify import Notify, NotifyRefused
from service.jobs.outbox import MAIL, Due
from service.jobs.queries import notice
from service.jobs.rules import NoticeKind, Told
from service.jobs.undelivered import note
from service.jobs.worker import Deliver
from service.settings import Settings

MAILS: Final = Path(__file__).parent / "mails"
SECONDS: Final = 20.0
"""How long a server may take over one mail."""

NEVER: Final = 500
"""Answers of a mail server from this number on will not change by themselves."""
UNLISTED: Final = frozenset({NoticeKind.WINDOW_EXTENDED})
"""Whoever declined to give feedback is not told: that mail must show nowhere."""

PATHS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.ASSIGNED_IN_BULK: "/objectives",  # It is about several.
    NoticeKind.WINDOW_EXTENDED: "/feedback",  # Those of who signs in.
    NoticeKind.BREAK_GLASS_WANTED: "/hr/break-glass",
    NoticeKind.BREAK_GLASS_USED: "/hr/break-glass",
    NoticeKind.FEEDBACK_RELEASED: "/records/{}/results",
    NoticeKind.SCORE_APPEALED: "/scores/{}/appeal",
    NoticeKind.SCORE_APPEAL_SETTLED: "/scores/{}/appeal",
    NoticeKind.SCORE_APPEAL_WITHDRAWN: "/scores/{}/appeal",
    NoticeKind.SCORE_DECISION_WANTED: "/scores/{}/decision",
    NoticeKind.SCORE_DECIDED: "/scores/{}/decision",
    NoticeKind.WEBHOOK_DISABLED: "/hr/webhooks",
}
"""Where to read on of what a notice is about; of all others it is an objective."""

Addresses = Callable[[Collection[UUID]], Awaitable[Mapping[UUID, str]]]
"""Gives people's e-mail addresses, for those who have one."""

log = structlog.get_logger(__name__)


class NoAddress(Exception):
    """The directory knows no e-mail address of the person."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, and as whom."""

    url: SecretStr
    sender: str


def mailing(
    chosen: Settings, issuer: str, addresses: Addresses
) -> Mapping[str, Deliver]:
    """Return how notices are mailed; while there is no way out they are held."""
    post = way_out(chosen)
    if post is None:
        log.info("mails are held", until="JOINEDUP_SMTP_URL is set")
        return {}

    async def deliver(due: Due, now: datetime) -> None:
        told = await notice(UUID(due.payload["notice"]))
        address = (await addresses([told.person])).get(told.person)
        if address is None:
            raise NoAddress
        letter = letter_of(told, issuer, address)
        with_name = None if told.kind in UNLISTED else told.person
        await hand_over(post, letter, now, listed_as=with_name)

    return {MAIL: deliver}


def way_out(chosen: Settings) -> Post | None:
    """Return how mails are handed over, or None while they are to be held."""
    notify = notify_of(chosen)
    if notify is not None:
        return notify.post
    if chosen.smtp_url is None or chosen.mail_from is None:
        return keeping(chosen) if chosen.dev_sign_in else None
    server = Server(chosen.smtp_url, chosen.mail_from)

    async def post(letter: Letter, now: datetime) -> None:
        mail = as_mail(letter, server.sender, now)
        await _send(mail, letter.address, server)

    return post


def notify_of(chosen: Settings) -> Notify | None:
    """Return GOV.UK Notify, if mails go by it."""
    key, template = chosen.notify_api_key, chosen.notify_template
    if key is None or template is None:
        return None
    url = str(chosen.notify_url).rstrip("/")
    return Notify(key.get_secret_value(), template, url)


async def hand_over(
    post: Post, letter: Letter, now: datetime, *, listed_as: UUID | None
) -> None:
    """Hand a mail over; if its address is refused for good, note whose it is.

    None: the mail's own existence is a secret, and its coming back shows nowhere.
    """
    try:
        await post(letter, now)
    except Exception as refused:
        if listed_as is not None and _is_for_good(refused):
            await note(listed_as, letter.address, now)
        raise


def _is_for_good(refused: Exception) -> bool:
    if isinstance(refused, aiosmtplib.SMTPRecipientRefused):
        return refused.code >= NEVER
    return isinstance(refused, NotifyRefused)


def letter_of(told: Told, issuer: str, address: str) -> Letter:
    """Write the mail that tells a notice."""
    return Letter(
        id=told.id,
        address=address,
        subject=" / ".join(subject(each, told.kind) for each in LANGUAGES),
        text=BETWEEN.join(_body(each, told, issuer) for each in LANGUAGES),
    )


def subject(language: str, kind: NoticeKind) -> str:
    """Return in a few words what somebody is told."""
    return _text(language, kind).partition("\n\n")[0]


def _body(language: str, told: Told, issuer: str) -> str:
    what = [_text(language, told.kind).partition("\n\n")[2].strip()]
    if told.count > 1:
        what.append(_filled(language, "count", count=str(told.count)))
    if told.due_on is not None:
        # So written, a date is the same in both languages.
        what.append(_filled(language, "due", due_on=f"{told.due_on:%d/%m/%Y}"))
    link = issuer.rstrip("/") + path_of(told)
    return _filled(language, "frame", what="\n\n".join(what), link=link) + "\n"


def _filled(language: str, name: str, **values: str) -> str:
    return Template(_text(language, name)).substitute(values).strip()


@cache
def _text(language: str, name: str) -> str:
    return (MAILS / language / f"{name}.txt").read_text(encoding="utf-8")


def path_of(told: Told) -> str:
    """Return where to read on, which asks whoever opens it to sign in."""
    return PATHS.get(told.kind, "/objectives/{}").format(told.about)


async def _send(mail: EmailMessage, address: str, server: Server) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await _hand_over(mail, address, server)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        raise refused.recipients[0] from None  # It knows the number of the answer.


async def _hand_over(mail: EmailMessage, address: str, server: Server) -> None:
    where = urlsplit(server.url.get_secret_value())
    await aiosmtplib.send(
        mail,
        sender=server.sender,
        recipients=[address],
        hostname=where.hostname,
        port=where.port,
        username=unquote(where.username) if where.username else None,
        password=unquote(where.password) if where.password else None,
        # Else this machine's own name would be looked up, and told.
        local_hostname=server.sender.rpartition("@")[2],
        timeout=SECONDS,
        use_tls=where.scheme == "smtps",
        start_tls=where.scheme == "starttls",
    )
