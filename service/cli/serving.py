"""`joinedup serve`, `migrate`, `routes` and `openapi`."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.session import UNAVAILABLE, configured, opened, run
from service.db import migrations
from service.db.address import role_of
from service.db.migrations import CannotMigrate
from service.db.opening import server
from service.settings import settings

if TYPE_CHECKING:
    from litestar import Litestar

ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - named, not bound
DRAIN_SECONDS: Final = 15


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the API and the pages; the embedded database runs as long as this does."""
    import uvicorn  # noqa: PLC0415 - no other command needs it

    if configured().issuer is None:
        shown = "127.0.0.1" if host in ANY_ADDRESS else host
        shown = f"[{shown}]" if ":" in shown else shown
        os.environ["JOINEDUP_ISSUER"] = f"http://{shown}:{port}"
        settings.cache_clear()
    _check_address(host, port)
    # Told to stop, uvicorn drains and passes the signal on: the database stops next.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    run(_check())
    chosen = configured(quiet=False)
    click.echo(f"Serving at {chosen.issuer} until interrupted.", err=True)
    with server(chosen):  # The workers join it.
        uvicorn.run(
            "service.cli.serving:served",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(chosen.trusted_proxies),
            forwarded_allow_ips=chosen.trusted_proxies,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )


def _check_address(host: str, port: int) -> None:
    """End the command if nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        other = "another --host or --port"
        if called_by_make():
            other = f"make another port (`make run PORT={port % 65535 + 1}`)"
        click.echo(
            f"Nobody can listen on {host} port {port}: {error.strerror}. Give {other},"
            " or stop what listens there.",
            err=True,
        )
        sys.exit(UNAVAILABLE)


def called_by_make() -> bool:
    """Say whether the project's Makefile called this command."""
    return "MAKELEVEL" in os.environ and Path("Makefile").is_file()


async def _check() -> None:
    """Refuse a database that is behind or unsafe before any worker starts."""
    async with opened():
        pass


def served() -> "Litestar":
    """Build the app; one of several workers ends when the command does, even killed.

    Else it would hold the port, without a database.
    """
    from service.app import served_app  # noqa: PLC0415 - slow to import

    command = multiprocessing.parent_process()
    if command is not None:

        def follow() -> None:
            command.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, daemon=True).start()
    return served_app()


@click.command()
def migrate() -> None:
    """Bring the database up to date; again changes nothing."""
    chosen = configured()

    async def work() -> None:
        with server(chosen) as where:
            if where.owner is None:
                raise CannotMigrate(
                    "Set JOINEDUP_MIGRATION_DATABASE_URL to the role that owns the"
                    " schema."
                )
            ran = await migrations.migrate(
                where.owner,
                role_of(where.application),
                said=lambda name: click.echo(f"Running {name}", err=True),
            )
        click.echo(f"{len(ran)} migrations ran; the database is up to date.")

    run(work())


@click.command()
@click.option("--access", is_flag=True, help="Show who may use each.")
def routes(*, access: bool) -> None:
    """List every route."""
    from service.app import create_app, issuer_of  # noqa: PLC0415 - slow to import
    from service.auth.declared import routes as listed  # noqa: PLC0415 - as above

    chosen = configured()
    for method, path, to in listed(create_app(chosen, issuer_of(chosen))):
        click.echo(f"{method:7} {path}" + (f"  {to}" if access else ""))


@click.command()
def openapi() -> None:
    """Print the OpenAPI document, as committed in openapi/openapi.json."""
    from service.app import DOCUMENTED_ISSUER, about, create_app  # noqa: PLC0415 - slow
    from service.edge.openapi import document  # noqa: PLC0415 - as above

    app = create_app(configured(), DOCUMENTED_ISSUER)
    click.echo(document(app, about(DOCUMENTED_ISSUER)).decode(), nl=False)
