"""Issuers whose tokens we accept besides our own: each for one organisation.

The law: what a token of theirs may do is written here, by an operator; neither the
token nor the issuer's own documents widen it.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.auth.caller import Scope
from service.auth.jwks import ALGORITHMS
from service.auth.tables import ExternalIssuerRow
from service.errors import Fault, Unprocessable

KNOWN_ALGORITHMS: Final = tuple(sorted({a for of in ALGORITHMS.values() for a in of}))
USUAL: Final = ("RS256",)
"""What Entra ID and Keycloak sign with unless told otherwise."""
TEXT: Final = re.compile(r"[!-~]{1,200}")
"""A scope, an audience or a claim's value of theirs: visible ASCII."""
CLAIM: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
"""A claim's name."""
CLIENT: Final = re.compile(r"[A-Za-z0-9._~:/@-]{1,64}")
"""A client of theirs."""
SOURCE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
READ_AGAIN: Final = 10.0
"""Seconds that a process trusts the issuers it read."""


class IssuerUnacceptable(Unprocessable):
    """The issuer cannot be registered so."""

    slug = "issuer-unacceptable"


@dataclass(frozen=True, slots=True)
class ExternalIssuer:
    """An organisation's own issuer, and all that its tokens may do here."""

    organisation: str
    issuer: str
    audience: str
    jwks_uri: str
    algorithms: tuple[str, ...] = USUAL
    scopes: tuple[tuple[str, str], ...] = ()
    """Theirs and ours; a scope of theirs that is not here grants nothing."""
    claims: tuple[tuple[str, str], ...] = ()
    """Claims that every token must carry with exactly this value."""
    person_claim: str | None = None
    person_source: str | None = None
    """The claim that names a person, and the source whose identifier it is."""
    clients: tuple[str, ...] = ()
    """The clients of theirs that may come; none named: any."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An issuer as registered."""

    id: UUID
    created_at: datetime
    issuer: ExternalIssuer


def check(wanted: ExternalIssuer, known: Collection[str]) -> None:
    """Refuse what cannot be registered, naming each fault."""
    claim, source = wanted.person_claim, wanted.person_source
    faults = [
        *_unknown("organisation", [wanted.organisation], known),
        *_unknown("algorithm", wanted.algorithms, KNOWN_ALGORITHMS),
        *_unknown("map", [ours for _, ours in wanted.scopes], [*Scope]),
        *_unlike(TEXT, "audience", [wanted.audience]),
        *_unlike(TEXT, "map", [theirs for theirs, _ in wanted.scopes]),
        *_unlike(CLAIM, "claim-equals", [name for name, _ in wanted.claims]),
        *_unlike(TEXT, "claim-equals", [value for _, value in wanted.claims]),
        *_unlike(CLIENT, "client", wanted.clients),
        *_unlike(CLAIM, "person-claim", [] if claim is None else [claim]),
        *_unlike(SOURCE, "person-source", [] if source is None else [source]),
    ]
    if not wanted.algorithms:
        faults.append(Fault("Name at least one algorithm.", parameter="algorithm"))
    if (claim is None) != (source is None):
        faults.append(Fault("Give --person-claim and --person-source together."))
    if not wanted.scopes and claim is None:
        faults.append(
            Fault("Map a scope or name a person claim: else no token counts.")
        )
    if faults:
        raise IssuerUnacceptable("Mend this and add it again.", faults=faults)


def _unknown(what: str, given: Collection[str], known: Collection[str]) -> list[Fault]:
    choices = ", ".join(sorted(known)) or "none"
    return [
        Fault(f"Unknown {value!r}; known: {choices}.", parameter=what)
        for value in sorted(set(given) - set(known))
    ]


def _unlike(form: re.Pattern[str], what: str, given: Collection[str]) -> list[Fault]:
    return [
        Fault(f"{value!r} is not of the form {form.pattern}.", parameter=what)
        for value in given
        if not form.fullmatch(value)
    ]


async def all_registered() -> list[Registered]:
    """List every issuer, by organisation, oldest first."""
    rows = await ExternalIssuerRow.select().order_by(
        ExternalIssuerRow.organisation,
        ExternalIssuerRow.created_at,
        ExternalIssuerRow.id,
    )
    return [Registered(row["id"], row["created_at"], _fact(row)) for row in rows]


def _fact(row: dict[str, Any]) -> ExternalIssuer:
    scopes = (pair.rpartition("=") for pair in row["scopes"])
    claims = (pair.partition("=") for pair in row["claims"])
    return ExternalIssuer(
        organisation=row["organisation"],
        issuer=row["issuer"],
        audience=row["audience"],
        jwks_uri=row["jwks_uri"],
        algorithms=tuple(row["algorithms"]),
        scopes=tuple((theirs, ours) for theirs, _, ours in scopes),
        claims=tuple((name, value) for name, _, value in claims),
        person_claim=row["person_claim"],
        person_source=row["person_source"],
        clients=tuple(row["clients"]),
    )


class Issuers:
    """One process's copy of the issuers, read again every few seconds.

    `clock` is monotonic. Whoever finds the copy old waits for one reading, which all
    share: nobody is judged by an old copy, nor by none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._clock = clock
        self._read_at = float("-inf")
        self._known: frozenset[ExternalIssuer] = frozenset()
        self._reading: asyncio.Task[None] | None = None

    async def current(self) -> frozenset[ExternalIssuer]:
        """Return the issuers as they were a few seconds ago at most."""
        if self._clock() - self._read_at >= READ_AGAIN:
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
            # One who goes away does not end the reading for those who wait with them.
            await asyncio.shield(self._reading)
        return self._known

    async def _read(self) -> None:
        began = self._clock()
        try:
            self._known = frozenset(one.issuer for one in await all_registered())
            self._read_at = began
        finally:
            self._reading = None
