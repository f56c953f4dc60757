"""What a client sent to the token endpoint, read strictly (RFC 6749).

The law: whatever the bytes, the outcome is a `TokenRequest` or a `TokenRefused`.
Introspection and revocation read their forms and credentials here too.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from service.auth import client_assertion
from service.auth.client_assertion import ProvesNothing
from service.auth.rules import AuthMethod

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
        "Client authentication failed: check the client id, the method that it is"
        " registered for, and its secret or key.",
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
    proofs: tuple[str, ...] = ()
    """DPoP headers."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a client says it is, as yet unproved, and what is to prove it."""

    client_id: str
    method: AuthMethod
    value: str
    """The secret, or the assertion."""
    kid: str | None = None
    """The key that the assertion names."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks, as yet unproved, and for what."""

    credentials: Credentials
    parameters: Mapping[str, str]

    @property
    def client_id(self) -> str:
        """Return who asks."""
        return self.credentials.client_id


def read(sent: Sent) -> TokenRequest:
    """Return what was asked, or refuse what cannot be read in exactly one way."""
    parameters = parameters_of(sent)
    credentials = credentials_of(sent, parameters)
    if "grant_type" not in parameters:
        raise _invalid("Send grant_type=client_credentials.")
    if not SCOPE.fullmatch(parameters.get("scope", "none")):
        raise TokenRefused("invalid_scope", "Separate scopes by single spaces.")
    return TokenRequest(credentials, parameters)


def claimed_by(sent: Sent) -> str:
    """Return the client that a request says it is from; empty where it cannot be read.

    Unproved: good for counting failures, and for nothing else.
    """
    try:
        return credentials_of(sent, parameters_of(sent)).client_id
    except TokenRefused:
        return ""


def _invalid(description: str) -> TokenRefused:
    return TokenRefused("invalid_request", description)


def parameters_of(sent: Sent) -> dict[str, str]:
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


def credentials_of(sent: Sent, parameters: Mapping[str, str]) -> Credentials:
    """Return how the client authenticates; RFC 6749 section 2.3: in one way only."""
    in_body = [
        name for name in ("client_secret", "client_assertion") if name in parameters
    ]
    if len(sent.authorizations) + len(in_body) > 1:
        raise _invalid("Authenticate the client in one way only.")
    if sent.authorizations:
        found = _basic(sent.authorizations[0])
    elif "client_assertion" in parameters:
        found = _asserted(parameters)
    else:
        secret = parameters.get("client_secret", "")
        found = _secret(
            AuthMethod.CLIENT_SECRET_POST, parameters.get("client_id", ""), secret
        )
    if parameters.get("client_id", found.client_id) != found.client_id:
        raise unauthenticated("client_id differs from the one of the credentials")
    return found


def _basic(authorization: str) -> Credentials:
    """Return client id and secret; RFC 6749 section 2.3.1 form-encodes both."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise unauthenticated("another scheme than Basic")
    try:
        text = base64.b64decode(encoded.strip(" "), validate=True).decode()
        client_id, _, secret = text.partition(":")
        client_id = unquote_plus(client_id, errors="strict")
        secret = unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise unauthenticated("Basic credentials that cannot be decoded") from error
    return _secret(AuthMethod.CLIENT_SECRET_BASIC, client_id, secret)


def _secret(method: AuthMethod, client_id: str, secret: str) -> Credentials:
    if not CLIENT_ID.fullmatch(client_id) or not secret:
        raise unauthenticated("no client id and secret such as we make")
    return Credentials(client_id, method, secret)


def _asserted(parameters: Mapping[str, str]) -> Credentials:
    """Return who an assertion says it is from (RFC 7523 section 2.2)."""
    if parameters.get("client_assertion_type") != client_assertion.TYPE:
        raise unauthenticated("an assertion of another type")
    assertion = parameters["client_assertion"]
    try:
        claimed = client_assertion.claimed(assertion)
    except ProvesNothing as nothing:
        raise unauthenticated(str(nothing)) from nothing
    client_id = claimed.subject
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise unauthenticated("an assertion from no client id such as we make")
    return Credentials(client_id, AuthMethod.PRIVATE_KEY_JWT, assertion, claimed.kid)
