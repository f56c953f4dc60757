"""What of a department's own tokens counts, and each forgery beside its check."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from service.auth import external_tokens
from service.auth.caller import Machine, Scope
from service.auth.external_tokens import issuer_for, kid_of, verify
from service.auth.issuers import ExternalIssuer
from service.auth.jwks import Key
from service.auth.tokens import InvalidToken, Named, Verified, claimed
from tests.auth.an_issuer import (
    AUDIENCE,
    EC,
    ED,
    NOW_S,
    RSA,
    URL,
    AnIssuer,
    part,
    signed,
)
from tests.auth.conftest import NOW

ISSUER = ExternalIssuer(
    organisation="hmt",
    issuer=URL,
    audience=AUDIENCE,
    jwks_uri=f"{URL}/keys",
    scopes=(("scores.read", "scores:read"), ("Records.All", "records:read")),
)
PEOPLE = replace(ISSUER, person_claim="employee", person_source="workday")
THEIRS = AnIssuer()
OTHER = RSAKey.generate_key(2048)


def ask(
    token: str, issuer: ExternalIssuer = ISSUER, keys: Iterable[Key] = (RSA,)
) -> Verified:
    """Read a token as authentication does."""
    header, claims = claimed(token)
    chosen = issuer_for(claims, [issuer])
    kid = kid_of(header, chosen)
    return verify(token, kid=kid, keys=[*keys], issuer=chosen, now=NOW)


def machine(token: str, issuer: ExternalIssuer = ISSUER) -> Machine:
    who = ask(token, issuer).who
    assert isinstance(who, Machine)
    return who


def test_a_client_of_theirs_is_a_machine_of_that_organisation() -> None:
    found = ask(THEIRS.token())
    assert found == Verified(
        who=Machine(
            client_id="hmt/hr-portal",
            organisations=frozenset({"hmt"}),
            scopes=frozenset({Scope.SCORES_READ}),
        ),
        kid="one",
        issued_at=NOW_S,
        expires_at=NOW_S + 3600,
        issuer=ISSUER,
    )


def test_the_organisation_is_the_issuers_and_nothing_the_token_says() -> None:
    """Brief of oauth.md: "a client sees only its organisations"."""
    token = THEIRS.token(organisations=["mod"], organisation="mod", org="mod")
    assert machine(token).organisations == {"hmt"}


def test_only_mapped_scopes_grant_anything() -> None:
    """oauth.md: "scopes only through an explicit mapping"."""
    every = " ".join(["scores:read", "records:read", "openid", *Scope])
    assert machine(THEIRS.token(scope=every)).scopes == set()
    assert machine(THEIRS.token(scope="Records.All")).scopes == {Scope.RECORDS_READ}
    assert machine(THEIRS.token(scope=None)).scopes == set()


def test_app_roles_of_entra_id_are_mapped_as_scopes_are() -> None:
    token = THEIRS.token(scope=None, roles=["Records.All", "Other", 7, ["x"]])
    assert machine(token).scopes == {Scope.RECORDS_READ}
    assert machine(THEIRS.token(scope=7, roles={"Records.All": 1})).scopes == set()


def test_one_scope_of_theirs_may_be_several_of_ours() -> None:
    wide = replace(ISSUER, scopes=(("hr", "scores:read"), ("hr", "cycles:read")))
    found = machine(THEIRS.token(scope="hr"), wide)
    assert found.scopes == {Scope.SCORES_READ, Scope.CYCLES_READ}


@pytest.mark.parametrize("name", ["client_id", "azp", "appid"])
def test_a_client_is_named_by_any_of_the_usual_claims(name: str) -> None:
    said: dict[str, Any] = {"azp": None, name: "9b1d"}
    token = THEIRS.token(**said)
    assert machine(token).client_id == "hmt/9b1d"


def test_no_client_of_theirs_can_be_taken_for_one_of_ours() -> None:
    """The audit, idempotency keys and cursors go by the caller's key."""
    assert machine(THEIRS.token(azp="hr-0123456789abcdef")).key == (
        "client:hmt/hr-0123456789abcdef"
    )


def test_a_person_is_named_by_the_registered_claim_only() -> None:
    """oauth.md: "people only through --person-claim NAME --person-source SOURCE"."""
    token = THEIRS.token(employee="10023456", sub="x", email="a@hmt.example")
    assert ask(token, PEOPLE).who == Named("hmt", "workday", "10023456")


