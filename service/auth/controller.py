"""HTTP for OAuth: the token endpoint, and what a client needs to find and trust it."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.types import ExceptionHandlersMap

from service.auth import (
    authorisation_server,
    introspection,
    issuing,
    token_request,
)
from service.auth.failures import Failures, Who
from service.auth.forms import AboutTokenOperation, TokenOperation
from service.auth.guard import PUBLIC
from service.auth.row_keys import actions as row_keys
from service.auth.schemas import (
    Introspected,
    JwkSet,
    Revoked,
    ServerMetadata,
    TokenAnswer,
    TokenProblem,
)
from service.auth.secret import derive
from service.auth.token_request import LONGEST_BODY, Sent, TokenRefused
from service.edge.rates import TooMany
from service.edge.strict_json import Unstorable
from service.errors import Refusal, Unavailable
from service.settings import settings

DONE: Final = 200
UNAUTHENTICATED: Final = 401
CACHED: Final = {"Cache-Control": "public, max-age=300"}
REFUSES: Final = {"refuses": (Unstorable,)}
"""All that a public document can refuse: a NUL in the address."""

AnyRequest = Request[Any, Any, State]


def as_token_problem(
    _: AnyRequest, exception: Refusal | HTTPException
) -> Response[dict[str, Any]]:
    """Say in OAuth's own shape what stopped a token request outside OAuth's rules."""
    if isinstance(exception, Unavailable | TooMany):
        refused = TokenRefused(
            "temporarily_unavailable", "No token can be given now: try again soon."
        )
    else:
        refused = TokenRefused("invalid_request", "The request cannot be read.")
    response = _response(issuing.refusal(refused))
    if isinstance(exception, TooMany):
        response.status_code = exception.status
    response.headers.update(exception.headers or {})
    return response


def _response(answer: issuing.Answer) -> Response[dict[str, Any]]:
    return Response(answer.body, status_code=answer.status, headers=answer.headers)


REFUSED: Final = {
    status: ResponseSpec(TokenProblem, generate_examples=False, description=what)
    for status, what in (
        (400, "Not understood."),
        (401, "Not authenticated."),
        (429, "Failed to authenticate too often."),
        (503, "Not now."),
    )
}
IN_OAUTHS_WORDS: Final[ExceptionHandlersMap] = {
    Refusal: as_token_problem,
    HTTPException: as_token_problem,
}


class OAuthController(Controller):
    """Tokens for HR systems."""

    tags = ("OAuth",)

    @post(
        "/oauth/token",
        status_code=200,
        security=PUBLIC,
        operation_id="getToken",
        summary="Get an access token",
        operation_class=TokenOperation,
        responses={
            200: ResponseSpec(
                TokenAnswer, generate_examples=False, description="The token."
            ),
            **REFUSED,
        },
        exception_handlers=IN_OAUTHS_WORDS,
    )
    async def token(self, request: AnyRequest) -> Response[Any]:
        """Give a registered client an access token for its own organisations."""
        answer = await _limited(
            request,
            issuing.answer,
            now=settings().clock(),
            monotonic=time.monotonic(),
        )
        return _response(answer)

    @post(
        "/oauth/introspect",
        status_code=200,
        security=PUBLIC,
        operation_id="introspectToken",
        summary="Ask what an access token allows",
        operation_class=AboutTokenOperation,
        responses={
            200: ResponseSpec(
                Introspected, generate_examples=False, description="What it allows."
            ),
            **REFUSED,
        },
        exception_handlers=IN_OAUTHS_WORDS,
    )
    async def introspect(self, request: AnyRequest) -> Response[Any]:
        """Tell a client about a token of its own (RFC 7662)."""
        answer = await _limited(
            request,
            introspection.introspect,
            now=settings().clock(),
            monotonic=time.monotonic(),
        )
        return _response(answer)

    @post(
        "/oauth/revoke",
        status_code=200,
        security=PUBLIC,
        operation_id="revokeToken",
        summary="End an access token",
        operation_class=AboutTokenOperation,
        responses={
            200: ResponseSpec(
                Revoked, generate_examples=False, description="It is no good any more."
            ),
            **REFUSED,
        },
        exception_handlers=IN_OAUTHS_WORDS,
    )
    async def revoke(self, request: AnyRequest) -> Response[Any]:
        """End a token of a client's own, everywhere within a minute (RFC 7009)."""
        answer = await _limited(
            request,
            introspection.revoke,
            now=settings().clock(),
            monotonic=time.monotonic(),
            record=request.app.state.record,
        )
        return _response(answer)

    @get(
        "/.well-known/jwks.json",
        security=PUBLIC,
        operation_id="getKeys",
        summary="Get the keys that verify tokens and rows",
        opt=REFUSES,
        responses={
            200: ResponseSpec(JwkSet, generate_examples=False, description="The keys.")
        },
    )
    async def jwks(self, request: AnyRequest) -> Response[Any]:
        """Publish every key of tokens that still counts, and all that ever signed rows.

        Those stay for good, so that rows can be checked years later.
        """
        ring = await request.app.state.key_ring.current(settings().clock())
        keys = [*ring.jwks["keys"], *await row_keys.published()]
        return Response({"keys": keys}, headers=CACHED)

    @get(
        "/.well-known/oauth-authorization-server",
        security=PUBLIC,
        operation_id="getServerMetadata",
        summary="Get the authorisation server's metadata",
        opt=REFUSES,
        responses={
            200: ResponseSpec(
                ServerMetadata, generate_examples=False, description="The metadata."
            )
        },
    )
    async def metadata(self, request: AnyRequest) -> Response[Any]:
        """Describe the authorisation server (RFC 8414)."""
        return _metadata(request)

    @get(
        "/.well-known/openid-configuration",
        security=PUBLIC,
        operation_id="getServerMetadataAtOpenIdPath",
        summary="Get the same metadata at OpenID's path",
        opt=REFUSES,
        responses={
            200: ResponseSpec(
                ServerMetadata, generate_examples=False, description="The metadata."
            )
        },
    )
    async def openid_metadata(self, request: AnyRequest) -> Response[Any]:
        """Describe the authorisation server to clients that look only here."""
        return _metadata(request)


