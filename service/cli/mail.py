"""`joinedup mail`: what came back of what was mailed."""

from typing import IO, Final

import click

from service.cli.session import opened, run
from service.feedback.inviting.actions import came_back
from service.jobs.bounces import read

LONGEST: Final = 1_000_000
"""Bytes of a report that are read: it is about one mail."""


@click.group()
def mail() -> None:
    """Mail that came back after a server had taken it."""


@mail.command()
@click.argument("report", type=click.File("rb"), default="-")
def bounced(report: IO[bytes]) -> None:
    """Take in one delivery status notification, from a file or standard input.

    Have your mail server hand whatever comes for JOINEDUP_MAIL_FROM to this command.
    Whoever could not be reached is on their HR administrator's list, without what the
    mail was about. What is no such report is left out, exit code 0. Through GOV.UK
    Notify it is not needed: the service asks what came back.
    """
    bounce = read(report.read(LONGEST))
    if bounce is None:
        click.echo("This reports no mail of ours that came back.", err=True)
        return

    async def work() -> None:
        async with opened() as now:
            await came_back(bounce, now)

    run(work())
