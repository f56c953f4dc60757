"""The decision alone: no database, no clock."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped] # has no types
    InvalidClientError,
)
from authlib.oauth2.rfc8414 import (  # type: ignore[import-untyped] # has no types
    AuthorizationServerMetadata,
)
from joserfc.jwk import ECKey

from service.auth import rules, tokens
from service.auth.authorisation_server import Terms, _Server, decide, metadata
from service.auth.caller import Machine
from service.auth.rules import AuthMethod, Client, Secret
from service.auth.token_request import Credentials, TokenRefused, TokenRequest
from tests.auth.conftest import ISSUER, NOW

KEY = ECKey.generate_key("P-256")
TERMS = Terms(issuer=ISSUER, key=KEY, now=NOW, seconds=300, jti="one")
CLIENT = Client(
    id="hr-1",
    auth_method="client_secret_basic",
    scopes=frozenset({"scores:read", "cycles:read"}),
    organisations=frozenset({"HMT", "DEFRA"}),
    secrets=(Secret(rules.digest("open"), None),),
    disabled=False,
)


def request(word: str = "open", **parameters: str) -> TokenRequest:
    return TokenRequest(
        Credentials("hr-1", AuthMethod.CLIENT_SECRET_BASIC, word),
        {"grant_type": "client_credentials", **parameters},
    )


def refused(asked: TokenRequest, client: Client | None) -> TokenRefused:
    with pytest.raises(TokenRefused) as caught:
        decide(asked, client, TERMS)
    return caught.value


def test_the_grant_is_made_of_its_terms_alone() -> None:
    grant = decide(request(), CLIENT, TERMS)
    assert (grant.client_id, grant.jti) == ("hr-1", "one")
    assert (grant.issued_at, grant.expires_at) == (NOW, NOW + timedelta(seconds=300))
    machine = tokens.verify(
        grant.body["access_token"],
        keys={KEY.thumbprint(): KEY},
        issuer=ISSUER,
        now=NOW,
    ).who
    assert isinstance(machine, Machine)
    assert machine.organisations == {"HMT", "DEFRA"}
    assert machine.scopes == {"scores:read", "cycles:read"}


def test_a_token_is_bound_to_the_key_that_was_shown() -> None:
    """ "`cnf.jkt` when DPoP-bound"; RFC 9449 section 5: `token_type` is DPoP."""
    for client in (CLIENT, replace(CLIENT, dpop=True)):
        body = decide(request(), client, replace(TERMS, jkt="thumb")).body
        payload = body["access_token"].split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(payload + "=="))
        assert "DPoP" in body.values()
        assert said["cnf"] == {"jkt": "thumb"}
    assert "cnf" not in decide(request(), CLIENT, TERMS).body


def test_a_client_registered_with_dpop_must_use_it() -> None:
    """ "Required for clients registered with `--dpop`"; EnsureHolderOfKeyRequired."""
    bound = replace(CLIENT, dpop=True)
    assert refused(request(), bound).error == "invalid_dpop_proof"
    # Who it is comes first: the answer tells a stranger nothing.
    assert refused(request("shut"), bound).error == "invalid_client"


def test_a_refusal_of_authlibs_own_is_in_our_words() -> None:
    server = _Server(CLIENT, TERMS, ())
    with pytest.raises(TokenRefused) as caught:
        server.handle_error_response(None, InvalidClientError(description="<b>"))
    assert "<b>" not in caught.value.description


def test_scope_order_does_not_matter() -> None:
    """Ported: EnsureOtherScopeOrderSucceeds."""
    for scope in ("scores:read cycles:read", "cycles:read scores:read"):
        body = decide(request(scope=scope), CLIENT, TERMS).body
        assert body["scope"] == "cycles:read scores:read"


@pytest.mark.parametrize(
    ("client", "secret", "why"),
    [
        (None, "open", "unknown client"),
        (CLIENT, "shut", "wrong or expired secret"),
        (replace(CLIENT, secrets=()), "open", "wrong or expired secret"),
        (replace(CLIENT, disabled=True), "open", "disabled client"),
        (replace(CLIENT, auth_method="private_key_jwt"), "open", "another method"),
    ],
)
def test_only_the_log_learns_why(client: Client | None, secret: str, why: str) -> None:
    refusal = refused(request(secret), client)
    assert refusal.error == "invalid_client"
    assert refusal.description == refused(request(), None).description
    assert why in refusal.why


def test_an_unknown_grant_is_not_repeated_back() -> None:
    refusal = refused(request(grant_type='"\\<b>'), CLIENT)
    assert refusal.error == "unsupported_grant_type"
    assert "<b>" not in refusal.description


def test_the_metadata_satisfies_rfc_8414() -> None:
    class Checked(AuthorizationServerMetadata):  # type: ignore[misc] # no types
        def validate_response_types_supported(self) -> None:
            """Authlib wants some; a server without that endpoint has none."""

    stated: dict[str, Any] = metadata(ISSUER)
    Checked(stated).validate()
    assert stated["response_types_supported"] == []
