"""The forms of the OAuth endpoints as documented: they are read by hand, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from service.auth import authorisation_server, client_assertion
from service.auth.token_request import FORM

CREDENTIALS: Final[Mapping[str, Schema]] = {
    "client_id": Schema(
        type=OpenAPIType.STRING,
        description="With `client_secret`; otherwise it may be left out.",
    ),
    "client_secret": Schema(
        type=OpenAPIType.STRING, description="For client_secret_post."
    ),
    "client_assertion_type": Schema(
        type=OpenAPIType.STRING, enum=[client_assertion.TYPE]
    ),
    "client_assertion": Schema(
        type=OpenAPIType.STRING,
        description="For private_key_jwt: a JWT that the client signed (RFC 7523) with"
        f" {', '.join(client_assertion.ALGORITHMS)}. `iss` and `sub` are its id, `aud`"
        " is the issuer alone, `jti` serves once, `exp` is minutes ahead.",
    ),
}


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
                **CREDENTIALS,
            },
            examples=[{"grant_type": "client_credentials", "scope": "scores:read"}],
        )
        self.request_body = RequestBody(
            content={FORM: OpenAPIMediaType(schema=form)},
            description="The client authenticates by the one method that it is"
            " registered for: HTTP Basic, `client_id` and `client_secret`, or"
            " `client_assertion`. Without `scope`, every scope it is registered for is"
            " granted. With a DPoP proof in the header `DPoP` (RFC 9449), the token is"
            " bound to the proof's key.",
            required=True,
        )


@dataclass
class AboutTokenOperation(Operation):
    """An endpoint that is asked about one token."""

    def __post_init__(self) -> None:
        """Describe the form."""
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=["token"],
            properties={
                "token": Schema(
                    type=OpenAPIType.STRING, description="An access token of its own."
                ),
                "token_type_hint": Schema(
                    type=OpenAPIType.STRING,
                    description="May be left out: there are only access tokens.",
                ),
                **CREDENTIALS,
            },
            examples=[{"token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.x"}],
        )
        self.request_body = RequestBody(
            content={FORM: OpenAPIMediaType(schema=form)},
            description="The client authenticates as at `/oauth/token`.",
            required=True,
        )
