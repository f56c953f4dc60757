"""What was decided on scores, what appeals there are, and who has to do with them.

The law: a decision that counts is found by `rules.stands` alone, for every reader.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.directory.queries import LINE_ABOVE
from service.scores.deciding.rules import (
    AppealFact,
    Around,
    Capacity,
    DecisionFact,
    Outcome,
    stands,
)
from service.scores.deciding.stages import SETS_ASIDE, AppealState
from service.scores.rules import Band, State

STANCE: Final = """
(SELECT jsonb_agg(to_jsonb(d) ORDER BY d.number) FROM score_decision d
    WHERE d.score = s.id) AS decisions,
(SELECT jsonb_agg(jsonb_build_object('state', a.state, 'decision', a.decision))
    FROM score_appeal a WHERE a.score = s.id) AS answered
"""
"""Columns about a score `s`, for `stance_from`: no word of any appeal is in them."""
SCORE: Final = f"""
SELECT s.organisation, s.id, s.person, s.run, s.state, s.version, c.framework,
    greatest(s.published_at, n.computed_at) AS since, {STANCE},
    (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.number) FROM score_appeal a
        WHERE a.score = s.id) AS appeals
FROM score s JOIN score_run n ON n.id = s.run JOIN cycle c ON c.id = s.cycle
WHERE s.id = $1 AND s.published_at IS NOT NULL
"""  # noqa: S608 - our own
STANDING: Final = f"""
SELECT s.run, {STANCE} FROM score s WHERE s.id = $1 AND s.published_at IS NOT NULL
"""  # noqa: S608 - our own
COUNTERSIGNING: Final = """
SELECT manager FROM reporting_line WHERE person = $1 AND kind = 'countersigning'
    AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
"""
AROUND: Final = f"""
SELECT ARRAY({LINE_ABOVE}) AS above, ARRAY({COUNTERSIGNING}) AS countersigning,
    ARRAY({LINE_ABOVE.replace("$1", "$3")}) AS own
"""


@dataclass(frozen=True, slots=True)
class Stance:
    """What counts of the human side of a score."""

    decision: DecisionFact | None
    under_appeal: bool


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """A published score, with all that people said about it."""

    organisation: str
    id: UUID
    person: UUID
    run: UUID
    state: State
    version: int
    framework: str
    """Code of the cycle's."""
    since: datetime
    """From when it has been there as it is, for its subject to appeal against."""
    stance: Stance
    decisions: Sequence[DecisionFact]
    appeals: Sequence[AppealFact]


async def published_score(score: UUID) -> ScoreFact | None:
    """Return a score, unless it is not published."""
    async with transaction() as connection:
        row = await connection.fetchrow(SCORE, score)
    if row is None:
        return None
    return ScoreFact(
        organisation=row["organisation"],
        id=row["id"],
        person=row["person"],
        run=row["run"],
        state=State(row["state"]),
        version=row["version"],
        framework=row["framework"],
        since=row["since"],
        stance=stance_from(row),
        decisions=decisions_from(row),
        appeals=[_appeal(each) for each in _listed(row["appeals"])],
    )


async def decision_on(score: UUID) -> DecisionFact | None:
    """Return the decision on a score that stands, with the human's own judgement."""
    async with transaction() as connection:
        row = await connection.fetchrow(STANDING, score)
    return None if row is None else stance_from(row).decision


def stance_from(row: Record) -> Stance:
    """Return what counts, from a row with its `run` and the columns of `STANCE`."""
    answered = _listed(row["answered"])
    set_aside = {
        UUID(each["decision"])
        for each in answered
        if each["decision"] and AppealState(each["state"]) in SETS_ASIDE
    }
    return Stance(
        decision=stands(row["run"], decisions_from(row), set_aside),
        under_appeal=any(each["state"] == AppealState.OPEN for each in answered),
    )


def decisions_from(row: Record) -> list[DecisionFact]:
    """Return every decision, from a row with the columns of `STANCE`."""
    return [_decision(each) for each in _listed(row["decisions"])]


def _listed(aggregated: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(aggregated) if aggregated else []
    return found


def _decision(row: Mapping[str, Any]) -> DecisionFact:
    return DecisionFact(
        id=UUID(row["id"]),
        number=row["number"],
        run=UUID(row["run"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        band=Band(row["band"]) if row["band"] else None,
        note=row["note"],
        decided_by=UUID(row["decided_by"]),
        capacity=Capacity(row["capacity"]),
        decided_at=datetime.fromisoformat(row["decided_at"]),
    )


def _appeal(row: Mapping[str, Any]) -> AppealFact:
    ended = row["ended_at"]
    return AppealFact(
        id=UUID(row["id"]),
        number=row["number"],
        run=UUID(row["run"]),
        decision=UUID(row["decision"]) if row["decision"] else None,
        state=AppealState(row["state"]),
        reason=row["reason"],
        lodged_at=datetime.fromisoformat(row["lodged_at"]),
        due_at=datetime.fromisoformat(row["due_at"]),
        settled_by=UUID(row["settled_by"]) if row["settled_by"] else None,
        capacity=Capacity(row["capacity"]) if row["capacity"] else None,
        answer=row["answer"],
        ended_at=datetime.fromisoformat(ended) if ended else None,
    )


async def around(fact: ScoreFact, asking: UUID, day: date) -> tuple[Around, list[UUID]]:
    """Return who has to do with a score on a day, and whom somebody answers to."""
    async with transaction() as connection:
        row = await connection.fetchrow(AROUND, fact.person, day, asking)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    found = Around(
        subject=fact.person,
        organisation=fact.organisation,
        above=row["above"],
        countersigning=frozenset(row["countersigning"]),
        deciders=frozenset(each.decided_by for each in fact.decisions),
    )
    return found, row["own"]
