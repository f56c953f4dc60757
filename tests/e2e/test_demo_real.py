import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.running import a_folder, ask, json_of, pulled, serving

REAL = os.environ.get("JOINEDUP_REAL_DATA")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),  # The demo itself is given 600 seconds.
    pytest.mark.skipif(REAL is None, reason="JOINEDUP_REAL_DATA names no real input"),
]

SCORES = """
SELECT s.id::text, r.organisation, r.external_id, s.state, s.value::float,
    s.published_at IS NOT NULL
FROM score s JOIN appraisal_record r ON r.id = s.record
"""


@dataclass(frozen=True)
class Real:
    """What the demo said of the real input, what HR is served, and what is stored."""

    said: dict[str, Any]
    served: list[dict[str, Any]]
    stored: list[tuple[Any, ...]]
    found: list[dict[str, Any]]


@pytest.fixture(scope="module")
def real() -> Iterator[Real]:
    with a_folder() as folder:
        data = folder / "data"
        said = json_of(data, "demo", "--data", str(REAL), seconds=600)
        with serving(data, said=folder / "said") as (_, address):
            served = pulled(address, data)
            found = json_of(data, "organisations", "list")
            stored = ask(data, SCORES)
        yield Real(said, served, stored, found)


def test_all_organisations_and_people_are_imported(real: Real) -> None:
    assert real.said["organisations"] == len(real.found) == 24
    assert real.said["people"] == real.said["records"] == 2831


def test_scores_stand_in_at_least_three_states(real: Real) -> None:
    assert len(real.said["scores"]) >= 3
    assert real.said["scores"]["published"] > 50
    assert sum(real.said["scores"].values()) == len(real.stored) == 2831


def test_exactly_the_published_rows_of_the_client_are_pulled(real: Real) -> None:
    ours = {
        (id_, record, state, value)
        for id_, organisation, record, state, value, published in real.stored
        if organisation == real.said["organisation"] and published
    }
    assert len(real.served) == real.said["pulled"] == len(ours) > 0
    assert {
        (row["id"], row["record"]["external_id"], row["state"], row["value"])
        for row in real.served
    } == ours


def test_none_of_another_organisation_is_pulled(real: Real) -> None:
    others = {row[0] for row in real.stored if row[1] != real.said["organisation"]}
    assert len({row[1] for row in real.stored}) > 20
    assert not others & {row["id"] for row in real.served}
    assert {row["organisation"] for row in real.served} == {real.said["organisation"]}
