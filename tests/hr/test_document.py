"""PostgreSQL's account of a score, against what Python makes of the stored row."""

import json
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from asyncpg import Record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.db import transaction
from service.hr import queries
from service.hr.queries import Line, Question
from service.hr.schemas import CollaborationScore, ComponentReason
from service.records.frameworks import appraisal_year, load
from service.scores.composing.composite import Why
from service.scores.deciding.queries import STANCE, stance_from
from service.scores.estimate import LEVEL
from service.scores.rules import Reason
from service.scores.tables import Score
from tests.factories import RELEASED
from tests.hr.renaming import known_as
from tests.scoring import Scene, undone

ISSUER = "https://joinedup.example"
STORED = f"""
SELECT s.*, {STANCE}, r.source, r.external_id AS record_external_id, c.framework,
    c.year, n.method, n.method_version, n.inputs_digest,
    i.source AS person_source, i.external_id AS person_external_id
FROM score s JOIN appraisal_record r ON r.id = s.record JOIN cycle c ON c.id = s.cycle
JOIN score_run n ON n.id = s.run
LEFT JOIN person_identifier i ON i.organisation = s.organisation
    AND i.person = s.person AND i.source = r.source AND i.valid_to IS NULL
WHERE s.published_at IS NOT NULL ORDER BY s.id
"""  # noqa: S608 - our own


def interval(low: object, high: object) -> dict[str, object] | None:
    return None if low is None or high is None else {
        "low": low, "high": high, "level": LEVEL
    }  # fmt: skip


def component(each: dict[str, Any]) -> dict[str, Any]:
    low, high = each.pop("low"), each.pop("high")
    return {"reason": None, "points": None, "level": None, **each,
            "interval": interval(low, high)}  # fmt: skip


def by_python(row: Record) -> CollaborationScore:
    """The row as pydantic presents it: an implementation of its own."""
    start, end = appraisal_year(load(row["framework"]), row["year"])
    stance, value = stance_from(row), row["value"]
    only = {
        "name": "feedback", "value": value, "low": row["low"], "high": row["high"],
        "weight": 1.0, "coverage": 0.0 if value is None else 1.0,
    }  # fmt: skip
    parts = [only] if row["components"] is None else json.loads(row["components"])
    made = stance.decision
    raters = {"band": row["raters"], "organisations": row["organisations"]}
    return CollaborationScore.model_validate(
        {
            **{name: row[name] for name in (
                "id", "organisation", "cycle", "state", "reason", "value", "band",
                "reliability", "confidence", "inputs_digest", "version", "changed_at",
                "signature",
            )},
            "person": {
                "source_system": row["person_source"],
                "external_id": row["person_external_id"],
                "id": row["person"],
            },
            "record": {
                "source_system": row["source"],
                "external_id": row["record_external_id"],
            },
            "period": {"start": start, "end": end},
            "episodes": [
                {
                    "posting": each["title"],
                    "start": date.fromisoformat(each["start"]),
                    "end": date.fromisoformat(each["end"]),
                    "exposure_days": each["days"],
                }
                for each in json.loads(row["episodes"])
            ],
            "under_appeal": stance.under_appeal,
            "scale": {},
            "interval": interval(row["low"], row["high"]),
            "raters": None if None in raters.values() else raters,
            "components": [component(each) for each in parts],
            "method": {
                "name": row["method"],
                "version": row["method_version"],
                "url": f"{ISSUER}/v1/methods/{row['method']}/{row['method_version']}",
            },
            "decision": None if made is None else {
                "outcome": made.outcome,
                "reason": made.reason,
                "by_role": made.capacity,
                "at": made.decided_at,
            },
            "deleted_at": None,
        }
    )  # fmt: skip


async def both_ways(scene: Scene) -> tuple[list[str], list[str]]:
    """Every score as PostgreSQL writes it, and as pydantic does."""
    async with transaction() as connection:
        asked = Question([*scene.departments])
        found = await queries.page(asked, Line.NDJSON, ISSUER, 5_000)
        rows = await connection.fetch(STORED)
    return (
        found.body.decode().rstrip("\n").split("\n"),
        [by_python(row).model_dump_json() for row in rows],
    )


async def test_every_row_of_a_cycle_is_the_same_to_the_byte(published: Scene) -> None:
    written, meant = await both_ways(published)
    assert written == meant
    assert len(written) == len(published.people)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
