"""The same world, in which everybody who wrote anything is an attacker.

What can be is written by forms and actions; the rest, which is imported or comes over
the API, is written straight into the tables, past every rule.
"""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Final
from uuid import uuid4

import asyncpg

from tests.database import connected
from tests.web.everywhere.payloads import filling

LONG: Final = 8000
"""Letters: room for every payload."""
TEXTS: Final[Mapping[str, Mapping[str, int]]] = {
    "audit_entry": {"reason": LONG, "entity_id": 120},
    "break_glass": {"reason": LONG},
    "contribution": {"commitment": LONG},
    "contribution_assessment": {"reasons": LONG},
    "data_sharing": {"purpose": 200},
    "feedback_score_review": {"reason": LONG},
    "hr_record": {"external_record_id": 110},
    "appraisal_record": {"external_id": 110},
    "person_identifier": {"external_id": 110},
    "manager_judgement": {"reason": LONG},
    "moderation_event": {"reason": LONG},
    "oauth_client": {"name": 200},
    "objective_agreement": {"comment": LONG},
    "objective_assessment": {"reasons": LONG, "comment": LONG},
    "objective_dispute": {"reason": LONG, "reply": LONG},
    "objective_dissent": {"text": LONG},
    "objective_indicator": {"title": 200, "unit": 60},
    "objective_milestone": {"title": 200},
    "objective_reading": {"note": LONG},
    "objective_recognition": {"text": LONG},
    "objective_status": {"text": LONG},
    "objective_step": {"reason": LONG},
    "objective_value": {"gains": LONG, "puts_in": LONG},
    "objective_version": {"reason": LONG},
    "organisation_name": {"name": 200},
    "person_details": {"given_name": 100, "family_name": 100, "email": 240},
    "person_search": {
        "given_name": 100,
        "family_name": 100,
        "title": 300,
        "unit": 300,
    },
    "posting": {"grade": 40, "title": 300, "unit": 300},
    "score_appeal": {"reason": LONG, "answer": LONG},
    "score_decision": {"reason": LONG, "note": LONG},
    "shared_objective": {
        "title": 200,
        "outcome": LONG,
        "measures": LONG,
        "element": 60,
    },
    "undelivered": {"address": 254},
    "web_session": {"name": 200},
    "webhook": {"url": 400},
}
BEGINS: Final = {("webhook", "url"): "https://hr.example/?"}
DOCUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "objective_version": ("content",),
    "objective_template": ("content",),
    "objective_progress_version": ("content",),
    "contribution_assessment": ("episodes", "evidence"),
    "objective_assessment": ("evidence",),
    "score": ("episodes",),
    "audit_entry": ("before", "after"),
}
WORDS: Final = frozenset(
    [
        "title",
        "outcome",
        "measures",
        "commitment",
        "puts_in",
        "gains",
        "text",
        "unit",
        "reason",
        "note",
    ]
)
"""Of a document, what people write."""


async def write_straight(owner: str, turn: int = 0) -> None:
    """Write payloads over every text of a database, another selection each turn."""
    number = count(turn)
    async with connected(owner) as connection:
        for table in {**TEXTS, **DOCUMENTS}:
            await connection.execute(
                f"ALTER TABLE {table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY"
            )
        for table, columns in TEXTS.items():
            for column, longest in columns.items():
                await _column(connection, table, column, longest, number)
        for table, names in DOCUMENTS.items():
            for column in names:
                await _documents(connection, table, column, number)
        for table in {**TEXTS, **DOCUMENTS}:
            await connection.execute(
                f"ALTER TABLE {table} ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY"
            )


async def _column(
    connection: Any,  # noqa: ANN401 - asyncpg has two types
    table: str,
    column: str,
    longest: int,
    number: Any,  # noqa: ANN401 - a counter
) -> None:
    rows = await connection.fetch(
        f"SELECT ctid::text AS place FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - names of our own
    )
    for row in rows:
        longest = await _row(
            connection, (table, column, row["place"]), longest, next(number)
        )


async def _row(
    connection: Any,  # noqa: ANN401 - asyncpg has two types
    cell: tuple[str, str, str],
    longest: int,
    turn: int,
) -> int:
    """Write as much as a table's own rules take; return how much that is."""
    table, column, place = cell
    while True:
        try:
            await connection.execute(
                f"UPDATE {table} SET {column} = $2 WHERE ctid = $1::text::tid",  # noqa: S608 - names of our own
                place,
                _beginning(table, column) + filling(longest, turn),
            )
        except asyncpg.CheckViolationError:
            longest //= 2
            assert longest > 30, cell
        else:
            return longest


def _beginning(table: str, column: str) -> str:
    """Return what must stand first: of an id, something of its own."""
    if column.startswith("external_") or column == "email":
        return f"{uuid4().hex[:8]} "
    return BEGINS.get((table, column), "")


async def _documents(
    connection: Any,  # noqa: ANN401 - asyncpg has two types
    table: str,
    column: str,
    number: Any,  # noqa: ANN401 - a counter
) -> None:
    rows = await connection.fetch(
        f"SELECT ctid::text AS place, {column}::text AS said FROM {table}"  # noqa: S608 - names of the catalogue
        f" WHERE {column} IS NOT NULL"
    )
    for row in rows:
        said = rewritten(json.loads(row["said"]), lambda: filling(200, next(number)))
        await connection.execute(
            f"UPDATE {table} SET {column} = $2::jsonb WHERE ctid = $1::text::tid",  # noqa: S608 - names of the catalogue
            row["place"],
            json.dumps(said),
        )


def rewritten(said: Any, words: Callable[[], str]) -> Any:  # noqa: ANN401 - JSON
    """Return a document in which the people's words are others."""
    if isinstance(said, dict):
        return {
            name: words()
            if name in WORDS and isinstance(value, str)
            else rewritten(value, words)
            for name, value in said.items()
        }
    if isinstance(said, list):
        return [rewritten(each, words) for each in said]
    return said
