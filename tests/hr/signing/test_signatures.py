"""What a signature covers, and what is no signature on a row."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from service.hr.signing.canonical import canonical
from service.hr.signing.signatures import Altered, check, sign

KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
KEYS = {KEY.thumbprint(): KEY}
ROW: dict[str, Any] = {
    "id": "ce7c7ff4-8e02-4b17-9b5d-7f3c1c2a4c11",
    "person": {"source_system": "workday", "external_id": "œ1", "id": None},
    "value": 61.0,
    "interval": {"low": 54.5, "high": 67.5, "level": 0.9},
    "components": [{"name": "feedback", "value": 61.0}],
    "version": 1,
}
SIGNED = {**ROW, "signature": sign(ROW, KEY)}


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a row that holds a value."""
    match value:
        case dict():
            return [p for name in value for p in places(value[name], (*at, name))]
        case list():
            return [p for n, each in enumerate(value) for p in places(each, (*at, n))]
    return [at]


def changed(row: dict[str, Any], at: tuple[Any, ...], to: object) -> dict[str, Any]:
    copy = json.loads(json.dumps(row))
    *way, last = at
    inner = copy
    for step in way:
        inner = inner[step]
    inner[last] = to
    return dict(copy)


def is_taken(row: dict[str, Any]) -> bool:
    try:
        check(row, KEYS)
    except Altered:
        return False
    return True


def test_a_row_as_it_was_signed_is_taken() -> None:
    assert is_taken(SIGNED)


def test_how_a_row_is_written_down_makes_no_difference() -> None:
    again = {name: SIGNED[name] for name in sorted(SIGNED)} | {"value": 61}

    assert is_taken(json.loads(json.dumps(again, indent=3)))


@pytest.mark.parametrize("at", places(ROW), ids=str)
@pytest.mark.parametrize("to", ["another", 60.9, None, [], True])
def test_no_value_can_be_another(at: tuple[Any, ...], to: object) -> None:
    row = changed(SIGNED, at, to)
    if row == SIGNED:
        return
    with pytest.raises(Altered, match="changed since"):
        check(row, KEYS)


@pytest.mark.parametrize("name", sorted(ROW))
def test_no_value_can_be_taken_out(name: str) -> None:
    with pytest.raises(Altered):
        check({k: v for k, v in SIGNED.items() if k != name}, KEYS)


def test_nothing_can_be_put_in() -> None:
    with pytest.raises(Altered):
        check({**SIGNED, "note": "and a half"}, KEYS)


def test_the_signature_of_another_row_is_none() -> None:
    with pytest.raises(Altered):
        check({**ROW, "signature": sign({**ROW, "version": 2}, KEY)}, KEYS)


@given(st.integers(0, len(SIGNED["signature"]) - 1), st.characters(codec="ascii"))
def test_no_character_of_a_signature_can_be_another(place: int, put: str) -> None:
    given = SIGNED["signature"]
    altered = given[:place] + put + given[place + 1 :]
    if altered != given:
        with pytest.raises(Altered):
            check({**ROW, "signature": altered}, KEYS)


@pytest.mark.parametrize("nothing", [None, "", "..", 1, {}])
def test_a_row_without_a_signature_is_refused(nothing: object) -> None:
    with pytest.raises(Altered, match="no signature"):
        check({**ROW, "signature": nothing}, KEYS)


def test_a_key_that_is_not_the_service_s_is_named() -> None:
    with pytest.raises(Altered, match=OTHER.thumbprint()):
        check({**ROW, "signature": sign(ROW, OTHER)}, KEYS)


def test_a_key_under_another_s_name_is_refused() -> None:
    with pytest.raises(Altered):
        check(SIGNED, {KEY.thumbprint(): OTHER})


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "ES256", "typ": "at+jwt"},
        {"alg": "ES256"},
        {"alg": "none", "typ": "joinedup-row+jws"},
        {"alg": "HS256", "typ": "joinedup-row+jws"},
        {"alg": "ES256", "typ": "joinedup-row+jws", "b64": False, "crit": ["b64"]},
        {"alg": "ES256", "typ": "joinedup-row+jws", "jwk": {}},
    ],
    ids=str,
)
def test_what_was_signed_as_something_else_is_none(header: dict[str, Any]) -> None:
    """So that whatever else this key might sign is never taken for a row."""
    said = canonical(header | {"kid": KEY.thumbprint()})
    first = base64.urlsafe_b64encode(said).rstrip(b"=").decode()
    good = sign(ROW, KEY).rpartition(".")[2]

    with pytest.raises(Altered, match="none of this service's"):
        check({**ROW, "signature": f"{first}..{good}"}, KEYS)


def test_a_token_is_no_signature_and_a_signature_is_no_token() -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.thumbprint()}
    first, _, last = jwt.encode(header, ROW, KEY).split(".")
    with pytest.raises(Altered):
        check({**ROW, "signature": f"{first}..{last}"}, KEYS)

    assert b"at+jwt" not in base64.urlsafe_b64decode(
        SIGNED["signature"].partition(".")[0] + "=="
    )


def test_the_same_row_is_signed_the_same() -> None:
    assert sign(ROW, KEY) == SIGNED["signature"]


def test_any_jose_library_can_check_it() -> None:
    """The payload, encoded, goes between the two dots: that is all (appendix F)."""
    first, _, last = SIGNED["signature"].split(".")
    payload = base64.urlsafe_b64encode(canonical(ROW)).rstrip(b"=").decode()
    found = jws.deserialize_compact(f"{first}.{payload}.{last}", KEY)

    assert json.loads(found.payload) == ROW
