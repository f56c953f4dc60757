"""Departments' OpenID Connect providers, and what we are to each of them.

The law: algorithms, and the claim that names a person, are what an operator wrote here;
a provider's own documents change neither.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.auth.issuers import CLAIM, KNOWN_ALGORITHMS, SOURCE, TEXT
from service.auth.sealing import unseal
from service.auth.sign_in.tables import SignInProvider
from service.db import transaction
from service.errors import Conflict, Fault, NotFound, Unprocessable

PURPOSE: Final = "sign-in providers"
ID: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(-[a-z0-9]+)*")
RESERVED: Final = frozenset({"development"})
LONGEST_NAME: Final = 200

COLUMNS: Final = """
organisation, id, name, issuer, client_id, sealed, public, algorithms, person_claim,
person_source, checks_email
"""
ENABLED: Final = f"""
SELECT {COLUMNS} FROM sign_in_provider WHERE id = $1 AND disabled_at IS NULL
"""  # noqa: S608 - columns from this module
ALL: Final = f"""
SELECT {COLUMNS}, created_at, disabled_at FROM sign_in_provider
ORDER BY disabled_at IS NOT NULL, name, id
"""  # noqa: S608 - columns from this module
CHOICES: Final = """
SELECT id, name FROM sign_in_provider WHERE disabled_at IS NULL ORDER BY name, id
"""


class ProviderUnacceptable(Unprocessable):
    """The provider cannot be registered so."""

    slug = "provider-unacceptable"


class ProviderExists(Conflict):
    """A provider is registered once, and its id is no other's."""

    slug = "provider-exists"


class NoSuchProvider(NotFound):
    """No provider is registered under that id."""

    slug = "no-such-provider"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A provider as an operator describes it."""

    organisation: str
    id: str
    """In addresses, such as `hm-treasury`."""
    name: str
    """As people are shown it."""
    issuer: str
    """Exactly as its tokens write `iss`."""
    client_id: str
    """Our own id there."""
    person_claim: str
    person_source: str
    """The claim that names a person, and the source whose identifier it is."""
    algorithms: tuple[str, ...]
    """The only ones its ID tokens may be signed with."""
    checks_email: bool = True
    """Whether a person's e-mail must lie in a domain of the organisation."""


@dataclass(frozen=True, slots=True)
class Provider(Wanted):
    """A provider as registered."""

    sealed: bytes = b""
    public: Mapping[str, Any] | None = None
    """The public part of our key; None: we have a secret."""

    @property
    def secret(self) -> bytes:
        """Return what we prove ourselves with: a secret, or a private key (DER)."""
        return unseal(self.sealed, PURPOSE, self.id.encode())


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider, and since when."""

    provider: Provider
    created_at: datetime
    disabled_at: datetime | None


def check(wanted: Wanted, known: Collection[str]) -> None:
    """Refuse what cannot be registered, naming each fault; `known` organisations."""
    faults = [
        Fault(f"{value!r} is not of the form {form.pattern}.", parameter=name)
        for name, value, form in (
            ("id", wanted.id, ID),
            ("client-id", wanted.client_id, TEXT),
            ("person-claim", wanted.person_claim, CLAIM),
            ("person-source", wanted.person_source, SOURCE),
        )
        if not form.fullmatch(value)
    ]
    if wanted.id in RESERVED:
        faults.append(Fault(f"{wanted.id} has a meaning of its own.", parameter="id"))
    if wanted.organisation not in known:
        choices = ", ".join(sorted(known)) or "none"
        text = f"Unknown {wanted.organisation!r}; known: {choices}."
        faults.append(Fault(text, parameter="organisation"))
    if not wanted.algorithms or set(wanted.algorithms) - {*KNOWN_ALGORITHMS}:
        text = f"Name at least one of {', '.join(KNOWN_ALGORITHMS)}, and no other."
        faults.append(Fault(text, parameter="algorithm"))
    name = wanted.name
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        text = f"A name has 1 to {LONGEST_NAME} printable characters."
        faults.append(Fault(text, parameter="name"))
    if faults:
        raise ProviderUnacceptable("Mend this and add it again.", faults=faults)


async def enabled(id_: str) -> Provider | None:
    """Return a provider with which people may sign in."""
    async with transaction() as connection:
        row = await connection.fetchrow(ENABLED, id_)
    return None if row is None else _provider(dict(row))


async def choices() -> list[tuple[str, str]]:
    """Return id and name of each provider with which people may sign in, by name."""
    async with transaction() as connection:
        rows = await connection.fetch(CHOICES)
    return [(row["id"], row["name"]) for row in rows]


async def all_registered() -> list[Listed]:
    """List every provider, those disabled last."""
    async with transaction() as connection:
        rows = [dict(row) for row in await connection.fetch(ALL)]
    return [
        Listed(
            created_at=row.pop("created_at"),
            disabled_at=row.pop("disabled_at"),
            provider=_provider(row),
        )
        for row in rows
    ]


def _provider(row: dict[str, Any]) -> Provider:
    public = row.pop("public")
    algorithms = tuple(row.pop("algorithms"))
    return Provider(
        **row,
        algorithms=algorithms,
        public=None if public is None else json.loads(public),
    )


def row_of(of: Provider, now: datetime) -> SignInProvider:
    """Return a provider as stored."""
    return SignInProvider(
        organisation=of.organisation,
        id=of.id,
        name=of.name,
        issuer=of.issuer,
        client_id=of.client_id,
        sealed=of.sealed,
        public=None if of.public is None else json.dumps(of.public),
        algorithms=[*of.algorithms],
        person_claim=of.person_claim,
        person_source=of.person_source,
        checks_email=of.checks_email,
        created_at=now,
        disabled_at=None,
    )
