import gc
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.edge.strict_json import (
    DEEPEST,
    LARGEST,
    NotJson,
    NumberTooLarge,
    RepeatedMember,
    TooDeep,
    Unstorable,
    check_json,
)
from service.errors import Malformed, Refusal, Unprocessable
from tests.refusing import refusal

GOOD_TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20
)
GOOD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | GOOD_TEXT,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(GOOD_TEXT, inner, max_size=5)
    ),
    max_leaves=20,
)
JSON_LIKE = st.text(st.sampled_from('{}[]":,\\u0dD8e1-.tfn "'), max_size=80)


@given(GOOD, st.booleans())
def test_what_is_strict_and_storable_passes(value: object, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert refusal(check_json, body) is None


@given(st.binary(max_size=200) | JSON_LIKE.map(str.encode))
def test_whatever_the_bytes_the_answer_is_none_or_a_refusal(body: bytes) -> None:
    try:
        check_json(body)
    except (Malformed, Unprocessable):
        return
    assert json.loads(body) is not ...


@pytest.mark.parametrize(
    ("body", "kind", "pointer"),
    [
        (b"{", NotJson, None),
        (b"", NotJson, None),
        (b"\xff", NotJson, None),
        (b"\xef\xbb\xbf{}", NotJson, None),
        ('{"a": 1}'.encode("utf-16"), NotJson, None),
        (b"{'a': 1}", NotJson, None),
        (b'{"a": 1,}', NotJson, None),
        (b'"a\0b"', NotJson, None),
        (b'"a\nb"', NotJson, None),
        (b"[NaN]", NotJson, None),
        (b"[Infinity]", NotJson, None),
        (b"[-Infinity]", NotJson, None),
        (b"1" * 5_000, NotJson, None),
        (b'{"a": 1, "a": 1}', RepeatedMember, None),
        (b'{"a": 1, "\\u0061": 1}', RepeatedMember, None),
        (b'[{"b": {"a": 1, "a": 2}}]', RepeatedMember, None),
        (b"[" * 33 + b"]" * 33, TooDeep, None),
        (b'{"a":' * 33 + b"1" + b"}" * 33, TooDeep, None),
        (b"[" * 1_000 + b"]" * 1_000, TooDeep, None),
        (b"[" * 1_000_000, TooDeep, None),
        (b'{"a":' * 200_000, TooDeep, None),
        (b'"\\u0000"', Unstorable, "#"),
        (b'{"a": ["", {"b/c~d": "x\\u0000"}]}', Unstorable, "#/a/1/b~1c~0d"),
        (b'{"a": {"\\u0000": 1}}', Unstorable, "#/a"),
        (b'["\\ud800"]', Unstorable, "#/0"),
        (b'["\\udc00\\ud800"]', Unstorable, "#/0"),
        (b"[9007199254740992]", NumberTooLarge, "#/0"),
        (b"[-9007199254740992]", NumberTooLarge, "#/0"),
        (b'{"n": 1e999}', NumberTooLarge, "#/n"),
    ],
)
def test_each_trick_is_refused_where_it_stands(
    body: bytes, kind: type[Refusal], pointer: str | None
) -> None:
    with pytest.raises(kind) as refused:
        check_json(body)

    assert type(refused.value) is kind
    assert [fault.pointer for fault in refused.value.faults] == (
        [] if pointer is None else [pointer]
    )


@pytest.mark.parametrize(
    "body",
    [
        b"[" * DEEPEST + b'"leaf"' + b"]" * DEEPEST,
        b'"\\ud83d\\ude00"',
        "\U0001f600".join('""').encode(),
        b"[9007199254740991, -9007199254740991, 1e308, true]",
        b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}',
        b" null\n",
    ],
)
def test_the_limits_themselves_pass(body: bytes) -> None:
    assert refusal(check_json, body) is None


@pytest.mark.parametrize("unit", [b"[1],", b'"\\"",', b'{"a":"b"},', b'"\xc3\xbc",'])
@pytest.mark.slow
def test_double_the_input_takes_no_more_than_double_the_time(unit: bytes) -> None:
    def seconds(repeats: int) -> float:
        body = b"[" + unit * repeats + b"1]"
        runs = []
        for _ in range(5):
            start = time.process_time()
            check_json(body)
            runs.append(time.process_time() - start)
        return min(runs)

    gc.disable()  # Its own time grows with what the other tests have left.
    try:
        assert seconds(80_000) <= 2.5 * seconds(40_000) + 0.01
    finally:
        gc.enable()


def test_an_error_does_not_hold_the_body() -> None:
    with pytest.raises(NotJson) as refused:
        check_json(b'{"name": "Jane Doe"')

    chain: Any = refused.value.__cause__
    assert chain is None
    assert "Jane" not in str(refused.value)
