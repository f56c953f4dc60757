"""Stages of a cycle, moved to later than its calendar says.

The law: the stages of a year stay in order, whichever of them moves.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from service.db import transaction
from service.records import rules
from service.records.frameworks import Stage
from service.records.queries import instants
from service.records.tables import Cycle, CycleStage


async def postpone(cycle: UUID, wanted: Mapping[Stage, datetime]) -> None:
    """Have stages begin when they are wanted to, in the caller's transaction.

    Whoever moves them says so in the audit, with what moves along.
    """
    async with transaction():
        starts = await instants(cycle)
        in_order = {str(stage): starts[stage] for stage in Stage if stage in starts}
        becomes = rules.with_dates(
            in_order, {stage.value: at for stage, at in wanted.items()}
        )
        for stage, at in becomes.items():
            if at != starts[stage]:
                await CycleStage.update({CycleStage.starts_at: at}).where(
                    CycleStage.cycle == cycle, CycleStage.stage == stage
                )
        await Cycle.update({Cycle.version: Cycle.version + 1}).where(Cycle.id == cycle)
