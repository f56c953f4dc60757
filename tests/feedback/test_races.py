"""What happens at once: one response whatever races, and nothing after the close."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from service.auth.caller import Person
from service.db import DB, transaction
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.db.reach import EVERYONE, within_reach
from service.feedback import actions, asking, closing, windows
from service.feedback.rules import AlreadyDrawn, NotOpen
from service.feedback.tables import Draw, FeedbackRequest
from tests.database import connected
from tests.factories import FEEDBACK_OPEN, OPERATOR
from tests.feedback.stored import asked, counted, proposed, request_of, state_of, stored
from tests.scoring import KEY, REST, Scene, an_asked_cycle, answers, filled
from tests.sizes import SIZES

TICK = timedelta(microseconds=1)
AT_ONCE = 8


@pytest.fixture(scope="module")
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Scene]:
    """An asked cycle in a database of its own, in which every change is committed."""
    name = f"feedback_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        there = addresses.owner.replace("@/joinedup", f"@/{name}")
        await migrate(there, role_of(addresses.application))
        await DB.close()
        here = addresses.application.replace("@/joinedup", f"@/{name}")
        await DB.open(here, size=AT_ONCE)
        with within_reach(EVERYONE):
            yield await an_asked_cycle()
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def begin_again() -> None:
    """Have nobody's answers stand, and the window open."""
    async with transaction() as connection:
        await connection.execute("DELETE FROM feedback_answer")
        await connection.execute("UPDATE feedback_window SET closed_at = NULL")
        await FeedbackRequest.update(
            {
                FeedbackRequest.state: "invited",
                FeedbackRequest.draft: None,
                FeedbackRequest.version: 0,
            },
            force=True,
        )


async def submits(
    scene: Scene, rater: str, request: UUID, level: int, now: datetime
) -> bool:
    """Have a rater submit about hmt1; say whether it was accepted."""
    form = filled(dict.fromkeys(answers(rater, "hmt1"), level))
    try:
        await actions.submit(request, form, caller=Person(scene.people[rater]), now=now)
    except NotOpen:
        return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_whatever_is_submitted_at_once_one_response_stands(
    committed: Scene,
) -> None:
    request = await request_of(committed, "dwp1", "hmt1")
    responses = 0
    for _ in range(SIZES.submission_rounds):
        await begin_again()
        levels = [2 + place % 3 for place in range(AT_ONCE)]
        accepted = await asyncio.gather(
            *(submits(committed, "dwp1", request, n, FEEDBACK_OPEN) for n in levels)
        )
        (form,) = await stored(committed, "hmt1")
        assert all(accepted)
        # The eight answers are of one submission, not of several.
        assert len(form) == 8
        assert len(set(form.values())) == 1
        responses += await counted(
            "SELECT count(DISTINCT response) FROM feedback_answer"
        )
    assert responses == SIZES.submission_rounds


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_what_is_accepted_while_the_window_closes_is_counted_and_nothing_else(
    committed: Scene,
) -> None:
    """Each process has read its own clock before it waits for the window."""
    await begin_again()
    requests = {n: await request_of(committed, n, "hmt1") for n in REST}
    closes_at = (await windows.open_window(committed.cycle)).closes_at

    async def submit(name: str, wait: float) -> bool:
        await asyncio.sleep(wait)
        now = closes_at - TICK
        return await submits(committed, name, requests[name], 3, now)

    async def count(wait: float) -> int:
        await asyncio.sleep(wait)
        return len(await closing.closed_forms(committed.cycle, key=KEY, now=closes_at))

    mixed = 0
    for round_ in range(SIZES.closing_rounds):
        await begin_again()
        waits = [0.008 * ((place + round_) % len(REST)) for place in range(len(REST))]
        counted_, *accepted = await asyncio.gather(
            count(0.01 * (round_ % 5)),
            *(submit(n, w) for n, w in zip(REST, waits, strict=True)),
        )
        assert counted_ == sum(accepted)
        assert len(await stored(committed, "hmt1")) == counted_
        mixed += 0 < counted_ < len(REST)
    assert mixed  # Else nothing ever raced.


@pytest.mark.slow
async def test_of_two_draws_at_once_one_is_made(committed: Scene) -> None:
    await begin_again()
    on = committed.records["hmt-head"]
    await proposed(on, [committed.people[name] for name in REST])

    async def draw(seed: str) -> bool:
        try:
            await asking.draw(on, seed=seed, caller=OPERATOR, now=FEEDBACK_OPEN)
        except AlreadyDrawn:
            return False
        return True

    made = await asyncio.gather(*(draw(f"seed {n}") for n in range(4)))
    assert sum(made) == 1
    assert await Draw.count().where(Draw.record == on.id) == 1
    assert len(await asked(on)) == len(REST)


@pytest.mark.slow
async def test_two_devices_that_save_at_once_do_not_both_win(
    committed: Scene,
) -> None:
    await begin_again()
    request = await request_of(committed, "dwp1", "hmt1")
    caller = Person(committed.people["dwp1"])

    class Stale(Exception):
        pass

    def check(version: int) -> None:
        if version != seen:
            raise Stale

    async def save(text: str) -> bool:
        form = filled(answers("dwp1", "hmt1"), texts={"keep_doing": text})
        try:
            await actions.save(
                request, form, check=check, caller=caller, now=FEEDBACK_OPEN
            )
        except Stale:
            return False
        return True

    wins, seen = 0, 0
    assert await save("begun")
    own = await actions.look(request, caller=caller, now=FEEDBACK_OPEN)
    first = seen = own.version
    for round_ in range(20):
        devices = (save(f"{round_} {device}") for device in ("desk", "phone"))
        wins += sum(await asyncio.gather(*devices))
        own = await actions.look(request, caller=caller, now=FEEDBACK_OPEN)
        seen = own.version
    assert wins == seen - first == 20
    assert await state_of(request) == "draft"
