"""`python -m tests.edge.serving_small DSN SOCKET`: the small app, in its own process.

A thing called `held` is made once the database's advisory lock `GATE` comes free.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from service.db import DB, transaction
from service.db.reach import EVERYONE, within_reach
from tests.edge.small_app import small_app

GATE = 7_406_502


async def before(name: str) -> None:
    if name == "held":
        async with transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", GATE)


@asynccontextmanager
async def opened(_: Litestar) -> AsyncIterator[None]:
    with within_reach(EVERYONE):
        await DB.open(sys.argv[1], size=4)
        yield
        await DB.close()


if __name__ == "__main__":
    app = small_app(before=before)
    app._lifespan_managers.append(opened)
    uvicorn.run(app, uds=sys.argv[2], log_level="warning")
