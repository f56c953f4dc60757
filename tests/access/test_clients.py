"""An HR administrator and the clients of their organisation, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey
from litestar import Litestar

from service.access.actions import grant
from service.access.rules import Role
from service.audit.actions import record
from service.audit.tables import AuditEntry
from service.auth.actions import create_client
from service.auth.caller import Scope
from service.auth.declared import routes
from service.auth.rules import digest
from service.auth.tables import OAuthClient, OAuthClientSecret
from service.directory.queries import known_codes
from service.edge.tables import KeptAnswer
from tests.auth.an_issuer import AnIssuer
from tests.factories import IN_THE_YEAR, OPERATOR, a_person, a_token, an_organisation
from tests.signing_in import issuers_of, signed_in

WANTED = {"name": "Workday", "scopes": ["scores:read", "cycles:read"]}
PATHS = ("/v1/clients", "/v1/clients/{client}", "/v1/clients/{client}/secrets")


@dataclass
class World:
    """HMT with an HR administrator and an issuer, and DEFRA with a client."""

    http: httpx.AsyncClient
    issuer: AnIssuer
    administrator: Mapping[str, str]
    colleague: Mapping[str, str]
    theirs: str
    shared: str

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        who = self.administrator if headers is None else headers
        more = {} if key is None else {"Idempotency-Key": key}
        return await self.http.request(
            method, f"/v1/clients{path}", json=body, headers={**who, **more}
        )

    async def made(self, **changed: object) -> dict[str, Any]:
        answer = await self.ask("POST", "", {**WANTED, **changed})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert answer.headers["location"] == f"/v1/clients/{found['client_id']}"
        return found

    async def token(self, client_id: str, secret: str) -> httpx.Response:
        return await self.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(client_id, secret),
        )


@pytest.fixture
async def world(app: Litestar, client: httpx.AsyncClient) -> World:
    for code in ("hmt", "defra"):
        await an_organisation(code)
    await administering("hmt", await a_person("hmt", external_id="admin"))
    await a_person("hmt", external_id="colleague")
    issuer = (await issuers_of(app, "hmt"))["hmt"]
    theirs, shared = [
        (
            await create_client(
                codes,
                [Scope.SCORES_READ],
                known=await known_codes(),
                caller=OPERATOR,
                now=IN_THE_YEAR,
                record=record,
            )
        )[0]
        for codes in (["defra"], ["defra", "hmt"])
    ]
    return World(
        http=client,
        issuer=issuer,
        administrator=signed_in(issuer, "admin"),
        colleague=signed_in(issuer, "colleague"),
        theirs=theirs,
        shared=shared,
    )


async def administering(organisation: str, person: UUID) -> None:
    await grant(
        person,
        Role.HR_ADMINISTRATOR,
        organisation=organisation,
        until=date(2040, 1, 1),
        caller=OPERATOR,
        now=IN_THE_YEAR,
    )


async def test_a_client_is_registered_for_ones_own_organisation(world: World) -> None:
    made = await world.made()
    given = await world.token(made["client_id"], made["client_secret"])
    assert given.json()["scope"] == "cycles:read scores:read"
    (listed,) = (await world.ask("GET", "")).json()
    shown = (await world.ask("GET", f"/{made['client_id']}")).json()
    assert shown == {**listed, "last_token_at": shown["last_token_at"]}
    assert (shown["organisations"], shown["name"]) == (["hmt"], "Workday")
    assert shown["scopes"] == ["cycles:read", "scores:read"]
    assert [one["expires_at"] for one in shown["secrets"]] == [None]
    told = (
        await AuditEntry.select()
        .where(AuditEntry.entity == "oauth_client")
        .order_by(AuditEntry.id)
    )
    mine = [row for row in told if row["actor"].startswith("person:")]
    assert [(row["action"], row["organisation"]) for row in mine] == [
        ("client.create", "hmt"),
        ("client.list", "hmt"),
        ("client.show", "hmt"),
    ]
    assert made["client_secret"] not in repr(told)


async def test_a_client_may_sign_with_its_own_key(world: World) -> None:
    key = ECKey.generate_key("P-256").as_dict(private=False)
    made = await world.made(auth_method="private_key_jwt", jwks={"keys": [key]})
    assert made["client_secret"] is None
    shown = (await world.ask("GET", f"/{made['client_id']}")).json()
    assert (shown["auth_method"], shown["secrets"]) == ("private_key_jwt", [])
    refused = await world.ask("POST", f"/{made['client_id']}/secrets", {})
    assert (refused.status_code, slug(refused)) == (409, "client-method-differs")


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"].rsplit("/", 1)[1])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": " "}, "client-unacceptable"),
        ({"scopes": []}, "invalid"),
        ({"scopes": ["scores:write"]}, "invalid"),
        ({"auth_method": "none"}, "invalid"),
        ({"organisations": ["defra"]}, "invalid"),
        ({"auth_method": "private_key_jwt"}, "client-unacceptable"),
        ({"jwks_uri": "https://hr.example/keys"}, "client-unacceptable"),
        (
            {"auth_method": "private_key_jwt", "jwks_uri": "https://127.0.0.1/"},
            "address-refused",
        ),
    ],
)
async def test_what_cannot_be_registered_is_refused(
    world: World, changed: dict[str, object], expected: str
) -> None:
    answer = await world.ask("POST", "", {**WANTED, **changed})
    assert answer.status_code == 422, answer.text
    assert slug(answer) == expected
    assert await OAuthClient.count() == 2


async def test_a_secret_is_rotated_and_the_old_one_goes_on_meanwhile(
    world: World,
) -> None:
    made = await world.made()
    path = f"/{made['client_id']}/secrets"
    answer = await world.ask("POST", path, {"keep_days": 7})
    assert answer.status_code == 201, answer.text
    secrets = [made["client_secret"], answer.json()["client_secret"]]
    for secret in secrets:
        assert (await world.token(made["client_id"], secret)).status_code == 200
    last = (await world.ask("POST", path, {"keep_days": 0})).json()["client_secret"]
    for secret in secrets:
        assert (await world.token(made["client_id"], secret)).status_code == 401
    assert (await world.token(made["client_id"], last)).status_code == 200
    too_long = await world.ask("POST", path, {"keep_days": 91})
    assert too_long.status_code == 422


async def test_a_disabled_client_gets_no_more_tokens(world: World) -> None:
    made = await world.made()
    for _ in range(2):
        answer = await world.ask("DELETE", f"/{made['client_id']}")
        assert (answer.status_code, answer.content) == (204, b"")
    given = await world.token(made["client_id"], made["client_secret"])
    assert given.status_code == 401
    shown = (await world.ask("GET", f"/{made['client_id']}")).json()
    assert shown["disabled_at"] is not None


async def test_a_retried_registration_makes_one_client_and_keeps_no_secret(
    world: World,
) -> None:
    first = await world.ask("POST", "", WANTED, key="once")
    secret = first.json()["client_secret"]
    again = await world.ask("POST", "", WANTED, key="once")
    assert (again.status_code, slug(again)) == (409, "answer-not-kept")
    assert again.headers["location"] == first.headers["location"]
    assert len((await world.ask("GET", "")).json()) == 1
    (kept,) = await KeptAnswer.select()
    assert (kept["status"], kept["body"]) == (201, b"")
    assert secret not in repr(kept)
    stored = await OAuthClientSecret.select().where(
        OAuthClientSecret.digest == digest(secret)
    )
    assert len(stored) == 1


async def test_a_retried_rotation_makes_one_secret(world: World) -> None:
    path = f"/{(await world.made())['client_id']}/secrets"
    assert (await world.ask("POST", path, {}, key="r")).status_code == 201
    again = await world.ask("POST", path, {}, key="r")
    assert (again.status_code, slug(again)) == (409, "answer-not-kept")
    other = await world.ask("POST", path, {"keep_days": 1}, key="r")
    assert (other.status_code, slug(other)) == (422, "idempotency-mismatch")
    assert await OAuthClientSecret.count() == 4  # Two of them are of other clients.


async def test_another_organisations_clients_are_not_there(world: World) -> None:
    """Issue 3: "a client sees only its organisations, in every path"."""
    made = await world.made()
    assert [one["client_id"] for one in (await world.ask("GET", "")).json()] == [
        made["client_id"]
    ]
    absent = await world.ask("GET", "/hr-0123456789abcdef")
    for client in (world.theirs, world.shared):
        for method, path, body in (
            ("GET", f"/{client}", None),
            ("POST", f"/{client}/secrets", {}),
            ("DELETE", f"/{client}", None),
        ):
            answer = await world.ask(method, path, body)
            assert answer.status_code == 404
            assert same(answer) == same(absent)
    disabled = await OAuthClient.select().where(OAuthClient.disabled_at.is_not_null())
    assert disabled == []
    assert await OAuthClientSecret.count() == 3


def same(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    return {k: v for k, v in body.items() if k not in {"instance", "request_id"}}


async def test_whoever_is_no_administrator_is_refused_everywhere(
    world: World, app: Litestar
) -> None:
    declared = [(m, path) for m, path, _ in routes(app) if path in PATHS]
    assert len(declared) == 5
    hr = await a_token(world.http, "hmt")
    for method, path in declared:
        rest = path.removeprefix("/v1/clients").format(client=world.shared)
        body = WANTED if path == "/v1/clients" else {}
        asked = body if method == "POST" else None
        statuses = [
            (answer.status_code, slug(answer))
            for headers in ({}, world.colleague, hr)
            for answer in [await world.ask(method, rest, asked, headers=headers)]
        ]
        assert statuses == [
            (401, "not-signed-in"),
            (403, "missing-role"),
            (403, "wrong-caller"),
        ]


async def test_an_administrator_of_another_organisation_is_none_here(
    world: World, app: Litestar
) -> None:
    """The issuer of one organisation lends nobody a role they hold in another."""
    both = await a_person("hmt", external_id="both")
    await administering("defra", both)
    answer = await world.ask("GET", "", headers=signed_in(world.issuer, "both"))
    assert (answer.status_code, slug(answer)) == (403, "missing-role")


async def test_who_has_left_is_not_signed_in(world: World) -> None:
    gone = await a_person("hmt", external_id="gone", until=date(2026, 1, 1))
    await administering("hmt", gone)
    answer = await world.ask("GET", "", headers=signed_in(world.issuer, "gone"))
    assert (answer.status_code, slug(answer)) == (401, "token-invalid")
