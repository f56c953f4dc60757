"""Each way to authenticate, at the token endpoint and on a real database."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from service.audit.actions import record
from service.auth import actions, client_keys, credentials
from service.auth.credentials import Leave
from service.auth.rules import AuthMethod
from service.auth.tables import IssuedToken, OAuthClient, SpentJti
from tests.auth.assertions import EC, JWKS, OTHER, claims, form, signed
from tests.auth.bad_assertions import F11, FURTHER
from tests.auth.conftest import ISSUER, KNOWN, NOW, SOMEBODY, Service
from tests.auth.test_malformed_token_requests import error_of
from tests.auth.test_token_endpoint import basic

ADDRESS = "https://hr.example/jwks"
ENDPOINT = ISSUER + "/oauth/token"


async def signing(service: Service, *, dpop: bool = False, **where: Any) -> str:
    return await actions.create_signing_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
        registered=client_keys.registered(**(where or {"jwks": JWKS})),
        dpop=dpop,
    )


async def by_post(client: httpx.AsyncClient, **data: str) -> httpx.Response:
    return await client.post(
        "/oauth/token", data={"grant_type": "client_credentials", **data}
    )


async def send(service: Service, assertion: str, **more: str) -> httpx.Response:
    return await service.client.post("/oauth/token", data=form(assertion, **more))


async def test_client_secret_post(service: Service) -> None:
    client_id, secret = await actions.create_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
        auth_method=AuthMethod.CLIENT_SECRET_POST,
    )
    right = await by_post(service.client, client_id=client_id, client_secret=secret)
    assert right.status_code == 200
    for word in ("wrong", secret + "x"):
        wrong = await by_post(service.client, client_id=client_id, client_secret=word)
        assert error_of(wrong) == "invalid_client"
    other_way = await service.client.post(
        "/oauth/token",
        auth=(client_id, secret),
        data={"grant_type": "client_credentials"},
    )
    assert other_way.status_code == 401


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA", "Ed25519"])
async def test_private_key_jwt(service: Service, alg: str) -> None:
    """ "alg ES256, PS256, EdDSA/Ed25519"; the id is spent with the token."""
    client_id = await signing(service)
    response = await send(service, signed(claims(client_id, jti="spent-once"), alg))
    assert response.status_code == 200, response.text
    assert await SpentJti.select() == [
        {
            "kind": "assertion",
            "owner": client_id,
            "jti": "spent-once",
            "keep_until": NOW + timedelta(seconds=70),
        }
    ]


async def test_one_method_a_client(service: Service) -> None:
    """ "one method per client"."""
    client_id, secret = await service.registered()
    wrong = await by_post(service.client, client_id=client_id, client_secret=secret)
    assert wrong.status_code == 401
    assert (await send(service, signed(claims(client_id)))).status_code == 401
    signs = await signing(service)
    for word in ("x", ""):
        refused = await by_post(service.client, client_id=signs, client_secret=word)
        assert refused.status_code == 401


@pytest.mark.parametrize(
    ("authorization", "names"),
    [
        (True, ["client_secret"]),
        (True, ["client_assertion"]),
        (False, ["client_secret", "client_assertion"]),
        (True, ["client_secret", "client_assertion"]),
    ],
)
async def test_two_methods_at_once_are_refused(
    service: Service, *, authorization: bool, names: list[str]
) -> None:
    """ "two methods at once refused"."""
    client_id, secret = await service.registered()
    possible = {"client_secret": secret, "client_assertion": signed(claims(client_id))}
    response = await service.client.post(
        "/oauth/token",
        headers={"Authorization": basic(f"{client_id}:{secret}")}
        if authorization
        else {},
        data={
            **form("x"),
            "client_id": client_id,
            "client_assertion": "",
            **{name: possible[name] for name in names},
        },
    )
    assert error_of(response) == "invalid_request"


async def test_an_assertion_serves_once(service: Service) -> None:
    """jti "once only"; Keycloak's module on assertion reuse."""
    client_id = await signing(service)
    assertion = signed(claims(client_id))
    assert (await send(service, assertion)).status_code == 200
    again = await send(service, assertion)
    assert error_of(again) == "invalid_client"
    assert await IssuedToken.count().where(IssuedToken.client == client_id) == 1


async def test_the_same_id_of_another_client_is_another(service: Service) -> None:
    for _ in range(2):
        said = claims(await signing(service), jti="chosen-by-both")
        assert (await send(service, signed(said))).status_code == 200


async def test_a_refused_request_spends_nothing(service: Service) -> None:
    """ "one unique insert …; atomic with success"."""
    client_id = await signing(service)
    assertion = signed(claims(client_id))
    refused = await send(service, assertion, scope="people:read")
    assert refused.json()["error"] == "invalid_scope"
    assert not await SpentJti.exists()
    assert (await send(service, assertion)).status_code == 200


