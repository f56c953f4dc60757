"""What a DPoP proof must be (RFC 9449 section 4.3), without any I/O."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from service.auth import dpop
from service.auth.dpop import InvalidProof, NonceNeeded, Proof
from tests.auth.conftest import ISSUER, NOW
from tests.auth.proving import NONCE_KEY, NOW_S, Holder, part

HOLDER = Holder()
NONCE = dpop.nonce(NONCE_KEY, NOW)
TOKEN = "the.access.token"  # noqa: S105 - stands for one
RSA = RSAKey.generate_key(2048)


def ask(
    *proofs: str, now: datetime = NOW, address: str = f"{ISSUER}/v1/probe"
) -> Proof:
    return dpop.verify(
        proofs,
        method="GET",
        address=address,
        now=now,
        nonce_key=NONCE_KEY,
        token=TOKEN,
    )


def but(holder: Holder = HOLDER, **changed: object) -> str:
    return holder.proof(**{"token": TOKEN, "nonce": NONCE, **changed})  # type: ignore[arg-type] # any member may be anything


def headed(holder: Holder = HOLDER, **changed: object) -> str:
    return but(holder, header=changed)


ALWAYS = but()


def test_a_proof_shows_the_thumbprint_of_its_key() -> None:
    """RFC 9449 section 6.1: `jkt` is the RFC 7638 thumbprint of the proof's key."""
    shown = ask(but(jti="12345678"))
    assert (shown.jkt, shown.jti) == (HOLDER.jkt, "12345678")


def test_a_proof_is_remembered_until_its_time_alone_would_refuse_it() -> None:
    keep_until = ask(but(iat=NOW_S + 60)).keep_until
    assert keep_until > NOW + timedelta(seconds=60 + 300)
    late = but(iat=NOW_S + 60, nonce=dpop.nonce(NONCE_KEY, keep_until))
    with pytest.raises(InvalidProof, match="not made just now"):
        ask(late, now=keep_until)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", ECKey.generate_key("P-256")),
        ("PS256", RSA),
        ("EdDSA", OKPKey.generate_key("Ed25519")),
        ("Ed25519", OKPKey.generate_key("Ed25519")),
    ],
)
def test_each_algorithm_of_fapi_is_accepted(algorithm: str, key: Key) -> None:
    """FAPI 2.0 section 5.4-1: "PS256, ES256, or EdDSA (using Ed25519)"."""
    assert ask(but(Holder(key, algorithm))).jkt == key.thumbprint()


def hs256_with_the_public_key() -> str:
    header = HOLDER.header(alg="HS256", jwk={"kty": "oct", "k": part(b"secret")})
    claims = {"htm": "GET", "htu": f"{ISSUER}/v1/probe", "iat": NOW_S}
    message = f"{part(header)}.{part(claims)}"
    mac = hmac.digest(b"secret", message.encode(), hashlib.sha256)
    return f"{message}.{part(mac)}"


def cut(proof: str) -> str:
    return proof.rpartition(".")[0] + "."


