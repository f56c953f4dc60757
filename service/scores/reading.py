"""Read all that scores are computed from, as it is at one moment.

The law: the window is closed for good before anything is read, so that what was
accepted is what is read; and everything is read from one snapshot.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.db import DB, transaction
from service.directory.queries import postings_overlapping
from service.feedback.closing import closed_forms
from service.feedback.forms import Form
from service.feedback.windows import close
from service.records.exposure import Episode, clipped, exposure
from service.records.frameworks import appraisal_year, load
from service.records.queries import RecordFact, cycle_of, records
from service.scores.inputs import Basis, FormFact

EVERY: Final = 1_000_000
"""More records than any cycle has."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A cycle's people, where they were in post, and all that scores rest on."""

    people: Sequence[RecordFact]
    episodes: Mapping[UUID, Sequence[Episode]]
    """By record."""
    basis: Basis


async def read(cycle: UUID, *, key: bytes, now: datetime) -> Snapshot:
    """Close the cycle's window, and return what its scores are computed from.

    `key` makes the raters' pseudonyms. Who may count is judged on the postings of the
    days they were invited and answered, as they are known by now.
    """
    await close(cycle, now)  # By itself: a snapshot would miss who came just before.
    async with frozen():
        facts = await cycle_of(cycle)
        people = await records(facts["organisations"], cycle=cycle, limit=EVERY)
        episodes = await _episodes(people, facts)
        forms = await closed_forms(cycle, key=key, now=now, as_released=True)
    return Snapshot(
        people,
        episodes,
        Basis(
            facts_of(forms),
            {record: exposure(found) for record, found in episodes.items()},
            least_days(facts),
        ),
    )


@asynccontextmanager
async def frozen() -> AsyncIterator[None]:
    """Have all that is read inside be of one moment.

    Inside a transaction that somebody else began, it is as they began it.
    """
    begun = DB.current_transaction.get(None) is not None
    async with transaction(isolation="read_committed" if begun else "repeatable_read"):
        yield


async def _episodes(
    people: Sequence[RecordFact], facts: Mapping[str, Any]
) -> dict[UUID, list[Episode]]:
    first, last = appraisal_year(load(facts["framework"]), facts["year"])
    end = last + timedelta(days=1)
    held = await postings_overlapping({on.person for on in people}, first, end)
    return {
        on.id: clipped(
            (
                (p.organisation, p.title, p.valid_from, p.valid_to)
                for p in held.get(on.person, [])
                if p.organisation == on.organisation
            ),
            first,
            end,
        )
        for on in people
    }


def facts_of(forms: Sequence[Form]) -> list[FormFact]:
    """Return forms as scores are computed from them."""
    return [
        FormFact(
            form.record,
            form.rater,
            form.rater_organisation,
            form.answers,
            form.organisation,
        )
        for form in forms
    ]


def least_days(facts: Mapping[str, Any]) -> int:
    """Return the fewest working days in post by which a cycle's people are judged."""
    return load(facts["framework"]).feedback.minimum_exposure_days
