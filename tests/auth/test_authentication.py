"""From a token to a machine, over HTTP."""

import pytest

from service.audit.actions import record
from service.auth import actions, keys, tokens
from service.auth.authentication import MOST_CLIENTS, EnabledClients
from service.auth.caller import Scope
from tests.auth.conftest import ISSUER, NOW, SOMEBODY, Clock, Service
from tests.auth.test_guard import bearing


async def test_a_token_names_the_machine_and_its_organisations(
    service: Service,
) -> None:
    client_id, secret = await service.registered(organisations=("MOD", "HMT"))
    answer = await service.client.post(
        "/oauth/token",
        auth=(client_id, secret),
        data={"grant_type": "client_credentials"},
    )
    response = await bearing(service, answer.json()["access_token"])
    assert response.json() == {"client": client_id, "organisations": ["HMT", "MOD"]}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
async def test_the_scheme_is_read_without_regard_to_case(
    service: Service, scheme: str
) -> None:
    token = await service.token()
    response = await service.client.get(
        "/v1/probe", headers={"Authorization": f"{scheme} {token}"}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("value", ["Basic aWQ6c2VjcmV0", "", "Negotiate abc", "Bearer"])
async def test_another_scheme_is_no_token(service: Service, value: str) -> None:
    response = await service.client.get("/v1/probe", headers={"Authorization": value})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer realm="joinedup"')


@pytest.mark.parametrize("value", ["x", "a.b.c", "é", "\N{SNOWMAN}" * 10, "x" * 9000])
async def test_a_bad_token_is_refused_not_ignored(service: Service, value: str) -> None:
    response = await service.client.get(
        "/v1/probe", headers={b"Authorization": b"Bearer " + value.encode()}
    )
    assert response.status_code == 401
    assert response.json()["slug"] == "token-invalid"
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


async def test_two_authorization_headers_are_refused(service: Service) -> None:
    header = ("Authorization", f"Bearer {await service.token()}")
    response = await service.client.get("/v1/probe", headers=[header, header])
    assert (response.status_code, response.json()["slug"]) == (400, "token-ambiguous")
    assert 'error="invalid_request"' in response.headers["www-authenticate"]


async def test_a_token_in_the_address_is_refused(service: Service) -> None:
    """Ported: HappyFlow, "token in query refused"."""
    token = await service.token()
    response = await service.client.get("/v1/probe", params={"access_token": token})
    assert (response.status_code, response.json()["slug"]) == (400, "token-ambiguous")


async def test_a_public_route_never_looks_at_a_token(service: Service) -> None:
    response = await bearing(service, "nonsense", "/.well-known/jwks.json")
    assert response.status_code == 200


async def test_a_disabled_client_is_shut_out_within_seconds(service: Service) -> None:
    token = await service.token()
    assert (await bearing(service, token)).status_code == 200
    client_id = (await bearing(service, token)).json()["client"]
    await actions.disable_client(client_id, caller=SOMEBODY, now=NOW, record=record)
    service.clock.seconds += 10
    response = await bearing(service, token)
    assert (response.status_code, response.json()["slug"]) == (401, "token-invalid")


async def test_a_rotation_leaves_tokens_valid(service: Service) -> None:
    token = await service.token()
    await keys.rotate(NOW)
    service.clock.seconds += 10
    assert (await bearing(service, token)).status_code == 200
    assert (await bearing(service, await service.token())).status_code == 200


async def test_a_key_that_another_process_made_is_found_at_once(
    service: Service,
) -> None:
    before = await service.token()
    client_id = (await bearing(service, before)).json()["client"]
    await keys.discard(NOW)
    elsewhere = (await keys.KeyRing().current(NOW)).signing
    claims = tokens.claims_of(
        issuer=ISSUER,
        client_id=client_id,
        organisations=frozenset({"DEFRA"}),
        scopes=["scores:read"],
        jti="elsewhere",
        now=NOW,
        seconds=60,
    )
    service.clock.seconds += 1.0  # Less than the ring is trusted for.
    response = await bearing(service, tokens.sign(claims, elsewhere))
    assert response.status_code == 200


async def test_a_discarded_key_kills_its_tokens(service: Service) -> None:
    token = await service.token()
    await keys.discard(NOW)
    service.clock.seconds += 10
    assert (await bearing(service, token)).status_code == 401


async def test_what_is_remembered_of_clients_has_a_limit(service: Service) -> None:
    clock = Clock()
    remembered = EnabledClients(clock)
    client_id, _ = await service.registered(Scope.SCORES_READ)
    filled = dict.fromkeys(map(str, range(MOST_CLIENTS)), 0.0)
    remembered._asked_at.update(filled)
    assert await remembered.holds(client_id)
    assert len(remembered._asked_at) == 1
    assert not await remembered.holds("unknown")
