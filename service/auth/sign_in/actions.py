"""Registers departments' providers, and ends that.

The law: an operator writes what a provider may say, and the audit keeps it. The audit
lies above this room, so whoever calls hands its `record` down.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey

from service.auth.actions import Record
from service.auth.caller import Caller
from service.auth.jwks import Fetch, fetched, keys_in
from service.auth.keys import ALGORITHM
from service.auth.sealing import seal
from service.auth.sign_in import discovery, identities, providers
from service.auth.sign_in.providers import (
    PURPOSE,
    Listed,
    NoSuchProvider,
    Provider,
    ProviderExists,
    ProviderUnacceptable,
    Wanted,
    row_of,
)
from service.auth.sign_in.tables import SignInProvider
from service.db import transaction
from service.edge.outbound import check_url
from service.settings import settings

DISABLE = """
UPDATE sign_in_provider SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL
RETURNING id
"""
END_SESSIONS = "DELETE FROM web_session WHERE provider = $1"


async def add(
    wanted: Wanted,
    *,
    secret: str | None,
    known: frozenset[str],
    caller: Caller,
    now: datetime,
    record: Record,
    fetch: Fetch = fetched,
) -> Provider:
    """Let an organisation's people sign in with its provider.

    Without a secret it gets a key of its own, whose public part the provider is to
    know us by. What the provider publishes is read once, to tell a wrong address now.
    `known` are the codes of all organisations.
    """
    providers.check(wanted, known)
    check_url(wanted.issuer, loopback=settings().allow_loopback_fetch)
    body = await fetch(wanted.issuer.rstrip("/") + discovery.PATH)
    described = discovery.read(body, wanted.issuer)
    if not keys_in(await fetch(described.jwks_uri)):
        raise ProviderUnacceptable(f"{described.jwks_uri} publishes no key we can use.")
    provider = _provider(wanted, secret)
    async with transaction():
        row = row_of(provider, now)
        if not await SignInProvider.insert(row).on_conflict(action="DO NOTHING"):
            raise ProviderExists(
                "Give another id, or disable the one that is registered first."
            )
        await record(
            caller,
            "provider.add",
            "sign_in_provider",
            provider.id,
            now=now,
            after=asdict(wanted),
        )
    return provider


def _provider(wanted: Wanted, secret: str | None) -> Provider:
    private, public = (secret or "").encode(), None
    if secret is None:
        key = ECKey.generate_key("P-256")
        private, public = key.as_der(private=True), _public(key)
    sealed = seal(private, PURPOSE, wanted.id.encode())
    return Provider(**asdict(wanted), sealed=sealed, public=public)


def _public(key: ECKey) -> dict[str, Any]:
    more = {"kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
    return {**key.as_dict(private=False), **more}


async def list_providers(
    *, caller: Caller, now: datetime, record: Record
) -> list[Listed]:
    """List every provider, those disabled last."""
    async with transaction():
        found = await providers.all_registered()
        await record(caller, "provider.list", "sign_in_provider", "*", now=now)
    return found


async def disable(id_: str, *, caller: Caller, now: datetime, record: Record) -> None:
    """Let nobody sign in with a provider any more, and end every visit it began."""
    async with transaction() as connection:
        if await connection.fetchval(DISABLE, id_, now) is None:
            raise NoSuchProvider(
                f"No provider {id_} is enabled: see `joinedup providers list`."
            )
        await connection.execute(END_SESSIONS, id_)
        await record(caller, "provider.disable", "sign_in_provider", id_, now=now)


async def unbind(
    person: UUID,
    organisation: str,
    *,
    caller: Caller,
    now: datetime,
    record: Record,
) -> int:
    """Forget who a person is to their organisation's providers: an account was renewed.

    The next sign-in that names them binds them anew; return how many were forgotten.
    """
    async with transaction():
        gone = await identities.unbind(person, organisation)
        await record(caller, "provider.unbind", "person", person, now=now)
    return gone
