"""HTTP for OAuth: the token endpoint, and what a client needs to find and trust it."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from service.auth import actions, authorisation_server
from service.auth.guard import PUBLIC
from service.auth.schemas import JwkSet, ServerMetadata, TokenAnswer, TokenProblem
from service.auth.token_request import FORM, LONGEST_BODY, Sent, TokenRefused
from service.edge.strict_json import Unstorable
from service.errors import Refusal, Unavailable
from service.settings import settings

CACHED: Final = {"Cache-Control": "public, max-age=300"}
REFUSES: Final = {"refuses": (Unstorable,)}
"""All that a public document can refuse: a NUL in the address."""

AnyRequest = Request[Any, Any, State]


@dataclass
class TokenOperation(Operation):
    """The token endpoint as documented: its form is read by hand, strictly."""

    def __post_init__(self) -> None:
        """Describe the form."""
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=["grant_type"],
            properties={
                "grant_type": Schema(
                    type=OpenAPIType.STRING, enum=[*authorisation_server.GRANTS]
                ),
                "scope": Schema(
                    type=OpenAPIType.STRING,
                    description="Scopes separated by spaces; all or none are granted.",
                ),
            },
            examples=[{"grant_type": "client_credentials", "scope": "scores:read"}],
        )
        self.request_body = RequestBody(
            content={FORM: OpenAPIMediaType(schema=form)},
            description="The client authenticates with HTTP Basic. Without `scope`,"
            " every scope it is registered for is granted.",
            required=True,
        )


def as_token_problem(
    _: AnyRequest, exception: Refusal | HTTPException
) -> Response[dict[str, Any]]:
    """Say in OAuth's own shape what stopped a token request outside OAuth's rules."""
    if isinstance(exception, Unavailable):
        refused = TokenRefused(
            "temporarily_unavailable", "No token can be given now: try again soon."
        )
    else:
        refused = TokenRefused("invalid_request", "The request cannot be read.")
    response = _response(actions.refusal(refused))
    response.headers.update(exception.headers or {})
    return response


def _response(answer: actions.Answer) -> Response[dict[str, Any]]:
    return Response(answer.body, status_code=answer.status, headers=answer.headers)


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
            400: ResponseSpec(
                TokenProblem, generate_examples=False, description="Not understood."
            ),
            401: ResponseSpec(
                TokenProblem, generate_examples=False, description="Not authenticated."
            ),
            503: ResponseSpec(
                TokenProblem, generate_examples=False, description="Not now."
            ),
        },
        exception_handlers={Refusal: as_token_problem, HTTPException: as_token_problem},
    )
    async def token(self, request: AnyRequest) -> Response[Any]:
        """Give a registered client an access token for its own organisations."""
        answer = await actions.answer(
            Sent(
                content_types=tuple(request.headers.getall("content-type", [])),
                authorizations=tuple(request.headers.getall("authorization", [])),
                query=request.scope["query_string"].decode("latin-1"),
                body=await _body(request),
            ),
            request.app.state.key_ring,
            issuer=request.app.state.issuer,
            seconds=settings().token_seconds,
            now=settings().clock(),
        )
        return _response(answer)

    @get(
        "/.well-known/jwks.json",
        security=PUBLIC,
        operation_id="getKeys",
        summary="Get the keys that verify tokens",
        opt=REFUSES,
        responses={
            200: ResponseSpec(JwkSet, generate_examples=False, description="The keys.")
        },
    )
    async def jwks(self, request: AnyRequest) -> Response[Any]:
        """Publish every key that signs now, will sign next, or signed lately."""
        ring = await request.app.state.key_ring.current(settings().clock())
        return Response(ring.jwks, headers=CACHED)

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
