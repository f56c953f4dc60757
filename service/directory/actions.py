"""What changes the directory: three imports, and one organisation succeeding another.

Each is one transaction. Imports run one at a time; the second waits as long as the
database lets it wait for a lock, and is refused.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from service.audit.actions import record
from service.auth.caller import Caller
from service.directory.feed import tell_of_people
from service.directory.importing import (
    organisations,
    organisations_file,
    people,
    people_file,
    people_stored,
    posts,
    posts_file,
)
from service.directory.importing.people_file import PersonRow
from service.directory.importing.people_stored import Stored
from service.directory.importing.reading import Reading
from service.directory.importing.report import (
    Findings,
    ImportRefused,
    Progress,
    Report,
    silent,
)
from service.directory.importing.running import ImportRunning, alone, audit
from service.directory.rules import (
    Succession,
    UnknownOrganisation,
    WrongSuccession,
    check_succession,
    squeezed,
)
from service.errors import Unprocessable

__all__ = [
    "ImportRefused",
    "ImportRunning",
    "Progress",
    "Report",
    "import_organisations",
    "import_organogram",
    "import_people",
    "silent",
    "succeed",
]

HERE: Final = ZoneInfo("Europe/London")
ADD_LINEAGE: Final = (
    "INSERT INTO organisation_lineage (id, predecessor, successor, kind, on_date)"
    " VALUES ($1, $2, $3, $4, $5)"
)
ENDING: Final = "SET valid_to = greatest($2, valid_from) WHERE valid_to IS NULL"
END_ORGANISATION: Final = (
    f"UPDATE organisation {ENDING} AND code = $1",
    f"UPDATE organisation_name {ENDING} AND organisation = $1",
    f"UPDATE organisation_domain {ENDING} AND organisation = $1",
)


class NobodyThere(Unprocessable):
    """The files hold nobody of an organisation they are said to be complete for."""

    slug = "import-nobody-there"


async def import_organisations(
    files: Sequence[Path],
    *,
    caller: Caller,
    now: datetime,
    partial: bool = False,
    progress: Progress = silent,
) -> Report:
    """Create and change organisations; `ImportRefused` holds what was wrong."""
    today = _today(now)
    findings = Findings()
    reading = Reading(organisations_file.LAYOUT, findings, progress)
    rows = [
        row for each in reading.rows(files) if (row := organisations_file.read(each))
    ]
    findings.check(partial=True)
    async with alone() as connection:
        stored = await organisations.load(connection)
        kept = organisations.check(rows, stored, findings)
        findings.check(partial=partial)
        plan = organisations.plan(kept, stored, today, findings)
        await plan.write(connection, today)
        await audit("organisations", plan.entries, reading, caller, now)
    return findings.report()


def _today(now: datetime) -> date:
    return now.astimezone(HERE).date()


async def import_organogram(
    files: Sequence[Path],
    *,
    caller: Caller,
    now: datetime,
    partial: bool = False,
    progress: Progress = silent,
) -> Report:
    """Create and change posts, never people; `ImportRefused` holds what was wrong."""
    findings = Findings()
    reading = Reading(posts_file.LAYOUT, findings, progress)
    rows = [row for each in reading.rows(files) if (row := posts_file.read(each))]
    findings.check(partial=True)
    async with alone() as connection:
        stored = await posts.load(connection, rows)
        plan = posts.plan(rows, stored, _today(now), findings)
        findings.check(partial=partial)
        progress("Writing posts", 0, 1)
        await plan.dated.write(connection)
        await audit("organogram", plan.entries, reading, caller, now)
        progress("Writing posts", 1, 1)
    return findings.report()


async def import_people(
    files: Sequence[Path],
    *,
    caller: Caller,
    now: datetime,
    partial: bool = False,
    complete: Sequence[str] = (),
    only: str | None = None,
    rehearsed: bool = False,
    followed_by: Callable[[frozenset[str]], Awaitable[None]] | None = None,
    new_id: Callable[[], UUID] = uuid4,
    progress: Progress = silent,
) -> Report:
    """Create and change people; `ImportRefused` holds what was wrong.

    `complete` names organisations of which the files hold everybody: who is missing is
    closed, unless a row was rejected; `only` is the one whose rows are taken. When
    `rehearsed`, nothing is written. `followed_by` is called within the transaction.
    """
    today = _today(now)
    findings = Findings()
    reading = Reading(people_file.LAYOUT, findings, progress)
    rows, mentioned = _read_people(reading, files, today, only)
    findings.check(partial=True)
    async with alone() as connection:
        stored = await people_stored.load(connection, rows, complete, today)
        whole = _complete(complete, rows, stored)
        kept, ids = people.judge(rows, mentioned, stored, whole, findings, new_id)
        findings.check(partial=partial)
        plan = people.plan(kept, ids, stored, whole, today, findings)
        if rehearsed:
            return findings.report()
        progress("Writing people", 0, 1)
        await plan.write(connection)
        await tell_of_people(plan.dated, now=now)
        await audit("people", plan.entries, reading, caller, now)
        if followed_by is not None:
            await followed_by(frozenset(row.organisation for row in kept))
        progress("Writing people", 1, 1)
    return findings.report()


def _read_people(
    reading: Reading, files: Sequence[Path], today: date, only: str | None
) -> tuple[list[PersonRow], set[tuple[str, str]]]:
    """Return the rows that are right by themselves, and everybody that any names."""
    rows = []
    mentioned = set()
    for each in reading.rows(files):
        codes = (each.cells["organisation"], each.cells["employee_number"])
        mentioned.add((squeezed(codes[0]), squeezed(codes[1])))
        if row := people_file.read(each, today):
            rows.append(row)
    if only is not None:
        rows = _of_one(rows, only, reading.findings)
    return rows, mentioned


def _of_one(
    rows: Sequence[PersonRow], organisation: str, findings: Findings
) -> list[PersonRow]:
    """Refuse rows of any other organisation than whoever imports them acts for."""
    kept = []
    for row in rows:
        if row.organisation == organisation:
            kept.append(row)
        else:
            findings.reject(
                row.place,
                "organisation",
                f"It is of {row.organisation!r}, and you import for {organisation!r}.",
                "Leave it out: that organisation imports its own people.",
            )
    return kept


def _complete(
    complete: Sequence[str], rows: Sequence[PersonRow], stored: Stored
) -> frozenset[str]:
    """Return the organisations that the files hold whole, if that can be true."""
    for code in complete:
        if code not in stored.members:
            raise _unknown(code)
        if not any(row.organisation == code for row in rows):
            raise NobodyThere(
                f"--complete {code} would close everybody there, for the files hold"
                " nobody of it: import its extract, or leave --complete out."
            )
    return frozenset(complete)


def _unknown(code: str) -> UnknownOrganisation:
    return UnknownOrganisation(
        f"There is no organisation with the code {code}: see `joinedup organisations"
        " list`."
    )


async def succeed(
    old: str,
    new: str,
    kind: Succession,
    *,
    on: date,
    caller: Caller,
    now: datetime,
) -> None:
    """Record that one organisation became another, or part of one, on a day.

    By a rename or a merger the old one ends, and its names and domains come free; by a
    split it stays, for some of its people may.
    """
    if on > _today(now):
        raise WrongSuccession(f"{on} is still to come: record it on the day.")
    async with alone() as connection:
        codes = await connection.fetch("SELECT code FROM organisation")
        for code in {old, new} - {row["code"] for row in codes}:
            raise _unknown(code)
        successors: dict[str, frozenset[str]] = {}
        for row in await connection.fetch(
            "SELECT predecessor, successor FROM organisation_lineage"
        ):
            before = successors.get(row["predecessor"], frozenset())
            successors[row["predecessor"]] = before | {row["successor"]}
        check_succession(old, new, successors)
        await connection.execute(ADD_LINEAGE, uuid4(), old, new, kind, on)
        if kind is not Succession.SPLIT:
            for statement in END_ORGANISATION:
                await connection.execute(statement, old, on)
        await record(
            caller,
            "organisation.succeeded",
            "organisation",
            old,
            organisation=old,
            now=now,
            after={"successor": new, "kind": kind, "on": on},
        )
