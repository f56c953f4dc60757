"""Many new objectives written down, each table in one statement.

The law: what is left behind is what a single objective leaves: its parties, its
version, its step, its audit and a row in the feed of each who may know of it.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from piccolo.table import Table

from service.audit.actions import Entry, record_many
from service.auth.caller import Caller
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import transaction
from service.directory.queries import postings_on
from service.jobs.outbox import tell
from service.jobs.rules import Notice, NoticeKind
from service.objectives.assigning.checking import BREATH, Case
from service.objectives.changing import person_of
from service.objectives.content import digest, plain
from service.objectives.stages import ContributionState, Stage, Step, after
from service.objectives.tables import (
    Contribution,
    ObjectiveParty,
    Owner,
    SharedObjective,
    StepTaken,
    Value,
    Version,
)
from service.objectives.writing import drafted

IN_ORDER: Final[tuple[type[Table], ...]] = (
    SharedObjective,
    ObjectiveParty,
    Contribution,
    Owner,
    Value,
    Version,
    StepTaken,
)
"""What others refer to comes first."""
PROPOSED: Final = after(Stage.DRAFT, Step.PROPOSE)
Rows = dict[type[Table], list[dict[str, Any]]]


async def add(
    cases: Sequence[Case],
    *,
    template: UUID | None,
    action: str,
    caller: Caller,
    now: datetime,
) -> None:
    """Write what has been judged, in a number of statements that does not grow."""
    rows: Rows = defaultdict(list)
    for number, case in enumerate(cases):
        if number % BREATH == 0:  # Other requests have their turn.
            await asyncio.sleep(0)
        _itself(rows, case, template, now)
        _parts(rows, case)
        _history(rows, case, caller, now)
    for table in IN_ORDER:
        await insert(table, rows[table])
    entries = [_entry(case, action, template) for case in cases]
    await record_many(caller, entries, now=now)
    await note([change for case in cases for change in _changes(case)], now=now)


def _itself(rows: Rows, case: Case, template: UUID | None, now: datetime) -> None:
    origin: dict[Any, Any] = {SharedObjective.template: template}
    if case.wanted.whole:
        origin |= {SharedObjective.stage: PROPOSED, SharedObjective.shared_at: now}
    row = drafted(case.wanted.on, case.content, case.wanted.id, now, origin)
    columns = SharedObjective.all_columns()
    rows[SharedObjective].append(
        {name: getattr(row, name) for name in map(_name, columns)}
    )


def _name(column: Any) -> str:  # noqa: ANN401 - Piccolo's union of columns
    name: str = column._meta.name  # noqa: SLF001 - Piccolo keeps it there alone
    return name


def _parts(rows: Rows, case: Case) -> None:
    id_ = case.wanted.id
    rows[ObjectiveParty] += [
        {"organisation": code, "objective": id_, "id": uuid4()}
        for code in sorted(case.wanted.organisations)
    ]
    rows[Contribution] += [
        {
            "organisation": part.organisation,
            "id": contribution,
            "objective": id_,
            "person": part.person,
            "role": part.role,
            "share": part.share,
            "commitment": part.commitment,
            "state": ContributionState.INVITED,
        }
        for contribution, part in case.contributions.items()
    ]
    _owners_and_values(rows, case)


def _owners_and_values(rows: Rows, case: Case) -> None:
    id_, says = case.wanted.id, case.content
    rows[Owner] += [
        {
            "organisation": case.owning[person],
            "id": uuid4(),
            "objective": id_,
            "number": number,
            "person": person,
        }
        for number, owner in enumerate(says.owners, start=1)
        for person in owner
    ]
    rows[Value] += [
        {
            "organisation": value.organisation,
            "id": uuid4(),
            "objective": id_,
            "puts_in": value.puts_in,
            "money_in": value.money_in,
            "people_in": value.people_in,
            "days_in": value.days_in,
            "gains": value.gains,
            "money_out": value.money_out,
        }
        for value in says.value_map
    ]


def _history(rows: Rows, case: Case, caller: Caller, now: datetime) -> None:
    says = plain(case.content)
    left: dict[str, Any] = {
        "organisation": case.wanted.on.organisation,
        "objective": case.wanted.id,
        "version": 1,
        "actor": caller.key,
        "person": person_of(caller),
        "reason": "",
        "at": now,
    }
    rows[Version].append(
        {**left, "id": uuid4(), "content": json.dumps(says), "digest": digest(says)}
    )
    if case.wanted.whole:
        rows[StepTaken].append(
            {
                **left,
                "id": uuid4(),
                "revision": 1,
                "step": Step.PROPOSE,
                "contribution": None,
                "was": Stage.DRAFT,
                "became": PROPOSED,
            }
        )


async def insert(table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows in one statement, whatever their number."""
    columns = table.all_columns()
    names = [*map(_name, columns)]
    types = [column.column_type.partition("(")[0] for column in columns]
    arrays = ", ".join(f"${n}::{each}[]" for n, each in enumerate(types, start=1))
    async with transaction() as connection:
        await connection.execute(
            f"INSERT INTO {table._meta.tablename} ({', '.join(names)})"  # noqa: S608, SLF001 - names from our own tables
            f" SELECT * FROM unnest({arrays})",
            *([row[name] for row in rows] for name in names),
        )


def _entry(case: Case, action: str, template: UUID | None) -> Entry:
    return Entry(
        action,
        "objective",
        case.wanted.id,
        case.wanted.on.organisation,
        after={
            "organisations": sorted(case.wanted.organisations),
            "stage": PROPOSED if case.wanted.whole else Stage.DRAFT,
            "template": template,
        },
    )


def _changes(case: Case) -> list[Change]:
    """Tell its parties, or of a draft its lead alone."""
    parties = case.wanted.organisations
    told = sorted(parties) if case.wanted.whole else [case.wanted.on.organisation]
    return [
        Change(code, Stream.OBJECTIVES, "objective", case.wanted.id, 1) for code in told
    ]


async def tell_once(
    cases: Sequence[Case], about: UUID, key: str, *, caller: Caller, now: datetime
) -> None:
    """Tell everybody who owns or must agree to any of them, once, of how many."""
    concerned: Counter[UUID] = Counter()
    for case in cases:
        if case.wanted.whole:
            concerned.update({*case.owning, *filter(None, case.needed.values())})
    if (mine := person_of(caller)) is not None:
        concerned.pop(mine, None)
    held = await postings_on(concerned, now.date())
    await tell(
        [
            Notice(
                person=person,
                organisation=held[person].organisation,
                kind=NoticeKind.ASSIGNED_IN_BULK,
                about=about,
                key=key,
                count=concerned[person],
            )
            for person in held
        ],
        now=now,
    )
