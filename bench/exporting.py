"""Files of very many scores, against PostgreSQL's own copy of the same rows.

The law: both ask the same query in one run, by turns; the file is written to the end,
fsync and digest included.
"""

import time
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from resource import RUSAGE_THREAD, getrusage
from statistics import median
from typing import Final
from uuid import UUID

from bench.measure import Measure
from service.db import transaction
from service.edge.formats import STRETCH
from service.hr.exports import queries
from service.hr.exports.rules import ExportFormat
from service.hr.exports.writing import PATIENCE, Made, snapshot, write
from service.hr.queries import Line, Question, page
from service.hr.signing.keeping import LOOKS

ISSUER: Final = "https://joinedup.example"
SCORES: Final = 100_000
TURNS: Final = 3
AGAINST_COPY, MICROSECONDS, MEGABYTES = 1.3, 2, 20
"""Targets: as a ratio to COPY; of Python a row of NDJSON; of memory growth."""
FILL: Final = """
WITH base AS MATERIALIZED (SELECT r.* FROM appraisal_record r
    JOIN score s ON s.record = r.id WHERE s.published_at IS NOT NULL),
many AS (SELECT base.*, gen_random_uuid() AS new, gen_random_uuid() AS who, n
    FROM base CROSS JOIN generate_series(1, $1 / (SELECT count(*) FROM base) + 1) n
    LIMIT $1),
people AS (INSERT INTO person (id, discoverable) SELECT who, true FROM many
    RETURNING 1),
records AS (INSERT INTO appraisal_record (organisation, id, cycle, person, source,
        external_id, attached_at, version)
    SELECT organisation, new, cycle, who, source, external_id || '-' || n, attached_at,
        1 FROM many RETURNING 1)
INSERT INTO score (organisation, id, cycle, record, person, run, state, reason, value,
    low, high, band, reliability, confidence, raters, organisations, episodes,
    explanation, components, version, changed_at, published_at, signature, signed_as)
SELECT s.organisation, gen_random_uuid(), s.cycle, m.new, m.who, s.run, s.state,
    s.reason, s.value, s.low, s.high, s.band, s.reliability, s.confidence, s.raters,
    s.organisations, s.episodes, s.explanation, s.components, 1, s.changed_at,
    s.published_at, repeat('s', 180), $2
FROM many m JOIN score s ON s.record = m.id
"""


async def exporting(folder: Path) -> list[Measure]:
    """Measure CSV and NDJSON of 100,000 scores: seconds, time of Python, memory."""
    codes = await _filled()
    question = Question(codes)
    path = folder / "export"

    async def made(wanted: ExportFormat) -> Made:
        async with snapshot() as connection:
            return await write(
                connection, path, wanted, question, issuer=ISSUER, layout=None
            )

    raw, csv = await _by_turns(lambda: _raw(question), lambda: made(ExportFormat.CSV))
    rows, cpu = await _processor(lambda: made(ExportFormat.NDJSON))
    _, streamed = await _processor(lambda: _stream(question))
    peaks = [
        await _peak(lambda: made(ExportFormat.CSV)),
        await _peak(lambda: _stream(question)),
    ]
    return [
        Measure(f"COPY of {rows:,} scores as CSV", raw, "s"),
        Measure(
            f"{rows:,} scores as a file of CSV", csv, "s", None, csv / raw, AGAINST_COPY
        ),
        Measure("NDJSON to a file, Python", cpu, "µs a row", None, cpu, MICROSECONDS),
        Measure(
            "NDJSON as a stream, Python",
            streamed,
            "µs a row",
            None,
            streamed,
            MICROSECONDS,
        ),
        Measure("memory for a file of CSV", peaks[0], "MB", None, peaks[0], MEGABYTES),
        Measure(
            "memory for a stream of NDJSON", peaks[1], "MB", None, peaks[1], MEGABYTES
        ),
    ]


async def _by_turns(*works: Callable[[], Awaitable[object]]) -> list[float]:
    """Return the median seconds of each."""
    took: list[list[float]] = [[] for _ in works]
    for _turn in range(TURNS):
        for place, work in enumerate(works):
            took[place].append(await _seconds(work))
    return [median(times) for times in took]


async def _filled() -> list[str]:
    """Add scores until there are very many, each of a person of its own."""
    async with transaction(local={"statement_timeout": "300s"}) as connection:
        there = await connection.fetchval(
            "SELECT count(*) FROM score WHERE published_at IS NOT NULL"
        )
        form = f"{ISSUER} {LOOKS}"
        await connection.execute(FILL, SCORES - there, form, timeout=300)
        await connection.execute(
            "UPDATE score SET signature = repeat('s', 180), signed_as = $1"
            " WHERE signed_as IS DISTINCT FROM $1 AND published_at IS NOT NULL",
            form,
        )
        codes = await connection.fetch("SELECT DISTINCT organisation FROM score")
    async with transaction() as connection:
        await connection.execute("ANALYZE score, appraisal_record")
    return [row["organisation"] for row in codes]


async def _raw(question: Question) -> None:
    async def drop(_: bytes) -> None:
        """Take it, and do nothing with it."""

    async with snapshot() as connection:
        await connection.copy_from_query(
            queries.AS_CSV,
            *queries.arguments(question, ISSUER),
            output=drop,
            format="csv",
            header=True,
            timeout=PATIENCE,
        )


async def _stream(question: Question) -> Made:
    """Read everything as an answer in NDJSON does, a stretch at a time."""
    after: UUID | None = None
    told, size = 0, 0
    while True:
        asked = Question(question.organisations, after=after)
        found = await page(asked, Line.NDJSON, ISSUER, STRETCH)
        told, size = told + found.count, size + len(found.body)
        if found.last is None:
            return Made(told, size, "", [])
        after = found.last


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def _processor(work: Callable[[], Awaitable[Made]]) -> tuple[int, float]:
    """Return how many scores were written, and microseconds of Python for each.

    That is time of the loop's own thread outside the kernel: a disk's is not in it.
    """
    used = getrusage(RUSAGE_THREAD).ru_utime
    made = await work()
    spent = getrusage(RUSAGE_THREAD).ru_utime - used
    return made.scores, 1e6 * spent / max(made.scores, 1)


async def _peak(work: Callable[[], Awaitable[object]]) -> float:
    """Return by how many megabytes memory grows at most."""
    tracemalloc.start()
    await work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6