def test_a_persons_issuer_serves_its_machines_too() -> None:
    assert machine(THEIRS.token(), PEOPLE).client_id == "hmt/hr-portal"
    app = THEIRS.token(idtyp="app", employee="10023456")
    assert machine(app, PEOPLE).client_id == "hmt/hr-portal"


PERSONAL: dict[str, dict[str, Any]] = {
    "scp of Entra ID": {"scp": "scores.read"},
    "sid of Keycloak": {"sid": "1"},
    "session_state of Keycloak": {"session_state": "1"},
    "auth_time": {"auth_time": NOW_S},
    "amr": {"amr": ["pwd"]},
    "upn": {"upn": "a@hmt.example"},
}


@pytest.mark.parametrize("said", PERSONAL.values(), ids=PERSONAL.keys())
def test_a_users_token_is_never_a_machine(said: dict[str, Any]) -> None:
    """A person's rights are their roles: their token must not open a machine's."""
    for issuer in (ISSUER, PEOPLE):
        with pytest.raises(InvalidToken):
            ask(THEIRS.token(**said), issuer)
    named = ask(THEIRS.token(**said, employee="7"), PEOPLE)
    assert named.who == Named("hmt", "workday", "7")


@pytest.mark.parametrize(
    "value", ["", "x" * 121, 7, True, ["7"], {"id": "7"}, "a\0b", "a\nb", "\ud800"]
)
def test_a_person_claim_that_is_no_identifier_names_nobody(value: object) -> None:
    with pytest.raises(InvalidToken):
        ask(THEIRS.token(employee=value), PEOPLE)


HEADERS: dict[str, dict[str, Any]] = {
    "alg none": {"alg": "none"},
    "alg HS256": {"alg": "HS256"},
    "alg PS256, which was not agreed": {"alg": "PS256"},
    "alg rs256": {"alg": "rs256"},
    "alg missing": {"alg": None},
    "alg a list": {"alg": ["RS256"]},
    "alg an object": {"alg": {}},
    "typ missing": {"typ": None},
    "typ a list": {"typ": ["JWT"]},
    "typ dpop+jwt": {"typ": "dpop+jwt"},
    "typ logout+jwt": {"typ": "logout+jwt"},
    "typ client-authentication+jwt": {"typ": "client-authentication+jwt"},
    "kid missing": {"kid": None},
    "kid empty": {"kid": ""},
    "kid a number": {"kid": 7},
    "kid a list": {"kid": ["one"]},
    "kid endless": {"kid": "x" * 201},
    "jwk": {"jwk": RSA.as_dict(private=False)},
    "jku": {"jku": "https://evil.example/keys"},
    "x5u": {"x5u": "https://evil.example/cert"},
    "x5c": {"x5c": ["MII"]},
    "crit": {"crit": ["exp"]},
    "b64 false": {"b64": False},
    "zip": {"zip": "DEF"},
    "enc": {"enc": "A256GCM"},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_no_access_token_has_is_refused(
    header: dict[str, Any],
) -> None:
    with pytest.raises(InvalidToken) as caught:
        ask(THEIRS.token(header))
    assert caught.value.slug == "token-invalid"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "jwt"])
def test_what_issuers_write_as_type_is_accepted(typ: str) -> None:
    assert machine(THEIRS.token({"typ": typ, "x5t": "abc"})).client_id


def hs256_with_the_public_key() -> str:
    header = {"typ": "JWT", "alg": "HS256", "kid": "one"}
    message = f"{part(header)}.{part(THEIRS.claims())}"
    mac = hmac.digest(RSA.as_pem(private=False), message.encode(), hashlib.sha256)
    return f"{message}.{part(mac)}"


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """oauth.md: "per-issuer pinned algorithms"."""
    token = hs256_with_the_public_key()
    with pytest.raises(InvalidToken):
        ask(token)
    loose = replace(ISSUER, algorithms=("RS256", "HS256"))
    with pytest.raises(InvalidToken):  # Even agreed, it is none of an RSA key's own.
        ask(token, loose)


