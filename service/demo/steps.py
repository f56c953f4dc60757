"""The steps of the demo, each looking first at what is there already."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Final
from uuid import UUID

from service.access.actions import agree_to_share
from service.auth.caller import Operator, Person
from service.db import transaction
from service.demo.groups import Colleague, Group, filled, replies
from service.directory.queries import (
    known_codes,
    line_managers_on,
    postings_on,
)
from service.errors import NotFound
from service.feedback import actions as feedback
from service.feedback import asking, windows
from service.feedback.rules import PoolTooSmall
from service.objectives import actions as objectives
from service.objectives.agreement import actions as agreement
from service.objectives.content import Content, Contributed
from service.objectives.queries import ObjectiveFact, objective
from service.objectives.rules import ContributionRole, Kind, OwnershipModel
from service.objectives.stages import Stage
from service.records import actions as records_actions
from service.records.frameworks import Stage as CycleStage
from service.records.frameworks import load, stage_instants
from service.records.queries import RecordFact, cycles, instants, records

FRAMEWORK: Final = "uk-scs-2025"
OPERATOR: Final = Operator("demo")
EVERY: Final = 1_000_000
RESPONSES: Final = """
SELECT count(*) FROM feedback_request q JOIN feedback_window w ON w.id = q."window"
WHERE w.cycle = $1 AND q.state = 'submitted'
"""
STATES: Final = """
SELECT state, count(*) FROM score WHERE cycle = $1 GROUP BY state ORDER BY state
"""
MOST_PUBLISHED: Final = """
SELECT organisation FROM score WHERE cycle = $1
GROUP BY organisation ORDER BY count(value) DESC, organisation LIMIT 1
"""
Progress = Callable[[str, int, int], None]
"""Hears what is done, how much of it, and of how much."""


@dataclass(frozen=True, slots=True)
class Year:
    """The cycle of the demo, and its records by person."""

    id: UUID
    state: str
    starts: Mapping[str, datetime]
    of: Mapping[UUID, RecordFact]

    def day(self, stage: CycleStage, later: int = 0) -> datetime:
        """Return the instant some days after a stage begins."""
        return self.starts[stage] + timedelta(days=later)


def latest_year(now: datetime) -> int:
    """Return the last appraisal year whose feedback has been released by now."""
    framework = load(FRAMEWORK)
    released = CycleStage.FEEDBACK_RELEASES
    year = now.year
    while stage_instants(framework, year)[released] > now:
        year -= 1
    return year


async def share(starts: date, ends: date, now: datetime) -> None:
    """Let every pair of organisations share data."""
    known = await known_codes()
    async with transaction():
        for one, other in combinations(sorted(known), 2):
            await agree_to_share(
                one,
                other,
                purpose="shared objectives and feedback",
                start=starts,
                end=ends,
                known=known,
                caller=OPERATOR,
                now=now,
            )


async def open_year(now: datetime) -> Year:
    """Open the demo's cycle, or find it; its records with it."""
    year = latest_year(now)
    found = [row for row in await cycles(None) if row["year"] == year]
    if found:
        id_, state = found[0]["id"], found[0]["state"]
    else:
        opened = await records_actions.open_cycle(
            FRAMEWORK, year, caller=OPERATOR, now=now
        )
        id_, state = opened.id, "open"
    all_records = await records(await known_codes(), cycle=id_, limit=EVERY)
    return Year(id_, state, await instants(id_), {r.person: r for r in all_records})


async def colleagues(year: Year, on: date | None = None) -> list[Colleague]:
    """Return who can share an objective: in post and managed as it is set, or `on`."""
    day = on or year.day(CycleStage.OBJECTIVE_SETTING, 30).date()
    held = await postings_on(year.of, day)
    managers = await line_managers_on(year.of, day)
    return [
        Colleague(person, f"{on.organisation} {on.person_external_id}", on.organisation)
        for person, on in year.of.items()
        if person in managers
        and person in held
        and held[person].organisation == on.organisation
    ]


async def agree(year: Year, groups: Sequence[Group], progress: Progress) -> int:
    """Draft, propose and agree an objective for each group; return how many stand."""
    now = year.day(CycleStage.OBJECTIVE_SETTING, 30)
    for done, group in enumerate(groups, start=1):
        fact = await _drafted(year, group, now)
        lead = group.members[0].person
        people = [member.person for member in group.members]
        managers = await line_managers_on(people, now.date())
        if fact.stage == Stage.DRAFT:
            fact = await objectives.propose(
                fact.id, caller=Person(managers[lead]), now=now
            )
        if fact.stage == Stage.PROPOSED:
            for person in {lead, *(managers[p] for p in people)}:
                fact = await agreement.agree(
                    fact.id, comment="Agreed.", caller=Person(person), now=now
                )
                if fact.stage == Stage.AGREED:
                    break
        progress("Objectives agreed", done, len(groups))
    return len(groups)


