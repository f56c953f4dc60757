"""Look for signals of gaming in the sealed forms of a closed window, and decide.

The law: whoever looks is told how many, and whose score hangs on one form; never who
rates whom. What may be told is kept until the release, and moves nothing until a person
decides; a decision is in no audit, where before the release it would tell how many
answered, but in a table of its own that only grows.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import numpy as np

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import Connection, transaction
from service.db.reach import EVERYONE, within_reach
from service.feedback.closing import closed_counted, closed_ties
from service.feedback.forms import Counted
from service.feedback.signals import rules
from service.feedback.signals.chance import expected, look
from service.feedback.signals.detect import influence
from service.feedback.signals.estimate import Fit, Forms, Variances, fit
from service.feedback.signals.inputs import network, numbered, table
from service.feedback.signals.queries import decisions, hanging, unseen
from service.feedback.signals.rules import POLICY, Decision, Kind, Signal
from service.feedback.tables import FeedbackWindow
from service.feedback.windows import locked_window

DECIDE: Final = """
INSERT INTO feedback_score_review
    (organisation, record, decision, reason, decided_by, decided_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING record
"""
KEEP: Final = """
INSERT INTO feedback_look ("window", looked_at, signals) VALUES ($1, $2, $3::jsonb)
ON CONFLICT ("window") DO UPDATE
    SET looked_at = excluded.looked_at, signals = excluded.signals
"""
FORGET: Final = """
DELETE FROM feedback_to_review t USING appraisal_record r
WHERE r.id = t.record AND r.cycle = $1 AND NOT t.record = ANY ($2)
    AND NOT EXISTS (SELECT FROM feedback_score_review v WHERE v.record = t.record)
"""
"""What was decided stays as it was, whatever it hangs on by now."""
LOOK_AGAIN: Final = 'DELETE FROM feedback_look WHERE "window" = $1'
KEEP_RECORDS: Final = """
INSERT INTO feedback_to_review (organisation, id, record, raters, standard_errors)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::smallint[])
ON CONFLICT (organisation, record) DO UPDATE
    SET raters = excluded.raters, standard_errors = excluded.standard_errors
"""
"""Whoever looks again finds the same forms: a record keeps its reviewers' name."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the forms of one cycle."""

    forms: int
    signals: Sequence[Signal]
    """Empty: too few forms to look."""
    to_review: Mapping[UUID, Decision | None]
    """Records whose score one form moves by more than its standard error; decided."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    counted: Sequence[Counted]
    forms: Forms
    fitted: Fit


@dataclass(frozen=True, slots=True)
class Moved:
    """A record that has a number, and how far one form moves its score."""

    organisation: str
    """The subject's."""
    record: UUID
    raters: str
    """A band, such as `5-7`."""
    standard_errors: float


@dataclass(frozen=True, slots=True)
class _Hanging:
    """A record whose score hangs on one form."""

    organisation: str
    record: UUID
    raters: str
    standard_errors: int


@dataclass(frozen=True, slots=True)
class _Found:
    signals: Sequence[Signal] = ()
    hanging: Sequence[_Hanging] = ()


async def look_where_due(
    now: datetime, caller: Caller, chance: Callable[[], bytes]
) -> None:
    """Look into every window that has closed and was not looked into; see `find`."""
    with within_reach(EVERYONE):
        for cycle in await unseen():
            await find(cycle, chance=chance(), caller=caller, now=now)


async def find(cycle: UUID, *, chance: bytes, caller: Caller, now: datetime) -> Report:
    """Return what stands out among the forms of a closed window, and what by chance.

    `chance` is 32 random bytes or more that the caller keeps nowhere: people stand
    under pseudonyms of it, which nothing else can be joined to. What may be told is
    kept for reviewers, until the release.
    """
    async with transaction():
        sealed, many = await _sealed(cycle, chance, now)
        await audit(caller, "look_for_signals", "cycle", cycle, now=now)
    found = _Found()
    if sealed is not None:  # For seconds, in which others are served and hold windows.
        found = await asyncio.to_thread(_found, sealed, int.from_bytes(chance))
    async with transaction() as connection:
        window = await locked_window(cycle)
        if window.released_at is None:
            await connection.execute(KEEP, window.id, now, rules.as_text(found.signals))
            if window.weighed_by is None:
                await _keep(connection, cycle, found.hanging)
        waiting = await _to_review(cycle, window.weighed_by, found.hanging)
        decided = await decisions(cycle)
    return Report(
        many, found.signals, {record: decided.get(record) for record in waiting}
    )


