"""What a client sent to the token endpoint, read strictly (RFC 6749).

The law: whatever the bytes, the outcome is a `TokenRequest` or a `TokenRefused`.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

FORM: Final = "application/x-www-form-urlencoded"
LONGEST_BODY: Final = 16_384
"""Bytes."""
MOST_PARAMETERS: Final = 32
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,64}")
SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
"""RFC 6749 section 3.3."""


class TokenRefused(Exception):
    """No token, in the words of RFC 6749 section 5.2."""

    def __init__(self, error: str, description: str, *, why: str | None = None) -> None:
        """Tell the client `description`; tell the log `why`, where that says more."""
        super().__init__(description)
        self.error = error
        self.description = description
        self.why = why or description


def unauthenticated(why: str) -> TokenRefused:
    """Refuse in the same words whatever was wrong; only the log learns which it was."""
    return TokenRefused(
        "invalid_client",
        "Client authentication failed: check the client id and its secret.",
        why=why,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to the token endpoint as it came."""

    content_types: tuple[str, ...]
    authorizations: tuple[str, ...]
    query: str
    body: bytes
    """May be cut after the first byte over `LONGEST_BODY`."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks, as yet unproved, and for what."""

    client_id: str
    secret: str
    parameters: Mapping[str, str]


def read(sent: Sent) -> TokenRequest:
    """Return what was asked, or refuse what cannot be read in exactly one way."""
    parameters = _parameters(sent)
    _check_one_way_to_authenticate(sent, parameters)
    client_id, secret = _basic(sent.authorizations[0])
    if parameters.get("client_id", client_id) != client_id:
        raise unauthenticated("client_id differs from the one of the Basic header")
    if "grant_type" not in parameters:
        raise _invalid("Send grant_type=client_credentials.")
    if not SCOPE.fullmatch(parameters.get("scope", "none")):
        raise TokenRefused("invalid_scope", "Separate scopes by single spaces.")
    return TokenRequest(client_id, secret, parameters)


def _invalid(description: str) -> TokenRefused:
    return TokenRefused("invalid_request", description)


def _parameters(sent: Sent) -> dict[str, str]:
    """Return the form's parameters; one without a value counts as left out."""
    types = [value.partition(";")[0].strip().lower() for value in sent.content_types]
    if types != [FORM]:
        raise _invalid(f"Send the parameters as {FORM}.")
    if sent.query:
        raise _invalid("Send the parameters in the body, not in the address.")
    if len(sent.body) > LONGEST_BODY:
        raise _invalid(f"The body is longer than {LONGEST_BODY} bytes.")
    try:
        pairs = parse_qsl(
            sent.body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as error:
        raise _invalid("The body is not a form in UTF-8.") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise _invalid("Send each parameter once.")
    if any("\0" in name + value for name, value in pairs):
        raise _invalid("A parameter holds a NUL character.")
    return {name: value for name, value in pairs if value}


def _check_one_way_to_authenticate(sent: Sent, parameters: Mapping[str, str]) -> None:
    """RFC 6749 section 2.3: never more than one method in a request."""
    ways = [
        *sent.authorizations,
        *(name for name in ("client_secret", "client_assertion") if name in parameters),
    ]
    if len(ways) > 1:
        raise _invalid("Authenticate the client in one way only.")
    if not sent.authorizations:
        raise unauthenticated("no client_secret_basic")


def _basic(authorization: str) -> tuple[str, str]:
    """Return client id and secret; RFC 6749 section 2.3.1 form-encodes both."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise unauthenticated("another scheme than Basic")
    try:
        text = base64.b64decode(encoded.strip(" "), validate=True).decode()
        client_id, colon, secret = text.partition(":")
        client_id = unquote_plus(client_id, errors="strict")
        secret = unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise unauthenticated("Basic credentials that cannot be decoded") from error
    if not colon or not CLIENT_ID.fullmatch(client_id) or not secret:
        raise unauthenticated("Basic credentials that are not ours")
    return client_id, secret
