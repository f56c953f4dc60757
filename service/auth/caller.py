"""Who is asking, and what they may ask."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """What a machine's token can allow. Named `resource:verb`."""

    CYCLES_READ = "cycles:read"
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    OBJECTIVES_READ = "objectives:read"
    OBJECTIVES_WRITE = "objectives:write"
    FEEDBACK_REQUEST = "feedback:request"
    SCORES_READ = "scores:read"
    CHANGES_READ = "changes:read"
    EXPORTS_WRITE = "exports:write"
    WEBHOOKS_WRITE = "webhooks:write"


@dataclass(frozen=True, slots=True)
class Machine:
    """An HR system, as its access token states."""

    client_id: str
    organisations: frozenset[str]
    """Codes of the organisations whose people it may see."""
    scopes: frozenset[Scope]

    @property
    def key(self) -> str:
        """Return the name it has in the audit."""
        return f"client:{self.client_id}"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who signed in, or on whose behalf a signed-in person acts."""

    id: UUID

    @property
    def key(self) -> str:
        """Return the name they have in the audit."""
        return f"person:{self.id}"


@dataclass(frozen=True, slots=True)
class SignedIn(Person):
    """A person as the issuer of one organisation names them."""

    organisation: str
    roles: frozenset[str]
    """Names of the roles they hold there: an issuer gives no rights elsewhere."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs the `joinedup` command on the service's own machine."""

    name: str

    @property
    def key(self) -> str:
        """Return the name they have in the audit."""
        return f"operator:{self.name}"


Caller = Machine | Person | Operator
