"""Which tokens are ours; each forgery beside the check that it gets past without."""

import ast
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

import service
from service.auth import tokens
from service.auth.caller import Machine, Scope
from service.auth.tokens import InvalidToken, verify
from tests.auth.conftest import ISSUER, NOW

KEY = ECKey.generate_key("P-256")
PUBLIC = ECKey.import_key(KEY.as_dict(private=False))
KID = KEY.thumbprint()
KEYS = {KID: PUBLIC}
HEADER = {"typ": "at+jwt", "alg": "ES256", "kid": KID}
CLAIMS: dict[str, Any] = tokens.claims_of(
    issuer=ISSUER,
    client_id="hr-1",
    organisations=frozenset({"HMT", "DEFRA"}),
    scopes=["cycles:read", "scores:read"],
    jti="one",
    now=NOW,
    seconds=600,
)
LIFE = timedelta(seconds=600)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(
    claims: dict[str, Any] | None = None, key: ECKey = KEY, **header: object
) -> str:
    """Sign anything whatever: no check of ours or of the library stands in the way."""
    spoken = {k: v for k, v in {**HEADER, **header}.items() if v is not None}
    message = f"{part(spoken)}.{part(CLAIMS if claims is None else claims)}"
    algorithm = jws.JWSRegistry.algorithms["ES256"]
    return f"{message}.{part(algorithm.sign(message.encode(), key))}"


def but(**changed: object) -> str:
    """Sign the right claims but for these; None leaves one out."""
    return signed({k: v for k, v in (CLAIMS | changed).items() if v is not None})


def hs256_with_the_public_key() -> str:
    message = f"{part({**HEADER, 'alg': 'HS256'})}.{part(CLAIMS)}"
    mac = hmac.digest(PUBLIC.as_pem(), message.encode(), hashlib.sha256)
    return f"{message}.{part(mac)}"


def rs256() -> str:
    key = RSAKey.generate_key(2048)
    return jwt.encode({**HEADER, "alg": "RS256"}, CLAIMS, key, algorithms=["RS256"])


def ask(token: str) -> Machine:
    who = verify(token, keys=KEYS, issuer=ISSUER, now=NOW).who
    assert isinstance(who, Machine)
    return who


def test_our_own_token_is_accepted() -> None:
    assert ask(tokens.sign(CLAIMS, KEY)) == Machine(
        client_id="hr-1",
        organisations=frozenset({"DEFRA", "HMT"}),
        scopes=frozenset({Scope.CYCLES_READ, Scope.SCORES_READ}),
    )


def test_the_forger_of_these_tests_can_sign() -> None:
    """Otherwise every refusal below would only show a bad signature."""
    assert ask(signed()) == ask(tokens.sign(CLAIMS, KEY))


