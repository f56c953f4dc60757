"""A process that sends each assertion it is told several times at once.

python -m tests.auth.replaying DSN TIMES [broken]: an assertion a line comes in, the
number of tokens it bought goes out. `broken` looks first and inserts after.
"""

import asyncio
import sys
from datetime import datetime
from unittest.mock import patch
from urllib.parse import urlencode

from service.auth import issuing
from service.auth.issuing import Server
from service.auth.jwks import JwksCache
from service.auth.keys import KeyRing
from service.auth.spent import spend as right_spend
from service.auth.token_request import FORM, Sent
from service.db import DB, transaction
from tests.auth.assertions import form
from tests.auth.conftest import ISSUER, NOW


async def broken_spend(kind: str, owner: str, jti: str, keep_until: datetime) -> bool:
    """Spend as one would without thinking of who comes between."""
    async with transaction() as connection:
        if await connection.fetchrow(
            "SELECT FROM spent_jti WHERE kind = $1 AND owner = $2 AND jti = $3",
            *(kind, owner, jti),
        ):
            return False
        await connection.execute(
            "INSERT INTO spent_jti VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            *(kind, owner, jti, keep_until),
        )
    return True


async def main(dsn: str, times: int) -> None:
    server = Server(
        issuer=ISSUER,
        ring=KeyRing(),
        published=JwksCache(),
        token_seconds=300,
        assertion_seconds=300,
        nonce_key=b"never asked for one",
    )
    await DB.open(dsn, size=times)
    await server.ring.current(NOW)
    print("ready", flush=True)  # noqa: T201 - to the test
    while assertion := await asyncio.to_thread(sys.stdin.readline):
        body = urlencode(form(assertion.strip())).encode()
        sent = Sent((FORM,), (), "", body)
        answers = await asyncio.gather(
            *(issuing.answer(sent, server, now=NOW, monotonic=0) for _ in range(times))
        )
        statuses = [answer.status for answer in answers]
        assert {*statuses} <= {200, 401}
        print(statuses.count(200), flush=True)  # noqa: T201 - to the test
    await DB.close()


if __name__ == "__main__":
    spend = broken_spend if "broken" in sys.argv else right_spend
    with patch("service.auth.issuing.spend", spend):
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
