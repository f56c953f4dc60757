"""A department's own tokens over HTTP, with its issuer on a real loopback port."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from joserfc.jwk import RSAKey
from litestar import Litestar, Request, get
from litestar.datastructures import State

from service.audit.actions import record
from service.auth import actions, external_tokens, issuer_actions, tokens
from service.auth import keys as signing
from service.auth.authentication import Authentication, remember_nothing
from service.auth.caller import Scope
from service.auth.controller import OAuthController
from service.auth.declared import check_declared
from service.auth.guard import enforce, machine, person
from service.auth.issuers import ExternalIssuer
from service.auth.jwks import JwksCache
from service.auth.tokens import Named
from service.auth.verified_tokens import VerifiedTokens
from service.db.reach import reach
from service.errors import Refusal
from service.settings import settings
from tests.auth.an_issuer import AUDIENCE, AnIssuer, serving
from tests.auth.conftest import ISSUER, KNOWN, NOW, SOMEBODY, Audited, Clock, as_json
from tests.factories import an_organisation

SAM = uuid4()


@get("/v1/machines", security=machine(Scope.SCORES_READ))
async def machines(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say which machine asked."""
    user = request.user
    return {
        "client": user.client_id,
        "organisations": sorted(user.organisations),
        "scopes": sorted(user.scopes),
        "reach": sorted(reach().organisations),
    }


@get("/v1/people", security=person())
async def people(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say who asked."""
    user = request.user
    return {
        "person": str(user.id),
        "organisation": user.organisation,
        "roles": sorted(user.roles),
        "reach": sorted(reach().organisations),
    }


@get("/v1/administrators", security=person("hr_administrator", "auditor"))
async def administrators() -> str:
    """Answer."""
    return "come in"


@get("/v1/either", security=[*machine(Scope.SCORES_READ), *person("auditor")])
async def either() -> str:
    """Answer."""
    return "come in"


@dataclass
class Directory:
    """Stands where the directory and the roles do."""

    known: dict[Named, UUID] = field(default_factory=dict)
    held: set[tuple[str, str]] = field(default_factory=set)
    asked: list[tuple[object, object]] = field(default_factory=list)

    async def person_of(self, named: Named) -> UUID | None:
        self.asked.append((named, reach().organisations))
        return self.known.get(named)

    async def roles_of(self, id_: UUID, day: date) -> set[tuple[str, str]]:
        self.asked.append((id_, day))
        return self.held


@dataclass
class World:
    client: httpx.AsyncClient
    app: Litestar
    clock: Clock
    issuer: AnIssuer
    directory: Directory

    async def ask(self, token: str, path: str = "/v1/machines") -> httpx.Response:
        return await self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    async def refused(self, token: str, path: str = "/v1/machines") -> str:
        answer = await self.ask(token, path)
        assert answer.status_code == 401, answer.text
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        return str(answer.json()["slug"])


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnIssuer]:
    monkeypatch.setenv("JOINEDUP_ALLOW_LOOPBACK_FETCH", "true")
    settings.cache_clear()
    found = AnIssuer()
    with serving(found):
        yield found


@pytest.fixture
async def world(no_keys: None, issuer: AnIssuer) -> AsyncIterator[World]:
    clock, directory = Clock(), Directory()
    app = Litestar(
        [OAuthController, machines, people, administrators, either],
        guards=[enforce],
        middleware=[Authentication()],
        exception_handlers={Refusal: as_json},
        openapi_config=None,
        state=State({"issuer": ISSUER}, deep_copy=False),
    )
    remember_nothing(app.state, clock)
    app.state.person_of = directory.person_of
    app.state.roles_of = directory.roles_of
    check_declared(app)
    await an_organisation("hmt")
    await register(issuer)
    issuer.fetches.clear()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        yield World(client, app, clock, issuer, directory)


async def register(issuer: AnIssuer, **more: Any) -> UUID:
    return await issuer_actions.add(
        ExternalIssuer(
            organisation="hmt",
            issuer=issuer.url,
            audience=more.pop("audience", AUDIENCE),
            jwks_uri=await issuer_actions.discovered(issuer.url),
            scopes=(("scores.read", "scores:read"),),
            person_claim="employee",
            person_source="workday",
            **more,
        ),
        known=frozenset({"hmt"}),
        caller=SOMEBODY,
        now=NOW,
        record=Audited(),
    )


async def test_a_departments_own_token_opens_what_is_mapped(world: World) -> None:
    answer = await world.ask(world.issuer.token())
    assert answer.json() == {
        "client": "hmt/hr-portal",
        "organisations": ["hmt"],
        "scopes": ["scores:read"],
        "reach": ["hmt"],
    }
    denied = await world.ask(world.issuer.token(scope="records.read"))
    assert (denied.status_code, denied.json()["slug"]) == (403, "insufficient-scope")


async def test_keys_are_fetched_once_for_many_requests(world: World) -> None:
    for number in range(20):
        token = world.issuer.token(jti=str(number))
        assert (await world.ask(token)).status_code == 200
    assert world.issuer.fetches == ["/tenant/keys"]


async def test_a_rotation_of_their_keys_is_followed(world: World) -> None:
    """Issue 3: "JWKS cache that survives rotation"."""
    assert (await world.ask(world.issuer.token())).status_code == 200
    old = world.issuer.token(jti="old")
    world.issuer.keys["two"] = RSAKey.generate_key(2048)
    world.clock.seconds += 60
    assert (await world.ask(world.issuer.token())).status_code == 200
    assert (await world.ask(old)).status_code == 200
    del world.issuer.keys["one"]
    world.clock.seconds += 1200
    assert await world.refused(old) == "token-invalid"


async def test_an_outage_of_theirs_is_survived(world: World) -> None:
    """Issue 3: "issuer outages"."""
    assert (await world.ask(world.issuer.token())).status_code == 200
    world.issuer.down = True
    world.clock.seconds += 7200
    assert (await world.ask(world.issuer.token(jti="later"))).status_code == 200
    world.clock.seconds += 86_400
    answer = await world.ask(world.issuer.token(jti="too late"))
    assert (answer.status_code, answer.json()["slug"]) == (503, "not-fetched")
    assert answer.headers["retry-after"] == "60"


async def test_a_flood_of_unknown_key_ids_is_one_more_fetch(world: World) -> None:
    """Issue 3: "floods of unknown kids"; over HTTP, 200 here, 1,000 in test_jwks."""
    await world.ask(world.issuer.token())
    for number in range(200):
        world.clock.seconds += 0.5
        token = world.issuer.token({"kid": f"unknown-{number}"})
        assert await world.refused(token) == "token-invalid"
    assert len(world.issuer.fetches) <= 3


async def test_a_token_of_an_unregistered_issuer_fetches_nothing(world: World) -> None:
    token = world.issuer.token(iss="http://127.0.0.1:1/tenant")
    assert await world.refused(token) == "token-invalid"
    assert world.issuer.fetches == []


async def test_an_algorithm_that_was_not_agreed_fetches_nothing(world: World) -> None:
    assert await world.refused(world.issuer.token({"alg": "ES256"})) == "token-invalid"
    assert world.issuer.fetches == []


async def test_a_token_for_another_audience_is_refused(world: World) -> None:
    assert (
        await world.refused(world.issuer.token(aud="api://payroll")) == "token-invalid"
    )


async def test_twin_without_the_audience_check_takes_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: audience check off."""
    monkeypatch.setattr(external_tokens, "_check_meant_for", lambda *_: None)
    answer = await world.ask(world.issuer.token(aud="api://payroll"))
    assert answer.status_code == 200


async def test_our_own_issuer_cannot_be_claimed_by_theirs(world: World) -> None:
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": ISSUER,
        "client_id": "hr-1",
        "sub": "hr-1",
        "organisations": ["mod"],
        "jti": "x",
    }
    assert (
        await world.refused(world.issuer.token({"typ": "at+jwt"}, **claims))
        == "token-invalid"
    )


