"""Every way the service refuses: a refusal is a value of the domain, not of HTTP.

Rules raise it, `edge` renders it as an RFC 9457 problem and `cli` as a sentence with an
exit code. Each subclass documents one refusal in one line: its title.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was sent: where, what, and what to do."""

    detail: str
    pointer: str | None = None
    """JSON pointer into the body, such as `#/shares/0`."""
    parameter: str | None = None
    """Name of the query, path or header parameter."""


class Refusal(Exception):
    """Something the caller asked for that the service will not do."""

    status: ClassVar[int]
    slug: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say in `detail` what was wrong and what to do."""
        super().__init__(detail)
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    @classmethod
    def title(cls) -> str:
        """Return the refusal's one-line meaning."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class Malformed(Refusal):
    """The request cannot be read."""

    status = 400
    slug = "malformed"


class NotSignedIn(Refusal):
    """The request carries no valid access token."""

    status = 401
    slug = "not-signed-in"


class NotAllowed(Refusal):
    """The caller may know it exists, but may not do this."""

    status = 403
    slug = "not-allowed"


class NotFound(Refusal):
    """It does not exist, or the caller may not know that it does."""

    status = 404
    slug = "not-found"


class NotAcceptable(Refusal):
    """None of the media types the caller accepts can be produced."""

    status = 406
    slug = "not-acceptable"


class Conflict(Refusal):
    """It is valid, but not now."""

    status = 409
    slug = "conflict"


class Stale(Refusal):
    """It has changed since the caller read it."""

    status = 412
    slug = "stale"


class TooLarge(Refusal):
    """The request is larger than the service reads."""

    status = 413
    slug = "too-large"


class UnsupportedMediaType(Refusal):
    """The request body is of a media type the service does not read."""

    status = 415
    slug = "unsupported-media-type"


class Unprocessable(Refusal):
    """It is well-formed, but breaks a rule."""

    status = 422
    slug = "unprocessable"


class PreconditionRequired(Refusal):
    """A change to an existing thing must say which version it changes."""

    status = 428
    slug = "precondition-required"


class Unavailable(Refusal):
    """The service cannot do it at the moment; nothing was changed."""

    status = 503
    slug = "unavailable"
