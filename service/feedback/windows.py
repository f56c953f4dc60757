"""The three instants of a cycle's feedback: made, extended, and closed for good.

The law: whoever acts within a window holds it FOR SHARE and whoever closes or moves it
FOR UPDATE, so that what is accepted is exactly what is counted and released.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from service.audit.actions import record as audit
from service.auth.caller import Caller, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback import confidentiality, queries, rules
from service.feedback.form.items import FORM_VERSION
from service.feedback.inviting import queueing
from service.feedback.life import Step, before
from service.feedback.moving import move
from service.feedback.queries import WindowFact
from service.feedback.tables import FeedbackRequest, FeedbackWindow
from service.jobs.rules import NoticeKind
from service.records.frameworks import Stage, load, releases_after
from service.records.postponing import postpone
from service.records.queries import cycle_of, instants
from service.records.rescheduling import is_own

OPEN_WINDOW: Final = """
INSERT INTO feedback_window
    (id, cycle, opens_at, closes_at, releases_at, form_version)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cycle) DO NOTHING
"""
HOLD_WINDOW: Final = "SELECT FROM feedback_window WHERE cycle = $1 FOR SHARE"
LOCK_WINDOW: Final = "SELECT FROM feedback_window WHERE cycle = $1 FOR UPDATE"


async def open_window(cycle: UUID) -> WindowFact:
    """Return the cycle's window, made from the cycle's dates when first asked for."""
    starts = await instants(cycle)
    if not starts:
        raise NotFound(f"No cycle {cycle}.")
    async with transaction() as connection:
        await connection.execute(
            OPEN_WINDOW,
            uuid4(),
            cycle,
            starts[Stage.FEEDBACK_OPENS],
            starts[Stage.FEEDBACK_CLOSES],
            starts[Stage.FEEDBACK_RELEASES],
            FORM_VERSION,
        )
        return await queries.window_of(cycle)


async def held_window(cycle: UUID) -> WindowFact:
    """Return the cycle's window, which neither closes nor moves until the commit."""
    async with transaction() as connection:
        await open_window(cycle)
        await connection.execute(HOLD_WINDOW, cycle)
        return await queries.window_of(cycle)


async def locked_window(cycle: UUID) -> WindowFact:
    """Return the cycle's window once nobody acts within it, until the commit."""
    async with transaction() as connection:
        await connection.execute(LOCK_WINDOW, cycle)
        return await queries.window_of(cycle)


def check_takes(window: WindowFact, now: datetime) -> None:
    """Refuse what comes before the window opens, or once it has closed."""
    rules.check_open(window.opens_at, window.closes_at, now)
    if window.closed_at is not None:
        raise rules.closed(window.closes_at)


async def extend_own(
    cycle: UUID,
    *,
    closes_at: datetime,
    releases_at: datetime | None,
    caller: SignedIn,
    now: datetime,
) -> WindowFact:
    """Extend the window of a cycle that is the caller's organisation's alone.

    That of several is moved by whoever runs the service for all of them; that of others
    is not there.
    """
    await cycle_of(cycle, [caller.organisation])
    if not await is_own(cycle, caller):
        raise rules.WindowOfMany(
            "Other organisations take part in this cycle: ask whoever runs the service"
            f" for `joinedup cycles extend-feedback {cycle}`."
        )
    return await extend(
        cycle, closes_at=closes_at, releases_at=releases_at, caller=caller, now=now
    )


async def extend(
    cycle: UUID,
    *,
    closes_at: datetime,
    releases_at: datetime | None = None,
    caller: Caller,
    now: datetime,
) -> WindowFact:
    """Close a window later than was said, while it is open, and tell every rater.

    Left out, `releases_at` is as long after closing as the framework says.
    """
    with within_reach(EVERYONE):  # Its raters work in any organisation.
        async with transaction():
            await open_window(cycle)
            window = await locked_window(cycle)
            if window.closed_at is not None or now >= window.closes_at:
                raise rules.closed(window.closes_at)
            was = {"closes_at": window.closes_at, "releases_at": window.releases_at}
            becomes = {
                "closes_at": closes_at,
                "releases_at": releases_at or await _releases(window, closes_at),
            }
            rules.check_extends(was, becomes)
            await _write(window, was, becomes, caller, now)
            await confidentiality.tell(
                window.id,
                NoticeKind.WINDOW_EXTENDED,
                about=cycle,
                key=f"{window.id} {closes_at.isoformat()}",
                now=now,
            )
            await queueing.extend(window.id, now)
            return await queries.window_of(cycle)


async def _releases(window: WindowFact, closes_at: datetime) -> datetime:
    framework = load((await cycle_of(window.cycle))["framework"])
    return max(releases_after(framework, closes_at), window.releases_at)


async def _write(
    window: WindowFact,
    was: Mapping[str, datetime],
    becomes: Mapping[str, datetime],
    caller: Caller,
    now: datetime,
) -> None:
    await postpone(
        window.cycle,
        {
            Stage.FEEDBACK_CLOSES: becomes["closes_at"],
            Stage.FEEDBACK_RELEASES: becomes["releases_at"],
        },
    )
    await FeedbackWindow.update(
        {
            FeedbackWindow.closes_at: becomes["closes_at"],
            FeedbackWindow.releases_at: becomes["releases_at"],
        }
    ).where(FeedbackWindow.id == window.id)
    await audit(
        caller, "extend", "feedback_window", window.id, now=now, before=was,
        after=becomes,
    )  # fmt: skip


async def close(cycle: UUID, now: datetime) -> WindowFact:
    """Close a window whose instant has come, once and for good; again changes nothing.

    Whoever is acting within it comes first; whoever comes after is late, by whatever
    clock.
    """
    async with transaction():
        await open_window(cycle)
        window = await locked_window(cycle)
        if window.closed_at is not None:
            return window
        if now < window.closes_at:
            raise rules.NotOpen(
                f"The window closes at {window.closes_at.isoformat()}: come after."
            )
        for state in before(Step.EXPIRE):
            await move(Step.EXPIRE, state, FeedbackRequest.window == window.id)
        await FeedbackWindow.update({FeedbackWindow.closed_at: now}).where(
            FeedbackWindow.id == window.id
        )
        return await queries.window_of(cycle)
