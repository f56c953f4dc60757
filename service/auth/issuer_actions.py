"""Accepts an organisation's issuer, and ends that.

The law: an operator writes what its tokens may do, and the audit keeps it. The audit
lies above this room, so whoever calls hands its `record` down.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from service.auth.actions import Record
from service.auth.caller import Caller
from service.auth.issuers import (
    ExternalIssuer,
    IssuerUnacceptable,
    Registered,
    all_registered,
    check,
)
from service.auth.jwks import Fetch, fetched, keys_in
from service.auth.tables import ExternalIssuerRow
from service.db import transaction
from service.edge.outbound import check_url
from service.errors import Conflict, NotFound
from service.settings import settings

DISCOVERY: Final = "/.well-known/openid-configuration"


class IssuerExists(Conflict):
    """An issuer is registered once for each audience."""

    slug = "issuer-exists"


class NoSuchIssuer(NotFound):
    """No issuer is registered under that id."""

    slug = "no-such-issuer"


async def discovered(issuer: str, fetch: Fetch = fetched) -> str:
    """Return where an issuer publishes its keys; nothing else it says is taken."""
    body = await fetch(issuer.rstrip("/") + DISCOVERY)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get("issuer") != issuer:
        raise IssuerUnacceptable(
            f"What {issuer} publishes names another issuer: give the issuer exactly as"
            " its tokens write it, or say where its keys are."
        )
    jwks_uri = said.get("jwks_uri")
    if not isinstance(jwks_uri, str):
        raise IssuerUnacceptable(f"{issuer} does not say where its keys are.")
    return jwks_uri


async def add(
    wanted: ExternalIssuer,
    *,
    known: frozenset[str],
    caller: Caller,
    now: datetime,
    record: Record,
    fetch: Fetch = fetched,
) -> UUID:
    """Accept an issuer's tokens; its keys are read once, to tell a wrong address now.

    `known` are the codes of all organisations.
    """
    check(wanted, known)
    for url in (wanted.issuer, wanted.jwks_uri):
        check_url(url, loopback=settings().allow_loopback_fetch)
    if not keys_in(await fetch(wanted.jwks_uri)):
        raise IssuerUnacceptable(f"{wanted.jwks_uri} publishes no key we can use.")
    row = _row(uuid4(), wanted, now)
    async with transaction():
        if not await ExternalIssuerRow.insert(row).on_conflict(action="DO NOTHING"):
            raise IssuerExists("Remove the one that is registered first.")
        await record(
            caller,
            "issuer.add",
            "external_issuer",
            row.id,
            now=now,
            after=asdict(wanted),
        )
    return row.id


def _row(id_: UUID, of: ExternalIssuer, now: datetime) -> ExternalIssuerRow:
    return ExternalIssuerRow(
        organisation=of.organisation,
        id=id_,
        issuer=of.issuer,
        audience=of.audience,
        jwks_uri=of.jwks_uri,
        algorithms=[*of.algorithms],
        scopes=[f"{theirs}={ours}" for theirs, ours in of.scopes],
        claims=[f"{name}={value}" for name, value in of.claims],
        person_claim=of.person_claim,
        person_source=of.person_source,
        clients=[*of.clients],
        created_at=now,
    )


async def list_issuers(
    *, caller: Caller, now: datetime, record: Record
) -> list[Registered]:
    """List every issuer, by organisation."""
    async with transaction():
        found = await all_registered()
        await record(caller, "issuer.list", "external_issuer", "*", now=now)
    return found


async def remove(id_: UUID, *, caller: Caller, now: datetime, record: Record) -> None:
    """Accept its tokens no more: within seconds, in every process."""
    async with transaction():
        gone = (
            await ExternalIssuerRow.delete()
            .where(ExternalIssuerRow.id == id_)
            .returning(*ExternalIssuerRow.all_columns())
        )
        if not gone:
            raise NoSuchIssuer(f"No issuer {id_}: see `joinedup issuers list`.")
        await record(
            caller,
            "issuer.remove",
            "external_issuer",
            id_,
            now=now,
            before=gone[0],
        )