async def test_a_removed_issuer_is_shut_out_within_seconds(world: World) -> None:
    token = world.issuer.token()
    assert (await world.ask(token)).status_code == 200
    (one,) = await issuer_actions.list_issuers(
        caller=SOMEBODY, now=NOW, record=Audited()
    )
    await issuer_actions.remove(one.id, caller=SOMEBODY, now=NOW, record=Audited())
    world.clock.seconds += 10
    assert await world.refused(token) == "token-invalid"


# People.


def as_sam(world: World, *roles: tuple[str, str]) -> str:
    world.directory.known[Named("hmt", "workday", "10023456")] = SAM
    world.directory.held = {*roles}
    return world.issuer.token(scp="user_impersonation", employee="10023456")


async def test_a_known_person_is_signed_in_with_their_roles(world: World) -> None:
    token = as_sam(world, ("hmt", "hr_administrator"), ("hmt", "auditor"))
    answer = await world.ask(token, "/v1/people")
    assert answer.json() == {
        "person": str(SAM),
        "organisation": "hmt",
        "roles": ["auditor", "hr_administrator"],
        "reach": ["hmt"],
    }
    assert world.directory.asked == [
        (Named("hmt", "workday", "10023456"), frozenset({"hmt"})),
        (SAM, NOW.date()),
    ]


async def test_an_issuer_gives_no_role_in_another_organisation(world: World) -> None:
    """Abuse case 31: "IdP bound to its department(s)"."""
    token = as_sam(world, ("defra", "hr_administrator"))
    assert (await world.ask(token, "/v1/people")).json()["roles"] == []
    denied = await world.ask(token, "/v1/administrators")
    assert (denied.status_code, denied.json()["slug"]) == (403, "missing-role")


async def test_one_of_the_roles_named_is_enough(world: World) -> None:
    token = as_sam(world, ("hmt", "auditor"))
    assert (await world.ask(token, "/v1/administrators")).status_code == 200
    assert (await world.ask(token, "/v1/either")).status_code == 200


