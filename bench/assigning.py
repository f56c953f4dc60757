"""Objectives assigned in one call, against the same ones set one by one.

The law: both are what a caller waits for, with all that is checked at commit; and both
are undone, so that what is measured next finds the year as it was.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import uuid4

from bench.measure import Measure
from bench.year import CALLER
from service.db import DB, transaction
from service.demo.steps import Year, colleagues
from service.directory.queries import known_codes
from service.objectives.actions import set_objective
from service.objectives.assigning.actions import assign
from service.objectives.assigning.schemas import BulkIn
from service.objectives.schemas import NewObjectiveIn
from service.records.frameworks import Stage
from service.records.queries import RecordFact

AT_ONCE: Final = 1_250
ONE_BY_ONE: Final = 60
TARGET: Final = 125
"""As a ratio to one objective set by itself: a tenth of what all would take."""
SAYS: Final = {
    "title": "One front door",
    "outcome": "People tell government once.",
    "measures": "Forms asked for twice; read every quarter.",
    "ownership_model": "shared_responsibility",
}
LEAD: Final = {"share": 60, "commitment": "Two analysts."}


async def assigning(year: Year) -> list[Measure]:
    """Measure one call for 1,250 records, and one by one calls for some of them.

    The ratio is of that call to one objective that is set by itself.
    """
    able = await colleagues(year)
    sizes = Counter(each.organisation for each in able)
    partner = min(able, key=lambda each: (sizes[each.organisation], each.name))
    leads = [each for each in able if each.organisation != partner.organisation]
    records = [year.of[each.person] for each in leads][:AT_ONCE]
    gives = {
        "organisation": partner.organisation,
        "person": {"id": str(partner.person)},
        "role": "major",
        "share": 40,
        "commitment": "Data, and the people who know it.",
    }
    now = year.day(Stage.OBJECTIVE_SETTING, 30)
    single = await _one_by_one(records[:ONE_BY_ONE], gives, now) / ONE_BY_ONE
    bulk = await _at_once(records, gives, now)
    return [
        Measure("objectives set one by one", 1 / single, "a second"),
        Measure(
            f"{len(records):,} objectives assigned in one call",
            bulk,
            "seconds",
            ratio=bulk / single,
            target=TARGET,
        ),
    ]


async def _one_by_one(
    records: Sequence[RecordFact], gives: Mapping[str, object], now: datetime
) -> float:
    """Return the seconds that it takes to set an objective on each."""
    async with _undone() as begun:
        for on in records:
            lead = {
                **LEAD,
                "organisation": on.organisation,
                "person": {"id": str(on.person)},
                "role": "lead",
            }
            wanted = NewObjectiveIn.model_validate(
                {**SAYS, "contributions": [lead, gives]}
            )
            await set_objective(on, wanted, id_=uuid4(), caller=CALLER, now=now)
            await _checked()
        return time.perf_counter() - begun


async def _at_once(
    records: Sequence[RecordFact], gives: Mapping[str, object], now: datetime
) -> float:
    """Return the seconds that it takes to set an objective on all of them."""
    wanted = BulkIn.model_validate(
        {
            "objective": {**SAYS, "lead": LEAD},
            "contributions": [gives],
            "records": [{"record": str(on.id)} for on in records],
        }
    )
    async with _undone() as begun:
        await assign(
            wanted,
            call=uuid4(),
            organisations=await known_codes(),
            caller=CALLER,
            now=now,
        )
        await _checked()
        return time.perf_counter() - begun


@asynccontextmanager
async def _undone() -> AsyncIterator[float]:
    """Give the instant at which it begins, and undo at its end what was done."""
    opened = DB.transaction()
    async with opened:
        yield time.perf_counter()
        await opened.rollback()


async def _checked() -> None:
    """Have done what is otherwise done when a transaction commits."""
    async with transaction() as connection:
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        await connection.execute("SET CONSTRAINTS ALL DEFERRED")