def test_twin_that_takes_the_algorithm_from_the_header_is_fooled() -> None:
    """The broken twin: the very forgery above verifies by the header's word."""
    message, _, signature = hs256_with_the_public_key().rpartition(".")
    believed = hmac.digest(RSA.as_pem(private=False), message.encode(), hashlib.sha256)
    assert part(believed) == signature


def test_a_downgrade_to_an_algorithm_of_the_same_key_is_refused() -> None:
    pinned = replace(ISSUER, algorithms=("PS256",))
    assert machine(THEIRS.token(alg="PS256"), pinned)
    with pytest.raises(InvalidToken):
        ask(THEIRS.token(alg="RS256"), pinned)


def test_twin_with_the_header_unread_still_pins_the_algorithm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pinned twice: what verifies is the registration's, whatever the header says."""
    monkeypatch.setattr(external_tokens, "kid_of", lambda *_: "one")
    with pytest.raises(InvalidToken):
        verify(
            THEIRS.token(alg="RS256"),
            kid="one",
            keys=[RSA],
            issuer=replace(ISSUER, algorithms=("PS256",)),
            now=NOW,
        )


@pytest.mark.parametrize(
    ("alg", "key"), [("ES256", EC), ("EdDSA", ED), ("Ed25519", ED), ("PS512", RSA)]
)
def test_every_algorithm_agreed_is_read(alg: str, key: Key) -> None:
    token = THEIRS.token(alg=alg, key=key)
    assert ask(token, replace(ISSUER, algorithms=(alg,)), [key]).who


def test_of_keys_with_the_same_id_the_right_one_counts() -> None:
    assert ask(THEIRS.token(), keys=[EC, OTHER, RSA]).who
    for keys in ([], [OTHER], [EC]):
        with pytest.raises(InvalidToken, match="signature"):
            ask(THEIRS.token(), keys=keys)


MEANING: dict[str, dict[str, Any]] = {
    "iss with a slash": {"iss": URL + "/"},
    "iss another": {"iss": "https://evil.example"},
    "iss missing": {"iss": None},
    "iss a list": {"iss": [URL]},
    "aud another": {"aud": "api://other"},
    "aud missing": {"aud": None},
    "aud a list with another": {"aud": [AUDIENCE, "account"]},
    "aud a list of none": {"aud": []},
    "aud with a slash": {"aud": AUDIENCE + "/"},
    "aud in capitals": {"aud": AUDIENCE.upper()},
    "exp past": {"exp": NOW_S - 10},
    "exp missing": {"exp": None},
    "exp text": {"exp": str(NOW_S + 600)},
    "iat future": {"iat": NOW_S + 11},
    "iat missing": {"iat": None},
    "nbf future": {"nbf": NOW_S + 11},
    "nbf text": {"nbf": "0"},
    "bound to a key": {"cnf": {"jkt": "x"}},
    "bound to a certificate": {"cnf": {"x5t#S256": "x"}},
    "bound to nothing": {"cnf": {}},
    "no client": {"azp": None},
    "client empty": {"azp": ""},
    "client a number": {"azp": 7},
    "client endless": {"azp": "x" * 65},
    "client with a NUL": {"azp": "a\0"},
    "two clients": {"client_id": "other"},
    "an ID token's at_hash": {"at_hash": "x"},
    "an ID token's c_hash": {"c_hash": "x"},
    "a logout token's events": {"events": {}},
    "a proof's htm": {"htm": "GET"},
    "typ ID of Keycloak": {"typ": "ID"},
    "typ Refresh of Keycloak": {"typ": "Refresh"},
    "typ DPoP of Keycloak": {"typ": "DPoP"},
}


@pytest.mark.parametrize("said", MEANING.values(), ids=MEANING.keys())
def test_what_is_meant_otherwise_is_refused(said: dict[str, Any]) -> None:
    """oauth.md: "audience, typ, tenant, clock skew 10 s … any `cnf` … refused"."""
    with pytest.raises(InvalidToken):
        ask(THEIRS.token(**said))
    with pytest.raises(InvalidToken):  # Also when nothing was chosen by its claims.
        verify(THEIRS.token(**said), kid="one", keys=[RSA], issuer=ISSUER, now=NOW)


def test_the_forger_of_these_tests_can_sign() -> None:
    """Otherwise every refusal above would only show a bad signature."""
    assert machine(THEIRS.token(typ="Bearer", nbf=None, aud=[AUDIENCE]))


