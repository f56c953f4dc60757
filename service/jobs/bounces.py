"""Mail that came back after a server had taken it, as that server reports it.

The law: what is read of a report is which mail it is about and whom that went to; what
it says else is neither kept nor repeated, since it may quote the mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Final
from uuid import UUID

REPORT: Final = "multipart/report"
HEADERS: Final = "text/rfc822-headers"
"""How the headers of the mail alone are sent back (RFC 6522)."""
FOR_GOOD: Final = "5."
"""How a status begins that will not change by itself (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back for good."""

    letter: UUID
    address: str = field(repr=False)


def read(raw: bytes) -> Bounce | None:
    """Return what a delivery status notification (RFC 3464) says has come back.

    None: it is no such report, or of no mail of ours, or the mail may still arrive.
    """
    report = message_from_bytes(raw)
    if report.get_content_type() != REPORT or not any(map(_failed, report.walk())):
        return None
    return next((found for each in _returned(report) if (found := _about(each))), None)


def _failed(part: Message) -> bool:
    """Say whether a part is what befell one recipient, and that for good."""
    action, status = str(part.get("Action", "")), str(part.get("Status", ""))
    return action.strip().lower() == "failed" and status.strip().startswith(FOR_GOOD)


def _returned(report: Message) -> Iterator[Message]:
    """Return the mail, if it came back whole, and what headers did."""
    for part in list(report.walk())[1:]:
        content = part.get_payload(decode=True)
        if part.get_content_type() == HEADERS and isinstance(content, bytes):
            yield message_from_bytes(content)
        else:
            yield part


def _about(returned: Message) -> Bounce | None:
    """Return which mail of ours this is: we name each by its id."""
    named = str(returned.get("Message-ID", "")).strip(" <>").partition("@")[0]
    address = parseaddr(str(returned.get("To", "")))[1]
    try:
        return Bounce(UUID(named), address)
    except ValueError:
        return None
