"""Every record's objectives as they stood at an instant, and what becomes of them.

The law: all is read from what is only ever added to (versions, steps, answers), so the
same instant gives the same rows again, whatever has happened since.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.objectives.rules import ContributionRole, Kind
from service.records.combining import Attainment
from service.records.frameworks import Framework
from service.records.queries import RecordFact
from service.scores.composing.composite import Component, Scale, components
from service.scores.composing.objective import Assessed
from service.scores.estimate import VALUE_PER_POINT, Estimates, value
from service.scores.outcome import Outcome

COARSE: Final = 2.5
"""To which the cycle's mean is rounded: with ten people, half a scale for one."""
ASSESSED: Final = """
SELECT o.id, o.record, o.person, o.cycle, o.organisation::text, a.attainment,
    v.content - ARRAY['outcome', 'measures', 'value_map'] AS content, parts.found,
    EXISTS (SELECT FROM objective_step s WHERE s.objective = o.id AND s.at <= $2
        AND s.contribution IS NULL AND s.became = 'agreed')
    OR (o.stage IN ('agreed', 'assessed', 'closed') AND NOT EXISTS (
        SELECT FROM objective_step s WHERE s.objective = o.id
        AND s.contribution IS NULL AND s.became = 'agreed')) AS agreed
FROM shared_objective o
CROSS JOIN LATERAL (SELECT content FROM objective_version
    WHERE objective = o.id AND at <= $2 ORDER BY version DESC LIMIT 1) v
LEFT JOIN objective_assessment a ON a.objective = o.id
    AND a.verdict = 'countersigned' AND a.answered_at <= $2
CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(c.organisation, c.person,
        EXISTS (SELECT FROM objective_step s WHERE s.contribution = c.id
            AND s.became = 'accepted' AND s.at <= $2)
        OR (c.state = 'accepted' AND NOT EXISTS (SELECT FROM objective_step s
            WHERE s.contribution = c.id)))) AS found
    FROM contribution c
    LEFT JOIN LATERAL (SELECT s.became FROM objective_step s
        WHERE s.contribution = c.id AND s.at <= $2
        ORDER BY s.revision DESC LIMIT 1) last ON true
    WHERE c.objective = o.id
        AND coalesce(last.became, c.state) NOT IN ('declined', 'left')) parts
WHERE o.cycle = ANY ($1) AND o.shared_at <= $2
    AND NOT EXISTS (SELECT FROM objective_step s WHERE s.objective = o.id
        AND s.contribution IS NULL AND s.became = 'withdrawn' AND s.at <= $2)
ORDER BY o.id
"""
"""$1: cycles; $2: the instant. What was agreed before steps were kept has none."""


async def compose(
    people: Sequence[RecordFact],
    estimates: Estimates | None,
    decided: Mapping[UUID, Outcome],
    framework: Framework,
    now: datetime,
) -> dict[UUID, tuple[Component, ...]]:
    """Return feedback, objectives and composite of each person's record, at `now`."""
    found = await assessed(people, now)
    scale = None if estimates is None else scale_of(estimates, decided.values())
    mine = {on.id: decided[on.id] for on in people}
    return {**components(found, mine, scale, framework)}


async def assessed(
    people: Sequence[RecordFact], now: datetime
) -> dict[UUID, list[Assessed]]:
    """Return what was put to each record, in one statement; drafts are not."""
    cycles = sorted({on.cycle for on in people})
    with within_reach(EVERYONE):  # It is owned with other organisations.
        async with transaction() as connection:
            rows = await connection.fetch(ASSESSED, cycles, now)
    by_person: dict[UUID, list[RecordFact]] = {}
    for on in people:
        by_person.setdefault(on.person, []).append(on)
    found: dict[UUID, list[Assessed]] = {on.id: [] for on in people}
    for row in rows:
        for record, each in _placed(row, by_person):
            found[record].append(each)
    return found


def _placed(
    row: Record, by_person: Mapping[UUID, Sequence[RecordFact]]
) -> Iterator[tuple[UUID, Assessed]]:
    """Return one objective for each record that it stands on."""
    says = json.loads(row["content"])
    accepted = {
        (organisation, UUID(person)): done
        for organisation, person, done in json.loads(row["found"] or "[]")
    }
    stated = {
        (part["organisation"], UUID(part["person"])): ContributionRole(part["role"])
        for part in says["contributions"]
    }
    roles = {part: role for part, role in stated.items() if part in accepted}
    owners = {UUID(person) for owner in says["owners"] for person in owner}
    parties = {row["organisation"], *(organisation for organisation, _ in roles)}
    involved = {row["person"], *owners, *(person for _, person in roles)}
    for on in (on for person in involved for on in by_person.get(person, ())):
        part = on.organisation, on.person
        is_own = on.id == row["record"]
        answers = on.person in owners and on.organisation in parties
        if on.cycle == row["cycle"] and (is_own or part in roles or answers):
            counts = row["agreed"] and (is_own or accepted.get(part, True))
            yield (
                on.id,
                _assessed(row, says, roles.get(part), is_own=is_own, counts=counts),
            )


def _assessed(
    row: Record,
    says: Mapping[str, Any],
    role: ContributionRole | None,
    *,
    is_own: bool,
    counts: bool,
) -> Assessed:
    attainment = row["attainment"]
    return Assessed(
        objective=row["id"],
        title=says["title"],
        kind=Kind(says["kind"]),
        is_own=is_own,
        counts=counts,
        role=role,
        element=says["element"],
        standard=says["standard"],
        weight=says["weight"],
        attainment=Attainment(attainment) if attainment else None,
    )


def scale_of(estimates: Estimates, decided: Iterable[Outcome]) -> Scale:
    """Return what the feedback of a whole cycle says, on the 0-100 scale.

    Coarsely: every composite shows the mean, and of an exact one whoever has no figure
    would be what is left when the others' are taken off.
    """
    of_cycle = estimates.cycle
    mean = COARSE * round(value(of_cycle.mean) / COARSE)
    shown = sum(each.value is not None for each in decided)
    return Scale(shown, mean, VALUE_PER_POINT * sqrt(of_cycle.person_variance))
