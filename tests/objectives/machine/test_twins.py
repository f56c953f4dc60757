"""The machine finds what is broken: services that are each wrong in one thing."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import Phase

from service.objectives import actions, audience, changing, controller, rules, writing
from service.objectives.presenting import PersonOut
from tests.objectives.machine.departments import Departments
from tests.objectives.machine.playing import play

ENOUGH: Final = 60
"""Examples in which each of them is found, most within 15: which come first depends on
more than the seed."""
Break = Callable[[pytest.MonkeyPatch], None]


def everybody_sees(patch: pytest.MonkeyPatch) -> None:
    for room in (audience, changing):
        patch.setattr(room, "sees", lambda *_: True)


def shares_are_not_added_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rules, "check_stated", lambda _: None)


def old_agreements_count_on(patch: pytest.MonkeyPatch) -> None:
    right = writing.renew

    async def wrong(work: changing.Work, *stated: Any) -> None:
        terms = work.terms
        await right(work, *stated)
        work.terms = terms

    patch.setattr(actions, "renew", wrong)


def the_unread_is_overwritten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(controller, "require_match", lambda *_: None)


def machines_see_everybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PersonOut, "of", lambda person, *_: PersonOut(id=person, name=None))


def disputes_take_nothing_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(audience, "GIVEN", audience.GIVEN.partition("AND NOT EXISTS")[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [
        everybody_sees,
        shares_are_not_added_up,
        old_agreements_count_on,
        the_unread_is_overwritten,
        machines_see_everybody,
        disputes_take_nothing_back,
    ],
)
async def test_a_service_that_is_wrong_in_one_thing_is_found_out(
    departments: Departments, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        await play(
            departments, set(), examples=ENOUGH, first_seed=0, phases=[Phase.generate]
        )