PINNED = replace(ISSUER, claims=(("tid", "8a1f"), ("ver", "2.0")))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"tid": "8a1f"},
        {"tid": "other", "ver": "2.0"},
        {"tid": "8a1f", "ver": "1.0"},
        {"tid": "8a1f", "ver": 2.0},
        {"tid": ["8a1f"], "ver": "2.0"},
    ],
)
def test_tenant_and_version_are_pinned(said: dict[str, Any]) -> None:
    """oauth.md: "`tid` and `ver` pinned"."""
    assert machine(THEIRS.token(tid="8a1f", ver="2.0"), PINNED)
    with pytest.raises(InvalidToken):
        ask(THEIRS.token(**said), PINNED)


def test_only_the_clients_named_may_come() -> None:
    named = replace(ISSUER, clients=("hr-portal", "payroll"))
    assert machine(THEIRS.token(azp="payroll"), named)
    with pytest.raises(InvalidToken):
        ask(THEIRS.token(azp="stranger"), named)


def test_clocks_may_differ_by_ten_seconds() -> None:
    """oauth.md: "clock skew 10 s"."""
    token = THEIRS.token(exp=NOW_S + 60)
    for seconds, good in ((-10, True), (69.9, True), (-10.1, False), (70, False)):
        now = NOW + timedelta(seconds=seconds)
        try:
            verify(token, kid="one", keys=[RSA], issuer=ISSUER, now=now)
        except InvalidToken:
            assert not good
        else:
            assert good


@pytest.mark.parametrize(
    ("module", "check", "forgeries"),
    [
        (external_tokens, "_check_meant_for", [n for n in MEANING if n[:3] == "aud"]),
        (external_tokens, "_check_kind", [n for n in MEANING if n[:5] == "bound"]),
        (external_tokens, "_check_begun", [n for n in MEANING if n[:3] == "nbf"]),
    ],
)
def test_without_the_check_the_forgery_is_accepted(
    module: object,
    check: str,
    forgeries: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broken twin: it is this check, and no other, that stops these."""
    monkeypatch.setattr(module, check, lambda *_: None)
    assert forgeries
    for name in forgeries:
        assert machine(THEIRS.token(**MEANING[name])).client_id == "hmt/hr-portal"


def test_departments_that_share_an_issuer_are_told_apart_by_audience() -> None:
    defra = replace(ISSUER, organisation="defra", audience="api://defra")
    for known in ([ISSUER, defra], [defra, ISSUER]):
        assert issuer_for(THEIRS.claims(), known) is ISSUER
        assert issuer_for(THEIRS.claims(aud="api://defra"), known) is defra
        neither = issuer_for(THEIRS.claims(aud="x"), known)
        token = THEIRS.token(aud="x")
        with pytest.raises(InvalidToken, match="audience"):
            verify(token, kid="one", keys=[RSA], issuer=neither, now=NOW)


def test_a_token_of_an_unknown_issuer_is_refused() -> None:
    with pytest.raises(InvalidToken, match="another issuer"):
        issuer_for(THEIRS.claims(), [])


NO_JWT = ["", "a.b", "a.b.c.d", f"{part([])}.{part({})}.x", f"{part({})}.{part([])}.x"]


@pytest.mark.parametrize("token", [*NO_JWT, "x" * 8193, f"{part(b'[' * 3000)}.e30.x"])
def test_what_is_no_jwt_claims_nothing(token: str) -> None:
    with pytest.raises(InvalidToken):
        claimed(token)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(InvalidToken):
        ask(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
MEMBERS = st.sampled_from(["typ", "alg", "kid", "iss", "aud", "exp", "nbf", "azp"])
CHANGES = st.dictionaries(MEMBERS, JSON, min_size=1)


@given(CHANGES, CHANGES)
def test_whatever_header_and_claims_say_nothing_but_a_refusal_comes(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    """Abuse case 28: mutation of every header and claim gives 0 tokens and 0 5xx."""
    usual = {"typ": "JWT", "alg": "RS256", "kid": "one"}
    token = signed({**usual, **header}, THEIRS.claims() | claims, RSA, "RS256")
    try:
        found = ask(token)
    except InvalidToken:
        return
    assert isinstance(found.who, Machine)
    assert found.who.organisations == {"hmt"}