ED448 = OKPKey.generate_key("Ed448")
JWK = HOLDER.key.as_dict(private=False)
FORGED: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no dots": lambda: "proof",
    "two parts": lambda: but().rpartition(".")[0],
    "four parts": lambda: but() + ".x",
    "not ASCII": lambda: "é" + but(),
    "surrogate": lambda: but() + "\udc80",
    "NUL": lambda: but() + "\0",
    "longer than 8 kB": lambda: but(filler="x" * 8192),
    "header a list": lambda: HOLDER.signed([1], {}),
    "claims a list": lambda: HOLDER.signed(HOLDER.header(), [1]),
    "header deep": lambda: f"{part(b'[' * 3000)}.{part({})}.x",
    "claims not UTF-8": lambda: HOLDER.signed(HOLDER.header(), b"\xff\xfe"),
    "typ JWT": lambda: headed(typ="JWT"),
    "typ at+jwt": lambda: headed(typ="at+jwt"),
    "typ DPOP+JWT": lambda: headed(typ="DPOP+JWT"),
    "typ a list": lambda: headed(typ=["dpop+jwt"]),
    "alg none": lambda: cut(headed(alg="none")),
    "alg HS256 with its key": hs256_with_the_public_key,
    "alg ES384": lambda: headed(alg="ES384"),
    "alg RS256": lambda: but(Holder(RSA, "RS256")),
    "alg a list": lambda: headed(alg=["ES256"]),
    "alg of another key": lambda: headed(alg="PS256"),
    "jwk text": lambda: headed(jwk="key"),
    "jwk empty": lambda: headed(jwk={}),
    "jwk private": lambda: headed(jwk=HOLDER.key.as_dict(private=True)),
    "jwk symmetric": lambda: headed(jwk={"kty": "oct", "k": "c2VjcmV0"}),
    "jwk of another curve": lambda: headed(
        jwk=ECKey.generate_key("P-384").as_dict(private=False)
    ),
    "jwk Ed448": lambda: but(Holder(ED448, "EdDSA")),
    "jwk off the curve": lambda: headed(jwk={**JWK, "y": JWK["x"]}),
    "jwk without y": lambda: headed(jwk={"kty": "EC", "crv": "P-256", "x": "AA"}),
    "jwk of numbers": lambda: headed(jwk={"kty": "EC", "crv": "P-256", "x": 1, "y": 2}),
    "jwk not base64": lambda: headed(jwk={**JWK, "x": "é"}),
    "jwk RSA of nothing": lambda: headed(
        Holder(RSA, "PS256"), jwk={"kty": "RSA", "n": "", "e": ""}
    ),
    "jwk RSA of numbers": lambda: headed(
        Holder(RSA, "PS256"), jwk={"kty": "RSA", "n": 3, "e": 2}
    ),
    "jwk RSA of 1024 bits": lambda: headed(
        Holder(RSA, "PS256"), jwk={"kty": "RSA", "n": part(b"\xff" * 128), "e": "AQAB"}
    ),
    "jwk RSA of 4104 bits": lambda: headed(
        Holder(RSA, "PS256"), jwk={"kty": "RSA", "n": part(b"\xff" * 513), "e": "AQAB"}
    ),
    "crit": lambda: headed(crit=["exp"]),
    "jku": lambda: headed(jku="https://evil.example/jwks"),
    "x5u": lambda: headed(x5u="https://evil.example/cert"),
    "x5c": lambda: headed(x5c=["MII"]),
    "another's signature": lambda: Holder().signed(HOLDER.header(), {}),
    "no signature": lambda: cut(but()),
    "signature cut": lambda: but()[:-4],
    "jti a number": lambda: but(jti=12345678),
    "jti short": lambda: but(jti="1234567"),
    "jti long": lambda: but(jti="x" * 129),
    "jti with NUL": lambda: but(jti="12345678\0"),
    "htm lower case": lambda: but(htm="get"),
    "htm a list": lambda: but(htm=["GET"]),
    "htu a list": lambda: but(htu=[f"{ISSUER}/v1/probe"]),
    "htu a path": lambda: but(htu="/v1/probe"),
    "htu http": lambda: but(htu="http://appraisal.example/v1/probe"),
    "htu another port": lambda: but(htu="https://appraisal.example:444/v1/probe"),
    "htu another path": lambda: but(htu=f"{ISSUER}/v1/probe/"),
    "htu another case of path": lambda: but(htu=f"{ISSUER}/V1/probe"),
    "htu with a user": lambda: but(htu="https://a@appraisal.example/v1/probe"),
    "htu with a new line": lambda: but(htu=f"{ISSUER}/v1/\nprobe"),
    "htu no port": lambda: but(htu="https://appraisal.example:x/v1/probe"),
    "htu broken": lambda: but(htu="https://[/v1/probe"),
    "htu of no host": lambda: but(htu="https:///v1/probe"),
    "iat text": lambda: but(iat=str(NOW_S)),
    "iat true": lambda: but(iat=True),
    "iat NaN": lambda: but(iat=float("nan")),
    "iat infinite": lambda: but(iat=float("inf")),
    "iat huge": lambda: but(iat=10**400),
    "iat 301 s ago": lambda: but(iat=NOW_S - 301),
    "iat 61 s ahead": lambda: but(iat=NOW_S + 61),
    "ath of another token": lambda: but(token="another"),  # noqa: S106 - not one
    "ath a list": lambda: but(ath=[dpop.ath(TOKEN)]),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_is_no_proof_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(InvalidProof) as caught:
        ask(forge())
    assert not isinstance(caught.value, NonceNeeded)
    assert (caught.value.status, caught.value.slug) == (401, "dpop-proof-invalid")
    assert caught.value.headers == {
        "WWW-Authenticate": 'DPoP realm="joinedup", algs="ES256 PS256 EdDSA Ed25519",'
        ' error="invalid_dpop_proof"'
    }