NOW_S = int(NOW.timestamp())
OTHER = ECKey.generate_key("P-256")
HEADERS: dict[str, Callable[[], str]] = {
    "alg none": lambda: f"{part({**HEADER, 'alg': 'none'})}.{part(CLAIMS)}.",
    "alg none, signed": lambda: signed(alg="none"),
    "alg nOnE": lambda: signed(alg="nOnE"),
    "alg HS256 with the public key": hs256_with_the_public_key,
    "alg RS256": rs256,
    "alg ES384": lambda: signed(alg="ES384"),
    "alg missing": lambda: signed(alg=None),
    "alg a list": lambda: signed(alg=["ES256"]),
    "typ JWT": lambda: signed(typ="JWT"),
    "typ dpop+jwt": lambda: signed(typ="dpop+jwt"),
    "typ client-authentication+jwt": lambda: signed(typ="client-authentication+jwt"),
    "typ missing": lambda: signed(typ=None),
    "kid missing": lambda: signed(kid=None),
    "kid a number": lambda: signed(kid=7),
    "kid a list": lambda: signed(kid=[KID]),
    "jwk in the header": lambda: signed(
        None, OTHER, jwk=OTHER.as_dict(private=False), kid=OTHER.thumbprint()
    ),
    "jku": lambda: signed(jku="https://evil.example/jwks"),
    "x5u": lambda: signed(x5u="https://evil.example/cert"),
    "crit": lambda: signed(crit=["exp"]),
    "b64 false": lambda: signed(b64=False, crit=["b64"]),
    "header a list": lambda: f"{part([1])}.{part(CLAIMS)}.x",
    "header deep": lambda: f"{part(b'[' * 3000)}.{part(CLAIMS)}.x",
    "header not UTF-8": lambda: f"{part(bytes([255, 254]))}.{part(CLAIMS)}.x",
}
KINDS: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no dots": lambda: "token",
    "two parts": lambda: signed().rpartition(".")[0],
    "four parts": lambda: signed() + ".x",
    "five parts": lambda: "a.b.c.d.e",
    "not ASCII": lambda: "é" + signed(),
    "NUL": lambda: signed() + "\0",
    "surrogate": lambda: signed() + "\udc80",
    "new line": lambda: signed() + "\n",
    "longer than 8 kB": lambda: but(filler="x" * 9_000),
    "kid unknown": lambda: signed(None, OTHER, kid=OTHER.thumbprint()),
    "kid ours, key another": lambda: signed(None, OTHER),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "signature cut": lambda: signed()[:-4],
    "claims changed": lambda: ".".join(
        [signed().split(".")[0], part({**CLAIMS, "scope": "people:write"}), "AAAA"]
    ),
    "claims a list": lambda: signed([CLAIMS]),  # type: ignore[arg-type] # on purpose
}
MEANING: dict[str, Callable[[], str]] = {
    "iss another": lambda: but(iss="https://evil.example"),
    "iss with a slash": lambda: but(iss=ISSUER + "/"),
    "iss missing": lambda: but(iss=None),
    "aud another": lambda: but(aud="https://evil.example"),
    "aud the token endpoint": lambda: but(aud=ISSUER + "/oauth/token"),
    "aud a list of us": lambda: but(aud=[ISSUER]),
    "aud a list with another": lambda: but(aud=[ISSUER, "https://evil.example"]),
    "aud missing": lambda: but(aud=None),
    "exp past": lambda: but(exp=NOW_S - 10),
    "exp missing": lambda: but(exp=None),
    "exp text": lambda: but(exp=str(NOW_S + 600)),
    "exp true": lambda: but(exp=True),
    "exp a fraction": lambda: but(exp=NOW_S + 0.5),
    "iat future": lambda: but(iat=NOW_S + 11),
    "iat missing": lambda: but(iat=None),
    "client_id missing": lambda: but(client_id=None),
    "client_id empty": lambda: but(client_id="", sub=""),
    "client_id a number": lambda: but(client_id=1, sub=1),
    "sub another": lambda: but(sub="hr-2"),
    "sub missing": lambda: but(sub=None),
    "jti missing": lambda: but(jti=None),
    "scope missing": lambda: but(scope=None),
    "scope a list": lambda: but(scope=["scores:read"]),
    "organisations missing": lambda: but(organisations=None),
    "organisations none": lambda: but(organisations=[]),
    "organisations text": lambda: but(organisations="DEFRA"),
    "organisations of numbers": lambda: but(organisations=[1]),
    "bound to a certificate": lambda: but(cnf={"x5t#S256": KID}),
    "bound to a key and more": lambda: but(cnf={"jkt": KID, "x5t#S256": KID}),
    "bound to a number": lambda: but(cnf={"jkt": 1}),
    "bound to nothing": lambda: but(cnf={}),
    "bound to text": lambda: but(cnf=KID),
}


