"""Requests to `joinedup serve` over a real port, against a bare endpoint's."""

import base64
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from bench.guarded import ISSUER
from bench.measure import Measure, calls
from bench.serving import Server, request, serving
from bench.year import CALLER
from service.audit.actions import record
from service.auth.actions import create_client, create_signing_client
from service.auth.caller import Scope
from service.auth.client_keys import registered
from service.db import transaction
from service.directory.queries import known_codes
from service.hr import queries
from service.hr.queries import scores

PAGE: Final = 100
READ_OF_ONE, READ_OF_PAGE, WHOLE_REQUEST = 3.3, 4.0, 10.0
"""Targets, as ratios to the bare endpoint."""
AUTHENTICATED: Final = 2.5
"""Authentication adds at most one and a half bare endpoints."""
ASSERTED: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def requests(now: datetime) -> list[Measure]:
    """Measure the bare endpoint, tokens, one score and a page of them."""
    codes = sorted(await known_codes())
    ids = [score.id for score in await scores(codes, ISSUER, limit=PAGE)]
    token = await _token_request(codes, now)
    asserted = await _asserting(codes, now)
    async with serving("uvicorn", "bench.bare:app", "--no-access-log") as server:
        bare = await _served("bare endpoint", server, request("/"))
    reads = await _reading(bare, codes, ids)
    async with serving("uvicorn", "bench.guarded:app", "--no-access-log") as server:
        bearer = json.loads(await server.ask(token))["access_token"]
        sent = request("/", headers=[("Authorization", f"Bearer {bearer}")])
        guarded = await _served(
            "bare endpoint, authenticated", server, sent, bare, AUTHENTICATED
        )
        tokens = [
            await _served("token, client_secret_basic", server, token, bare),
            _against(
                bare,
                await calls(
                    "token, private_key_jwt",
                    lambda: server.ask(asserted()),
                    cpu=server.cpu,
                ),
            ),
        ]
    async with serving("service", "serve") as server:
        whole = await _asking(bare, server, token, ids)
    return [bare, guarded, *tokens, *reads, *whole]


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


async def _served(
    name: str,
    server: Server,
    sent: bytes,
    bare: Measure | None = None,
    target: float | None = None,
) -> Measure:
    found = await calls(name, lambda: server.ask(sent), cpu=server.cpu)
    return found if bare is None else _against(bare, found, target)


def _against(bare: Measure, found: Measure, target: float | None = None) -> Measure:
    if not (bare.cpu_us and found.cpu_us):
        return found
    return replace(found, ratio=found.cpu_us / bare.cpu_us, target=target)


async def _reading(
    bare: Measure, codes: Sequence[str], ids: Sequence[UUID]
) -> list[Measure]:
    """Measure the queries and their JSON alone, as if a bare endpoint did them."""
    wanted = queries.Question(codes)

    async def one() -> bytes:
        async with transaction() as connection:
            found = await queries.document(connection, ids[0], codes, ISSUER)
        return b"" if found is None else found[1]

    async def page() -> bytes:
        async with transaction() as connection:
            found = await queries.page(
                connection, wanted, queries.Line.ITEM, ISSUER, PAGE
            )
        return b"".join((b'{"items":[', found.body, b'],"next":null,"delta":null}'))

    return [
        await _read(bare, "score by id, read alone", one, READ_OF_ONE),
        await _read(bare, "page of 100 scores, read alone", page, READ_OF_PAGE),
    ]


async def _read(
    bare: Measure, name: str, read: Callable[[], Awaitable[bytes]], target: float
) -> Measure:
    found = await calls(name, read)
    if not (bare.cpu_us and found.cpu_us):
        return found
    return replace(found, ratio=1 + found.cpu_us / bare.cpu_us, target=target)


async def _asking(
    bare: Measure, server: Server, token: bytes, ids: Sequence[UUID]
) -> list[Measure]:
    """Measure whole requests: token, guard, query, disclosure, JSON."""
    bearer = json.loads(await server.ask(token))["access_token"]
    headers = [("Authorization", f"Bearer {bearer}")]
    one = request(f"/v1/scores/{ids[0]}", headers=headers)
    page = request(f"/v1/scores?limit={PAGE}", headers=headers)
    return [
        await _served("score by id, whole request", server, one, bare, WHOLE_REQUEST),
        await _served(
            "page of 100 scores, whole request", server, page, bare, WHOLE_REQUEST
        ),
    ]
