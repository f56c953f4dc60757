import base64
import re
from dataclasses import replace
from itertools import permutations
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.edge.paging import BadCursor, Bound, Page, address, link, seal, unseal

KEY = bytes(range(32))
BOUND = Bound(
    client="client:hr",
    organisations=frozenset({"HMT", "DEFRA"}),
    stream="scores",
    filter={"cycle": "c1", "changed_since": None},
)
POSITION = {"after": "0af7651916cd", "sequence": 12}
SEALED = seal(POSITION, key=KEY, bound_to=BOUND)
POSITIONS = st.dictionaries(
    st.text(max_size=8), st.none() | st.integers() | st.text(max_size=30), max_size=4
)


@given(POSITIONS, st.binary(min_size=16, max_size=64))
def test_a_cursor_leads_back_to_its_position(
    position: dict[str, Any], key: bytes
) -> None:
    text = seal(position, key=key, bound_to=BOUND)

    assert unseal(text, key=key, bound_to=BOUND) == position
    assert text == seal(position, key=key, bound_to=BOUND)


@pytest.mark.parametrize(
    "other",
    [
        replace(BOUND, client="client:payroll"),
        replace(BOUND, organisations=frozenset({"HMT"})),
        replace(BOUND, organisations=frozenset({"HMT", "DEFRA", "MOD"})),
        replace(BOUND, organisations=frozenset({"HMT,DEFRA"})),
        replace(BOUND, stream="records"),
        replace(BOUND, filter={"cycle": "c2", "changed_since": None}),
        replace(BOUND, filter={"cycle": "c1", "changed_since": "null"}),
        replace(BOUND, filter={"cycle": "c1"}),
    ],
)
def test_it_is_of_no_use_to_anyone_else_or_for_anything_else(other: Bound) -> None:
    with pytest.raises(BadCursor):
        unseal(SEALED, key=KEY, bound_to=other)


def test_it_is_of_no_use_under_another_key() -> None:
    with pytest.raises(BadCursor):
        unseal(SEALED, key=KEY[::-1], bound_to=BOUND)


@given(st.integers(0, len(SEALED) * 6 - 1))
def test_no_bit_of_it_may_change(bit: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place, power = divmod(bit, 6)
    other = alphabet[alphabet.index(SEALED[place]) ^ (1 << power)]

    with pytest.raises(BadCursor):
        unseal(SEALED[:place] + other + SEALED[place + 1 :], key=KEY, bound_to=BOUND)


@given(st.text(max_size=120) | st.from_regex(r"[A-Za-z0-9_-]{0,120}", fullmatch=True))
def test_no_other_text_is_accepted(text: str) -> None:
    assume(text != SEALED)
    with pytest.raises(BadCursor):
        unseal(text, key=KEY, bound_to=BOUND)


@given(st.integers(0, len(SEALED)), st.text(min_size=1, max_size=4))
def test_nothing_may_be_put_in(place: int, more: str) -> None:
    with pytest.raises(BadCursor):
        unseal(SEALED[:place] + more + SEALED[place:], key=KEY, bound_to=BOUND)


@pytest.mark.parametrize(
    "text",
    [
        "",
        SEALED + "=",
        SEALED + "==",
        SEALED + "\n",
        SEALED[:-1],
        SEALED[43:],
        SEALED * 50,
        base64.urlsafe_b64encode(bytes(32) + b"{}").decode(),
        base64.b64encode(b"\xff" * 48).decode(),
    ],
)
def test_a_refusal_says_how_to_start_again(text: str) -> None:
    with pytest.raises(BadCursor, match="leave `cursor` out") as refused:
        unseal(text, key=KEY, bound_to=BOUND)

    assert refused.value.slug == "bad-cursor"
    assert [fault.parameter for fault in refused.value.faults] == ["cursor"]


def test_bounds_and_payload_cannot_flow_into_each_other() -> None:
    one = replace(BOUND, stream='scores"]{"a":1}')

    with pytest.raises(BadCursor):
        unseal(seal({}, key=KEY, bound_to=one), key=KEY, bound_to=BOUND)


def test_the_next_page_asks_the_same_question() -> None:
    asked = [("cycle", "a&b"), ("cursor", "old"), ("limit", "5")]

    found = address("https://joinedup.example/", "/v1/scores", asked, "new")

    assert found == (
        "https://joinedup.example/v1/scores?cycle=a%26b&limit=5&cursor=new"
    )


def test_the_same_question_has_one_address() -> None:
    """Whatever order a process reads the parameters in: Litestar's is by chance."""
    asked = [("organisation", "hmt"), ("limit", "5"), ("cycle", "a")]
    found = {
        address("https://joinedup.example", "/v1/scores", each, "new")
        for each in permutations(asked)
    }
    assert len(found) == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_the_next_page_is_of_the_same_path(named: str) -> None:
    path = f"/v1/people/workday:{named}/scores"

    following = address("https://joinedup.example", path, [], SEALED)

    assert following.isascii()
    assert re.fullmatch(r"[!-~]+", following), "as an address stands in a header"
    split = urlsplit(following)
    assert (unquote(split.path), split.query) == (path, f"cursor={SEALED}")


def test_a_path_that_needs_no_signs_is_written_as_it_is() -> None:
    path = "/v1/records/workday:10-02.3_4~/scores"

    following = address("https://joinedup.example/", path, [], SEALED)

    assert following == f"https://joinedup.example{path}?cursor={SEALED}"


def test_only_a_page_that_is_not_the_last_has_a_link() -> None:
    first: Page[int] = Page(items=[1], next="https://a/b?cursor=c")
    last: Page[int] = Page(items=[2], delta="https://a/b?cursor=d")

    assert link(first) == {"Link": '<https://a/b?cursor=c>; rel="next"'}
    assert link(last) == {}
    assert last.model_dump() == {
        "items": [2],
        "next": None,
        "delta": "https://a/b?cursor=d",
    }
