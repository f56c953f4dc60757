"""A process that shows each DPoP proof it is told several times at once.

python -m tests.auth.proof_replaying DSN TIMES [broken]: a line of JSON comes in with a
`proof` and either `token` and `jkt`, to be used at the API, or `authorization`, to get
a token; how often that was allowed goes out. `broken` looks first and inserts after.
"""

import asyncio
import json
import sys
from unittest.mock import patch

from service.auth import issuing
from service.auth.caller import Machine
from service.auth.dpop import InvalidProof
from service.auth.holding import Presented, check_held
from service.auth.issuing import Server
from service.auth.jwks import JwksCache
from service.auth.keys import KeyRing
from service.auth.secret import derive
from service.auth.spent import spend as right_spend
from service.auth.token_request import FORM, Sent
from service.auth.tokens import Ours
from service.db import DB
from tests.auth.conftest import ISSUER, NOW
from tests.auth.proving import NOW_S
from tests.auth.replaying import broken_spend


async def at_the_api(asked: dict[str, str]) -> bool:
    """Use a token that the API has verified."""
    presented = Presented(
        "dpop", asked["token"], [asked["proof"]], "GET", f"{ISSUER}/v1/probe"
    )
    verified = Ours(
        who=Machine("hr-1", frozenset(), frozenset()),
        kid="any",
        issued_at=NOW_S,
        expires_at=NOW_S + 60,
        jti="any",
        jkt=asked["jkt"],
    )
    try:
        await check_held(presented, verified, NOW)
    except InvalidProof:
        return False
    return True


async def at_the_token_endpoint(asked: dict[str, str], server: Server) -> bool:
    """Ask for a token."""
    sent = Sent(
        (FORM,),
        (asked["authorization"],),
        "",
        b"grant_type=client_credentials",
        (asked["proof"],),
    )
    answer = await issuing.answer(sent, server, now=NOW, monotonic=0)
    assert answer.status in {200, 400}
    return answer.status == 200


async def main(dsn: str, times: int) -> None:
    server = Server(
        issuer=ISSUER,
        ring=KeyRing(),
        published=JwksCache(),
        token_seconds=300,
        assertion_seconds=300,
        nonce_key=derive("dpop-nonce"),
    )
    await DB.open(dsn, size=times)
    await server.ring.current(NOW)
    print("ready", flush=True)  # noqa: T201 - to the test
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        allowed = await asyncio.gather(
            *(
                at_the_api(asked)
                if "token" in asked
                else at_the_token_endpoint(asked, server)
                for _ in range(times)
            )
        )
        print(sum(allowed), flush=True)  # noqa: T201 - to the test
    await DB.close()


if __name__ == "__main__":
    spend = broken_spend if "broken" in sys.argv else right_spend
    with (
        patch("service.auth.issuing.spend", spend),
        patch("service.auth.holding.spend", spend),
    ):
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
