"""Whatever raters do before the release, whoever else looks reads the same bytes.

One cycle is lived through again and again and each time undone; what differs is only
which raters opened, saved, submitted, amended or declined, when, and in what order.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback import pool_controller
from service.feedback.inviting.schedule import see_to_mails
from service.feedback.pooling.presenting import pool_out
from service.feedback.schedule import see_to_windows
from service.feedback.schemas import PoolOut
from service.feedback.tables import FeedbackRequest
from tests.factories import CLOSED, FEEDBACK_OPEN
from tests.feedback.attacks.scenarios import (
    Act,
    Acted,
    Links,
    a_scenario,
    live,
    requests_of,
)
from tests.feedback.attacks.transcripts import Transcript, Watch, moved
from tests.feedback.results.living import clock as set_clock
from tests.scoring import Scene, undone
from tests.sizes import SEED, SIZES

FIRST = FEEDBACK_OPEN + timedelta(days=1)
HALF = FEEDBACK_OPEN + timedelta(days=9)
REMINDED = FEEDBACK_OPEN + timedelta(days=12)
"""A week before the window closes, to the day."""
Lived = Callable[..., Awaitable[Transcript]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda now: set_clock(monkeypatch, now)


@pytest.fixture
def lived(watch: Watch, links: Links, clock: Callable[[datetime], None]) -> Lived:
    async def live_through(acts: list[Act], acted: Acted | None = None) -> Transcript:
        """What others read half-way, are mailed, and read when the window is over."""
        async with undone():
            await watch.forget()
            first = [act for act in acts if act.at < HALF]
            await live(first, watch.callers, links, clock, acted)
            clock(HALF)
            read = await watch.all()
            rest = [act for act in acts if act.at >= HALF]
            await live(rest, watch.callers, links, clock, acted)
            for now in (REMINDED, CLOSED):
                clock(now)
                await see_to_windows(now)
                await see_to_mails(now)
                await watch.mailed(now)
            read += await watch.all()
            return await watch.transcript(read, {act.rater for act in acts})

    return live_through


@pytest.fixture
def glanced(watch: Watch, links: Links, clock: Callable[[datetime], None]) -> Lived:
    async def live_through(acts: list[Act], acted: Acted | None = None) -> Transcript:
        """What others read half-way alone."""
        async with undone():
            await watch.forget()
            await live(acts, watch.callers, links, clock, acted)
            clock(HALF)
            return await watch.transcript(
                await watch.all(), {act.rater for act in acts}
            )

    return live_through


async def lives(watch: Watch, count: int) -> list[list[Act]]:
    requests = await requests_of(watch.callers.scene)
    return [a_scenario(f"{SEED} {number}", requests) for number in range(count)]


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_nothing_that_others_read_differs_whatever_raters_do(
    lived: Lived, watch: Watch, links: Links
) -> None:
    still = await lived([])
    assert len(still.lines) > 1000
    assert len(still.mails) > 100
    for acts in await lives(watch, SIZES.confidential_lives):
        assert moved(still, await lived(acts)) == [], acts
    assert links.opened > 0


def of_the_record(statement: str, scene: Scene) -> Acted:
    """Beside each submission, something that tells of it."""

    async def acted(_: Act) -> None:
        async with transaction() as connection:
            await connection.execute(statement, scene.records["wide"].id)

    return acted


BESIDE = {
    "a version moves": (
        "UPDATE appraisal_record SET version = version + 1 WHERE id = $1"
    ),
    "an objective's revision": (
        "UPDATE shared_objective SET revision = revision + 1"
        " WHERE (SELECT organisation FROM appraisal_record WHERE id = $1) = 'hmt'"
    ),
    "an audit entry": (
        "INSERT INTO audit_entry (at, actor, action, entity, entity_id)"
        " VALUES ('2027-02-10', 'rater:1', 'submit', 'record', $1::uuid::text)"
    ),
    "an id": (
        "UPDATE feedback_nomination SET id = gen_random_uuid() WHERE id = ("
        "SELECT id FROM feedback_nomination WHERE record = $1 ORDER BY id LIMIT 1)"
    ),
    "a number left out": (
        "SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')), $1::uuid"
    ),
}
"""What a careless service does where something is submitted."""


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_what_tells_of_a_submission_would_be_found(
    glanced: Lived, watch: Watch
) -> None:
    """Broken twins."""
    still = await glanced([])
    for by_link, on_pages in product((False, True), repeat=2):
        acts = await one_submission(watch, by_link=by_link, on_pages=on_pages)
        assert moved(still, await glanced(acts)) == []
    for name, statement in BESIDE.items():
        tells = of_the_record(statement, watch.callers.scene)
        assert moved(still, await glanced(acts, tells)) != [], name


async def one_submission(
    watch: Watch, *, by_link: bool = False, on_pages: bool = False
) -> list[Act]:
    """The least that a rater can do of it: save, and submit."""
    (request,) = [
        request
        for rater, request, about in await requests_of(watch.callers.scene)
        if (rater, about) == ("dwp1", "hmt1")
    ]
    return [
        Act("dwp1", request, what, at, 3, by_link, on_pages)
        for what, at in (("save", FIRST), ("submit", FIRST + timedelta(days=1)))
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_live_counter_would_be_found(
    glanced: Lived, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    presented = pool_out

    async def counting(*arguments: Any, **named: Any) -> PoolOut:
        shown = await presented(*arguments, **named)
        with within_reach(EVERYONE):
            done = await FeedbackRequest.count().where(
                FeedbackRequest.state == "submitted"
            )
        return shown.model_copy(update={"items": shown.items[done:]})

    monkeypatch.setattr(pool_controller, "pool_out", counting)
    still = await glanced([])
    assert moved(still, await glanced(await one_submission(watch))) != []
