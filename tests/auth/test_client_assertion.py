"""Every row of the assertion rules, the probes of F11, and FAPI's modules, alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.auth import client_keys
from service.auth.client_assertion import (
    ALGORITHMS,
    Expected,
    Once,
    ProvesNothing,
    verify,
)
from tests.auth.assertions import (
    EC,
    JWKS,
    OMITTED,
    OTHER,
    PUBLIC_AS_SECRET,
    RSA,
    claims,
    sealed,
    signed,
)
from tests.auth.bad_assertions import F11, FURTHER
from tests.auth.conftest import ISSUER, NOW

KEYS = [client_keys.read(jwk) for jwk in JWKS["keys"]]
EXPECTED = Expected("hr-1", frozenset({ISSUER}), rs256=False, seconds=300, now=NOW)
AT = int(NOW.timestamp())


def accepted(assertion: str, expected: Expected = EXPECTED) -> Once:
    return verify(assertion, KEYS, expected)


def refused(assertion: str, expected: Expected = EXPECTED) -> str:
    with pytest.raises(ProvesNothing) as caught:
        verify(assertion, KEYS, expected)
    return str(caught.value)


@pytest.mark.parametrize("alg", [*ALGORITHMS, "Ed25519"])
@pytest.mark.parametrize("typ", [OMITTED, "JWT", "client-authentication+jwt"])
def test_each_algorithm_and_type_is_accepted(alg: str, typ: object) -> None:
    """alg: "ES256, PS256, EdDSA only"; typ: "absent, JWT or client-auth…+jwt"."""
    said = claims(jti="one.two~three-4_5")
    once = accepted(signed(said, alg, typ=typ))
    ends = datetime.fromtimestamp(AT + 60 + 10, UTC)
    assert once == Once("hr-1", "one.two~three-4_5", ends)


@pytest.mark.parametrize(
    "assertion",
    [
        pytest.param(signed(claims(jti="x" * 8)), id="jti 8"),
        pytest.param(signed(claims(jti="x" * 128)), id="jti 128"),
        pytest.param(signed(claims(exp=AT + 300)), id="exp 5 min"),
        pytest.param(signed(claims(exp=AT + 60.5)), id="exp with a fraction"),
        pytest.param(signed(claims(exp=AT - 9)), id="exp within 10 s skew"),
        pytest.param(signed(claims(iat=AT + 60)), id="iat +60 s"),
        pytest.param(signed(claims(iat=AT - 300)), id="iat 5 min"),
        pytest.param(signed(claims(nbf=AT + 60)), id="nbf +60 s"),
        pytest.param(signed(claims(), kid=OMITTED), id="no kid"),
        pytest.param(signed(claims(), x5t="a" * 27), id="a digest of a certificate"),
        pytest.param(signed(claims(more={"any": ["thing"]})), id="further claims"),
    ],
)
def test_what_keeps_the_rules_is_accepted(assertion: str) -> None:
    assert accepted(assertion).owner == "hr-1"


def test_there_are_21_probes() -> None:
    assert len(F11) == 21


@pytest.mark.parametrize("probe", F11.values(), ids=F11.keys())
def test_f11_probe(probe: str) -> None:
    """F11: "10 of 21 probes accepted that our rules refuse"; ours refuses all 21."""
    assert refused(probe) != ""


@pytest.mark.parametrize(("assertion", "why"), FURTHER.values(), ids=FURTHER.keys())
def test_what_breaks_a_rule_is_refused(assertion: str, why: str) -> None:
    assert why in refused(assertion)


def test_depth_is_refused_before_length_could_hide_it() -> None:
    """50,000-deep JSON: refused for its size; and what fits, for its depth."""
    for depth, why in ((50_000, "longer"), (2_900, "base64 of JSON")):
        deep = b"[" * depth
        assert why in refused(sealed(b'{"alg":"ES256"}', deep, "ES256"))


def test_rs256_by_exception_is_accepted() -> None:
    """ "RS256 only by exception"."""
    excepted = replace(EXPECTED, rs256=True)
    for alg in ("RS256", "PS256"):
        assert accepted(signed(claims(), alg), excepted).owner == "hr-1"


def test_an_exception_widens_nothing_else() -> None:
    endpoint = ISSUER + "/oauth/token"
    both = replace(EXPECTED, audiences=frozenset({ISSUER, endpoint}))
    assert accepted(signed(claims(aud=endpoint)), both).owner == "hr-1"
    for other in ([endpoint], [ISSUER, endpoint], "https://b.example"):
        assert "audience" in refused(signed(claims(aud=other)), both)


def test_the_longest_life_is_a_setting() -> None:
    """ "at most 5 minutes ahead by default (setting up to 60 for stock clients)"."""
    hour = replace(EXPECTED, seconds=3600)
    assert accepted(signed(claims(exp=AT + 3600)), hour).owner == "hr-1"
    assert refused(signed(claims(exp=AT + 3601)), hour) == "valid for too long"


class TestFapi:
    """FAPI 2.0 modules that concern assertions, by their names in the suite."""

    def test_ensure_signed_client_assertion_with_rs256_fails(self) -> None:
        assert "RS256" in refused(signed(claims(), "RS256"))

    def test_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(self) -> None:
        said = claims(exp=AT - 300, iat=AT - 300)
        assert refused(signed(said)) == "expired"

    def test_ensure_client_assertion_with_wrong_aud_fails(self) -> None:
        said = claims(aud="https://other1.example.com/invalid")
        assert "audience" in refused(signed(said))

    def test_ensure_client_assertion_with_no_sub_fails(self) -> None:
        assert "sub" in refused(signed(claims(sub=OMITTED)))

    def test_ensure_client_id_in_token_endpoint(self) -> None:
        """Client 2's id with client 1's key: invalid_client."""
        of_another = replace(EXPECTED, client_id="hr-2")
        with pytest.raises(ProvesNothing, match="does not verify"):
            verify(signed(claims("hr-2"), key=OTHER), KEYS, of_another)

    def test_par_token_endpoint_as_audience_fails(self) -> None:
        assert "audience" in refused(signed(claims(aud=ISSUER + "/oauth/token")))

    def test_par_endpoint_as_array_audience_fails(self) -> None:
        assert "audience" in refused(signed(claims(aud=[ISSUER])))

    def test_iat_nbf_8_seconds_in_the_future_is_accepted(self) -> None:
        assert accepted(signed(claims(iat=AT + 8, nbf=AT + 8))).owner == "hr-1"

    def test_iat_nbf_over_60_seconds_in_the_future_fails(self) -> None:
        assert "future" in refused(signed(claims(iat=AT + 61, nbf=AT + 61)))


def test_a_key_that_says_its_algorithm_signs_with_no_other() -> None:
    """alg: "fixed per registered key"."""
    jwk = RSA.as_dict(private=False)
    excepted = replace(EXPECTED, rs256=True)
    for alg, other in (("PS256", "RS256"), ("RS256", "PS256")):
        keys = [client_keys.read({**jwk, "alg": alg})]
        assert verify(signed(claims(), alg), keys, excepted).owner == "hr-1"
        with pytest.raises(ProvesNothing, match="no registered key"):
            verify(signed(claims(), other), keys, excepted)


def test_without_key_ids_each_fitting_key_is_tried() -> None:
    jwks = [
        {k: v for k, v in key.as_dict(private=False).items() if k != "kid"}
        for key in (OTHER, EC)
    ]
    keys = [client_keys.read(jwk) for jwk in jwks]
    assert verify(signed(claims()), keys, EXPECTED).owner == "hr-1"


def test_the_broken_twins_would_let_them_in() -> None:
    """Audience unchecked, or the algorithm the header's: then the attack works."""
    lenient = replace(EXPECTED, audiences=frozenset({ISSUER, "https://b.example"}))
    assert accepted(F11["another aud"], lenient).owner == "hr-1"
    believing = client_keys.ClientKey(None, frozenset({"HS256"}), PUBLIC_AS_SECRET)
    by_public_key = verify(F11["HS256 with the public key"], [believing], EXPECTED)
    assert by_public_key.owner == "hr-1"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(name=st.sampled_from(["iss", "sub", "aud", "exp", "iat", "jti"]), value=VALUES)
