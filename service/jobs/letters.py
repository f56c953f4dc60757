"""A mail as it is handed over, and the ways to hand it over.

The law: it goes to one address, and sent again it is the same mail.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, TypeAlias
from uuid import UUID

LANGUAGES: Final = ("en", "cy")
"""Both are in each mail, as nobody has said yet which one they read. The Welsh is a
draft until a translator confirms it."""
BETWEEN: Final = f"\n{'-' * 72}\n\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person."""

    id: UUID
    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    calendar: str | None = field(default=None, repr=False)
    """An entry of a calendar, as RFC 5545 writes it."""


Post: TypeAlias = Callable[[Letter, datetime], Awaitable[None]]
"""Hands a mail over at an instant; raises if it was not taken."""


def as_mail(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """Write a mail for a mail server; sent again, it has the same Message-ID."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(addr_spec=sender)
    mail["To"] = Address(addr_spec=letter.address)
    mail["Subject"] = letter.subject
    mail["Date"] = now
    mail["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers.
    mail.set_content(letter.text, cte="quoted-printable")
    mail["Content-Language"] = ", ".join(LANGUAGES)
    if letter.calendar is not None:
        mail.add_attachment(
            letter.calendar.encode(),
            maintype="text",
            subtype="calendar",
            filename="deadline.ics",
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
    return mail
