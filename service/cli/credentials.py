"""`joinedup clients`, as far as it changes how a client proves who it is."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from service.audit.actions import record
from service.auth import client_keys, credentials
from service.auth.client_keys import RegisteredKeys
from service.auth.credentials import Leave
from service.cli.printing import AS_JSON, print_json
from service.cli.session import configured, opened, operator, run

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


def registered(jwks: Path | None, jwks_uri: str | None) -> RegisteredKeys:
    """Read the keys that the options name."""
    found = None
    if jwks is not None:
        try:
            found = json.loads(jwks.read_bytes())
        except (OSError, ValueError, RecursionError):
            raise click.BadParameter(f"{jwks} does not hold JSON.") from None
    loopback = configured().allow_loopback_fetch
    return client_keys.registered(jwks=found, uri=jwks_uri, loopback=loopback)


def print_credentials(made: Mapping[str, str], *, as_json: bool) -> None:
    """Print a client's id and, the one time it is known, its secret."""
    if as_json:
        print_json(made)
        return
    for field, value in made.items():
        click.echo(f"{field:14} {value}")
    if "client_secret" in made:
        click.echo("Keep the secret now: it cannot be shown again.", err=True)


@click.command("rotate-secret")
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

    print_credentials(run(work()), as_json=as_json)


@click.command("replace-keys")
@click.argument("client_id")
@JWKS
@JWKS_URI
def replace_keys(client_id: str, jwks: Path | None, jwks_uri: str | None) -> None:
    """Verify a signing client by these public keys from now on."""

    async def work() -> None:
        async with opened() as now:
            await credentials.replace_keys(
                client_id,
                registered(jwks, jwks_uri),
                caller=operator(),
                now=now,
                record=record,
            )
        click.echo(f"{client_id} has new keys.", err=True)

    run(work())


@click.command("allow-audience")
@click.argument("client_id")
@UNTIL
def allow_audience(client_id: str, until: datetime) -> None:
    """Accept the token endpoint as its assertions' audience, until a date."""
    _allow(client_id, Leave.ENDPOINT_AUDIENCE, until)


@click.command("allow-rs256")
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


COMMANDS: Final = (rotate_secret, replace_keys, allow_audience, allow_rs256)
