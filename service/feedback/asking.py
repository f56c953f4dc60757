"""Draw the raters of a record and invite them: load, ask the rules, save.

The law: the service draws; nobody but the rater learns who was drawn.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Final
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import Connection, transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback import confidentiality, drawing, queries, rules, turns
from service.feedback.addresses import resolve
from service.feedback.drawing import Checked, Frozen
from service.feedback.inviting.queueing import invite
from service.feedback.life import WAITING, State, Step, after
from service.feedback.moving import move
from service.feedback.nominating import LOCK_RECORD, changing, fill
from service.feedback.queries import Judged, WindowFact
from service.feedback.rules import Limits
from service.feedback.tables import Draw, FeedbackRequest
from service.feedback.turns import Candidate
from service.feedback.windows import check_takes, open_window
from service.records.queries import RecordFact, records_by_id

LOAD: Final = """
SELECT count(*) FROM (
    SELECT n.person FROM feedback_nomination n
    JOIN feedback_nomination other ON other.person = n.person
        AND other."window" = n."window" AND other.state = 'proposed'
    WHERE n.record = $1 AND n.state = 'proposed'
    GROUP BY n.person HAVING count(*) > $2) AS heavy
"""
PROPOSED: Final = """
SELECT count(*) FROM feedback_nomination WHERE record = $1 AND state = 'proposed'
"""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What whoever draws may know of a pool: never who is in it, or who was drawn."""

    proposed: int
    heavy: int
    """Of them, how many stand in more pools of this window than they should answer."""
    drawn_at: datetime | None


async def prospect(on: RecordFact) -> Prospect:
    """Return how a pool stands; the draw changes nothing of it but that it was made."""
    with within_reach(EVERYONE):
        async with transaction() as connection:
            window = await open_window(on.cycle)
            made = await queries.draw_of(on.id, window.id)
            return Prospect(
                await connection.fetchval(PROPOSED, on.id),
                await connection.fetchval(LOAD, on.id, rules.HEAVY),
                None if made is None else made.drawn_at,
            )


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
    with within_reach(EVERYONE):  # Raters work in other organisations.
        async with changing(on, now) as (connection, window):
            check_takes(window, now)
            kept, drawn = await _drawn(connection, on, window, seed, key, now)
            await Draw.insert(kept)
            await _ask(kept, drawn, now.date())
            await invite(kept.id, first=True, now=now)
            await audit(
                caller,
                "draw",
                "record",
                on.id,
                now=now,
                organisation=on.organisation,
                after={"draw": kept.id},
            )


async def _drawn(
    connection: Connection,
    on: RecordFact,
    window: WindowFact,
    seed: str,
    key: bytes | None,
    now: datetime,
) -> tuple[Draw, list[Candidate]]:
    await fill(connection, on, window)
    await resolve(connection, on.id, now.date())
    limits = await queries.limits_of(on.cycle)
    pool = await queries.pool(on.id)
    eligible, home = await eligible_on(on, pool, limits, now.date())
    load = await drawing.load_in(window.id, [each.person for each in eligible])
    made_from = Frozen(eligible, home, limits, load, key)
    drawn = made_from.drawn(seed)
    id_ = uuid4()
    kept = Draw(
        organisation=on.organisation,
        id=id_,
        window=window.id,
        record=on.id,
        seed=seed,
        pool_digest=drawing.digest(eligible),
        pool_size=len(eligible),
        drawn=len(drawn),
        drawn_at=now,
        frozen=drawing.freeze(made_from, id_),
        commitment=drawing.commitment(id_, seed, drawn),
    )
    return kept, drawn


async def eligible_on(
    on: RecordFact, people: Collection[UUID], limits: Limits, day: date
) -> tuple[list[Candidate], frozenset[str]]:
    """Return those who may rate on a day, and where the subject is at home then.

    Two records of one e-mail address are one person: the first of them counts.
    """
    async with transaction() as connection:
        asked = [Judged(on.id, person, day) for person in sorted(people)]
        stand = [each for _, each in await queries.grounds(connection, asked)]
    found: dict[str | None, Candidate] = {}
    for each in sorted(stand, key=lambda grounds: grounds.person):
        if rules.is_eligible(each, limits, day) and each.organisation is not None:
            address = each.mailbox or str(each.person)
            found.setdefault(address, Candidate(each.person, each.organisation))
    home = stand[0].home if stand else frozenset({on.organisation})
    return [*found.values()], home