FIGURE = st.decimals(0, 100, places=1)
COMPONENT = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["feedback", "objectives", "composite"]),
        "value": st.none() | FIGURE.map(float),
        "low": st.none() | FIGURE.map(float),
        "high": st.none() | FIGURE.map(float),
        "weight": st.integers(0, 1000).map(lambda part: part / 1000),
        "coverage": st.integers(0, 7).map(lambda part: part / 7),
    },
    optional={
        "reason": st.none() | st.sampled_from([*ComponentReason]),
        "points": st.none() | st.integers(0, 100),
        "level": st.none() | TEXT,
    },
)
STORE = """
UPDATE score SET value = $2, low = $3, high = $4, reliability = $5, episodes = $6,
    components = $7, changed_at = $8, version = version + 1 WHERE id = $1
"""


@pytest.mark.slow
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    value=FIGURE,
    reliability=st.decimals(0, 1, places=3),
    title=TEXT,
    components=st.none() | st.lists(COMPONENT, max_size=3),
    micros=st.sampled_from([0, 1, 120_000, 999_999]),
    name=TEXT,
)
async def test_so_is_any_row_that_there_could_be(
    published: Scene,
    value: Decimal,
    reliability: Decimal,
    title: str,
    components: list[dict[str, Any]] | None,
    micros: int,
    name: str,
) -> None:
    on = published.records["moj1"]
    episode = {"title": title, "start": "2026-04-01", "end": "2026-05-01", "days": 3}
    async with undone():
        async with transaction() as connection:
            (row,) = await Score.select(Score.id).where(Score.record == on.id)
            await connection.execute(
                STORE, row["id"], value, value, value, reliability,
                json.dumps([episode] * 2),
                None if components is None else json.dumps(components),
                RELEASED.replace(microsecond=micros),
            )  # fmt: skip
        await known_as(on.person, "moj", name)
        written, meant = await both_ways(published)
        assert written == meant


def test_a_part_has_no_value_for_any_reason_that_there_is_and_no_other() -> None:
    assert {*ComponentReason} == {*Reason} | {*Why}


DECIDE = """
INSERT INTO score_decision (organisation, id, score, run, number, subject, outcome,
    reason, decided_by, works_in, capacity, decided_at)
VALUES ('moj', $1, $2, $3, $4, $5, $6, $7, $8, 'moj', 'line_manager', $9)
"""
APPEAL = """
INSERT INTO score_appeal (organisation, id, score, run, number, subject, decision,
    reason, lodged_at, due_at, state, settled_by, works_in, capacity, answer, ended_at)
VALUES ('moj', $1, $2, $3, $4, $5, $6, 'No.', $7, $8, $9, $10, $11, $12, $13, $14)
"""
ENDS = ["upheld", "partly_upheld", "dismissed", "withdrawn"]


@pytest.mark.slow
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["accept", "reject"]),
            st.sampled_from([None, "none", *ENDS]),
        ),
        max_size=3,
    ),
    open_at_last=st.booleans(),
)
async def test_the_decision_that_counts_is_the_one_that_the_rule_finds(
    published: Scene, steps: list[tuple[str, str | None]], *, open_at_last: bool
) -> None:
    subject, head = published.people["moj1"], published.people["moj-head"]
    settler = published.people["hmt-head"]
    async with undone():
        async with transaction() as connection:
            (row,) = await Score.select(Score.id, Score.run).where(
                Score.record == published.records["moj1"].id
            )
            last: UUID | None = None
            appeals = 0
            for number, (outcome, then) in enumerate(steps, 1):
                last = uuid4()
                await connection.execute(
                    DECIDE, last, row["id"], row["run"], number, subject, outcome,
                    'Because "so".', head, RELEASED,
                )  # fmt: skip
                if then in ENDS:
                    appeals += 1
                    await connection.execute(
                        APPEAL, uuid4(), row["id"], row["run"], appeals, subject, last,
                        RELEASED, RELEASED.replace(year=2030), then,
                        *ended(then, settler),
                    )  # fmt: skip
            if open_at_last:
                await connection.execute(
                    APPEAL, uuid4(), row["id"], row["run"], appeals + 1, subject, last,
                    RELEASED, RELEASED.replace(year=2030), "open",
                    None, None, None, None, None,
                )  # fmt: skip
            await connection.execute(
                "UPDATE score SET version = version + 1 WHERE id = $1", row["id"]
            )
        written, meant = await both_ways(published)
        assert written == meant
        assert ('"under_appeal":true' in "".join(written)) == open_at_last


def ended(state: str, settler: UUID) -> tuple[object, ...]:
    if state == "withdrawn":
        return None, None, None, None, RELEASED
    return settler, "hmt", "next_above", "Heard.", RELEASED
