"""What an objective says in its canonical form, and how two of them differ."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.objectives.content import (
    IMMATERIAL,
    Content,
    Contributed,
    Priority,
    Valued,
    differences,
    digest,
    is_material,
    plain,
)
from service.objectives.rules import ContributionRole, Kind, OwnershipModel

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
SAYS = Content(
    title="One front door",
    outcome="People tell government once",
    measures="Forms asked for twice",
    ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
    kind=Kind.DELIVERY_OBJECTIVE,
    owners=((ONE,),),
    contributions=(
        Contributed("hmt", ONE, ContributionRole.LEAD, 60, "two analysts"),
        Contributed("dft", TWO, ContributionRole.MAJOR, 40, "data"),
    ),
    value_map=(Valued("hmt", money_in=Decimal(10)), Valued("dft", gains="time")),
)
OTHER: dict[str, Any] = {
    "title": "Another",
    "outcome": "Another",
    "measures": "Another",
    "ownership_model": OwnershipModel.STRUCTURAL,
    "kind": Kind.MINIMUM_STANDARD,
    "owners": ((TWO,),),
    "contributions": SAYS.contributions[:1],
    "value_map": (),
    "element": "results-driven",
    "weight": 20,
    "standard": "finance",
    "priority": Priority("un-sdg-2030", "13"),
    "parent": THREE,
    "ends_on": date(2027, 3, 31),
}


def test_every_field_that_differs_is_found() -> None:
    assert {*OTHER} == {*plain(SAYS)}


@pytest.mark.parametrize("field", sorted(OTHER))
def test_a_change_is_found_and_only_links_are_immaterial(field: str) -> None:
    after = replace(SAYS, **{field: OTHER[field]})
    found = differences(plain(SAYS), plain(after))

    assert {difference.field for difference in found} == {field}
    assert is_material(found) == (field not in {"priority", "parent"})
    assert digest(plain(after)) != digest(plain(SAYS))


def test_only_links_to_what_others_publish_or_own_are_immaterial() -> None:
    assert {"priority", "parent"} == IMMATERIAL


def test_parts_differ_one_by_one() -> None:
    lead, major = SAYS.contributions
    third = Contributed("moj", THREE, ContributionRole.SUPPORTING, 40, "a court")
    after = replace(SAYS, contributions=(replace(lead, commitment="one"), third))
    found = differences(plain(SAYS), plain(after))

    told = {
        (d.organisation, d.person): (d.before is None, d.after is None) for d in found
    }
    assert told == {
        ("hmt", ONE): (False, False),
        ("dft", TWO): (False, True),
        ("moj", THREE): (True, False),
    }
    (dropped,) = [d for d in found if d.organisation == "dft"]
    assert dropped.before["commitment"] == major.commitment


@pytest.mark.parametrize(
    "same",
    [
        replace(SAYS, contributions=SAYS.contributions[::-1]),
        replace(SAYS, value_map=SAYS.value_map[::-1]),
        replace(
            SAYS,
            value_map=(Valued("hmt", money_in=Decimal("10.00")), SAYS.value_map[1]),
        ),
    ],
)
def test_what_is_stated_otherwise_says_the_same(same: Content) -> None:
    assert plain(same) == plain(SAYS)
    assert digest(plain(same)) == digest(plain(SAYS))


def test_owners_and_those_who_share_a_job_stand_in_no_order() -> None:
    one = replace(SAYS, owners=((ONE, TWO), (THREE,)))
    other = replace(SAYS, owners=((THREE,), (TWO, ONE)))
    assert plain(one) == plain(other)
    assert plain(one) != plain(replace(SAYS, owners=((ONE,), (TWO, THREE))))


def test_minus_nought_is_nought() -> None:
    for amount in ("-0", "0.00", "-0.00"):
        says = replace(SAYS, value_map=(Valued("hmt", money_out=Decimal(amount)),))
        assert plain(says)["value_map"][0]["money_out"] == "0.00"


def test_the_digest_is_of_canonical_json() -> None:
    """Anybody can work it out: keys in order, no spaces, UTF-8."""
    values = plain(replace(SAYS, title="Ffôn “unwaith”\n"))
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest(values) == sha256(text.encode()).hexdigest()
    assert "ô" in text


@given(st.dictionaries(st.sampled_from(sorted(OTHER)), st.booleans()))
def test_what_differs_is_what_was_changed(changed: dict[str, bool]) -> None:
    fields = {field for field, is_changed in changed.items() if is_changed}
    after = replace(SAYS, **{field: OTHER[field] for field in fields})
    found = differences(plain(SAYS), plain(after))
    assert {difference.field for difference in found} == fields
    assert is_material(found) == bool(fields - IMMATERIAL)
