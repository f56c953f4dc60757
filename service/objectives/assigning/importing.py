"""Import objectives from files: new ones written all at once, changed ones one by one.

The law: the same file again changes nothing, and no file changes what others have
agreed to.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.importing.reading import Reading
from service.directory.importing.report import (
    Findings,
    Outcome,
    Progress,
    Report,
    silent,
)
from service.directory.importing.running import alone
from service.directory.queries import known_codes
from service.errors import Refusal
from service.objectives.actions import propose, say
from service.objectives.assigning.adding import add, insert, tell_once
from service.objectives.assigning.checking import Case, Wanted, find_people, judge
from service.objectives.assigning.file import (
    LAYOUT,
    Begun,
    Filed,
    Key,
    joined,
    read,
)
from service.objectives.assigning.naming import records_named
from service.objectives.assigning.tables import Imported
from service.objectives.audience import given
from service.objectives.changing import Work, changing, check_open
from service.objectives.content import Content, plain
from service.objectives.drafting import content_of
from service.objectives.queries import ObjectiveFact, objectives
from service.objectives.stages import Stage, WrongStage
from service.records.queries import RecordFact

STORED: Final = """
SELECT i.record, i.key, i.objective
FROM unnest($1::uuid[], $2::text[]) AS n (record, key)
JOIN objective_import i ON i.record = n.record AND i.key = n.key
"""
OPEN_TO_FILES: Final = frozenset({Stage.DRAFT, Stage.PROPOSED, Stage.SENT_BACK})
REASON: Final = "Imported from a file."
Pair = tuple[Filed, RecordFact]


async def import_objectives(
    files: Sequence[Path],
    *,
    caller: Caller,
    now: datetime,
    partial: bool = False,
    progress: Progress = silent,
) -> Report:
    """Create and change objectives; `ImportRefused` holds what was wrong."""
    findings, call = Findings(), uuid4()
    reading = Reading(LAYOUT, findings, progress)
    rows = [row for each in reading.rows(files) if (row := read(each))]
    findings.check(partial=True)
    with within_reach(EVERYONE):
        async with alone():
            filed = await _on_records(joined(rows, findings), findings)
            stored = await _stored(filed)
            old = [pair for pair in filed if pair[0].key in stored]
            await _renew(old, stored, findings, caller, now, progress)
            new = [pair for pair in filed if pair[0].key not in stored]
            cases = await _judged(new, findings, now)
            findings.check(partial=partial)
            progress("Writing objectives", 0, 1)
            await _add(cases, call, caller, now)
            await _audit(call, reading, caller, now)
            progress("Writing objectives", 1, 1)
    return findings.report()


async def _on_records(filed: Sequence[Filed], findings: Findings) -> list[Pair]:
    """Find the record that each is of; refuse what is of none."""
    names = {f"{each.key.source}:{each.key.record}" for each in filed}
    named = await records_named(names, await known_codes())
    found = []
    for each in filed:
        facts = named.get(f"{each.key.source}:{each.key.record}", ())
        on = next((f for f in facts if f.organisation == each.key.organisation), None)
        if on is not None:
            found.append((each, on))
            continue
        each.refuse(
            findings,
            f"{each.key.organisation} has no record {each.key.record} of"
            f" {each.key.source} in any cycle.",
            column="appraisal_record_id",
            remedy="Correct it, or import people and open the cycle first.",
        )
    return found


async def _stored(filed: Sequence[Pair]) -> dict[Key, ObjectiveFact]:
    """Return those that were imported before."""
    keys = {(on.id, each.key.objective): each.key for each, on in filed}
    async with transaction() as connection:
        rows = await connection.fetch(
            STORED, [record for record, _ in keys], [key for _, key in keys]
        )
    facts = {
        f.id: f for f in await objectives([row["objective"] for row in rows], None)
    }
    return {keys[row["record"], row["key"]]: facts[row["objective"]] for row in rows}


async def _renew(
    old: Sequence[Pair],
    stored: Mapping[Key, ObjectiveFact],
    findings: Findings,
    caller: Caller,
    now: datetime,
    progress: Progress,
) -> None:
    """Change what the files say anew of objectives that are there."""
    cases = [_case(*pair) for pair in old]
    await find_people(cases)
    for done, ((each, on), case) in enumerate(zip(old, cases, strict=True), start=1):
        progress("Comparing objectives", done, len(old))
        fact = stored[each.key]
        try:
            if case.refusal is not None:
                raise case.refusal
            outcome = await _renewed(each, on, fact, _kept(fact, case), caller, now)
        except Refusal as refusal:
            _refuse(each, refusal, findings)
        else:
            each.count(findings, outcome)


def _case(each: Filed, on: RecordFact) -> Case:
    says = content_of(each.says, (), (), None)
    whole = each.stage == Begun.PROPOSED
    return Case(Wanted(on, says, each.parts, None, whole), says)


def _kept(fact: ObjectiveFact, case: Case) -> Content:
    """Return what it is to say: what a file does not tell of stays as it is."""
    stands = fact.content
    return replace(
        case.content,
        owners=stands.owners,
        value_map=stands.value_map,
        parent=stands.parent,
        ends_on=stands.ends_on,
    )


async def _renewed(
    each: Filed,
    on: RecordFact,
    fact: ObjectiveFact,
    content: Content,
    caller: Caller,
    now: datetime,
) -> Outcome:
    """Change one objective, wholly or not at all; put it to others if it is time."""
    same = plain(fact.content) == plain(content)
    proposed = each.stage == Begun.PROPOSED
    if same and not (proposed and fact.stage == Stage.DRAFT):
        return Outcome.UNCHANGED
    async with transaction():
        if not same:
            async with changing(fact.id, caller=caller, now=now, sharing=False) as work:
                await _check_not_agreed(work)
                await check_open(work)
                await say(work, on, content, REASON)
        if proposed and fact.stage != Stage.PROPOSED:
            await propose(fact.id, caller=caller, now=now)
    return Outcome.CHANGED


async def _check_not_agreed(work: Work) -> None:
    id_ = work.fact.id
    if work.stage not in OPEN_TO_FILES or (await given([id_]))[id_]:
        raise WrongStage(
            f"The objective is {work.stage.replace('_', ' ')} and others have agreed to"
            " it or ended it: change it in the service, where they are asked again, or"
            " give another objective_key."
        )


def _refuse(each: Filed, refusal: Refusal, findings: Findings) -> None:
    """Refuse it in the row and the column that the refusal points at."""
    pointers = (fault.pointer for fault in refusal.faults if fault.pointer)
    column, number = None, 0
    match next(pointers, "").removeprefix("#/").split("/"):
        case ["contributions", place, *_] if place.isdecimal():
            column, number = "contributor_person_id", int(place)
        case ["priority", *_]:
            column = "priority_code"
        case ["weight" | "element" | "standard" as named]:
            column = named
    each.refuse(findings, str(refusal), column=column, number=number)


async def _judged(
    new: Sequence[Pair], findings: Findings, now: datetime
) -> dict[Key, Case]:
    """Return those that hold to every rule; refuse the others."""
    wanted = [_case(*pair).wanted for pair in new]
    standing = {}
    cases = await judge(wanted, now=now)
    for (each, _), case in zip(new, cases, strict=True):
        if case.refusal is not None:
            _refuse(each, case.refusal, findings)
        else:
            each.count(findings, Outcome.CREATED)
            standing[each.key] = case
    return standing


async def _add(
    cases: Mapping[Key, Case], call: UUID, caller: Caller, now: datetime
) -> None:
    """Write the new ones, remember their keys, and tell everyone once."""
    made: Collection[Case] = cases.values()
    await add([*made], template=None, action="import", caller=caller, now=now)
    keys = [
        {
            "organisation": key.organisation,
            "id": uuid4(),
            "record": case.wanted.on.id,
            "key": key.objective,
            "objective": case.wanted.id,
        }
        for key, case in cases.items()
    ]
    await insert(Imported, keys)
    await tell_once([*made], call, str(call), caller=caller, now=now)


async def _audit(call: UUID, reading: Reading, caller: Caller, now: datetime) -> None:
    """Record the import, if it did anything; each objective has entries of its own."""
    outcomes = reading.findings.outcomes
    if not outcomes[Outcome.CREATED] + outcomes[Outcome.CHANGED]:
        return
    after = {
        "read": reading.findings.read,
        **{outcome.value: count for outcome, count in outcomes.items()},
        "rejected": len(reading.findings.rejected),
        "files": {Path(name).name: hash_ for name, hash_ in reading.digests.items()},
    }
    await audit(caller, "objectives.imported", "import", call, now=now, after=after)