def test_no_other_value_of_a_claim_is_accepted(name: str, value: Any) -> None:  # noqa: ANN401 - whatever JSON says
    said = claims(jti="x" * 20)
    try:
        accepted(signed({**said, name: value}))
    except ProvesNothing:
        return
    # What was let in keeps the rule.
    assert name in {"exp", "iat", "jti"} or value == said[name]


@given(name=st.sampled_from(["alg", "typ", "kid", "crit", "jwk"]), value=VALUES)
def test_no_other_value_in_a_header_is_accepted(name: str, value: Any) -> None:  # noqa: ANN401 - whatever JSON says
    header = {"typ": "JWT", "alg": "ES256", "kid": "ec", name: value}
    raw = json.dumps(header).encode()
    try:
        accepted(sealed(raw, json.dumps(claims()).encode(), "ES256"))
    except ProvesNothing:
        return
    assert value in (None, "JWT", "ES256", "ec")


def test_what_is_spent_outlives_the_assertion() -> None:
    """jti: "kept until exp + skew"."""
    once = accepted(signed(claims(exp=AT + 60)))
    later = replace(EXPECTED, now=once.keep_until)
    assert refused(signed(claims(exp=AT + 60)), later) == "expired"
    just = replace(EXPECTED, now=once.keep_until - timedelta(seconds=1))
    accepted(signed(claims(exp=AT + 60)), just)
