"""Which public keys a client may register, and what each may then sign with."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from service.auth import client_keys
from service.auth.client_keys import registered
from service.auth.rules import ClientUnacceptable
from service.edge.outbound import AddressRefused
from tests.auth.assertions import EC, ED, JWKS, RSA, encoded


def public(key: Any, **changes: object) -> dict[str, Any]:  # noqa: ANN401 - any key
    return {**key.as_dict(private=False), **changes}


def without(jwk: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in jwk.items() if key != name}


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (public(EC), {"ES256"}),
        (public(EC, alg="ES256", use="sig", key_ops=["verify"]), {"ES256"}),
        (public(ED), {"EdDSA", "Ed25519"}),
        (public(ED, alg="EdDSA"), {"EdDSA", "Ed25519"}),
        (public(RSA), {"PS256", "RS256"}),
        (public(RSA, alg="RS256"), {"RS256"}),
        (without(public(EC), "kid"), {"ES256"}),
    ],
)
def test_a_key_is_for_the_algorithms_of_its_kind(
    jwk: dict[str, Any], algorithms: set[str]
) -> None:
    assert client_keys.read(jwk).algorithms == algorithms


def test_only_what_makes_up_the_public_key_is_stored() -> None:
    jwks = {"keys": [public(EC, x5c=["MII"], note="ours"), public(RSA, alg="PS256")]}
    stored = registered(jwks=jwks)
    assert stored.jwks is not None
    assert stored.jwks[0] == public(EC)
    assert stored.jwks[1] == public(RSA, alg="PS256")


@pytest.mark.parametrize(
    ("jwk", "says"),
    [
        ("a key", "JSON object"),
        (EC.as_dict(private=True), "make a new one"),
        (RSA.as_dict(private=True), "make a new one"),
        (OctKey.generate_key(256).as_dict(private=True), "private or shared"),
        (public(EC, kid=""), "`kid`"),
        (public(EC, kid=7), "`kid`"),
        (public(EC, kid="a\n"), "`kid`"),
        (public(EC, kid="x" * 201), "`kid`"),
        (public(EC, kid="\ud800"), "`kid`"),
        (public(EC, use="enc"), "not for signatures"),
        (public(EC, use=["sig"]), "not for signatures"),
        (public(EC, key_ops=["sign"]), "not for signatures"),
        (public(EC, key_ops="verify"), "not for signatures"),
        (public(EC, kty=["EC"]), "neither EC"),
        (public(EC, crv=["P-256"]), "neither EC"),
        (without(public(EC), "kty"), "neither EC"),
        (public(ECKey.generate_key("P-384")), "neither EC"),
        (public(ECKey.generate_key("secp256k1")), "neither EC"),
        (public(OKPKey.generate_key("Ed448")), "neither EC"),
        (public(OKPKey.generate_key("X25519")), "neither EC"),
        (public(EC, alg="ES384"), "`alg`"),
        (public(EC, alg="none"), "`alg`"),
        (public(EC, alg=["ES256"]), "`alg`"),
        (public(RSA, alg="RS512"), "`alg`"),
        (without(public(EC), "y"), "lacks a part"),
        (public(EC, x=7), "lacks a part"),
        (public(RSA, n="A" * 1025), "too long"),
        (public(RSA, e="Aw"), "exponent"),
        (public(EC, x=public(EC)["y"]), "damaged"),
        (public(EC, x="*"), "damaged"),
        (public(ED, x="AA"), "damaged"),
        (public(RSA, n=encoded(b"\xc1" * 128)), "1024 bits"),
        (public(RSA, n=encoded(b"\xc1" * 513)), "4104 bits"),
    ],
)
def test_a_key_that_cannot_serve_is_refused_by_what_is_wrong(
    jwk: object, says: str
) -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        registered(jwks={"keys": [public(ED), jwk]})
    (fault,) = caught.value.faults
    assert fault.detail.startswith("Key 2 ")
    assert says in fault.detail
    assert fault.parameter == "jwks"


@pytest.mark.parametrize(
    "jwks",
    [[], {}, {"keys": []}, {"keys": {}}, "keys", 7, {"keys": [public(EC)] * 11}],
)
def test_a_set_holds_one_to_ten_keys(jwks: object) -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        registered(jwks=jwks)
    assert "of 1 to 10 keys" in caught.value.faults[0].detail


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        registered(jwks={"keys": [public(EC), public(RSA, kid="ec")]})
    assert "of its own" in caught.value.faults[0].detail


@pytest.mark.parametrize(
    ("jwks", "uri"), [(None, None), (JWKS, "https://hr.example/jwks")]
)
def test_keys_are_in_one_place(jwks: object, uri: str | None) -> None:
    with pytest.raises(ClientUnacceptable) as caught:
        registered(jwks=jwks, uri=uri)
    assert "one of both" in caught.value.faults[0].detail


def test_an_address_is_https_and_public() -> None:
    """ "registered https `jwks_uri` (SSRF-safe fetch)"."""
    uri = "https://hr.example/jwks?tenant=1"
    assert registered(uri=uri).uri == uri
    local = "http://127.0.0.1:8000/jwks"
    assert registered(uri=local, loopback=True).uri == local
    for refused in (local, "http://hr.example/jwks", "https://10.0.0.1/", "file:///"):
        with pytest.raises(AddressRefused):
            registered(uri=refused)


def test_published_keys_are_for_the_algorithms_of_their_kind() -> None:
    """What an address publishes and we cannot use does not spoil what we can."""
    found = client_keys.usable([ECKey.generate_key("P-384"), RSA, EC, ED])
    assert [(key.kid, key.algorithms) for key in found] == [
        ("rsa", frozenset({"PS256", "RS256"})),
        ("ec", frozenset({"ES256"})),
        ("ed", frozenset({"EdDSA", "Ed25519"})),
    ]