async def test_an_unknown_person_is_refused(world: World) -> None:
    """Brief: "to a known open person identifier of that organisation (else 401)"."""
    token = world.issuer.token(scp="x", employee="unknown", email="sam@hmt.example")
    assert await world.refused(token, "/v1/people") == "token-invalid"


async def test_who_loses_a_role_or_leaves_is_out_at_once(world: World) -> None:
    token = as_sam(world, ("hmt", "auditor"))
    assert (await world.ask(token, "/v1/administrators")).status_code == 200
    world.directory.held = set()
    assert (await world.ask(token, "/v1/administrators")).status_code == 403
    world.directory.known.clear()
    assert await world.refused(token, "/v1/people") == "token-invalid"


async def test_machines_and_people_stay_at_their_own_routes(world: World) -> None:
    sam = as_sam(world, ("hmt", "hr_administrator"))
    hr = world.issuer.token()
    for token, path in ((sam, "/v1/machines"), (hr, "/v1/people")):
        answer = await world.ask(token, path)
        assert (answer.status_code, answer.json()["slug"]) == (403, "wrong-caller")
    assert (await world.ask(hr, "/v1/either")).status_code == 200
    assert (await world.ask(sam, "/v1/either")).status_code == 403
    for path in ("/v1/people", "/v1/either"):
        assert (await world.client.get(path)).json()["slug"] == "not-signed-in"


# The memory of verified tokens.


async def own(world: World) -> tuple[str, str]:
    """Return a client of ours and a token of its."""
    client_id, secret = await actions.create_client(
        ("DEFRA",),
        (Scope.SCORES_READ,),
        known=KNOWN,
        caller=SOMEBODY,
        now=NOW,
        record=record,
    )
    answer = await world.client.post(
        "/oauth/token",
        auth=(client_id, secret),
        data={"grant_type": "client_credentials"},
    )
    return client_id, str(answer.json()["access_token"])


async def counted(
    world: World, sent: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> int:
    """Return how many tokens had to be read to answer these."""
    read: list[str] = []
    claimed = tokens.claimed

    def counting(token: str) -> Any:  # noqa: ANN401 - as `claimed`
        read.append(token)
        return claimed(token)

    with monkeypatch.context() as patch:
        patch.setattr(tokens, "claimed", counting)
        for token in sent:
            assert (await world.ask(token)).status_code == 200
    return len(read)


async def test_a_token_is_verified_once_in_half_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """oauth.md: "a 30 s cache of verified tokens keyed by SHA-256"."""
    _, ours = await own(world)
    theirs = world.issuer.token()
    assert await counted(world, [ours, theirs] * 5, monkeypatch) == 2
    world.clock.seconds += 29.9
    assert await counted(world, [ours, theirs], monkeypatch) == 0
    world.clock.seconds += 0.1
    assert await counted(world, [ours, theirs], monkeypatch) == 2


@pytest.mark.parametrize("whose", ["ours", "theirs"])
async def test_a_remembered_token_still_ends_in_time(
    world: World, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await own(world))[1] if whose == "ours" else world.issuer.token()
    assert (await world.ask(token)).status_code == 200
    later = NOW + timedelta(seconds=610 if whose == "ours" else 3610)
    monkeypatch.setenv("JOINEDUP_NOW", later.isoformat())
    settings.cache_clear()
    assert await world.refused(token) == "token-invalid"


async def test_a_remembered_token_dies_with_its_key(world: World) -> None:
    _, token = await own(world)
    assert (await world.ask(token)).status_code == 200
    await signing.discard(NOW)
    world.clock.seconds += 3
    assert await world.refused(token) == "token-invalid"


async def test_a_remembered_token_dies_with_its_client(world: World) -> None:
    """oauth.md: "effective within 60 s everywhere"."""
    client_id, token = await own(world)
    assert (await world.ask(token)).status_code == 200
    await actions.disable_client(client_id, caller=SOMEBODY, now=NOW, record=record)
    world.clock.seconds += 10
    assert await world.refused(token) == "token-invalid"


async def test_what_is_remembered_has_a_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.auth.verified_tokens.MOST_TOKENS", 2)
    kept = world.app.state.verified_tokens
    assert isinstance(kept, VerifiedTokens)
    first, second, third = (world.issuer.token(jti=n) for n in "123")
    assert await counted(world, [first, second, third], monkeypatch) == 3
    assert len(kept._kept) == 2
    assert await counted(world, [third, second], monkeypatch) == 0
    assert await counted(world, [first], monkeypatch) == 1


async def test_no_token_is_kept_as_it_was_sent(world: World) -> None:
    token = world.issuer.token()
    await world.ask(token)
    assert token not in repr(world.app.state.verified_tokens._kept)


def test_a_new_app_remembers_nothing() -> None:
    state = State()
    remember_nothing(state)
    assert isinstance(state.published_keys, JwksCache)
    assert state.monotonic() >= 0