async def _sealed(
    cycle: UUID, chance: bytes, now: datetime
) -> tuple[_Sealed | None, int]:
    """Return the forms of a closed window and their number; None: too few to tell."""
    ties = await closed_ties(cycle, key=chance, now=now)
    if len(ties) < rules.FEWEST_FORMS:
        return None, len(ties)
    forms = network(ties)
    fitted = fit(forms)
    if fitted is None:
        return None, len(ties)
    return _Sealed(await closed_counted(cycle, now=now), forms, fitted), len(ties)


def _found(sealed: _Sealed, seed: int) -> _Found:
    found, records = _hanging_on_one(sealed.counted, sealed.fitted.variances)
    by_chance = expected(sealed.forms, sealed.fitted, seed)
    counts = {
        kind: (len(each.members), each.among)
        for kind, each in look(sealed.forms, sealed.fitted).items()
    }
    counts[Kind.INFLUENCE] = len(found), records
    return _Found(
        [rules.told(kind, *count, by_chance[kind]) for kind, count in counts.items()],
        found,
    )


def _hanging_on_one(
    counted: Sequence[Counted], variances: Variances
) -> tuple[list[_Hanging], int]:
    """Return the records to review, and among how many that have a number."""
    judged = rules.reviewable(counted)
    records = [form.record for form in counted]
    moved = influence(
        numbered(records), table([form.answers for form in counted]), variances
    )
    found: dict[UUID, _Hanging] = {}
    for row in np.argsort(moved):  # The furthest last: of two, it counts.
        form = counted[row]
        if moved[row] > POLICY.influence and form.record in judged:
            found[form.record] = _Hanging(
                form.organisation,
                form.record,
                judged[form.record],
                rules.errors_told(float(moved[row])),
            )
    return sorted(found.values(), key=lambda each: each.record), len(judged)


async def _keep(connection: Connection, cycle: UUID, found: Sequence[_Hanging]) -> None:
    await connection.execute(FORGET, cycle, [each.record for each in found])
    await connection.execute(
        KEEP_RECORDS,
        [each.organisation for each in found],
        [uuid4() for _ in found],
        [each.record for each in found],
        [each.raters for each in found],
        [each.standard_errors for each in found],
    )


async def _to_review(
    cycle: UUID, weighed_by: str | None, found: Iterable[_Hanging]
) -> Mapping[UUID, str]:
    """Return who keeps each record to review: as its own method has it, once it has."""
    if weighed_by is None:
        return {each.record: each.organisation for each in found}
    return await hanging(cycle)


async def hangs(cycle: UUID, method: str, moved: Iterable[Moved]) -> None:
    """Keep for reviewers what hangs on one form by the method that scores a cycle.

    What hangs no more is taken out unless it was decided; after the release nothing
    changes. Of the method that looking judges by, what it found holds, or it looks
    again.
    """
    async with transaction() as connection:
        window = await locked_window(cycle)
        weighed_by = None if method == rules.LOOKED_BY else method
        if window.released_at is not None or weighed_by == window.weighed_by is None:
            return
        await FeedbackWindow.update({FeedbackWindow.weighed_by: weighed_by}).where(
            FeedbackWindow.id == window.id
        )
        if weighed_by is None:
            await connection.execute(LOOK_AGAIN, window.id)
        else:
            await _keep(connection, cycle, _too_far(moved))


def _too_far(moved: Iterable[Moved]) -> list[_Hanging]:
    return [
        _Hanging(
            each.organisation,
            each.record,
            each.raters,
            rules.errors_told(each.standard_errors),
        )
        for each in moved
        if each.standard_errors > POLICY.influence
    ]


async def decide(
    cycle: UUID,
    record: UUID,
    decision: Decision,
    reason: str,
    *,
    chance: bytes,
    caller: Caller,
    now: datetime,
) -> None:
    """Keep what a person decided about a score that hangs on one form; it stands."""
    rules.check_reason(reason)
    async with transaction():
        window = await locked_window(cycle)
        rules.check_unreleased(window.released_at)
        sealed, _ = await _sealed(cycle, chance, now)
        found = [] if sealed is None else _judged(sealed)
        waiting = await _to_review(cycle, window.weighed_by, found)
        if record not in waiting:
            raise rules.NotForReview("`joinedup scores signals` lists those that are.")
        organisation = waiting[record]
        if not await keep_decision(organisation, record, decision, reason, caller, now):
            raise rules.ReviewedAlready("The first decision stands, with its reason.")


def _judged(sealed: _Sealed) -> list[_Hanging]:
    return _hanging_on_one(sealed.counted, sealed.fitted.variances)[0]


async def keep_decision(
    organisation: str,
    record: UUID,
    decision: Decision,
    reason: str,
    caller: Caller,
    now: datetime,
) -> bool:
    """Keep a decision, once; return whether there was none before."""
    async with transaction() as connection:
        kept = await connection.fetchval(
            DECIDE, organisation, record, decision.value, reason, caller.key, now
        )
    return kept is not None
