"""One objective of three departments, from its draft to its assessment.

The law: it is lived through whole, in one transaction, or not at all.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.db import transaction
from service.demo import story
from service.demo.groups import Colleague
from service.demo.steps import Year
from service.demo.story import Cast
from service.directory.queries import line_managers_on, postings_on
from service.errors import NotFound
from service.objectives.queries import objective
from service.records.frameworks import Stage

DEPARTMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What the demo says of it at its end."""

    id: UUID
    record: str
    """source:external id of the lead's record."""
    title: str
    shares: dict[str, int]
    stage: str
    versions: int


async def live(
    year: Year, colleagues: Sequence[Colleague], busy: set[UUID], seed: int
) -> Told | None:
    """Live one objective through; None where no three departments have anybody free."""
    id_ = UUID(int=random.Random(f"{seed} joint").getrandbits(128), version=4)  # noqa: S311 - repeatable on purpose
    cast = await _cast(year, [c for c in colleagues if c.person not in busy])
    if cast is None:
        return None
    try:
        await objective(id_)
    except NotFound:
        async with transaction():
            await story.agree(year, id_, cast)
            await story.report(year, id_, cast)
            await story.assess(year, id_, cast)
    return await _told(year, id_)


async def _cast(year: Year, free: Sequence[Colleague]) -> Cast | None:
    """Return the first of three departments whose own managers are not the same."""
    day = year.day(Stage.OBJECTIVE_SETTING, 35).date()
    managers = await line_managers_on([c.person for c in free], day)
    work_in = await postings_on(managers.values(), day)
    chosen: dict[str, Colleague] = {}
    for colleague in sorted(free, key=lambda c: c.name):
        manager = managers[colleague.person]
        at_home = manager in work_in and (
            work_in[manager].organisation == colleague.organisation
        )
        if at_home:
            chosen.setdefault(colleague.organisation, colleague)
    members = tuple(chosen[code] for code in sorted(chosen)[:DEPARTMENTS])
    if len(members) < DEPARTMENTS:
        return None
    return Cast(members, tuple(managers[member.person] for member in members))


async def _told(year: Year, id_: UUID) -> Told:
    fact = await objective(id_)
    on = year.of[fact.person]
    return Told(
        id=id_,
        record=f"{on.source}:{on.external_id}",
        title=fact.content.title,
        shares={part.organisation: part.share for part in fact.live},
        stage=fact.stage,
        versions=fact.version,
    )
