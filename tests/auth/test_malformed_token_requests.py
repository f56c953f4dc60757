"""Requests that no client should send: none is our fault, all are refused alike."""

from collections.abc import Mapping

import httpx
import pytest

from service.auth.tables import IssuedToken
from tests.auth.conftest import Service
from tests.auth.test_token_endpoint import FORM, GRANT, basic


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ({"Content-Type": "application/json"}, '{"grant_type":"x"}', "request"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, GRANT, "request"),
        ({"Content-Type": "text/plain"}, GRANT, "request"),
        ({"Content-Type": ""}, GRANT, "request"),
        ({}, "", "request"),
        ({}, "&&&", "request"),
        ({}, "grant_type", "request"),
        ({}, "grant_type=", "request"),
        ({}, "scope=scores:read", "request"),
        ({}, b"\xff\xfe", "request"),
        ({}, GRANT + "&scope=%FF", "request"),
        ({}, GRANT + "&scope=%ED%A0%80", "request"),
        ({}, GRANT + "&scope=%00", "request"),
        ({}, GRANT + "&%00=1", "request"),
        ({}, GRANT + "&" + GRANT, "request"),
        ({}, GRANT + "&scope=scores:read&scope=scores:read", "request"),
        ({}, GRANT + "&other=1&other=2", "request"),
        ({}, GRANT + "&x=" + "y" * 20_000, "request"),
        ({}, "&".join(f"p{n}=1" for n in range(40)), "request"),
        ({}, GRANT + "&client_secret=also", "request"),
        ({}, GRANT + "&client_assertion=a.b.c", "request"),
        ({}, "grant_type=password&username=a&password=b", "grant"),
        ({}, "grant_type=authorization_code&code=a", "grant"),
        ({}, "grant_type=refresh_token", "grant"),
        ({}, "grant_type=Client_Credentials", "grant"),
        ({}, "grant_type=client_credentials%20", "grant"),
        ({}, "grant_type=%F0%9F%92%A9%22%5C", "grant"),
        ({}, GRANT + "&scope=scores:read%20%20cycles:read", "scope"),
        ({}, GRANT + "&scope=%20", "scope"),
        ({}, GRANT + "&scope=scores:read%0A", "scope"),
        ({}, GRANT + "&scope=%22", "scope"),
        ({}, GRANT + "&scope=scores%3Aread,cycles:read", "scope"),
        ({}, GRANT + "&client_id=another", "client"),
        ({"Authorization": ""}, GRANT, "client"),
        ({"Authorization": "Basic"}, GRANT, "client"),
        ({"Authorization": "Basic "}, GRANT, "client"),
        ({"Authorization": "Basic ~~~"}, GRANT, "client"),
        ({"Authorization": "Basic YQ"}, GRANT, "client"),
        ({"Authorization": basic("no colon")}, GRANT, "client"),
        ({"Authorization": basic(":secret")}, GRANT, "client"),
        ({"Authorization": basic("id:")}, GRANT, "client"),
        ({"Authorization": basic(b"\xff\xfe:secret")}, GRANT, "client"),
        ({"Authorization": basic(b"id:\xed\xa0\x80")}, GRANT, "client"),
        ({"Authorization": basic("id%FF:secret")}, GRANT, "client"),
        ({"Authorization": basic("id%ED%A0%80:s")}, GRANT, "client"),
        ({"Authorization": basic("i\0d:secret")}, GRANT, "client"),
        ({"Authorization": basic("i%00d:secret")}, GRANT, "client"),
        ({"Authorization": "Bearer abc"}, GRANT, "client"),
        ({"Authorization": "Digest username=x"}, GRANT, "client"),
        ({"Authorization": b"Basic \xff\xfe"}, GRANT, "client"),
    ],
)
async def test_no_malformed_request_is_our_fault(
    service: Service,
    headers: Mapping[str, str | bytes],
    body: str | bytes,
    error: str,
) -> None:
    auth = await service.registered()
    right: dict[str, str | bytes] = {
        "Content-Type": FORM,
        "Authorization": basic(":".join(auth)),
    }
    raw = [
        (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in (right | dict(headers)).items()
    ]
    response = await service.client.post("/oauth/token", headers=raw, content=body)
    assert error_of(response) == {
        "request": "invalid_request",
        "grant": "unsupported_grant_type",
        "scope": "invalid_scope",
        "client": "invalid_client",
    }.get(error)
    assert not await IssuedToken.exists().where(IssuedToken.client == auth[0])


def error_of(response: httpx.Response) -> str:
    """Return as what a token request was refused; of one shape always."""
    assert response.status_code in {400, 401}
    assert response.json().keys() == {"error", "error_description"}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in response.headers) == (response.status_code == 401)
    return str(response.json()["error"])


async def test_two_authorization_headers_are_refused(service: Service) -> None:
    header = basic(":".join(await service.registered()))
    response = await service.client.post(
        "/oauth/token",
        headers=[
            ("Content-Type", FORM),
            ("Authorization", header),
            ("Authorization", header),
        ],
        content=GRANT,
    )
    assert error_of(response) == "invalid_request"


async def test_parameters_in_the_address_are_refused(service: Service) -> None:
    auth = await service.registered()
    response = await service.client.post(
        f"/oauth/token?{GRANT}", auth=auth, data={"grant_type": "client_credentials"}
    )
    assert error_of(response) == "invalid_request"


async def test_a_body_beyond_the_apps_own_limit_is_refused_alike(
    service: Service,
) -> None:
    auth = await service.registered()
    response = await service.client.post(
        "/oauth/token",
        auth=auth,
        headers={"Content-Type": FORM, "Content-Length": "99999999"},
        content=b"x" * 10,
    )
    assert error_of(response) == "invalid_request"
