"""The year after the one that was played: under way, and feedback is being given.

The law: it is prepared whole, in one transaction, or not at all; what it has people do
is what they could have done by themselves.
"""

import random
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from service.audit.actions import record
from service.auth.actions import create_client
from service.auth.caller import Machine, Person, Scope
from service.db import transaction
from service.demo.groups import OF_EACH, Circle, circle
from service.demo.steps import FRAMEWORK, OPERATOR, Year, colleagues, latest_year
from service.demo.under_way import (
    AGREED,
    WAITING,
    agree,
    draw,
    propose,
    set_objective,
)
from service.directory.queries import known_codes, line_managers_on
from service.errors import NotFound
from service.feedback import life
from service.feedback.actions import open_requests
from service.objectives.queries import ObjectiveFact, objective
from service.records.actions import attach, open_cycle
from service.records.frameworks import (
    LONDON,
    Stage,
    load,
    releases_after,
    stage_instants,
)
from service.records.queries import RecordFact, instants
from service.records.rules import CycleExists

OPEN_DAYS: Final = 14
"""After the demo's own day; reminders begin a week before the end."""
SET_BEFORE: Final = timedelta(days=90)
PROPOSED_BEFORE: Final = timedelta(days=7)
"""Before feedback opens, objectives were set and raters proposed."""
WAITS: Final = timedelta(days=3)
"""For so long one more objective has been waiting to be agreed."""


@dataclass(frozen=True, slots=True)
class Present:
    """What the demo says of the year that is under way."""

    cycle: UUID
    waits: UUID
    """The objective that line managers are to agree."""
    closes_at: datetime
    rater: UUID | None
    """Somebody of another organisation for whom forms wait, while feedback is open."""
    forms: int


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who takes part, and when."""

    people: Circle
    seed: int
    now: datetime
    opens: datetime
    agreed: UUID
    waits: UUID
    """The two objectives."""


async def prepare(
    last: Year,
    *,
    lead: tuple[str, UUID | None],
    client_id: str,
    seed: int,
    now: datetime,
    clock: datetime,
) -> Present | None:
    """Prepare the year under way, or find it; None where too few can take part.

    `lead` is the organisation that leads, and who does there, if they can. `clock` is
    when the demo is looked at: after `now`, if it was begun on another day.
    """
    scene = await _scene(last, lead, seed, now)
    if scene is None:
        return None
    try:
        fact = await objective(scene.agreed)
    except NotFound:
        try:
            async with transaction():
                await _live(scene, last, client_id)
        except CycleExists:  # Somebody has opened that year by themselves.
            return None
        fact = await objective(scene.agreed)
    return await _told(scene, fact, clock)


async def _scene(
    last: Year, lead: tuple[str, UUID | None], seed: int, now: datetime
) -> _Scene | None:
    """Find who was in post and managed when objectives were set, and is today."""
    opens = _midnight(now)
    then = (opens - SET_BEFORE).date()
    stay = {colleague.person for colleague in await colleagues(last, then)}
    there = [c for c in await colleagues(last, now.date()) if c.person in stay]
    managers = await line_managers_on([c.person for c in there], now.date())
    people = circle({c: managers[c.person] for c in there}, *lead, seed)
    if people is None:
        return None
    chance = random.Random(f"{seed} this year")  # noqa: S311 - repeatable on purpose
    agreed, waits = (UUID(int=chance.getrandbits(128), version=4) for _ in range(2))
    return _Scene(people, seed, now, opens, agreed, waits)


def _midnight(now: datetime, later: int = 0) -> datetime:
    day = now.astimezone(LONDON).date() + timedelta(days=later)
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


async def _live(scene: _Scene, last: Year, client_id: str) -> None:
    """Open the year, set objectives in it, fill its pools and draw from them."""
    members = scene.people.members
    records = await _records(scene, last, client_id)
    then, lately = scene.opens - SET_BEFORE, scene.now - WAITS
    await set_objective(AGREED, records[0], members, scene.agreed, then)
    await agree(scene.agreed, members, then)
    await set_objective(WAITING, records[0], members[::OF_EACH], scene.waits, lately)
    await agree(scene.waits, members[:1], lately, managers=False)
    for on, member in zip(records, members, strict=True):
        known = [c for c in scene.people.helpers if c.organisation != on.organisation]
        await propose(on, known, scene.opens - PROPOSED_BEFORE)
        await draw(on, member.name, scene.seed, scene.now)


async def _records(scene: _Scene, last: Year, client_id: str) -> list[RecordFact]:
    """Open the year, and have HR attach the members' records in it."""
    year = latest_year(scene.now) + 1
    members = scene.people.members
    cycle = await open_cycle(
        FRAMEWORK,
        year,
        organisations=sorted({member.organisation for member in members}),
        dates={str(stage): at for stage, at in dates(year, scene.now).items()},
        caller=OPERATOR,
        now=scene.now,
    )
    hr = await _hr_system(client_id, cycle.organisations, scene.now)
    return [
        await _attached(last.of[each.person], cycle.id, year, hr, scene.now)
        for each in members
    ]