async def _ask(kept: Draw, drawn: Sequence[Candidate], day: date) -> None:
    """Begin a request for each who was drawn, and invite them."""
    # In the order of random ids: the turns must not show in the order of rows.
    requests = sorted(((uuid4(), rater) for rater in drawn), key=itemgetter(0))
    state = after(State.PROPOSED, Step.DRAW)
    await FeedbackRequest.insert(
        *(
            FeedbackRequest(
                organisation=kept.organisation,
                id=request,
                window=kept.window,
                record=kept.record,
                draw=kept.id,
                state=state,
                version=0,
            )
            for request, _ in requests
        )
    )
    await confidentiality.remember(kept.record, requests, day)
    ids = [request for request, _ in requests]
    await move(Step.INVITE, state, FeedbackRequest.id.is_in(ids))


async def replace(
    draw_id: UUID,
    organisation: str,
    now: datetime,
    key: bytes | None = None,
) -> None:
    """Invite whoever comes next in a draw's turns, for a rater of an organisation.

    The turns are those of the draw, as frozen with it; who has become ineligible since
    is passed over, and nobody is asked once as many have been as may be.
    """
    async with transaction() as connection:
        kept = await Draw.objects().where(Draw.id == draw_id).first()
        if kept is None:
            raise NotFound("No such draw.")
        await connection.execute(LOCK_RECORD, kept.record)
        (on,) = await records_by_id([kept.record])
        limits = await queries.limits_of(on.cycle)
        asked = await confidentiality.already_asked(on.id)
        if len(asked) >= limits.most:
            return
        pool = await queries.pool(on.id)
        able, home = await eligible_on(on, {*pool} - asked, limits, now.date())
        still = {candidate.person for candidate in able}
        then = await _turns_of(kept, on, key)
        left = [candidate for candidate in then if candidate.person in still]
        chosen = turns.next_in_turn(left, home, for_outsider=organisation not in home)
        if chosen is not None:
            await _ask(kept, [chosen], now.date())
            await invite(kept.id, first=False, now=now)


async def _turns_of(kept: Draw, on: RecordFact, key: bytes | None) -> list[Candidate]:
    """Return a draw's pool in its turns; before any was frozen, as far as is known."""
    if kept.frozen:
        return drawing.thaw(kept.frozen, kept.id).in_turn(kept.seed)
    pool, limits = await queries.pool(on.id), await queries.limits_of(on.cycle)
    then, _ = await eligible_on(on, pool, limits, kept.drawn_at.date())
    return turns.in_turn(then, drawing.keyed(kept.seed, key))


async def replace_ineligible(window: WindowFact, now: datetime) -> None:
    """Withdraw what waits for raters who may not answer any more, and ask the next."""
    async with transaction() as connection:
        waiting = await confidentiality.waiting_in(window.id, WAITING)
        day = now.date()
        limits = await queries.limits_of(window.cycle)
        judged = [Judged(each.record, each.rater, day) for each in waiting]
        stand: Mapping[Judged, rules.Grounds] = dict(
            await queries.grounds(connection, judged)
        )
        for each, of in zip(waiting, judged, strict=True):
            if rules.is_eligible(stand[of], limits, day):
                continue
            own = FeedbackRequest.id == each.id
            if await move(Step.WITHDRAW, each.state, own):
                await replace(each.draw, each.rater_organisation, now)


async def verify(
    cycle: UUID, *, only: UUID | None = None, caller: Caller, now: datetime
) -> list[Checked]:
    """Repeat the draws of a cycle, or of one record in it; say which are as recorded.

    It can be done before the release and after it.
    """
    with within_reach(EVERYONE):
        async with transaction():
            window = await queries.window_of(cycle)
            made = await Draw.objects().where(Draw.window == window.id)
            found = [
                drawing.check(kept, await confidentiality.already_asked(kept.record))
                for kept in sorted(made, key=lambda kept: kept.record)
                if only in {None, kept.record}
            ]
            await audit(caller, "verify_draws", "cycle", cycle, now=now)
    if not found:
        raise NotFound("No raters have been drawn there.")
    return found


async def drawn_records(cycle: UUID) -> set[UUID]:
    """Return the records whose raters have been drawn in a cycle."""
    window = await open_window(cycle)
    return set(await queries.draw_days(window.id))