@pytest.mark.parametrize("proofs", [0, 2])
def test_there_is_one_proof(proofs: int) -> None:
    """RFC 9449 section 4.3: "not more than one DPoP HTTP request header field"."""
    with pytest.raises(InvalidProof, match="missing" if proofs == 0 else "twice"):
        ask(*[but()] * proofs)


@pytest.mark.parametrize(
    "nonce",
    [
        None,
        "",
        "guessed",
        ["x"],
        dpop.nonce(NONCE_KEY, NOW - timedelta(seconds=240)),
        dpop.nonce(NONCE_KEY, NOW + timedelta(seconds=120)),
        dpop.nonce(b"another key", NOW),
    ],
)
def test_a_nonce_is_ours_and_of_late(nonce: object) -> None:
    """RFC 9449 section 8: the `nonce` matches one "recently supplied" by the server."""
    with pytest.raises(NonceNeeded) as caught:
        ask(but(nonce=nonce))
    assert caught.value.slug == "dpop-nonce-needed"
    assert 'error="use_dpop_nonce"' in caught.value.headers["WWW-Authenticate"]


def test_the_nonce_before_is_good_still() -> None:
    assert ask(but(nonce=dpop.nonce(NONCE_KEY, NOW - timedelta(seconds=120))))


def test_two_instances_give_the_same_nonce() -> None:
    """Stateless: it follows from the shared secret and the time window."""
    assert dpop.nonce(b"one key", NOW) == dpop.nonce(b"one key", NOW)
    windows = {dpop.nonce(b"k", NOW + timedelta(seconds=s)) for s in range(0, 1200, 10)}
    assert 10 <= len(windows) <= 11


def test_an_address_with_odd_characters_is_compared_decoded() -> None:
    address = f"{ISSUER}/v1/records/workday%3Ar%201"
    for said in (address, f"{ISSUER}/v1/records/workday:r%201"):
        assert ask(but(htu=said), address=address)


def test_an_address_that_cannot_be_read_fits_no_proof() -> None:
    """Two addresses that cannot be read are not for that the same."""
    with pytest.raises(InvalidProof, match="another address"):
        ask(but(htu=f"{ISSUER}/é"), address=f"{ISSUER}/é")


def test_without_a_token_no_ath_is_asked() -> None:
    """RFC 9449 section 4.2: `ath` is for "an access token", which is to come here."""
    assert dpop.verify(
        [HOLDER.proof("POST", "/oauth/token", nonce=NONCE)],
        method="POST",
        address=f"{ISSUER}/oauth/token",
        now=NOW,
        nonce_key=NONCE_KEY,
    )


@pytest.mark.parametrize(
    ("check", "forgery"),
    [
        ("_check_meant_for", "htm lower case"),
        ("_check_meant_for", "htu another path"),
        ("_made_at", "iat 301 s ago"),
        ("ath", "ath of another token"),
    ],
)
def test_without_the_check_the_forgery_is_accepted(
    check: str, forgery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is this check, and no other, that stops these."""
    proof = FORGED[forgery]()
    answers = {"_made_at": NOW_S, "ath": dpop.ath("another")}
    monkeypatch.setattr(dpop, check, lambda *_: answers.get(check))
    assert ask(proof)


def test_a_twin_that_believes_the_header_takes_its_symmetric_key() -> None:
    """The algorithms are pinned: taken from the header, this forgery would verify."""
    message, _, signature = hs256_with_the_public_key().rpartition(".")
    assert part(hmac.digest(b"secret", message.encode(), "sha256")) == signature
    with pytest.raises(InvalidProof, match="not signed with ES256"):
        ask(hs256_with_the_public_key())


@given(st.data())
def test_one_changed_character_spoils_a_proof(data: st.DataObject) -> None:
    proof = ALWAYS
    # The last character holds bits that base64 does not use.
    at = data.draw(st.integers(0, len(proof) - 2))
    other = data.draw(st.characters().filter(lambda c: c != proof[at]))
    with pytest.raises(InvalidProof):
        ask(proof[:at] + other + proof[at + 1 :])


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(InvalidProof):
        ask(text)


def test_its_time_is_in_utc_as_asked() -> None:
    assert ask(but()).keep_until.tzinfo is UTC
