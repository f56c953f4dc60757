"""Keeps every version of a milestone or an indicator, so that none is overwritten."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from service.objectives.changing import Work, person_of
from service.objectives.progress.capacities import acting_for
from service.objectives.progress.tables import ProgressVersion


async def keep(
    work: Work,
    version: int,
    says: Mapping[str, Any],
    *,
    milestone: UUID | None = None,
    indicator: UUID | None = None,
) -> None:
    """Keep what one of the two says from now on, whole."""
    await ProgressVersion.insert(
        ProgressVersion(
            organisation=acting_for(work),
            id=uuid4(),
            objective=work.fact.id,
            milestone=milestone,
            indicator=indicator,
            version=version,
            revision=work.revision,
            content=dict(says),
            actor=work.caller.key,
            person=person_of(work.caller),
            at=work.now,
        )
    )