async def _drafted(year: Year, group: Group, now: datetime) -> ObjectiveFact:
    try:
        return await objective(group.id)
    except NotFound:
        pass
    lead = group.members[0].person
    roles = (
        [ContributionRole.LEAD]
        + [
            ContributionRole.MAJOR if share > 10 else ContributionRole.SUPPORTING  # noqa: PLR2004 - of the demo's making
            for share in group.shares[1:]
        ]
    )
    manager = (await line_managers_on([lead], now.date()))[lead]
    return await objectives.draft(
        year.of[lead],
        Content(
            title=group.title,
            outcome=f"{group.title}: in place for the public by the year's end.",
            measures="Agreed by the departments' analysts; read every quarter.",
            ownership_model=OwnershipModel.SHARED_RESPONSIBILITY,
            kind=Kind.DELIVERY_OBJECTIVE,
            owners=((lead,),),
            contributions=tuple(
                Contributed(member.organisation, member.person, role, share, gives)
                for member, role, share, gives in zip(
                    group.members, roles, group.shares, group.commitments, strict=True
                )
            ),
        ),
        id_=group.id,
        caller=Person(manager),
        now=now,
    )


async def ask(
    year: Year, members: Sequence[Colleague], seed: int, progress: Progress
) -> None:
    """Draw each member's raters from those they worked with."""
    now = year.day(CycleStage.FEEDBACK_OPENS, 1)
    drawn = await asking.drawn_records(year.id)
    for done, member in enumerate(members, start=1):
        on = year.of[member.person]
        if on.id not in drawn:
            with suppress(PoolTooSmall):  # Such a person goes without, as in life.
                await asking.draw(
                    on,
                    seed=sha256(f"{seed} {member.name}".encode()).hexdigest(),
                    caller=OPERATOR,
                    now=now,
                    key=draw_key(seed),
                )
        progress("Raters drawn", done, len(members))


def draw_key(seed: int) -> bytes:
    """Return the demo's own key of its draws, so that the same seed draws the same."""
    return sha256(f"{seed} draws of the demo".encode()).digest()


async def answer(
    year: Year, members: Sequence[Colleague], seed: int, progress: Progress
) -> None:
    """Have each rater answer, decline or ignore what waits for them, by seed."""
    names = {year.of[member.person].id: member.name for member in members}
    now = year.day(CycleStage.FEEDBACK_OPENS, 10)
    todo = list(members)
    while todo:  # A refusal invites the next in turn, so some are asked again.
        refused = False
        for done, rater in enumerate(todo, start=1):
            waiting = await feedback.waiting(rater.person, year.id)
            for request, record in sorted(waiting.items(), key=lambda w: names[w[1]]):
                subject = names[record]
                does = replies(rater.name, subject, seed)
                caller = Person(rater.person)
                if does == "answer":
                    await feedback.submit(
                        request,
                        filled(rater.name, subject, seed),
                        caller=caller,
                        now=now,
                    )
                elif does == "decline":
                    refused = True
                    await feedback.decline(
                        request, reason="Worked together too briefly.", caller=caller,
                        now=now, key=draw_key(seed),
                    )  # fmt: skip
            progress("Feedback given", done, len(todo))
        todo = list(members) if refused else []


async def is_over(year: Year) -> bool:
    """Say whether the year's feedback window has closed, and nobody can be asked."""
    return (await windows.open_window(year.id)).closed_at is not None


async def close(year: Year) -> None:
    """Close the window at its own instant: so long ago that nobody is thanked today."""
    await windows.close(year.id, year.starts[CycleStage.FEEDBACK_CLOSES])


async def counts(cycle: UUID) -> tuple[int, dict[str, int]]:
    """Return how many forms were submitted, and how many scores stand in each state."""
    async with transaction() as connection:
        responses: int = await connection.fetchval(RESPONSES, cycle)
        rows = await connection.fetch(STATES, cycle)
    return responses, {row["state"]: row["count"] for row in rows}


async def most_published(cycle: UUID) -> str:
    """Return the organisation that has the most numbers in a cycle."""
    async with transaction() as connection:
        code: str = await connection.fetchval(MOST_PUBLISHED, cycle)
    return code


def folder_of(data: str | None, data_dir: Path) -> Path:
    """Return where the input lies: what was given, or the sample's place."""
    return data_dir / "sample" if data is None else Path(data)
