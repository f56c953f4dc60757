"""`joinedup clients` and `joinedup keys`: who may ask for tokens; what signs them."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from service.audit.actions import record
from service.auth import actions
from service.auth.caller import Scope
from service.auth.keys import KeyStatus, statuses
from service.auth.queries import ClientSummary
from service.auth.rules import AuthMethod
from service.cli.session import opened, operator, run
from service.directory.queries import known_codes

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


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
    type=click.Choice([*AuthMethod]),
    default=AuthMethod.CLIENT_SECRET_BASIC,
    show_default=True,
    help="How it proves who it is.",
)
@click.option("--name", default="HR system", show_default=True)
@AS_JSON
def create(
    organisations: tuple[str, ...],
    scopes: tuple[str, ...],
    auth_method: str,
    name: str,
    *,
    as_json: bool,
) -> None:
    """Register one; its secret is printed once and kept nowhere."""

    async def work() -> None:
        async with opened() as now:
            client_id, secret = await actions.create_client(
                organisations,
                " ".join(scopes).split(),
                known=await known_codes(),
                caller=operator(),
                now=now,
                record=record,
                name=name,
                auth_method=auth_method,
            )
        if as_json:
            _print({"client_id": client_id, "client_secret": secret})
        else:
            click.echo(f"client_id      {client_id}")
            click.echo(f"client_secret  {secret}")
            click.echo("Keep the secret now: it cannot be shown again.", err=True)

    run(work())


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
            _print([asdict(client) for client in found])
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
            _print(asdict(found))
        else:
            for field, value in asdict(found).items():
                click.echo(f"{field:14} {_spoken(value)}")

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


@click.group()
def keys() -> None:
    """Keys that sign access tokens: next, active and retired."""


@keys.command("list")
@AS_JSON
def list_keys(*, as_json: bool) -> None:
    """List the keys, newest first."""

    async def work() -> None:
        async with opened():
            found = await statuses()
        _print_keys(found, as_json=as_json)

    run(work())


@keys.command()
@click.option(
    "--discard",
    is_flag=True,
    help="Throw every key away at once (leaked, or the secret key is lost): every"
    " token dies.",
)
@AS_JSON
def rotate(*, discard: bool, as_json: bool) -> None:
    """Sign with the next key from now on, and publish one to follow it."""

    async def work() -> None:
        async with opened() as now:
            found = await actions.rotate_keys(
                caller=operator(), now=now, record=record, discard=discard
            )
        _print_keys(found, as_json=as_json)

    run(work())


def _print_keys(found: list[KeyStatus], *, as_json: bool) -> None:
    if as_json:
        _print([asdict(key) for key in found])
    else:
        for key in found:
            click.echo(f"{key.kid}  {key.state:7}  {key.created_at:%Y-%m-%d %H:%M}")


def _line(client: ClientSummary) -> str:
    state = "disabled" if client.disabled_at else "enabled"
    codes = ",".join(client.organisations)
    return f"{client.client_id}  {state:8}  {codes}  {client.name}"


def _print(value: Any) -> None:  # noqa: ANN401 - whatever json.dumps takes
    click.echo(json.dumps(value, default=_spoken, ensure_ascii=False))


def _spoken(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)
