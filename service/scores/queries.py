"""What was kept of a cycle's computations: what each row of its scores came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from service.db import transaction
from service.scores.rules import NotComputed
from service.scores.traces import parted

RUNS: Final = """
SELECT id, method, method_version, method_digest, inputs_digest, computed_at
FROM score_run
WHERE id IN (SELECT run FROM score WHERE cycle = $1)
ORDER BY computed_at, id
"""
INPUTS: Final = "SELECT record, days, forms FROM score_input WHERE run = $1"
ROWS: Final = "SELECT * FROM score WHERE cycle = $1 ORDER BY organisation, id"


@dataclass(frozen=True, slots=True)
class Run:
    """One computation that rows of a cycle's scores came from."""

    id: UUID
    method: str
    method_version: int
    method_digest: str
    inputs_digest: str
    computed_at: datetime
    days: Mapping[UUID, int]
    """Of each record in post."""
    kept: Mapping[UUID, set[bytes]]
    """The traces of each record's forms."""


async def runs(cycle: UUID) -> list[Run]:
    """Return the computations that a cycle's scores came from, in order of time."""
    async with transaction() as connection:
        found = [
            (run, await connection.fetch(INPUTS, run["id"]))
            for run in await connection.fetch(RUNS, cycle)
        ]
    if not found:
        raise NotComputed(f"Run `joinedup scores compute --cycle {cycle}` first.")
    return [
        Run(
            **dict(run),
            days={row["record"]: row["days"] for row in inputs},
            kept={row["record"]: parted(row["forms"]) for row in inputs},
        )
        for run, inputs in found
    ]


async def rows(cycle: UUID) -> list[Record]:
    """Return a cycle's scores as stored, published or not."""
    async with transaction() as connection:
        found: list[Record] = await connection.fetch(ROWS, cycle)
    return found
