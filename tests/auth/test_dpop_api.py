"""Tokens bound to a key, at the API (RFC 9449 section 7): of no use to a thief."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc.jwk import RSAKey

from service.auth import dpop, holding
from service.auth.caller import Scope
from service.auth.tables import SpentJti
from service.settings import settings
from tests.auth.binding import Bound, nonce
from tests.auth.conftest import ISSUER, NOW, Service
from tests.auth.proving import NOW_S, Holder, part

Sends = Callable[[Bound], list[str]]
"""The proofs that a step sends beside the token."""


@pytest.fixture
async def bound(service: Service) -> Bound:
    return await Bound.made(service)


def one(**but: object) -> Sends:
    """One proof, right but for these members; None leaves one out."""
    return lambda bound: [bound.proof(**but)]


def headed(**but: object) -> Sends:
    return lambda bound: [bound.proof(header=but)]


def unsigned(bound: Bound) -> list[str]:
    return [bound.proof(header={"alg": "none"}).rpartition(".")[0] + "."]


def rs256(bound: Bound) -> list[str]:
    holder = Holder(RSAKey.generate_key(2048), "RS256")
    return [replace(bound, holder=holder).proof()]


def badly_signed(bound: Bound) -> list[str]:
    message = bound.proof().rpartition(".")[0]
    return [f"{message}.{part(bytes(64))}"]


def private(bound: Bound) -> list[str]:
    return [bound.proof(header={"jwk": bound.holder.key.as_dict(private=True)})]


def another_key(bound: Bound) -> list[str]:
    return [replace(bound, holder=Holder()).proof()]


PROBE = f"{ISSUER}/v1/probe"
REFUSED: dict[str, Sends] = {
    "two proofs": lambda bound: [bound.proof(), bound.proof()],
    "not a JWT": lambda _: ["not-a-jwt"],
    "typ missing": headed(typ=None),
    "alg missing": headed(alg=None),
    "jwk missing": headed(jwk=None),
    "jti missing": one(jti=None),
    "htm missing": one(htm=None),
    "htu missing": one(htu=None),
    "iat missing": one(iat=None),
    "ath missing": one(ath=None),
    "wrong typ": headed(typ="JWT"),
    "RS256": rs256,
    "none": unsigned,
    "bad signature": badly_signed,
    "private key in jwk": private,
    "wrong htm": one(htm="POST"),
    "other htu": one(htu=f"{ISSUER}/v1/scores"),
    "iat an hour ago": one(iat=NOW_S - 3600),
    "iat an hour ahead": one(iat=NOW_S + 3600),
    "wrong ath": one(ath=dpop.ath("another token")),
    "other key": another_key,
    "no proof": lambda _: [],
}
ACCEPTED: dict[str, Sends] = {
    "htu with query": one(htu=f"{PROBE}?since=yesterday"),
    "htu without query": one(htu=PROBE),
    "extra claims": one(more="than asked", nbf=NOW_S, exp=NOW_S + 60),
    "upper-case scheme in htu": one(htu=PROBE.replace("https", "HTTPS")),
    "upper-case host in htu": one(htu=PROBE.replace("appraisal", "APPRAISAL")),
    "default port in htu": one(htu=PROBE.replace(".example", ".example:443")),
    "a jti for the first time": one(jti="for-the-first-time"),
    "final sanity": one(),
}


@pytest.mark.parametrize("sends", REFUSED.values(), ids=REFUSED.keys())
async def test_dpop_negative_tests(bound: Bound, sends: Sends) -> None:
    """FAPI: DpopNegativeTests, "32 steps", the 22 that are refused one by one."""
    response = await bound.get(*sends(bound))
    assert response.status_code == 401
    assert response.json()["slug"] == "dpop-proof-invalid"
    assert response.headers["www-authenticate"] == (
        'DPoP realm="joinedup", algs="ES256 PS256 EdDSA Ed25519",'
        ' error="invalid_dpop_proof"'
    )
    assert response.headers["dpop-nonce"] == nonce()


@pytest.mark.parametrize("sends", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_dpop_negative_tests_accepted(bound: Bound, sends: Sends) -> None:
    """FAPI: DpopNegativeTests, "32 steps", the 8 that are accepted."""
    response = await bound.get(*sends(bound))
    assert response.status_code == 200, response.text
    assert response.headers["dpop-nonce"] == nonce()


async def test_dpop_negative_tests_jti_reuse(bound: Bound) -> None:
    """FAPI: DpopNegativeTests, "jti reuse"."""
    proof = bound.proof()
    assert (await bound.get(proof)).status_code == 200
    again = await bound.get(proof)
    assert (again.status_code, again.json()["slug"]) == (401, "dpop-proof-invalid")
    assert "has served before" in again.json()["detail"]
    assert await SpentJti.count().where(SpentJti.owner == bound.holder.jkt) == 2


async def test_dpop_negative_tests_bearer_downgrade(bound: Bound) -> None:
    """FAPI: DpopNegativeTests, "Bearer downgrade"."""
    for proofs in ([], [bound.proof()]):
        response = await bound.get(*proofs, scheme="Bearer")
        assert (response.status_code, response.json()["slug"]) == (401, "token-invalid")
        assert response.headers["www-authenticate"] == (
            'DPoP realm="joinedup", algs="ES256 PS256 EdDSA Ed25519",'
            ' error="invalid_token"'
        )


def test_there_are_32_steps() -> None:
    assert len(REFUSED) + len(ACCEPTED) + len(["jti reuse", "downgrade"]) == 32


@pytest.mark.parametrize("scheme", ["dpop", "DPoP", "DPOP"])
async def test_access_token_type_header_case_sensitivity(
    bound: Bound, scheme: str
) -> None:
    """FAPI: AccessTokenTypeHeaderCaseSensitivity, "`dpop`, `DPoP`, `DPOP` all work"."""
    assert (await bound.get(bound.proof(), scheme=scheme)).status_code == 200


@pytest.mark.parametrize("offset", [-60, 0, 60])
async def test_check_dpop_proof_nbf_exp(bound: Bound, offset: int) -> None:
    """FAPI: CheckDpopProofNbfExp, "extra nbf/exp in the proof tolerated"."""
    proof = bound.proof(nbf=NOW_S + offset, exp=NOW_S + offset)
    assert (await bound.get(proof)).status_code == 200


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_ensure_dpop_proof_with_iat_10_seconds_before_or_after_succeeds(
    bound: Bound, seconds: int
) -> None:
    """FAPI: "EnsureDpopProofWithIat10SecondsBefore / After Succeeds"."""
    assert (await bound.get(bound.proof(iat=NOW_S + seconds))).status_code == 200


@pytest.mark.parametrize("stale", [None, "guessed"])
async def test_the_api_gives_a_nonce_and_asks_for_it(
    bound: Bound, stale: str | None
) -> None:
    """RFC 9449 section 9: 401 with `use_dpop_nonce` and a DPoP-Nonce header."""
    response = await bound.get(bound.proof(nonce=stale))
    assert (response.status_code, response.json()["slug"]) == (401, "dpop-nonce-needed")
    assert 'error="use_dpop_nonce"' in response.headers["www-authenticate"]
    given = response.headers["dpop-nonce"]
    assert (await bound.get(bound.proof(nonce=given))).status_code == 200


async def test_a_nonce_lasts_two_windows(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = nonce()
    for seconds, status in ((0, 200), (120, 200), (239, 200), (240, 401)):
        later = NOW + timedelta(seconds=seconds)
        monkeypatch.setenv("JOINEDUP_NOW", later.isoformat())
        settings.cache_clear()
        proof = bound.proof(iat=NOW_S + seconds, nonce=given)
        assert (await bound.get(proof)).status_code == status


async def test_a_token_bound_to_nothing_is_no_dpop_token(service: Service) -> None:
    token = await service.token()
    holder = Holder()
    response = await service.client.get(
        "/v1/probe",
        headers={
            "Authorization": f"DPoP {token}",
            "DPoP": holder.proof(token=token, nonce=nonce()),
        },
    )
    assert (response.status_code, response.json()["slug"]) == (401, "token-invalid")
    assert response.headers["www-authenticate"].startswith("DPoP ")
    assert response.headers["dpop-nonce"] == nonce()


async def test_the_address_is_the_issuer_s_whatever_the_host_header(
    bound: Bound,
) -> None:
    """The htu comes from the configured issuer, never from Host."""
    evil = "https://evil.example"
    for htu, status in ((f"{evil}/v1/probe", 401), (PROBE, 200)):
        response = await bound.get(bound.proof(htu=htu), host="evil.example")
        assert response.status_code == status


def test_a_path_s_odd_characters_are_compared_decoded() -> None:
    assert holding.address(ISSUER, "/v1/records/workday:é?#") == (
        f"{ISSUER}/v1/records/workday%3A%C3%A9%3F%23"
    )


async def test_a_client_without_a_token_is_told_of_both_schemes(
    service: Service,
) -> None:
    """RFC 9449 section 7.1: a DPoP challenge names the `algs` that are accepted."""
    response = await service.client.get("/v1/probe")
    assert response.headers["www-authenticate"] == (
        'Bearer realm="joinedup", '
        'DPoP realm="joinedup", algs="ES256 PS256 EdDSA Ed25519"'
    )


async def test_a_missing_scope_is_missed_with_a_proof_too(
    service: Service, bound: Bound
) -> None:
    other = await Bound.made(service, Scope.CYCLES_READ)
    response = await other.get(other.proof())
    assert (response.status_code, response.json()["slug"]) == (
        403,
        "insufficient-scope",
    )


async def test_a_stolen_token_is_of_no_use_but_for_the_check(
    bound: Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: without the comparison of keys a thief's own proof serves."""
    thief = replace(bound, holder=Holder())
    assert (await thief.get(thief.proof())).status_code == 401

    right = dpop.verify

    def obliging(*proofs: object, **asked: object) -> dpop.Proof:
        return replace(right(*proofs, **asked), jkt=bound.holder.jkt)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(dpop, "verify", obliging)
    assert (await thief.get(thief.proof())).status_code == 200


async def test_the_cache_of_tokens_does_not_spare_the_proof(bound: Bound) -> None:
    assert (await bound.get(bound.proof())).status_code == 200
    assert (await bound.get()).status_code == 401
    assert (await bound.get(scheme="Bearer")).status_code == 401
