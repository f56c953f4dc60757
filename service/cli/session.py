"""What every command shares: the open database, who runs it, and how it ends.

Exit codes: 0 done, 1 input refused, 2 not now, 3 unavailable.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from getpass import getuser
from typing import Any, Final, NoReturn, TypeVar

import click
from pydantic import ValidationError

from service import logs
from service.auth.caller import Operator
from service.db.opening import database
from service.db.reach import EVERYONE, within_reach
from service.errors import Conflict, Refusal, Stale, Unavailable
from service.settings import Settings, settings

T = TypeVar("T")

REFUSED: Final = 1
NOT_NOW: Final = 2
UNAVAILABLE: Final = 3
INTERRUPTED: Final = 130


@asynccontextmanager
async def opened() -> AsyncIterator[datetime]:
    """Open the database that the settings name; give the present instant.

    A command sees everyone's rows.
    """
    chosen = configured()
    with within_reach(EVERYONE):
        async with database(chosen):
            yield chosen.clock()


def configured(*, quiet: bool = True) -> Settings:
    """Read the settings and set up the log, or say which setting is wrong."""
    try:
        chosen = settings()
    except ValidationError as error:
        for fault in error.errors():
            said = fault["msg"].removeprefix("Value error, ")
            if fault["loc"]:
                name = "_".join(["JOINEDUP", *map(str, fault["loc"])]).upper()
                said = f"{name}: {said}"
            click.echo(said, err=True)
        sys.exit(REFUSED)
    logs.set_up(chosen, quiet=quiet)
    return chosen


def operator() -> Operator:
    """Return whoever runs this command."""
    return Operator(getuser())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; a refusal ends the command with its exit code."""
    try:
        return asyncio.run(work)
    except Refusal as refusal:
        end(refusal)
    except KeyboardInterrupt:
        click.echo("Interrupted: nothing of this step was kept.", err=True)
        sys.exit(INTERRUPTED)


def end(refusal: Refusal) -> NoReturn:
    """Say what was refused and why, and end with its exit code."""
    click.echo(f"{refusal.title()} {refusal}", err=True)
    for fault in refusal.faults:
        where = fault.pointer or fault.parameter or ""
        click.echo(f"  {where} {fault.detail}".rstrip(), err=True)
    match refusal:
        case Unavailable():
            sys.exit(UNAVAILABLE)
        case Conflict() | Stale():
            sys.exit(NOT_NOW)
        case _:
            sys.exit(REFUSED)
