"""Open cycles and attach records: load, ask the rules, save, one transaction each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from service.access.rules import check_known, within
from service.audit.actions import record as audit
from service.auth.caller import Caller, Machine
from service.changes.actions import note
from service.changes.rules import Change, Stream
from service.db import Connection, transaction
from service.directory.queries import Found, known_codes, person_named
from service.directory.tables import Organisation
from service.records import frameworks, queries, rules
from service.records.frameworks import Stage
from service.records.rules import CycleState, CycleStep
from service.records.tables import AppraisalRecord, Cycle, CycleStage

ADD_ORGANISATIONS: Final = """
INSERT INTO cycle_organisation (organisation, cycle, year, id)
SELECT o, $2, $3, i FROM unnest($1::text[], $4::uuid[]) AS t (o, i)
"""
UNATTACHED: Final = """
SELECT DISTINCT ON (h.organisation, h.source, h.person)
    h.organisation, h.source, h.external_record_id, h.person, c.cycle
FROM hr_record h
CROSS JOIN LATERAL (
    SELECT o.cycle FROM cycle_organisation o
    JOIN cycle y ON y.id = o.cycle AND y.state = 'open'
    WHERE o.organisation = h.organisation AND NOT EXISTS (
        SELECT FROM appraisal_record r WHERE r.organisation = h.organisation
            AND r.cycle = o.cycle AND r.person = h.person AND r.source = h.source)
    ORDER BY o.year LIMIT 1) c
WHERE h.valid_to IS NULL AND NOT EXISTS (
    SELECT FROM appraisal_record r WHERE r.organisation = h.organisation
        AND r.source = h.source AND r.external_id = h.external_record_id)
ORDER BY h.organisation, h.source, h.person, h.external_record_id
"""
ATTACH: Final = """
INSERT INTO appraisal_record
    (organisation, id, cycle, person, source, external_id, attached_at, version)
SELECT t.*, $7::timestamptz, 1
FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
    AS t
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A cycle just opened: its id, its organisations and how many records it has."""

    id: UUID
    organisations: tuple[str, ...]
    records: int


async def open_cycle(
    framework: str,
    year: int,
    *,
    organisations: Sequence[str] = (),
    dates: Mapping[str, datetime] | None = None,
    caller: Caller,
    now: datetime,
) -> Opened:
    """Open a cycle of these organisations (none named: all); attach their records."""
    preset = frameworks.load(framework)
    starts = _dates(preset, year, dates or {})
    async with transaction():
        codes = await _take_part(organisations)
        cycle = await _insert_cycle(preset, year, codes, starts, now)
        await audit(
            caller,
            "open",
            "cycle",
            cycle,
            now=now,
            organisation=codes[0] if len(codes) == 1 else None,
            after={"framework": preset.code, "year": year, "organisations": codes},
        )
        attached = await attach_imported(caller=caller, now=now)
    return Opened(cycle, tuple(codes), attached)


async def _insert_cycle(
    preset: frameworks.Framework,
    year: int,
    codes: Sequence[str],
    starts: Mapping[str, datetime],
    now: datetime,
) -> UUID:
    cycle = uuid4()
    await Cycle.insert(
        Cycle(
            id=cycle,
            framework=preset.code,
            framework_version=preset.version,
            year=year,
            method=preset.scoring.method,
            state=CycleState.OPEN,
            created_at=now,
            version=1,
        )
    )
    try:
        async with transaction() as connection:
            await connection.execute(
                ADD_ORGANISATIONS, codes, cycle, year, [uuid4() for _ in codes]
            )
    except asyncpg.UniqueViolationError:
        raise rules.CycleExists(
            f"One of {', '.join(codes)} has a cycle for {year} already: name the"
            " others with --organisation."
        ) from None
    await CycleStage.insert(
        *(
            CycleStage(id=uuid4(), cycle=cycle, stage=stage, starts_at=at)
            for stage, at in starts.items()
        )
    )
    return cycle


def _dates(
    preset: frameworks.Framework, year: int, wanted: Mapping[str, datetime]
) -> dict[str, datetime]:
    """Return every stage's instant; the release follows a closing that was moved."""
    instants = frameworks.stage_instants(preset, year)
    closes = wanted.get(Stage.FEEDBACK_CLOSES)
    if closes is not None and closes.tzinfo is not None:
        instants[Stage.FEEDBACK_RELEASES] = frameworks.releases_after(preset, closes)
    return rules.with_dates({str(s): at for s, at in instants.items()}, wanted)


async def _take_part(wanted: Sequence[str]) -> list[str]:
    known = await known_codes()
    check_known(wanted, known)
    if not known:
        raise rules.NoOrganisations("Run `joinedup import organisations` first.")
    return sorted(set(wanted) or known)


