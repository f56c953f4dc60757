"""`joinedup worker`: delivers what waits in the outbox."""

import asyncio
import signal
from typing import Final

import click

from service.app import issuer_of, ways_out
from service.cli.session import configured, run
from service.db.opening import database
from service.hr.webhooks.sending import telling
from service.jobs.mail import way_out
from service.jobs.worker import delivering
from service.settings import Settings

HELD: Final = "Mails are held in the outbox until JOINEDUP_SMTP_URL is set."


@click.command()
def worker() -> None:
    """Mail what people are told and send webhooks their events, until interrupted.

    `serve` does so by itself on the embedded database.
    """
    chosen = configured(quiet=False)
    if chosen.issuer is None:
        raise click.UsageError(
            "Set JOINEDUP_ISSUER: mails and events say where to read on."
        )
    if way_out(chosen) is None:
        click.echo(HELD, err=True)
    run(_deliver(chosen))


async def _deliver(chosen: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: loop.call_soon_threadsafe(stop.set))
    ways = ways_out(chosen, str(chosen.issuer))
    async with (
        database(chosen),
        delivering(ways, chosen.clock),
        telling(chosen.clock, issuer_of(chosen)),
    ):
        click.echo("Delivering until interrupted.", err=True)
        await stop.wait()
