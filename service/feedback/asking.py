"""Fill the pool of a record and draw its raters: load, ask the rules, save.

The law: the service draws; nobody but the rater learns who was drawn.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Final
from uuid import UUID, uuid4

from service.access.queries import pairs_in_force
from service.access.rules import pair
from service.audit.actions import record as audit
from service.auth.caller import Caller, Person
from service.auth.secret import derive
from service.db import transaction
from service.directory.queries import PostingFact, line_manager_on, postings_on
from service.errors import NotFound
from service.feedback import confidentiality, queries, rules
from service.feedback.rules import Candidate, Limits, Origin, State
from service.feedback.tables import Draw, FeedbackRequest, FeedbackWindow
from service.records.queries import RecordFact, instants

OPEN_WINDOW: Final = """
INSERT INTO feedback_window (id, cycle, opens_at, closes_at, releases_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (cycle) DO NOTHING
"""
ADD_NOMINATIONS: Final = """
INSERT INTO feedback_nomination
    (organisation, id, "window", record, person, origin, objective)
SELECT $1, i, $2, $3, p, $4, o FROM unnest($5::uuid[], $6::uuid[], $7::uuid[])
    AS t (i, p, o)
ON CONFLICT (organisation, record, person) DO NOTHING
"""


async def open_window(cycle: UUID) -> FeedbackWindow:
    """Return the cycle's window, made from the cycle's dates when first asked for."""
    starts = await instants(cycle)
    async with transaction() as connection:
        await connection.execute(
            OPEN_WINDOW,
            uuid4(),
            cycle,
            starts["feedback_opens"],
            starts["feedback_closes"],
            starts["feedback_releases"],
        )
        return await queries.window_of(cycle)


async def nominate(
    on: RecordFact,
    people: Mapping[UUID, UUID | None],
    origin: Origin,
    *,
    caller: Caller,
    now: datetime,
) -> None:
    """Add people to the pool of a record: person to the objective they shared."""
    await _check_nominates(on, origin, caller, now)
    async with transaction() as connection:
        window = await open_window(on.cycle)
        if on.id in await queries.draw_days(window.id):
            raise rules.AlreadyDrawn("Nominate before the draw.")
        await connection.execute(
            ADD_NOMINATIONS,
            on.organisation,
            window.id,
            on.id,
            origin,
            [uuid4() for _ in people],
            list(people),
            list(people.values()),
        )
        await audit(
            caller,
            "nominate",
            "record",
            on.id,
            now=now,
            organisation=on.organisation,
            after={"origin": origin, "people": len(people)},
        )


async def _check_nominates(
    on: RecordFact, origin: Origin, caller: Caller, now: datetime
) -> None:
    """Let the subject propose and their manager add; objectives add by themselves."""
    if not isinstance(caller, Person):
        return
    allowed = {
        Origin.SUBJECT: on.person,
        Origin.MANAGER: await line_manager_on(on.person, now.date()),
        Origin.OBJECTIVE: None,
    }
    if caller.id != allowed[origin]:
        raise NotFound(f"No record {on.id}.")


async def draw(
    on: RecordFact,
    *,
    seed: str,
    caller: Caller,
    now: datetime,
    key: bytes | None = None,
) -> None:
    """Draw a record's raters from its pool and invite them; nobody is told whom.

    `key`, left out, is the service's own: the seed alone repeats no draw.
    """
    limits = await queries.limits_of(on.cycle)
    async with transaction():
        window = await open_window(on.cycle)
        rules.check_open(window.opens_at, window.closes_at, now)
        pool = await queries.pool(on.id)
        eligible = await eligible_on(on, pool, limits, now.date())
        drawn = rules.draw(eligible, limits, keyed(seed, key))
        kept = Draw(
            organisation=on.organisation,
            id=uuid4(),
            window=window.id,
            record=on.id,
            seed=seed,
            pool_digest=_digest(eligible),
            drawn_at=now,
        )
        if not await Draw.insert(kept).on_conflict(action="DO NOTHING"):
            raise rules.AlreadyDrawn("A rater who declines is replaced by itself.")
        await _invite(kept, drawn)
        await audit(
            caller,
            "draw",
            "record",
            on.id,
            now=now,
            organisation=on.organisation,
            after={"draw": kept.id},
        )


def keyed(seed: str, key: bytes | None = None) -> str:
    """Return what shuffles a pool: the recorded seed under a key outside the database.

    Whoever reads the pool and the seed in the database cannot tell who was drawn.
    """
    return hmac.digest(key or derive("draw"), seed.encode(), "sha256").hex()


async def eligible_on(
    on: RecordFact, people: Collection[UUID], limits: Limits, day: date
) -> list[Candidate]:
    """Return those who may rate on a day, from organisations that share data then."""
    postings = await postings_on([on.person, *people], day)
    home = own_organisations(on, postings)
    line = await queries.own_line(on.person, day)
    sharing = await pairs_in_force(day)
    found = []
    for person in people:
        if person not in postings:
            continue
        rater = Candidate(person, postings[person].organisation)
        foreign = rater.organisation != on.organisation
        if foreign and pair(on.organisation, rater.organisation) not in sharing:
            continue
        try:
            rules.check_eligible(rater, on.person, home, line, limits)
        except rules.NotEligible:
            continue
        found.append(rater)
    return found


def own_organisations(on: RecordFact, postings: Mapping[UUID, PostingFact]) -> set[str]:
    """Return where a subject is at home: where their record is, and where they sit."""
    held = postings.get(on.person)
    return {on.organisation} | ({held.organisation} if held else set())


def _digest(pool: Sequence[Candidate]) -> str:
    lines = sorted(f"{c.person} {c.organisation}\n" for c in pool)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


async def _invite(kept: Draw, drawn: Sequence[Candidate]) -> None:
    # In the order of random ids: the turns must not show in the order of rows.
    requests = sorted(((uuid4(), rater) for rater in drawn), key=itemgetter(0))
    await FeedbackRequest.insert(
        *(
            FeedbackRequest(
                organisation=kept.organisation,
                id=request,
                window=kept.window,
                record=kept.record,
                draw=kept.id,
                state=State.INVITED,
                version=1,
            )
            for request, _ in requests
        )
    )
    await confidentiality.remember(kept.record, requests)


async def invite_next(
    draw_id: UUID,
    on: RecordFact,
    limits: Limits,
    day: date,
    key: bytes | None = None,
) -> None:
    """Invite whoever comes next in a draw's turns, if anybody eligible is left.

    The turns are those of the day of the draw, so that they can be repeated from its
    seed; who has become ineligible since is passed over.
    """
    kept = await Draw.objects().where(Draw.id == draw_id).first()
    if kept is None:
        raise NotFound("No such draw.")
    pool = await queries.pool(on.id)
    then = await eligible_on(on, pool, limits, kept.drawn_at.date())
    left = set(pool) - await confidentiality.already_asked(on.id)
    able = {candidate.person for candidate in await eligible_on(on, left, limits, day)}
    turns = [c for c in rules.in_turn(then, keyed(kept.seed, key)) if c.person in able]
    if turns:
        await _invite(kept, turns[:1])


async def drawn_records(cycle: UUID) -> set[UUID]:
    """Return the records whose raters have been drawn in a cycle."""
    window = await open_window(cycle)
    return set(await queries.draw_days(window.id))
