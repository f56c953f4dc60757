"""Views of consistency: taken once, shown as they were taken ever after.

The law: a view names nobody and changes nothing; every count in it went through the
gate for tables, held against every earlier view of the same cycle.
"""

import asyncio
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from service.access.queries import pairs_in_force
from service.audit.actions import record as audit
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import postings_on
from service.errors import NotFound
from service.records.queries import cycle_of, cycles, instants, records
from service.scores.moderation import rules
from service.scores.moderation.queries import EVERY, levels_of, standing_at
from service.scores.moderation.rules import JudgementStage, ViewKind
from service.scores.moderation.saving import insert
from service.scores.moderation.tables import Place, View
from service.suppression.counts import Release, Shown, table_shown
from service.suppression.flow import Cell

ADD_PLACES: Final = """
INSERT INTO consistency_place (organisation, "view", record, id, grade, level)
SELECT o, $2, r, i, g, l
FROM unnest($1::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
    AS t (o, r, i, g, l)
"""
OF_STAGE: Final = {
    ViewKind.MID_YEAR: JudgementStage.MID_YEAR,
    ViewKind.CROSS_GOVERNMENT: JudgementStage.END_YEAR,
}


@dataclass(frozen=True, slots=True)
class ViewFact:
    """A view as it was taken."""

    kind: ViewKind
    taken_at: datetime
    shown: Mapping[str, Any]
    """Levels, rows, and groups left out: see `_written`."""


async def take(
    cycle: UUID, kind: ViewKind, *, caller: SignedIn, now: datetime
) -> ViewFact:
    """Take a cycle's view, of the organisations that share with the caller's."""
    with within_reach(EVERYONE):
        async with transaction():
            facts = await cycle_of(cycle)
            sharing = await _sharing(caller.organisation, now.date())
            organisations = sorted(sharing.intersection(facts["organisations"]))
            if not organisations:
                raise NotFound(f"No cycle {cycle}.")
            rules.check_within(rules.TAKEN_WITHIN[kind], await instants(cycle), now)
            levels = levels_of(facts["framework"])
            if not levels:
                raise rules.NoScale("The framework's levels are not published.")
            places = await _places(cycle, organisations, OF_STAGE[kind], now.date())
            # Of all government it takes seconds, in which others are served.
            shown = await asyncio.to_thread(
                table_shown, places, [*levels], await _releases(cycle)
            )
            view = View(
                organisation=caller.organisation,
                id=uuid4(),
                cycle=cycle,
                kind=kind,
                shown=json.dumps(_written(shown, levels)),
                taken_by=caller.id,
                taken_at=now,
            )
            await insert(view, rules.ViewTaken("Read the one that was taken."))
            await _keep(view.id, shown.release.placed)
            await _audit(cycle, kind, "take", caller, now)
    return await _view(cycle, kind, caller)


async def cycles_for(caller: SignedIn, now: datetime) -> list[dict[str, Any]]:
    """Return the cycles of the organisations that share with the caller's."""
    with within_reach(EVERYONE):
        async with transaction():
            return await cycles(await _sharing(caller.organisation, now.date()))


async def _sharing(organisation: str, day: date) -> set[str]:
    """Return an organisation and those that share with it on a day."""
    pairs = await pairs_in_force(day)
    return {organisation}.union(*(pair for pair in pairs if organisation in pair))


async def _places(
    cycle: UUID, organisations: list[str], stage: JudgementStage, day: date
) -> dict[Hashable, Cell]:
    """Return at which level each record stands, by organisation and grade.

    Who was not judged, or holds no post, is not counted: missing is never a level.
    """
    there = await records(organisations, cycle=cycle, limit=EVERY)
    stands = await standing_at([on.id for on in there], stage)
    held = await postings_on([on.person for on in there if on.id in stands], day)
    return {
        on.id: ((on.organisation, held[on.person].grade), stands[on.id].level)
        for on in there
        if on.id in stands and on.person in held
    }


async def _releases(cycle: UUID) -> list[Release]:
    """Return what was shown of the cycle before, and of whom."""
    found = []
    for row in await View.select(View.id, View.shown).where(View.cycle == cycle):
        placed = await Place.select().where(Place.view == row["id"])
        rows = json.loads(row["shown"])["rows"]
        found.append(
            Release(
                {
                    p["record"]: ((p["organisation"], p["grade"]), p["level"])
                    for p in placed
                },
                frozenset(
                    (tuple(each["group"]), level)
                    for each in rows
                    for level, of in each["counts"].items()
                    if of is not None
                ),
            )
        )
    return found


def _written(shown: Shown, levels: Mapping[str, str]) -> dict[str, Any]:
    """Return what is kept of a view: nothing in it was suppressed."""
    return {
        "levels": [{"code": code, "title": title} for code, title in levels.items()],
        "rows": [
            {
                "group": row,
                "people": each.people,
                "counts": each.counts,
                "percents": each.percents(),
            }
            for row, each in shown.rows.items()
        ],
        "left_out": shown.left_out,
    }


async def _keep(view: UUID, placed: Mapping[Any, Cell]) -> None:
    found = sorted(placed.items())
    async with transaction() as connection:
        await connection.execute(
            ADD_PLACES,
            [row[0] for _, (row, _) in found],
            view,
            [record for record, _ in found],
            [uuid4() for _ in found],
            [row[1] for _, (row, _) in found],
            [level for _, (_, level) in found],
        )


async def _audit(
    cycle: UUID, kind: ViewKind, action: str, caller: SignedIn, now: datetime
) -> None:
    await audit(
        caller,
        action,
        "consistency_view",
        cycle,
        now=now,
        organisation=caller.organisation,
        after={"kind": kind},
    )


async def read(
    cycle: UUID, kind: ViewKind, *, caller: SignedIn, now: datetime
) -> ViewFact:
    """Return a view that the caller's organisation took, as it was taken."""
    with within_reach(EVERYONE):
        async with transaction():
            found = await _view(cycle, kind, caller)
            await _audit(cycle, kind, "read", caller, now)
    return found


async def _view(cycle: UUID, kind: ViewKind, caller: SignedIn) -> ViewFact:
    with within_reach(EVERYONE):
        row = (
            await View.select(View.taken_at, View.shown)
            .where(
                View.cycle == cycle,
                View.kind == kind,
                View.organisation == caller.organisation,
            )
            .first()
        )
    if row is None:
        raise NotFound(f"No view {kind} of cycle {cycle}.")
    return ViewFact(kind, row["taken_at"], json.loads(row["shown"]))


async def taken(
    cycle: UUID, *, caller: SignedIn, now: datetime
) -> list[tuple[ViewKind, datetime]]:
    """Return which views of a cycle the caller's organisation took, and when.

    What it took it keeps, whoever shares with it since.
    """
    with within_reach(EVERYONE):
        rows = (
            await View.select(View.kind, View.taken_at)
            .where(View.cycle == cycle, View.organisation == caller.organisation)
            .order_by(View.taken_at)
        )
        if not rows:
            await cycle_of(cycle, await _sharing(caller.organisation, now.date()))
    return [(ViewKind(row["kind"]), row["taken_at"]) for row in rows]