def dates(year: int, now: datetime) -> dict[Stage, datetime]:
    """Return a year's stages, with feedback open from today.

    The others keep their days, as far as they still come before it, or after.
    """
    framework = load(FRAMEWORK)
    opens, closes = _midnight(now), _midnight(now, OPEN_DAYS + 1)
    releases = releases_after(framework, closes)
    found = stage_instants(framework, year)
    window = (Stage.FEEDBACK_OPENS, Stage.FEEDBACK_CLOSES, Stage.FEEDBACK_RELEASES)
    order = list(found)
    for stage in order[: order.index(window[0])]:
        found[stage] = min(found[stage], opens)
    for stage in order[order.index(window[-1]) :]:
        found[stage] = max(found[stage], releases)
    found |= zip(window, (opens, closes, releases), strict=True)
    setting = Stage.OBJECTIVE_SETTING
    return found | {setting: min(found[setting], opens - SET_BEFORE)}


async def _hr_system(
    client_id: str, organisations: Collection[str], now: datetime
) -> Machine:
    """Register what attaches the organisations' records; nobody is told its secret."""
    scopes = [Scope.RECORDS_WRITE]
    id_, _ = await create_client(
        organisations,
        scopes,
        known=await known_codes(),
        caller=OPERATOR,
        now=now,
        record=record,
        name="HR systems of the demo, for this year's records",
        new_credentials=lambda: (f"{client_id}-records", secrets.token_urlsafe(32)),
    )
    return Machine(id_, frozenset(organisations), frozenset(scopes))


async def _attached(
    was: RecordFact, cycle: UUID, year: int, hr: Machine, now: datetime
) -> RecordFact:
    """Have HR attach this year's record of whoever had last year's."""
    made, _ = await attach(
        was.source,
        f"{was.external_id}-{year}",
        cycle=cycle,
        person=(was.source, was.person_external_id or ""),
        organisation=was.organisation,
        machine=hr,
        now=now,
    )
    return made


async def _told(scene: _Scene, fact: ObjectiveFact, clock: datetime) -> Present:
    """Find the first rater of another organisation for whom anything waits."""
    rater, forms = None, 0
    for each in (*scene.people.members, *scene.people.helpers):
        if each.organisation != fact.organisation and forms == 0:
            rater, forms = each.person, await _forms(each.person, fact.cycle, clock)
    closes = (await instants(fact.cycle))[Stage.FEEDBACK_CLOSES]
    asked = rater if forms else None
    return Present(fact.cycle, scene.waits, closes, asked, forms)


async def _forms(rater: UUID, cycle: UUID, clock: datetime) -> int:
    """Count what waits for a rater, as they see it."""
    asked = await open_requests(Person(rater), clock)
    return sum(own.cycle == cycle and own.state in life.WAITING for own in asked)
