import logging
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feedback.form import sealing
from service.feedback.form.sealing import (
    BUCKET,
    Keys,
    TextNotOpened,
    own_keys,
    seal,
    unseal,
)

RESPONSE = UUID("7d2f3c1a-5b6e-4f70-8a91-b2c3d4e5f607")
KEYS = Keys(2, {1: b"a" * 32, 2: b"b" * 32})
OLD = Keys(1, {1: b"a" * 32})
OTHER = Keys(2, {1: b"c" * 32, 2: b"d" * 32})
CANARY = "canary-7f3a: the only actuary on flood risk"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(texts, st.uuids(), names)
def test_what_is_sealed_opens_in_its_own_place(
    text: str, response: UUID, name: str
) -> None:
    assert unseal(seal(text, response, name, KEYS), response, name, KEYS) == text


@given(texts, st.uuids(), names, st.uuids(), names)
def test_a_cell_moved_to_another_place_does_not_open(
    text: str, response: UUID, name: str, elsewhere: UUID, renamed: str
) -> None:
    cell = seal(text, response, name, KEYS)
    for place in {(elsewhere, name), (response, renamed), (elsewhere, renamed)}:
        if place != (response, name):
            with pytest.raises(TextNotOpened):
                unseal(cell, *place, KEYS)


@given(texts, st.data())
def test_a_cell_of_which_one_bit_was_changed_does_not_open(
    text: str, data: st.DataObject
) -> None:
    cell = bytearray(seal(text, RESPONSE, "keep_doing", KEYS))
    bit = data.draw(st.integers(0, 8 * len(cell) - 1))
    cell[bit // 8] ^= 1 << bit % 8

    with pytest.raises(TextNotOpened):
        unseal(bytes(cell), RESPONSE, "keep_doing", KEYS)


@given(st.binary(max_size=60))
def test_no_bytes_of_another_s_making_open(cell: bytes) -> None:
    with pytest.raises(TextNotOpened):
        unseal(cell, RESPONSE, "keep_doing", KEYS)


def test_another_key_does_not_open_it() -> None:
    cell = seal(CANARY, RESPONSE, "keep_doing", KEYS)

    with pytest.raises(TextNotOpened, match="JOINEDUP_SECRET_KEY"):
        unseal(cell, RESPONSE, "keep_doing", OTHER)


def test_after_a_rotation_the_oldest_still_opens_and_the_newest_seals() -> None:
    old = seal(CANARY, RESPONSE, "keep_doing", OLD)
    new = seal(CANARY, RESPONSE, "keep_doing", KEYS)

    assert unseal(old, RESPONSE, "keep_doing", KEYS) == CANARY
    assert (old[0], new[0]) == (1, 2)
    with pytest.raises(TextNotOpened):
        unseal(new, RESPONSE, "keep_doing", OLD)


def test_a_cell_that_claims_another_key_does_not_open() -> None:
    same = Keys(2, {1: b"a" * 32, 2: b"a" * 32})
    cell = seal(CANARY, RESPONSE, "keep_doing", same)

    with pytest.raises(TextNotOpened):
        unseal(b"\x01" + cell[1:], RESPONSE, "keep_doing", same)


def test_the_same_text_is_never_sealed_alike() -> None:
    cells = {seal("Same.", RESPONSE, "keep_doing", KEYS) for _ in range(100)}

    assert len(cells) == 100


@given(st.lists(st.integers(0, BUCKET - 4), min_size=2))
def test_texts_of_one_bucket_are_of_one_length(lengths: list[int]) -> None:
    cells = {len(seal("x" * n, RESPONSE, "keep_doing", KEYS)) for n in lengths}

    assert cells == {1 + 12 + BUCKET + 16}


def test_the_length_grows_by_whole_buckets() -> None:
    lengths = {
        len(seal("x" * n, RESPONSE, "keep_doing", KEYS)) for n in range(0, 2000, 7)
    }

    assert {(length - 1 - 12 - 16) % BUCKET for length in lengths} == {0}
    assert len(lengths) == 16


def test_the_service_seals_under_a_key_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell = seal(CANARY, RESPONSE, "keep_doing")
    assert unseal(cell, RESPONSE, "keep_doing") == CANARY
    monkeypatch.setattr(sealing, "derive", lambda _: b"e" * 32)

    with pytest.raises(TextNotOpened):
        unseal(cell, RESPONSE, "keep_doing")


def test_neither_text_nor_key_shows_anywhere(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    response = uuid4()
    cell = seal(CANARY, response, "keep_doing")
    unseal(cell, response, "keep_doing")
    with pytest.raises(TextNotOpened) as refusal:
        unseal(cell, response, "do_differently")

    said = capfd.readouterr()
    everything = f"{caplog.text}{said.out}{said.err}{refusal.value!r}{own_keys()!r}"
    assert "canary" not in everything
    assert CANARY.encode() not in cell
    assert refusal.value.__cause__ is None
    assert all(repr(key) not in everything for key in own_keys().by_version.values())