async def attach_imported(*, caller: Caller, now: datetime) -> int:
    """Attach each imported HR record to the earliest open cycle that lacks it.

    One record a person, cycle and HR system; a second id of the same person waits for
    the next cycle.
    """
    async with transaction() as connection:
        rows = await connection.fetch(UNATTACHED)
        if rows:
            await _attach(connection, rows, now)
            await audit(
                caller,
                "attach",
                "appraisal_record",
                "imported",
                now=now,
                after={"records": len(rows)},
            )
    return len(rows)


async def _attach(
    connection: Connection, rows: Collection[asyncpg.Record], now: datetime
) -> None:
    ids = [uuid4() for _ in rows]
    await connection.execute(
        ATTACH,
        [row["organisation"] for row in rows],
        ids,
        [row["cycle"] for row in rows],
        [row["person"] for row in rows],
        [row["source"] for row in rows],
        [row["external_record_id"] for row in rows],
        now,
    )
    told = zip((row["organisation"] for row in rows), ids, strict=True)
    await note([_attached_to(code, id_) for code, id_ in told], now=now)


def _attached_to(organisation: str, record: UUID) -> Change:
    return Change(organisation, Stream.RECORDS, "record", record, 1)


async def attach(
    source: str,
    external_id: str,
    *,
    cycle: UUID,
    person: tuple[str, str],
    organisation: str | None,
    machine: Machine,
    now: datetime,
) -> tuple[queries.RecordFact, bool]:
    """Attach an HR system's record to a person's cycle; return it and whether new.

    `person` is (source, external id); an attachment is never moved.
    """
    async with transaction():
        scope = within(machine.organisations, organisation)
        found = await _found(person, source, scope)
        takes_part = await queries.cycle_of(cycle, [found.organisation])
        if there := await _attached(found, cycle, (source, external_id)):
            return there, False
        rules.check_attaches(CycleState(takes_part["state"]))
        fresh = await _insert_record(found, cycle, (source, external_id), now)
        if fresh is None:
            # The same request, sent twice at once, may have come first.
            if there := await _attached(found, cycle, (source, external_id)):
                return there, False
            raise rules.AttachedElsewhere(
                f"{':'.join(person)} has another {source} record in this cycle: use it."
            )
        after = {"cycle": cycle, "source": source, "external_id": external_id}
        home = found.organisation
        await audit(
            machine, "attach", "appraisal_record", fresh, now=now, organisation=home,
            after=after,
        )  # fmt: skip
        await note([_attached_to(home, fresh)], now=now)
        (attached,) = await queries.records([found.organisation], record=fresh)
    return attached, True


async def _found(
    person: tuple[str, str], source: str, organisations: Sequence[str]
) -> Found:
    """Return the person named; refuse a record of a system their organisation lacks."""
    found = await person_named(*person, organisations=organisations)
    systems: list[str] = (
        await Organisation.select(Organisation.hr_system)
        .where(Organisation.code == found.organisation)
        .output(as_list=True)
    )
    rules.check_source(source, systems[0], found.organisation)
    return found


async def _insert_record(
    found: Found, cycle: UUID, name: tuple[str, str], now: datetime
) -> UUID | None:
    """Return the id of the record added, or None where it or its like is there."""
    source, external_id = name
    fresh = AppraisalRecord(
        organisation=found.organisation,
        id=uuid4(),
        cycle=cycle,
        person=found.person,
        source=source,
        external_id=external_id,
        attached_at=now,
        version=1,
    )
    added = await AppraisalRecord.insert(fresh).on_conflict(action="DO NOTHING")
    return fresh.id if added else None


async def _attached(
    found: Found, cycle: UUID, name: tuple[str, str]
) -> queries.RecordFact | None:
    """Return the record of this name if it is there; refuse to move it."""
    existing = await queries.records([found.organisation], external=name)
    if not existing:
        return None
    if (existing[0].person, existing[0].cycle) != (found.person, cycle):
        raise rules.AttachedElsewhere(
            f"{':'.join(name)} is attached to another person or cycle, and an"
            " attachment is never moved: use the id HR gave this one."
        )
    return existing[0]


async def step(cycle: UUID, taken: CycleStep, *, caller: Caller, now: datetime) -> None:
    """Move a cycle on by one step."""
    async with transaction():
        current = await queries.cycle_of(cycle)
        state = rules.after(CycleState(current["state"]), taken)
        moved = (
            await Cycle.update({Cycle.state: state, Cycle.version: Cycle.version + 1})
            .where(Cycle.id == cycle, Cycle.version == current["version"])
            .returning(Cycle.id)
        )
        if not moved:
            raise rules.WrongCycleState("Another process moved the cycle on just now.")
        await audit(
            caller, taken, "cycle", cycle, now=now, after={"state": state.value}
        )
