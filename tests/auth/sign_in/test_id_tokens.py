"""oauth.md, "People's sign-in": ID tokens that must not sign anybody in."""

from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from service.auth.sign_in import id_token
from tests.auth.an_issuer import RSA, part, signed
from tests.auth.sign_in.a_provider import AT, CLIENT, SECRET, Twist
from tests.auth.sign_in.signing import Departments, attempted, refused, saying

OTHER = RSAKey.generate_key(2048)


def headed(**changed: Any) -> Twist:
    """An ID token genuinely signed under another header."""

    def twist(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return signed(header | changed, claims, RSA, "RS256")

    return twist


def symmetric(secret: bytes) -> Twist:
    """An ID token signed by HS256 with what a forger may know."""

    def twist(header: dict[str, Any], claims: dict[str, Any]) -> str:
        message = f"{part({**header, 'alg': 'HS256'})}.{part(claims)}"
        mac = jws.JWSRegistry.algorithms["HS256"]
        return (
            f"{message}.{part(mac.sign(message.encode(), OctKey.import_key(secret)))}"
        )

    return twist


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{part({**header, 'alg': 'none'})}.{part(claims)}."


def foreign(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return signed(header, claims, OTHER, "RS256")


def another_of_ours(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return signed({**header, "alg": "PS256"}, claims, RSA, "PS256")


def tampered(header: dict[str, Any], claims: dict[str, Any]) -> str:
    first, _, last = signed(header, claims, RSA, "RS256").split(".")
    return f"{first}.{part({**claims, 'sub': 'boss'})}.{last}"


EMBEDDED = {"jwk": OTHER.as_dict(private=False)}
FORGED: dict[str, Twist] = {
    # 'state + nonce'
    "wrong nonce": saying(nonce="x" * 43),
    "no nonce": saying(nonce=None),
    # '`aud` must be ours'
    "wrong aud": saying(aud="another-client"),
    "no aud": saying(aud=None),
    "aud of several": saying(aud=[CLIENT, "another-client"], azp=CLIENT),
    "aud of others": saying(aud=["another-client"]),
    "aud that is no text": saying(aud=[[CLIENT]]),
    "azp of another": saying(azp="another-client"),
    # 'algorithms pinned in our configuration, never taken from discovery'
    "alg none": unsigned,
    "alg HS256 with our secret": symmetric(SECRET.encode()),
    "alg HS256 with the public key": symmetric(RSA.as_pem(private=False)),
    "alg not pinned": another_of_ours,
    "alg that is no text": headed(alg=["RS256"]),
    "key in the header": headed(**EMBEDDED),
    "address of a key in the header": headed(jku="https://evil.example/keys"),
    "critical extension": headed(crit=["x"]),
    "another's signature": foreign,
    "tampered": tampered,
    "unknown key": headed(kid="two"),
    "kid that is no text": headed(kid=1),
    "endless kid": headed(kid="x" * 500),
    # Identity is issuer and subject.
    "wrong iss": saying(iss="https://evil.example"),
    "no iss": saying(iss=None),
    "no sub": saying(sub=None),
    "empty sub": saying(sub=""),
    "endless sub": saying(sub="x" * 256),
    "sub that is no text": saying(sub=1),
    "sub with NUL": saying(sub="hmt\0"),
    "expired": saying(exp=AT - 61),
    "no exp": saying(exp=None),
    "no iat": saying(iat=None),
    "from the future": saying(iat=AT + 120),
    "of long ago": saying(iat=AT - 3600),
    "time that is no number": saying(exp="soon"),
    "iat that is true": saying(iat=True),
    "at_hash of another token": saying(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "an access token": headed(typ="at+jwt"),
    "a logout token": saying(events={"x": {}}),
    "garbage": lambda *_: "x.y.z",
    "nothing": lambda *_: "",
    "too long": saying(more="x" * 20_000),
    "three dots": lambda *_: "...",
}


@pytest.mark.parametrize("name", FORGED)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    departments: Departments, name: str
) -> None:
    departments.hmt.twist = FORGED[name]

    assert await refused(await attempted(departments, {}))


@pytest.mark.parametrize(
    "twist",
    [
        saying(aud=[CLIENT]),
        saying(azp=CLIENT),
        headed(typ="JWT"),
        headed(kid=None),
        saying(exp=AT - 50, iat=AT - 300),
        saying(auth_time=AT, amr=["pwd"], more="anything"),
    ],
)
async def test_an_id_token_as_providers_write_it_is_taken(
    departments: Departments, twist: Twist
) -> None:
    departments.hmt.twist = twist

    assert (await attempted(departments, {})).status_code == 303


async def test_twin_without_the_nonce_takes_another_sign_in_s_token(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is the nonce that stops an injected token."""
    right = id_token.read

    def nonceless(*args: Any, nonce: str, **more: Any) -> Any:  # noqa: ANN401 - as it is called
        return right(*args, nonce="", **more)

    monkeypatch.setattr(id_token, "read", nonceless)
    departments.hmt.twist = FORGED["wrong nonce"]

    assert (await attempted(departments, {})).status_code == 303


async def test_twin_without_our_own_checks_takes_a_token_for_others_too(
    departments: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: Authlib lets a list of audiences pass."""
    monkeypatch.setattr(id_token, "_check_ours", lambda *_: None)
    departments.hmt.twist = FORGED["aud of several"]

    assert (await attempted(departments, {})).status_code == 303
