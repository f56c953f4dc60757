"""Categories put together, and figures hidden beside others, for any counts."""

from hypothesis import given
from hypothesis import strategies as st

from service.suppression import CATEGORY, NUMBER, average, merged, protected, verdict

SIZES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 20))


@given(SIZES)
def test_every_category_ends_in_one_part_and_none_is_left_too_small(
    sizes: dict[str, int],
) -> None:
    parts = merged(sizes)
    named = sorted(name for part in parts for name in part)
    assert named == sorted(name for name, count in sizes.items() if count)
    if len(parts) > 1:
        assert all(sum(sizes[name] for name in part) >= CATEGORY for part in parts)


def test_only_small_categories_are_put_together() -> None:
    assert merged({"a": 3, "b": 9, "c": 4}) == [{"a"}, {"c"}, {"b"}]
    assert merged({"a": 1, "b": 1, "c": 7}) == [{"a", "b", "c"}]
    assert merged({"a": 1, "b": 2, "c": 7}) == [{"a", "b"}, {"c"}]
    assert merged({"a": 2}) == [{"a"}]


@given(SIZES)
def test_never_just_one_of_several_is_hidden(sizes: dict[str, int]) -> None:
    found = {
        name: average(3 * count, count, verdict(count, NUMBER.organisations))
        for name, count in sizes.items()
    }
    shown = protected(found, sizes)
    hidden = [name for name, each in shown.items() if each.figure is None]
    before = [name for name, each in found.items() if each.figure is None]
    assert {*before} <= {*hidden}
    assert len(hidden) - len(before) <= 1
    assert len(hidden) != 1 or len(shown) == 1
