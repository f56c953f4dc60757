"""`joinedup clients`: who may ask for tokens, and how they prove who they are."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import click

from service.audit.actions import record
from service.auth import actions, client_keys, credentials
from service.auth.caller import Operator, Scope
from service.auth.client_keys import RegisteredKeys
from service.auth.credentials import Leave
from service.auth.queries import ClientSummary
from service.auth.rules import AuthMethod
from service.cli.printing import AS_JSON, print_json, spoken
from service.cli.session import configured, opened, operator, run
from service.directory.queries import known_codes

JWKS = click.option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with its public keys (a JWK Set), for private_key_jwt.",
)
JWKS_URI = click.option(
    "--jwks-uri", metavar="URL", help="https address where it publishes them instead."
)
UNTIL = click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day after its last, in UTC; a day gone by ends it.",
)
KEPT_DAYS = 30


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
                keys = _registered(jwks, jwks_uri)
                made = actions.create_signing_client(*asked, registered=keys, **common)
                return {"client_id": await made}
            client_id, secret = await actions.create_client(
                *asked, auth_method=auth_method, **common
            )
        return {"client_id": client_id, "client_secret": secret}

    _print_credentials(run(work()), as_json=as_json)


class Common(TypedDict):
    """What every registration says."""

    known: Collection[str]
    caller: Operator
    now: datetime
    record: actions.Record
    name: str
    dpop: bool


def _registered(jwks: Path | None, jwks_uri: str | None) -> RegisteredKeys:
    """Read the keys that the options name."""
    found = None
    if jwks is not None:
        try:
            found = json.loads(jwks.read_bytes())
        except (OSError, ValueError, RecursionError):
            raise click.BadParameter(f"{jwks} does not hold JSON.") from None
    loopback = configured().allow_loopback_fetch
    return client_keys.registered(jwks=found, uri=jwks_uri, loopback=loopback)


def _print_credentials(made: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    for field, value in made.items():
        click.echo(f"{field:14} {value}")
    if "client_secret" in made:
        click.echo("Keep the secret now: it cannot be shown again.", err=True)


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


@clients.command("rotate-secret")
@click.argument("client_id")
@click.option(
    "--expires-old",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day (UTC) on which the old secrets end.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(0, 366),
    help=f"Days for which the old ones go on; unless said otherwise {KEPT_DAYS}.",
)
@AS_JSON
def rotate_secret(
    client_id: str,
    expires_old: datetime | None,
    keep_days: int | None,
    *,
    as_json: bool,
) -> None:
    """Print a new secret, once; the old ones work for a while yet."""
    if expires_old is not None and keep_days is not None:
        raise click.UsageError("Give --expires-old or --keep-days, not both.")
    days = timedelta(days=KEPT_DAYS if keep_days is None else keep_days)

    async def work() -> dict[str, str]:
        async with opened() as now:
            ends = expires_old.replace(tzinfo=UTC) if expires_old else now + days
            secret = await credentials.rotate_secret(
                client_id, keep_until=ends, caller=operator(), now=now, record=record
            )
        return {"client_id": client_id, "client_secret": secret}

    _print_credentials(run(work()), as_json=as_json)


@clients.command("replace-keys")
@click.argument("client_id")
@JWKS
@JWKS_URI
def replace_keys(client_id: str, jwks: Path | None, jwks_uri: str | None) -> None:
    """Verify a signing client by these public keys from now on."""

    async def work() -> None:
        async with opened() as now:
            await credentials.replace_keys(
                client_id,
                _registered(jwks, jwks_uri),
                caller=operator(),
                now=now,
                record=record,
            )
        click.echo(f"{client_id} has new keys.", err=True)

    run(work())


@clients.command("allow-audience")
@click.argument("client_id")
@UNTIL
def allow_audience(client_id: str, until: datetime) -> None:
    """Accept the token endpoint as its assertions' audience, until a date."""
    _allow(client_id, Leave.ENDPOINT_AUDIENCE, until)


@clients.command("allow-rs256")
@click.argument("client_id")
@UNTIL
def allow_rs256(client_id: str, until: datetime) -> None:
    """Accept assertions that it signed with RS256, until a date."""
    _allow(client_id, Leave.RS256, until)


def _allow(client_id: str, leave: Leave, until: datetime) -> None:
    async def work() -> None:
        async with opened() as now:
            await credentials.allow(
                client_id,
                leave,
                until.date(),
                caller=operator(),
                now=now,
                record=record,
            )
        click.echo(f"{client_id} is excepted until {until.date()}.", err=True)

    run(work())


def _line(client: ClientSummary) -> str:
    state = "disabled" if client.disabled_at else "enabled"
    codes = ",".join(client.organisations)
    return f"{client.client_id}  {state:8}  {codes}  {client.name}"
