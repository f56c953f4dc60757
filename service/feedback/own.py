"""A rater's own request, with all that the rater may know of it.

The law: it is given to its rater alone, by `confidentiality`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.feedback.life import State


@dataclass(frozen=True, slots=True)
class Own:
    """A rater's own request, with all that they may know of it."""

    request: UUID
    organisation: str
    """The subject's."""
    record: UUID
    subject: UUID
    cycle: UUID
    framework: str
    draw: UUID
    rater: UUID
    rater_organisation: str
    response: UUID
    state: State
    version: int
    draft: bytes | None
    sent_version: int | None
    window: UUID
    opens_at: datetime
    closes_at: datetime
    releases_at: datetime
    closed_at: datetime | None
    form_version: int
    pool_size: int
    drawn: int

    @property
    def unsent(self) -> bool:
        """Say whether something was saved that has not been submitted."""
        return self.draft is not None and self.version != self.sent_version

    def is_over(self, now: datetime) -> bool:
        """Say whether the window has closed."""
        return self.closed_at is not None or now >= self.closes_at
