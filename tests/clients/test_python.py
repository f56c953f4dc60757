"""requests-oauthlib and Authlib, as an HR system's own program uses them."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from authlib.integrations.base_client import (  # type: ignore[import-untyped] # no types
    OAuthError,
)
from authlib.oauth2.rfc7523 import (  # type: ignore[import-untyped] # has no types
    PrivateKeyJWT,
)
from oauthlib.oauth2 import (  # type: ignore[import-untyped] # has no types
    BackendApplicationClient,
    InvalidClientError,
    InvalidScopeError,
)
from requests_oauthlib import (  # type: ignore[import-untyped] # has no types
    OAuth2Session,
)

from tests.clients.served import BASIC, ES256, POST, Served, Way, stop
from tests.e2e.running import joinedup, serving

with warnings.catch_warnings():  # That another HTTP library is preferred to ours.
    warnings.filterwarnings("ignore", module="authlib")
    from authlib.integrations.httpx_client import (  # type: ignore[import-untyped] # no types
        AsyncOAuth2Client,
    )

RS256 = Way("private_key_jwt", "RS256")
SCOPE = "cycles:read"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def http_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use oauthlib's documented switch; Authlib's clients have no such check."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="module")
def patient(served: Served) -> Iterator[Served]:
    """The same service once more, accepting assertions that live for an hour."""
    setting = {"JOINEDUP_ASSERTION_SECONDS": "3600"}
    said = served.data / "patient"
    with serving(served.data, said=said, given=setting) as (process, address):
        yield replace(served, address=address)
        stop(process)


def a_session(served: Served, way: Way, scope: str = SCOPE) -> OAuth2Session:
    client = BackendApplicationClient(served.client(way).client_id, scope=[scope])
    return OAuth2Session(client=client)


def test_requests_oauthlib_with_client_secret_basic(served: Served) -> None:
    client = served.client(BASIC)
    with a_session(served, BASIC) as session:
        session.fetch_token(
            served.token_endpoint, auth=(client.client_id, client.secret)
        )
        assert served.own_cycle(session.get(f"{served.address}/v1/cycles").json())


def test_requests_oauthlib_with_client_secret_post(served: Served) -> None:
    with a_session(served, POST) as session:
        session.fetch_token(
            served.token_endpoint,
            client_secret=served.client(POST).secret,
            include_client_id=True,
        )
        assert served.own_cycle(session.get(f"{served.address}/v1/cycles").json())


def test_requests_oauthlib_tells_a_wrong_secret_from_a_wrong_scope(
    served: Served,
) -> None:
    client = served.client(BASIC)
    with a_session(served, BASIC) as session, pytest.raises(InvalidClientError):
        session.fetch_token(served.token_endpoint, auth=(client.client_id, "wrong"))
    with (
        a_session(served, BASIC, "records:write") as session,
        pytest.raises(InvalidScopeError),
    ):
        session.fetch_token(
            served.token_endpoint, auth=(client.client_id, client.secret)
        )


async def test_authlib_with_client_secret_basic(served: Served) -> None:
    client = served.client(BASIC)
    async with AsyncOAuth2Client(
        client.client_id, client.secret, scope=SCOPE
    ) as session:
        await session.fetch_token(
            served.token_endpoint, grant_type="client_credentials"
        )
        answer = await session.get(f"{served.address}/v1/cycles")
    assert served.own_cycle(answer.json())


async def pulls_by_signing(served: Served, way: Way, signing: PrivateKeyJWT) -> bool:
    """Tell whether Authlib, signing so, gets two tokens and pulls with the second."""
    client = served.client(way)
    async with AsyncOAuth2Client(
        client.client_id, client.key, scope=SCOPE, token_endpoint_auth_method=signing
    ) as session:
        for _ in range(2):
            await session.fetch_token(
                served.token_endpoint, grant_type="client_credentials"
            )
        answer = await session.get(f"{served.address}/v1/cycles")
    return served.own_cycle(answer.json())


async def test_authlib_with_private_key_jwt_for_the_issuer(patient: Served) -> None:
    signing = PrivateKeyJWT(patient.address, alg="ES256")
    assert await pulls_by_signing(patient, ES256, signing)


async def test_authlibs_hour_is_too_long_unless_the_service_is_set_so(
    served: Served,
) -> None:
    with pytest.raises(OAuthError, match="invalid_client"):
        await pulls_by_signing(
            served, ES256, PrivateKeyJWT(served.address, alg="ES256")
        )


async def test_authlib_as_it_comes_needs_both_exceptions(patient: Served) -> None:
    """RS256 for the token endpoint: refused, and let through by dated exceptions."""
    client = patient.client(RS256)
    until = datetime.now(UTC).date() + timedelta(days=30)
    for leave in ("allow-audience", "allow-rs256"):
        with pytest.raises(OAuthError, match="invalid_client"):
            await pulls_by_signing(patient, RS256, PrivateKeyJWT())
        words = ("clients", leave, client.client_id, "--until", str(until))
        assert joinedup(patient.data, *words).returncode == 0
    assert await pulls_by_signing(patient, RS256, PrivateKeyJWT())


async def test_authlib_given_claims_signs_their_jti_again_and_is_refused(
    patient: Served,
) -> None:
    """So the guide makes a new one for each token."""
    signing = PrivateKeyJWT(patient.address, claims={"hr": "1"}, alg="ES256")
    with pytest.raises(OAuthError, match="invalid_client"):
        await pulls_by_signing(patient, ES256, signing)
