"""POST /oauth/token, JWKS and metadata, over HTTP and on a real database."""

import base64
from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from litestar import Litestar

from service.audit.tables import AuditEntry
from service.auth import rules
from service.auth.caller import Scope
from service.auth.controller import OAuthController
from service.auth.tables import IssuedToken, OAuthClient, OAuthClientSecret
from service.db import NoConnection
from tests.auth.conftest import ISSUER, NOW, Service

FORM = "application/x-www-form-urlencoded"
GRANT = "grant_type=client_credentials"


def basic(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return "Basic " + base64.b64encode(raw).decode()


async def ask(
    service: Service, auth: tuple[str, str] | None, **form: str
) -> httpx.Response:
    data = {"grant_type": "client_credentials", **form}
    if auth is None:
        return await service.client.post("/oauth/token", data=data)
    return await service.client.post("/oauth/token", auth=auth, data=data)


async def test_a_token_says_what_rfc_9068_asks(service: Service) -> None:
    client_id, secret = await service.registered(
        Scope.SCORES_READ, Scope.CYCLES_READ, organisations=("MOD", "DEFRA")
    )
    response = await ask(service, (client_id, secret))

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    token = answer.pop("access_token")
    assert answer == {
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "cycles:read scores:read",
    }
    published = (await service.client.get("/.well-known/jwks.json")).json()
    decoded = jwt.decode(token, KeySet.import_key_set(published), algorithms=["ES256"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.header["alg"] == "ES256"
    issued_at = int(NOW.timestamp())
    jti = decoded.claims.pop("jti")
    assert decoded.claims == {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": client_id,
        "client_id": client_id,
        "scope": "cycles:read scores:read",
        "organisations": ["DEFRA", "MOD"],
        "iat": issued_at,
        "exp": issued_at + 600,
    }
    row = await IssuedToken.select().where(IssuedToken.jti == jti).first()
    assert row == {
        "jti": jti,
        "client": client_id,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(seconds=600),
    }


async def test_a_client_may_ask_for_fewer_scopes(service: Service) -> None:
    auth = await service.registered(Scope.SCORES_READ, Scope.CYCLES_READ)
    response = await ask(service, auth, scope="scores:read")
    assert response.json()["scope"] == "scores:read"


async def test_scopes_are_never_narrowed_silently(service: Service) -> None:
    auth = await service.registered(Scope.SCORES_READ)
    for scope in ("scores:read people:read", "scores:read nonsense", "openid"):
        response = await ask(service, auth, scope=scope)
        assert (response.status_code, response.json()["error"]) == (
            400,
            "invalid_scope",
        )
    assert not await IssuedToken.exists().where(IssuedToken.client == auth[0])


async def test_every_failed_authentication_looks_the_same(service: Service) -> None:
    client_id, secret = await service.registered()
    other_id, other_secret = await service.registered()
    gone_id, gone_secret = await service.registered()
    await OAuthClient.update({OAuthClient.disabled_at: NOW}).where(
        OAuthClient.id == gone_id
    )
    answers = [
        await ask(service, auth)
        for auth in (
            ("nobody", secret),
            (client_id, "wrong"),
            (client_id, other_secret),
            (other_id, secret),
            (gone_id, gone_secret),
            (client_id, secret + "\0"),
            ("a" * 300, secret),
            None,
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["error"] == "invalid_client"
    assert {a.headers["www-authenticate"] for a in answers} == {
        'Basic realm="joinedup"'
    }
    assert (await ask(service, (client_id, secret))).status_code == 200


async def test_two_secrets_work_until_one_expires(service: Service) -> None:
    client_id, first = await service.registered()
    for secret, expires_at in (
        ("second", None),
        ("alive", NOW + timedelta(seconds=1)),
        ("expired", NOW),
    ):
        await OAuthClientSecret.insert(
            OAuthClientSecret(
                digest=rules.digest(secret),
                client=client_id,
                created_at=NOW - timedelta(days=1),
                expires_at=expires_at,
            )
        )
    statuses = {
        secret: (await ask(service, (client_id, secret))).status_code
        for secret in (first, "second", "alive", "expired")
    }
    assert statuses == {first: 200, "second": 200, "alive": 200, "expired": 401}


async def test_form_encoded_credentials_are_understood(service: Service) -> None:
    """RFC 6749 section 2.3.1: both are form-encoded before Basic."""
    client_id, secret = await service.registered()
    encoded = "".join(f"%{ord(character):02X}" for character in client_id)
    response = await service.client.post(
        "/oauth/token",
        headers={"Authorization": basic(f"{encoded}:{secret}"), "Content-Type": FORM},
        content=GRANT,
    )
    assert response.status_code == 200


async def test_no_database_is_said_in_the_same_shape(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = await service.registered()
    gone = AsyncMock(side_effect=NoConnection("The database cannot be reached."))
    monkeypatch.setattr("service.auth.queries.client_of", gone)
    response = await ask(service, auth)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert response.headers["cache-control"] == "no-store"
    assert response.json().keys() == {"error", "error_description"}
    assert response.json()["error"] == "temporarily_unavailable"


async def test_only_post_reaches_the_token_endpoint(service: Service) -> None:
    """Ported: PARRejectInvalidHttpVerb."""
    response = await service.client.get("/oauth/token")
    assert response.status_code == 405


async def test_the_published_keys_hold_no_private_part(service: Service) -> None:
    response = await service.client.get("/.well-known/jwks.json")
    assert response.headers["cache-control"] == "public, max-age=300"
    keys = response.json()["keys"]
    assert len(keys) == 3
    for key in keys:
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
async def test_metadata_says_only_what_is_true(service: Service, name: str) -> None:
    response = await service.client.get(f"/.well-known/{name}")
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.json() == {
        "issuer": ISSUER,
        "token_endpoint": f"{ISSUER}/oauth/token",
        "jwks_uri": f"{ISSUER}/.well-known/jwks.json",
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "dpop_signing_alg_values_supported": ["ES256", "PS256", "EdDSA", "Ed25519"],
        **{
            f"{endpoint}_endpoint_auth_{what}_supported": values
            for endpoint in ("token", "introspection", "revocation")
            for what, values in (
                (
                    "methods",
                    ["client_secret_basic", "client_secret_post", "private_key_jwt"],
                ),
                ("signing_alg_values", ["ES256", "PS256", "EdDSA"]),
            )
        },
    }


async def test_discovery_endpoint_verification(service: Service) -> None:
    """FAPI: "private_key_jwt; signing algs within PS256, ES256, EdDSA (5.4-1)"."""
    stated = (await service.client.get("/.well-known/openid-configuration")).json()
    assert stated["issuer"] == ISSUER
    assert "client_credentials" in stated["grant_types_supported"]
    assert "private_key_jwt" in stated["token_endpoint_auth_methods_supported"]
    assert {*stated["token_endpoint_auth_signing_alg_values_supported"]} <= {
        "PS256",
        "ES256",
        "EdDSA",
    }
    addresses = [value for name, value in stated.items() if name.endswith(("int", "i"))]
    assert len(addresses) == 4
    assert all(address.startswith("https://") for address in addresses)


def test_the_form_is_in_the_openapi_document() -> None:
    app = Litestar([OAuthController])
    operation = app.openapi_schema.to_schema()["paths"]["/oauth/token"]["post"]
    form = operation["requestBody"]["content"][FORM]["schema"]
    assert form["required"] == ["grant_type"]
    assert form["properties"].keys() == {
        "grant_type",
        "scope",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    }
    assert operation["responses"].keys() == {"200", "400", "401", "429", "503"}


async def test_registering_is_audited_without_the_secret(service: Service) -> None:
    client_id, secret = await service.registered()
    entry = await AuditEntry.select().where(AuditEntry.entity_id == client_id).first()
    assert entry is not None
    assert (entry["actor"], entry["action"]) == ("operator:tester", "client.create")
    assert entry["at"] == NOW.astimezone(UTC)
    assert secret not in str(entry)
    assert isinstance(entry["at"], datetime)
