"""DPoP at the token endpoint (RFC 9449 section 5): the token is bound to the proof."""

import base64
import json

import pytest

from service.audit.actions import record
from service.auth import actions, client_keys
from service.auth.tables import IssuedToken, SpentJti
from tests.auth.assertions import JWKS, claims, form, signed
from tests.auth.binding import ask_token, nonce, registered
from tests.auth.conftest import KNOWN, NOW, SOMEBODY, Service
from tests.auth.proving import Holder

HOLDER = Holder()


def proof(**but: object) -> str:
    return HOLDER.proof("POST", "/oauth/token", **{"nonce": nonce(), **but})  # type: ignore[arg-type] # any member may be anything


def stated(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


async def test_the_token_is_bound_to_the_proof_s_key(service: Service) -> None:
    """RFC 9449 section 5: "token_type": "DPoP"; oauth.md: "`cnf.jkt` when bound"."""
    answer = await ask_token(service, await registered(), proof())
    assert answer.status_code == 200
    assert answer.json().items() >= {"token_type": "DPoP"}.items()
    assert stated(answer.json()["access_token"])["cnf"] == {"jkt": HOLDER.jkt}
    assert answer.headers["dpop-nonce"] == nonce()


async def test_a_client_may_bind_its_tokens_unasked(service: Service) -> None:
    auth = await registered(dpop_bound=False)
    bound = await ask_token(service, auth, proof())
    plain = await ask_token(service, auth)
    kinds = [answer.json()["token_type"] for answer in (bound, plain)]
    assert kinds == ["DPoP", "Bearer"]
    assert "dpop-nonce" not in plain.headers
    assert "cnf" not in stated(plain.json()["access_token"])


async def test_ensure_holder_of_key_required(service: Service) -> None:
    """FAPI: EnsureHolderOfKeyRequired, "no proof: 400/401, no token"."""
    auth = await registered()
    answer = await ask_token(service, auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert answer.headers["dpop-nonce"] == nonce()
    assert not await IssuedToken.exists().where(IssuedToken.client == auth[0])


@pytest.mark.parametrize(
    ("but", "error"),
    [
        ({"htm": "GET"}, "invalid_dpop_proof"),
        ({"htu": "https://appraisal.example/v1/probe"}, "invalid_dpop_proof"),
        ({"htu": "https://evil.example/oauth/token"}, "invalid_dpop_proof"),
        ({"jti": None}, "invalid_dpop_proof"),
        ({"iat": None}, "invalid_dpop_proof"),
        ({"header": {"typ": "JWT"}}, "invalid_dpop_proof"),
        ({"header": {"alg": "RS256"}}, "invalid_dpop_proof"),
        ({"nonce": None}, "use_dpop_nonce"),
        ({"nonce": "guessed"}, "use_dpop_nonce"),
    ],
)
async def test_a_bad_proof_buys_no_token(
    service: Service, but: dict[str, object], error: str
) -> None:
    """RFC 9449 sections 5 and 8: `invalid_dpop_proof`, or `use_dpop_nonce`."""
    auth = await registered()
    answer = await ask_token(service, auth, proof(**but))
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    given = answer.headers["dpop-nonce"]
    assert not await IssuedToken.exists().where(IssuedToken.client == auth[0])
    right = await ask_token(service, auth, proof(nonce=given))
    assert right.status_code == 200


async def test_two_proofs_are_refused(service: Service) -> None:
    answer = await ask_token(service, await registered(), proof(), proof())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


async def test_a_proof_serves_once(service: Service) -> None:
    auth, shown = await registered(), proof()
    first, second = [await ask_token(service, auth, shown) for _ in range(2)]
    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (400, "invalid_dpop_proof")
    assert await IssuedToken.count().where(IssuedToken.client == auth[0]) == 1


async def test_what_is_refused_spends_nothing(service: Service) -> None:
    """A proof and an assertion are spent with what they buy, or not at all."""
    client_id = await actions.create_signing_client(
        ["DEFRA"],
        ["scores:read"],
        known=KNOWN,
        registered=client_keys.registered(jwks=JWKS),
        caller=SOMEBODY,
        now=NOW,
        record=record,
        dpop=True,
    )
    body, shown = form(signed(claims(client_id))), proof()

    async def ask(*proofs: str) -> int:
        headers = [("DPoP", sent) for sent in proofs]
        answer = await service.client.post("/oauth/token", data=body, headers=headers)
        return answer.status_code

    assert await ask() == 400
    assert await ask(proof(nonce=None)) == 400
    assert await ask(shown) == 200
    assert await ask(proof()) == 401  # The assertion has served.
    body = form(signed(claims(client_id)))
    assert await ask(shown) == 400  # The proof has served, the assertion has not.
    assert await ask(proof()) == 200
    assert await SpentJti.count() == 4


async def test_a_secret_is_still_asked(service: Service) -> None:
    client_id, _ = await registered()
    answer = await ask_token(service, (client_id, "wrong"), proof())
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_happy_flow(service: Service) -> None:
    """FAPI: HappyFlow, "two different clients; token type DPoP"; private_key_jwt."""
    seen = []
    for holder in (Holder(), Holder()):
        client_id = await actions.create_signing_client(
            ["DEFRA"],
            ["scores:read"],
            known=KNOWN,
            registered=client_keys.registered(jwks=JWKS),
            caller=SOMEBODY,
            now=NOW,
            record=record,
            dpop=True,
        )
        shown = holder.proof("POST", "/oauth/token", nonce=nonce())
        body = form(signed(claims(client_id)))
        answer = await service.client.post(
            "/oauth/token", data=body, headers={"DPoP": shown}
        )
        assert answer.json().items() >= {"token_type": "DPoP"}.items()
        token = answer.json()["access_token"]
        used = await service.client.get(
            "/v1/probe",
            headers={
                "Authorization": f"DPoP {token}",
                "DPoP": holder.proof(token=token, nonce=answer.headers["dpop-nonce"]),
            },
        )
        assert used.json() == {"client": client_id, "organisations": ["DEFRA"]}
        seen.append(client_id)
    assert len({*seen}) == 2