async def test_every_failed_assertion_looks_the_same(service: Service) -> None:
    """Errors: "`invalid_client`, same body whichever check failed"."""
    client_id = await signing(service)
    gone = await signing(service)
    await OAuthClient.update({OAuthClient.disabled_at: NOW}).where(
        OAuthClient.id == gone
    )
    served = signed(claims(client_id))
    await send(service, served)
    by_secret = await service.client.post(
        "/oauth/token", auth=("x", "y"), data={"grant_type": "client_credentials"}
    )
    answers = [by_secret] + [
        await send(service, assertion)
        for assertion in (
            served,
            signed(claims("hr-nobody")),
            signed(claims(gone)),
            signed(claims(client_id), key=OTHER),
            signed(claims(client_id, aud="https://b.example")),
            signed(claims(client_id), typ="at+jwt"),
            "x",
        )
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


async def test_ensure_client_assertion_in_token_endpoint(service: Service) -> None:
    """FAPI: no assertion: invalid_client or invalid_request."""
    client_id = await signing(service)
    for more in ({}, {"client_id": client_id}):
        answer = await by_post(service.client, **more)
        assert error_of(answer) in {"invalid_client", "invalid_request"}


async def test_ensure_client_id_in_token_endpoint(service: Service) -> None:
    """FAPI: client 2's id with client 1's key: invalid_client."""
    first = await signing(service)
    second = await signing(service, jwks={"keys": [OTHER.as_dict(private=False)]})
    said = signed(claims(first))
    for assertion, client_id in ((signed(claims(second)), second), (said, second)):
        refused = await send(service, assertion, client_id=client_id)
        assert refused.json()["error"] == "invalid_client"
    assert (await send(service, said, client_id=first)).status_code == 200


BAD = {**F11, **{name: assertion for name, (assertion, _) in FURTHER.items()}}


@pytest.mark.parametrize("name", BAD)
async def test_no_bad_assertion_is_our_fault_or_buys_a_token(
    service: Service, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No 5xx, one shape of error, though the client that they name is there."""
    monkeypatch.setattr("service.auth.actions.machine_made_id", lambda: "hr-1")
    client_id = await signing(service)
    text = BAD[name].encode(errors="replace").decode()
    response = await send(service, text)
    assert error_of(response) in {"invalid_client", "invalid_request"}
    assert not await IssuedToken.exists().where(IssuedToken.client == client_id)
    assert (await send(service, signed(claims(client_id)))).status_code == 200


async def test_keys_at_an_address(service: Service) -> None:
    """ "JWKS … by registered https URL"; asked for the key that the assertion names."""
    published = service.app.state.published_keys
    client_id = await signing(service, uri=ADDRESS)
    down = await send(service, signed(claims(client_id)))
    assert down.json()["error"] == "invalid_client"
    published.sets[ADDRESS] = [EC]
    assert (await send(service, signed(claims(client_id)))).status_code == 200
    stranger = ECKey.generate_key("P-256", {"kid": "ec"})
    forged = signed(claims(client_id), key=stranger)
    assert (await send(service, forged)).status_code == 401
    assert published.asked == [(ADDRESS, "ec")] * 3


async def test_a_disabled_clients_keys_are_not_asked_for(service: Service) -> None:
    client_id = await signing(service, uri=ADDRESS)
    await actions.disable_client(client_id, caller=SOMEBODY, now=NOW, record=record)
    assert (await send(service, signed(claims(client_id)))).status_code == 401
    assert service.app.state.published_keys.asked == []


async def test_the_token_endpoint_is_an_audience_only_by_exception(
    service: Service,
) -> None:
    """ "the token endpoint as audience is refused, with a dated audited exception"."""
    client_id = await signing(service)
    other = await signing(service)

    async def status(whose: str) -> int:
        return (await send(service, signed(claims(whose, aud=ENDPOINT)))).status_code

    async def allow(days: int) -> None:
        until = NOW.date() + timedelta(days=days)
        await credentials.allow(
            client_id,
            Leave.ENDPOINT_AUDIENCE,
            until,
            caller=SOMEBODY,
            now=NOW,
            record=record,
        )

    assert await status(client_id) == 401
    await allow(1)
    assert await status(client_id) == 200
    assert await status(other) == 401
    await allow(0)  # The day after its last is today.
    assert await status(client_id) == 401


async def test_rs256_only_by_exception(service: Service) -> None:
    """ "RS256 only by exception"."""
    client_id = await signing(service)
    assert (await send(service, signed(claims(client_id), "RS256"))).status_code == 401
    await credentials.allow(
        client_id,
        Leave.RS256,
        NOW.date() + timedelta(days=1),
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    assert (await send(service, signed(claims(client_id), "RS256"))).status_code == 200


async def test_a_client_registered_with_dpop_gets_no_bearer_token(
    service: Service,
) -> None:
    """EnsureHolderOfKeyRequired: "no proof: 400/401, no token"."""
    client_id = await signing(service, dpop=True)
    assertion = signed(claims(client_id))
    response = await send(service, assertion)
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_dpop_proof"
    assert not await SpentJti.exists()
