"""RFC 8785 as its authors, and other programs, write it."""

import json
import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.hr.signing.canonical import EXACT, NoCanonicalForm, canonical

NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
"""Appendix B: the bits of a number, and how it is written."""
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda of: (
        st.lists(of)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), of)
    ),
)


@pytest.mark.parametrize(("bits", "written"), NUMBERS.items())
def test_numbers_are_written_as_the_rfc_writes_them(bits: str, written: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical(number).decode() == written


def test_the_rfc_s_own_sample_comes_out_to_the_byte() -> None:
    sample = json.loads(
        r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3,
        0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]}"""
    )

    assert canonical(sample).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,'
        r'1e-27],"string":"€$\u000f\nA' + "'" + r'B\"\\\\\"/"}'
    )


def test_names_are_sorted_by_utf_16() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    assert [*json.loads(canonical(dict.fromkeys(names)))] == [
        "\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), EXACT + 1, 10**400,
        "\ud800", {"\ud800": 1}, {1, 2}, b"1",
    ],
)  # fmt: skip
def test_what_programs_would_read_differently_has_no_form(value: object) -> None:
    with pytest.raises(NoCanonicalForm):
        canonical(value)


@given(VALUES)
def test_it_means_the_same_and_its_form_is_its_own(value: object) -> None:
    written = canonical(value)

    # To the RFC every number is a double, and Python reads digits alone as an integer.
    assert json.loads(written, parse_int=float) == value
    assert canonical(json.loads(written)) == written


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="it needs node")
def test_javascript_writes_numbers_and_texts_the_same() -> None:
    """ECMAScript is what the RFC defines itself by."""
    seen: list[object] = []

    @given(VALUES.filter(lambda value: not isinstance(value, dict | list)))
    def gather(value: object) -> None:
        seen.append(value)

    gather()
    program = (
        "const all = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "process.stdout.write(JSON.stringify(all.map(v => JSON.stringify(v))));"
    )
    done = subprocess.run(
        ["node", "-e", program],  # noqa: S607 - wherever node is
        input=json.dumps(seen),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )

    assert [canonical(value).decode() for value in seen] == json.loads(done.stdout)