@pytest.mark.parametrize("forge", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_not_ours_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(InvalidToken) as caught:
        ask(forge())
    check_told(caught.value)


@pytest.mark.parametrize("forge", KINDS.values(), ids=KINDS.keys())
def test_what_we_did_not_sign_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(InvalidToken) as caught:
        ask(forge())
    check_told(caught.value)


@pytest.mark.parametrize("forge", MEANING.values(), ids=MEANING.keys())
def test_what_is_meant_otherwise_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(InvalidToken) as caught:
        ask(forge())
    check_told(caught.value)


def check_told(refusal: InvalidToken) -> None:
    assert (refusal.status, refusal.slug) == (401, "token-invalid")
    assert refusal.headers["WWW-Authenticate"] == (
        'Bearer realm="joinedup", error="invalid_token"'
    )


def test_clocks_may_differ_by_ten_seconds() -> None:
    token = signed()
    for offset in (timedelta(seconds=-10), LIFE + timedelta(seconds=9.9)):
        assert verify(token, keys=KEYS, issuer=ISSUER, now=NOW + offset)
    for offset in (timedelta(seconds=-10.1), LIFE + timedelta(seconds=10)):
        with pytest.raises(InvalidToken):
            verify(token, keys=KEYS, issuer=ISSUER, now=NOW + offset)


def test_a_token_says_which_key_it_is_bound_to() -> None:
    """RFC 9449 section 6.1: "cnf": {"jkt": …}; whether it is held is asked later."""
    for bound, jkt in ((but(cnf={"jkt": KID}), KID), (signed(), None)):
        assert verify(bound, keys=KEYS, issuer=ISSUER, now=NOW).jkt == jkt


def test_a_scope_of_a_newer_version_allows_nothing() -> None:
    machine = ask(but(scope="scores:read secrets:read"))
    assert machine.scopes == {Scope.SCORES_READ}


@pytest.mark.parametrize(
    ("check", "forgeries"),
    [
        ("_check_meant_for", [n for n in MEANING if n[:3] in {"iss", "aud"}]),
        ("_bound_to", [n for n in MEANING if n.startswith("bound")]),
        ("check_time", [n for n in MEANING if n[:3] in {"exp", "iat"}]),
    ],
)
def test_without_the_check_the_forgery_is_accepted(
    check: str, forgeries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: it is this check, and no other, that stops these."""
    monkeypatch.setattr(tokens, check, lambda *_: (NOW_S, NOW_S + 600))
    for name in forgeries:
        assert ask(MEANING[name]()).client_id == "hr-1"


def test_a_twin_that_believes_the_header_takes_the_public_key_for_a_secret() -> None:
    """The algorithm is pinned: taken from the header, this forgery would verify."""
    message, _, signature = hs256_with_the_public_key().rpartition(".")
    believed = hmac.digest(PUBLIC.as_pem(), message.encode(), hashlib.sha256)
    assert part(believed) == signature
    with pytest.raises(InvalidToken):
        ask(hs256_with_the_public_key())


@given(st.data())
def test_one_changed_character_spoils_a_token(data: st.DataObject) -> None:
    token = signed()
    # The last character holds bits that base64 does not use.
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.characters().filter(lambda c: c != token[at]))
    with pytest.raises(InvalidToken):
        ask(token[:at] + other + token[at + 1 :])


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(InvalidToken):
        ask(text)


def test_only_one_module_decodes_tokens() -> None:
    """Decoding alone accepts expired tokens, so nobody may decode directly."""
    root = Path(service.__file__).parent
    importers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("joserfc")
            and {"jwt", "jws", "decode"} & {name.name for name in node.names}
        )
        or (
            isinstance(node, ast.Import)
            and any(name.name.startswith("joserfc") for name in node.names)
        )
    }
    sign_alone = {"jobs/notify.py", "auth/sign_in/client.py"}
    of_rows = "hr/signing/signatures.py"  # Under a type and keys that no token has.
    assert importers == {"auth/tokens.py", of_rows, *sign_alone}
    for name in sign_alone:
        assert "jwt.decode" not in (root / name).read_text()
