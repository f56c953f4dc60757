"""`joinedup clients`: who may ask for tokens, and how they prove who they are."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import click

from service.audit.actions import record
from service.auth import actions
from service.auth.caller import Operator, Scope
from service.auth.queries import ClientSummary
from service.auth.rules import AuthMethod
from service.cli.credentials import (
    COMMANDS,
    JWKS,
    JWKS_URI,
    print_credentials,
    registered,
)
from service.cli.printing import AS_JSON, print_json, spoken
from service.cli.session import opened, operator, run
from service.directory.queries import known_codes


@click.group()
def clients() -> None:
    """HR systems that may ask for access tokens."""


@clients.command()
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    required=True,
    metavar="CODE",
    help="Whose people it may see; may be repeated.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    metavar="SCOPE",
    help=f"May be repeated, or hold several: {', '.join(Scope)}.",
)
@click.option(
    "--auth",
    "auth_method",
    type=click.Choice([method.value for method in AuthMethod]),
    default=AuthMethod.CLIENT_SECRET_BASIC.value,
    show_default=True,
    help="How it proves who it is.",
)
@JWKS
@JWKS_URI
@click.option("--dpop", is_flag=True, help="Bind its tokens to a key (RFC 9449).")
@click.option("--name", default="HR system", show_default=True)
@AS_JSON
def create(
    organisations: tuple[str, ...],
    scopes: tuple[str, ...],
    auth_method: str,
    jwks: Path | None,
    jwks_uri: str | None,
    name: str,
    *,
    dpop: bool,
    as_json: bool,
) -> None:
    """Register one; its secret, if it has one, is printed once and kept nowhere."""
    signs = auth_method == AuthMethod.PRIVATE_KEY_JWT
    if not signs and (jwks or jwks_uri):
        raise click.UsageError("Only a client with --auth private_key_jwt has keys.")

    async def work() -> dict[str, str]:
        async with opened() as now:
            common: Common = {
                "known": await known_codes(),
                "caller": operator(),
                "now": now,
                "record": record,
                "name": name,
                "dpop": dpop,
            }
            asked = organisations, " ".join(scopes).split()
            if signs:
                keys = registered(jwks, jwks_uri)
                made = actions.create_signing_client(*asked, registered=keys, **common)
                return {"client_id": await made}
            client_id, secret = await actions.create_client(
                *asked, auth_method=auth_method, **common
            )
        return {"client_id": client_id, "client_secret": secret}

    print_credentials(run(work()), as_json=as_json)


class Common(TypedDict):
    """What every registration says."""

    known: Collection[str]
    caller: Operator
    now: datetime
    record: actions.Record
    name: str
    dpop: bool


@clients.command("list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every client, oldest first."""

    async def work() -> None:
        async with opened() as now:
            found = await actions.list_clients(
                caller=operator(), now=now, record=record
            )
        if as_json:
            print_json([asdict(client) for client in found])
        else:
            for client in found:
                click.echo(_line(client))

    run(work())


@clients.command()
@click.argument("client_id")
@AS_JSON
def show(client_id: str, *, as_json: bool) -> None:
    """Show one client; never its secrets."""

    async def work() -> None:
        async with opened() as now:
            found = await actions.show(
                client_id, caller=operator(), now=now, record=record
            )
        if as_json:
            print_json(asdict(found))
        else:
            for field, value in asdict(found).items():
                click.echo(f"{field:23} {spoken(value)}")

    run(work())


@clients.command("revoke-tokens")
@click.argument("client_id")
def revoke_tokens(client_id: str) -> None:
    """End every token that it has, within seconds; it may ask for new ones."""

    async def work() -> None:
        async with opened() as now:
            await actions.revoke_tokens(
                client_id, caller=operator(), now=now, record=record
            )
        click.echo(f"{client_id}: every token from before now has ended.", err=True)

    run(work())


@clients.command()
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Refuse it new tokens now, and those it has within seconds."""

    async def work() -> None:
        async with opened() as now:
            await actions.disable_client(
                client_id, caller=operator(), now=now, record=record
            )
        click.echo(f"{client_id} is disabled.", err=True)

    run(work())


def _line(client: ClientSummary) -> str:
    state = "disabled" if client.disabled_at else "enabled"
    codes = ",".join(client.organisations)
    return f"{client.client_id}  {state:8}  {codes}  {client.name}"


for command in COMMANDS:
    clients.add_command(command)
