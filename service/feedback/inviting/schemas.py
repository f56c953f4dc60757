"""Links, codes and addresses without mail as callers send and see them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.feedback.schemas import Sent, Shown


class LinkOut(Shown):
    """What a link shows by itself."""

    closes_at: datetime


class CodeIn(Sent):
    """The code that was mailed."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["204518"])]


class SessionOut(Shown):
    """What shows that the code was typed."""

    session: Annotated[str, Field(description="Send it as `Feedback-Session`.")]
    expires_at: datetime


class UndeliveredOut(Shown):
    """A person at whose address mail came back; about what is told to nobody."""

    person: UUID
    name: str
    address: str
    since: date


class UndeliveredList(Shown):
    """An organisation's own people whose mail comes back."""

    items: list[UndeliveredOut]
