"""Who a subject of a provider is.

The law: identity is (issuer, subject). It is bound once, to the person whom the
organisation's own records know by the identifier that the provider names, and both must
agree at every sign-in. E-mail never links anybody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.auth.external_tokens import LONGEST_IDENTIFIER
from service.auth.sign_in.directory import Directory
from service.auth.sign_in.providers import Provider
from service.auth.sign_in.refusing import not_let_in
from service.auth.tokens import Named
from service.db import transaction
from service.db.reach import only, within_reach

BIND: Final = """
INSERT INTO sign_in_identity (organisation, issuer, subject, person, bound_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
BOUND: Final = """
SELECT person FROM sign_in_identity
WHERE organisation = $1 AND issuer = $2 AND subject = $3
"""
UNBIND: Final = """
DELETE FROM sign_in_identity WHERE organisation = $1 AND person = $2 RETURNING issuer
"""


async def person_of(
    provider: Provider,
    claims: Mapping[str, Any],
    directory: Directory,
    now: datetime,
) -> UUID:
    """Return who has signed in, or refuse: always in the same words."""
    identifier = _text(claims.get(provider.person_claim))
    if not 0 < len(identifier) <= LONGEST_IDENTIFIER:
        raise not_let_in(provider.id, "the claim names nobody")
    named = Named(provider.organisation, provider.person_source, identifier)
    with within_reach(only([provider.organisation])):
        async with transaction():
            person = await directory.person_of(named)
            if person is None:
                raise not_let_in(provider.id, "nobody known by that identifier")
            if provider.checks_email:
                await _check_email(provider, claims, directory)
            if await _bound(provider, claims["sub"], person, now) != person:
                raise not_let_in(provider.id, "bound to another")
    return person


def _text(value: object) -> str:
    """Return what can be looked for, or ""."""
    return value if isinstance(value, str) and value.isprintable() else ""


async def _check_email(
    provider: Provider, claims: Mapping[str, Any], directory: Directory
) -> None:
    """Refuse an e-mail of another organisation's, or of nobody's."""
    _, at, domain = _text(claims.get("email")).rpartition("@")
    if not at or claims.get("email_verified") is False:
        raise not_let_in(provider.id, "no e-mail")
    if not await directory.has_domain(provider.organisation, domain):
        raise not_let_in(provider.id, "an e-mail of another domain")


async def _bound(
    provider: Provider, subject: str, person: UUID, now: datetime
) -> UUID | None:
    """Return whom a subject is bound to; nobody yet: this person, if free."""
    who = (provider.organisation, provider.issuer, subject)
    async with transaction() as connection:
        bound: UUID | None = await connection.fetchval(BOUND, *who)
        if bound is None:
            # A person has one subject of an issuer, and who comes second finds it so.
            await connection.execute(BIND, *who, person, now)
            bound = await connection.fetchval(BOUND, *who)
    return bound


async def unbind(person: UUID, organisation: str) -> int:
    """Forget who a person is to their provider; the next sign-in binds anew."""
    async with transaction() as connection:
        rows = await connection.fetch(UNBIND, organisation, person)
    return len(rows)
