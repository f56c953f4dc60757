"""Requests to `joinedup serve` over a real port, against a bare endpoint's."""

import base64
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from bench.guarded import ISSUER
from bench.measure import SECONDS, Measure, calls
from bench.serving import Server, request, serving
from bench.year import CALLER
from service.audit.actions import record
from service.auth.actions import create_client, create_signing_client
from service.auth.caller import Scope
from service.auth.client_keys import registered
from service.db.reach import only, within_reach
from service.directory.queries import known_codes
from service.hr import queries
from service.hr.queries import scores

PAGE: Final = 100
READ_OF_ONE, READ_OF_PAGE, WHOLE_REQUEST = 3.3, 4.0, 10.0
"""Targets, as ratios to the bare endpoint."""
AUTHENTICATED: Final = 2.5
"""Authentication adds at most one and a half bare endpoints."""
BARE: Final = (
    *("uvicorn", "bench.bare:app", "--no-access-log"),
    *("--timeout-keep-alive", "600"),  # It waits while others are asked.
)
ASSERTED: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Bare:
    """The bare endpoint, which is asked before and after whatever is compared with it.

    On a machine that others use, what a call costs is not the same a minute later.
    """

    server: Server

    async def asked(self, seconds: float = SECONDS) -> Measure:
        """Measure the bare endpoint itself."""
        ask, cpu = self.server.ask, self.server.cpu
        return await calls(
            "bare endpoint", lambda: ask(request("/")), cpu=cpu, seconds=seconds
        )

    async def beside(
        self,
        name: str,
        call: Callable[[], Awaitable[object]],
        target: float | None = None,
        *,
        cpu: Callable[[], float] = time.process_time,
        more: int = 0,
    ) -> Measure:
        """Measure a call; `more` bare endpoints are added to its ratio."""
        before = await self.asked(SECONDS / 3)
        found = await calls(name, call, cpu=cpu)
        after = await self.asked(SECONDS / 3)
        if not (before.cpu_us and after.cpu_us and found.cpu_us):
            return found
        ratio = more + 2 * found.cpu_us / (before.cpu_us + after.cpu_us)
        return replace(found, ratio=ratio, target=target)

    async def served(
        self, name: str, server: Server, sent: bytes, target: float | None = None
    ) -> Measure:
        """Measure a request to another server."""
        return await self.beside(name, lambda: server.ask(sent), target, cpu=server.cpu)


async def requests(now: datetime) -> list[Measure]:
    """Measure the bare endpoint, tokens, one score and a page of them."""
    codes = sorted(await known_codes())
    ids = [score.id for score in await scores(codes, ISSUER, limit=PAGE)]
    token = await _token_request(codes, now)
    asserted = await _asserting(codes, now)
    async with serving(*BARE) as itself:
        bare = Bare(itself)
        first = await bare.asked()
        reads = await _reading(bare, codes, ids)
        async with serving("uvicorn", "bench.guarded:app", "--no-access-log") as server:
            knowing = await _knowing(bare, server, token, asserted)
        async with serving("service", "serve") as server:
            whole = await _asking(bare, server, token, ids)
    return [first, *knowing, *reads, *whole]


async def _knowing(
    bare: Bare, server: Server, token: bytes, asserted: Callable[[], bytes]
) -> list[Measure]:
    """Measure what knowing who asks costs: with a token, and giving one out."""
    bearer = json.loads(await server.ask(token))["access_token"]
    sent = request("/", headers=[("Authorization", f"Bearer {bearer}")])
    return [
        await bare.served("bare endpoint, authenticated", server, sent, AUTHENTICATED),
        await bare.served("token, client_secret_basic", server, token),
        await bare.beside(
            "token, private_key_jwt", lambda: server.ask(asserted()), cpu=server.cpu
        ),
    ]


async def _asserting(codes: Sequence[str], now: datetime) -> Callable[[], bytes]:
    """Register a client that signs; return what makes its next request for a token."""
    key = ECKey.generate_key("P-256", {"kid": "bench"})
    client_id = await create_signing_client(
        codes,
        [Scope.SCORES_READ],
        known=codes,
        caller=CALLER,
        now=now,
        record=record,
        registered=registered(jwks={"keys": [key.as_dict(private=False)]}),
    )

    def ask() -> bytes:
        issued = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": ISSUER,
            "iat": issued,
            "exp": issued + 60,
            "jti": str(uuid4()),
        }
        assertion = jwt.encode({"alg": "ES256", "kid": "bench"}, claims, key)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTED,
            "client_assertion": assertion,
        }
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        body = urlencode(form)
        return request("/oauth/token", method="POST", headers=headers, body=body)

    return ask


async def _token_request(codes: Sequence[str], now: datetime) -> bytes:
    """Register an HR system of every organisation; return how it asks for a token."""
    client_id, secret = await create_client(
        codes,
        [Scope.SCORES_READ],
        known=codes,
        caller=CALLER,
        now=now,
        record=record,
    )
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return request(
        "/oauth/token",
        method="POST",
        headers=[
            ("Authorization", f"Basic {basic}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ],
        body="grant_type=client_credentials",
    )


async def _reading(
    bare: Bare, codes: Sequence[str], ids: Sequence[UUID]
) -> list[Measure]:
    """Measure the queries and their JSON alone, as if a bare endpoint did them."""
    wanted = queries.Question(codes)

    async def one() -> bytes:
        return await queries.document(ids[0], codes, ISSUER) or b""

    async def page() -> bytes:
        found = await queries.page(wanted, queries.Line.ITEM, ISSUER, PAGE)
        return b"".join((b'{"items":[', found.body, b'],"next":null,"delta":null}'))

    with within_reach(only(codes)):  # As whoever asks over HTTP.
        return [
            await bare.beside("score by id, read alone", one, READ_OF_ONE, more=1),
            await bare.beside(
                "page of 100 scores, read alone", page, READ_OF_PAGE, more=1
            ),
        ]


async def _asking(
    bare: Bare, server: Server, token: bytes, ids: Sequence[UUID]
) -> list[Measure]:
    """Measure whole requests: token, guard, query, disclosure, JSON."""
    bearer = json.loads(await server.ask(token))["access_token"]
    headers = [("Authorization", f"Bearer {bearer}")]
    one = request(f"/v1/scores/{ids[0]}", headers=headers)
    page = request(f"/v1/scores?limit={PAGE}", headers=headers)
    return [
        await bare.served("score by id, whole request", server, one, WHOLE_REQUEST),
        await bare.served(
            "page of 100 scores, whole request", server, page, WHOLE_REQUEST
        ),
    ]
