"""What may be told of signals."""

from uuid import UUID

import pytest

from service.feedback.forms import Counted
from service.feedback.signals.rules import Kind, reviewable, told


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.INFLUENCE])
@pytest.mark.parametrize(("found", "shown"), [(0, None), (4, None), (5, 5), (90, 90)])
def test_of_fewer_than_five_who_may_be_raters_no_count_is_told(
    kind: Kind, found: int, shown: int | None
) -> None:
    assert told(kind, found, 1_000, 0.4).found == shown


@pytest.mark.parametrize("found", [0, 1, 5])
def test_scores_that_hang_on_one_form_are_all_told(found: int) -> None:
    assert told(Kind.INFLUENCE, found, 100, 1.3).found == found


@pytest.mark.parametrize("found", [0, 3, 8])
def test_what_chance_would_give_stands_beside_every_count(found: int) -> None:
    signal = told(Kind.RING, found, 1_000, 0.16)
    assert (signal.by_chance, signal.among) == (0.2, 1_000)


@pytest.mark.parametrize(
    ("organisations", "told_of"),
    [
        (["dwp", "moj", "dwp", "moj"], False),
        (["dwp"] * 6, False),
        (["dwp", "dwp", "dwp", "dwp", "moj"], True),
    ],
)
def test_a_record_without_a_number_is_never_named(
    organisations: list[str], *, told_of: bool
) -> None:
    record = UUID(int=1)
    forms = [
        Counted("hmt", record, UUID(int=place), code, on_shared=False, answers={})
        for place, code in enumerate(organisations)
    ]
    assert set(reviewable(forms)) == ({record} if told_of else set())
