"""What a client learns of its own tokens, and how it ends them."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from service.audit.actions import record
from service.audit.tables import AuditEntry
from service.auth import actions, client_keys, keys
from service.auth.authentication import remember_nothing
from service.auth.caller import Scope
from service.auth.controller import OAuthController
from service.auth.tables import OAuthClient, RevokedToken
from service.settings import settings
from tests.auth.assertions import JWKS, claims, form, signed
from tests.auth.binding import Bound
from tests.auth.conftest import ISSUER, KNOWN, NOW, SOMEBODY, Clock, Service
from tests.auth.proving import NOW_S
from tests.auth.test_guard import bearing

Auth = tuple[str, str]
ENDPOINTS = ("/oauth/introspect", "/oauth/revoke")


async def a_token(service: Service, auth: Auth) -> str:
    answer = await service.client.post(
        "/oauth/token", auth=auth, data={"grant_type": "client_credentials"}
    )
    return str(answer.json()["access_token"])


async def introspect(
    service: Service, auth: Auth, token: str, **more: str
) -> httpx.Response:
    return await service.client.post(
        "/oauth/introspect", auth=auth, data={"token": token, **more}
    )


async def revoke(
    service: Service, auth: Auth, token: str, **more: str
) -> httpx.Response:
    return await service.client.post(
        "/oauth/revoke", auth=auth, data={"token": token, **more}
    )


async def test_a_good_token_is_described(service: Service) -> None:
    """RFC 7662 section 2.2: "active", and what the token states."""
    auth = await service.registered(Scope.SCORES_READ, Scope.CYCLES_READ)
    answer = await introspect(service, auth, await a_token(service, auth))
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.pop("jti")
    assert body == {
        "active": True,
        "scope": "cycles:read scores:read",
        "client_id": auth[0],
        "sub": auth[0],
        "token_type": "Bearer",
        "iat": NOW_S,
        "exp": NOW_S + 600,
        "iss": ISSUER,
        "aud": ISSUER,
        "organisations": ["DEFRA"],
    }


async def test_a_bound_token_says_so(service: Service) -> None:
    """RFC 9449 section 6.2: `cnf` with `jkt`, and the token type DPoP."""
    bound = await Bound.made(service)
    body = (await introspect(service, bound.auth, bound.token)).json()
    assert (body["token_type"], body["cnf"]) == ("DPoP", {"jkt": bound.holder.jkt})


INACTIVE = {"active": False}


async def said_of(service: Service, auth: Auth, token: str) -> object:
    answer = await introspect(service, auth, token)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 9000])
async def test_what_is_no_token_is_inactive(service: Service, token: str) -> None:
    """RFC 7662 section 2.2: "SHOULD NOT include any additional information"."""
    assert await said_of(service, await service.registered(), token) == INACTIVE


async def test_an_expired_token_is_inactive(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = await service.registered()
    token = await a_token(service, auth)
    later = NOW + timedelta(seconds=610)
    monkeypatch.setenv("JOINEDUP_NOW", later.isoformat())
    settings.cache_clear()
    assert await said_of(service, auth, token) == INACTIVE
    assert (await revoke(service, auth, token)).status_code == 200
    assert not await RevokedToken.exists()


async def test_another_client_s_token_is_inactive(service: Service) -> None:
    """Own tokens only."""
    mine, theirs = await service.registered(), await service.registered()
    token = await a_token(service, theirs)
    assert await said_of(service, mine, token) == INACTIVE
    assert (await introspect(service, theirs, token)).json()["active"] is True


async def test_a_discarded_key_s_token_is_inactive(service: Service) -> None:
    auth = await service.registered()
    token = await a_token(service, auth)
    await keys.discard(NOW)
    service.clock.seconds += 10
    assert await said_of(service, auth, token) == INACTIVE


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
async def test_the_hint_is_ignored(service: Service, hint: str) -> None:
    """RFC 7009 section 2.1: an unknown `token_type_hint` is ignored."""
    auth = await service.registered()
    token = await a_token(service, auth)
    answer = await introspect(service, auth, token, token_type_hint=hint)
    assert answer.json()["active"] is True
    assert (await revoke(service, auth, token, token_type_hint=hint)).status_code == 200
    assert await said_of(service, auth, token) == INACTIVE


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_the_token_is_required(service: Service, endpoint: str) -> None:
    auth = await service.registered()
    for data in ({}, {"token": ""}, {"token_type_hint": "access_token"}):
        answer = await service.client.post(
            endpoint, auth=auth, data={**data, "more": "x"}
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_who_asks_proves_who_it_is(service: Service, endpoint: str) -> None:
    """RFC 7662 section 2.1, RFC 7009 section 2.1: as at the token endpoint."""
    auth = await service.registered()
    token = await a_token(service, auth)
    gone = await service.registered()
    await actions.disable_client(gone[0], caller=SOMEBODY, now=NOW, record=record)
    answers = [
        await service.client.post(endpoint, auth=wrong, data={"token": token})
        for wrong in (("", ""), (auth[0], "wrong"), ("hr-none", auth[1]), gone)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["error"] for answer in answers} == {"invalid_client"}
    assert (await bearing(service, token)).status_code == 200
    bearer = await service.client.post(
        endpoint, headers={"Authorization": f"Bearer {token}"}, data={"token": token}
    )
    assert bearer.status_code == 401


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json"}, b'{"token": "x"}'),
        ({}, b"token=x"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"token=\xff"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"token=%00"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"token=a&token=b"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"x" * 20_000),
    ],
)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_what_cannot_be_read_is_refused_in_one_shape(
    service: Service, endpoint: str, headers: Mapping[str, str], body: bytes
) -> None:
    auth = await service.registered()
    answer = await service.client.post(
        endpoint, auth=auth, headers=headers, content=body
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json().keys() == {"error", "error_description"}
    assert (await service.client.get(endpoint)).status_code == 405


async def test_an_assertion_serves_once_here_too(service: Service) -> None:
    client_id = await actions.create_signing_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        registered=client_keys.registered(jwks=JWKS),
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    for endpoint in ENDPOINTS:
        assertion = signed(claims(client_id))
        body = {**form(assertion), "token": "x"}
        statuses = [
            (await service.client.post(endpoint, data=body)).status_code
            for _ in range(2)
        ]
        bought = await service.client.post("/oauth/token", data=form(assertion))
        assert [*statuses, bought.status_code] == [200, 401, 401]


async def test_a_revoked_token_is_refused_within_seconds(service: Service) -> None:
    """RFC 7009 section 2: the token is invalidated; here by one client, everywhere."""
    auth = await service.registered()
    token, other = await a_token(service, auth), await a_token(service, auth)
    assert (await bearing(service, token)).status_code == 200
    answer = await revoke(service, auth, token)
    assert (answer.status_code, answer.json()) == (200, {})
    assert (
        await said_of(service, auth, token) == INACTIVE
    )  # At once, wherever it is asked.
    service.clock.seconds += 3
    response = await bearing(service, token)
    assert (response.status_code, response.json()["slug"]) == (401, "token-invalid")
    assert "revoked" in response.json()["detail"]
    assert (await bearing(service, other)).status_code == 200


async def test_revoking_is_audited_once(service: Service) -> None:
    auth = await service.registered()
    token = await a_token(service, auth)
    jti = (await introspect(service, auth, token)).json()["jti"]
    for _ in range(2):
        assert (await revoke(service, auth, token)).status_code == 200
    entries = await AuditEntry.select().where(AuditEntry.action == "token.revoke")
    (entry,) = entries
    assert (entry["actor"], entry["entity_id"]) == (f"client:{auth[0]}", jti)


async def test_an_unknown_token_is_as_good_as_ended(service: Service) -> None:
    """RFC 7009 section 2.2: "invalid tokens do not cause an error response"."""
    auth = await service.registered()
    for token in ("x", "a.b.c", "x" * 9000):
        assert (await revoke(service, auth, token)).status_code == 200


async def test_another_client_s_token_is_not_ended(service: Service) -> None:
    """RFC 7009 section 2.1: "the request is refused and the client is informed"."""
    mine, theirs = await service.registered(), await service.registered()
    token = await a_token(service, theirs)
    answer = await revoke(service, mine, token)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    service.clock.seconds += 60
    assert (await bearing(service, token)).status_code == 200


async def test_all_tokens_of_a_client_end_at_a_command(service: Service) -> None:
    auth = await service.registered()
    token = await a_token(service, auth)
    now = NOW + timedelta(seconds=1)
    await actions.revoke_tokens(auth[0], caller=SOMEBODY, now=now, record=record)
    service.clock.seconds += 3
    assert (await bearing(service, token)).status_code == 401
    assert await said_of(service, auth, token) == INACTIVE
    entry = (
        await AuditEntry.select(AuditEntry.entity_id)
        .where(AuditEntry.action == "client.revoke-tokens")
        .first()
    )
    assert entry == {"entity_id": auth[0]}


async def test_no_tokens_of_an_unknown_client_end(service: Service) -> None:
    with pytest.raises(actions.NoSuchClient, match="clients list"):
        await actions.revoke_tokens("hr-no", caller=SOMEBODY, now=NOW, record=record)


async def test_disabling_ends_the_tokens_too(service: Service) -> None:
    """Also for an instance that had just asked whether the client is enabled."""
    auth = await service.registered()
    token = await a_token(service, auth)
    assert (await bearing(service, token)).status_code == 200
    later = NOW + timedelta(seconds=1)
    await actions.disable_client(auth[0], caller=SOMEBODY, now=later, record=record)
    found = await OAuthClient.select(OAuthClient.not_before).first()
    assert found == {"not_before": later}
    service.clock.seconds += 3
    assert (await bearing(service, token)).status_code == 401


async def test_two_instances_agree_within_a_minute(service: Service) -> None:
    """oauth.md: "revocation (RFC 7009, effective within 60 s everywhere …)"."""
    auth = await service.registered()
    token = await a_token(service, auth)
    here, there = service.app.state, Clock()
    remember_nothing(here, there)  # Another process, with its own memory and clock.
    assert (await bearing(service, token)).status_code == 200
    await revoke(service, auth, token)
    polls = []
    for _ in range(6):
        there.seconds += 1
        polls.append((await bearing(service, token)).status_code)
    assert polls == [200, 200, 401, 401, 401, 401]


def test_the_forms_are_in_the_openapi_document() -> None:
    paths = Litestar([OAuthController]).openapi_schema.to_schema()["paths"]
    for endpoint in ENDPOINTS:
        operation = paths[endpoint]["post"]
        (form_,) = operation["requestBody"]["content"].values()
        assert form_["schema"]["required"] == ["token"]
        assert operation["responses"].keys() == {"200", "400", "401", "429", "503"}