async def _sent(request: AnyRequest) -> Sent:
    return Sent(
        content_types=tuple(request.headers.getall("content-type", [])),
        authorizations=tuple(request.headers.getall("authorization", [])),
        query=request.scope["query_string"].decode("latin-1"),
        body=await _body(request),
        proofs=tuple(request.headers.getall("dpop", [])),
    )


async def _limited(
    request: AnyRequest,
    work: Callable[..., Awaitable[issuing.Answer]],
    **more: object,
) -> issuing.Answer:
    """Have an authenticated endpoint answer, unless this client fails too often."""
    sent = await _sent(request)
    failures: Failures = request.app.state.failures
    address = "" if request.client is None else request.client.host
    who = Who(address, token_request.claimed_by(sent))
    failures.check(who)
    answer = await work(sent, _server(request), **more)
    if answer.status == UNAUTHENTICATED:
        await failures.failed(who)
    elif answer.status == DONE:
        failures.succeeded(who)
    return answer


def _server(request: AnyRequest) -> issuing.Server:
    state = request.app.state
    return issuing.Server(
        issuer=state.issuer,
        ring=state.key_ring,
        published=state.published_keys,
        token_seconds=settings().token_seconds,
        assertion_seconds=settings().assertion_seconds,
        nonce_key=derive("dpop-nonce"),
    )


def _metadata(request: AnyRequest) -> Response[Any]:
    body = authorisation_server.metadata(request.app.state.issuer)
    return Response(body, headers=CACHED)


async def _body(request: AnyRequest) -> bytes:
    """Read the body, but not much more of it than will be accepted."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            break
    return bytes(body)
