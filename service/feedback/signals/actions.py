"""Look for signals of gaming in the sealed forms of a closed window, and decide.

The law: whoever looks is told how many, and whose score hangs on one form; never who
rates whom. What is found is kept nowhere, and moves nothing until a person decides; a
decision is in no audit, where before the release it would tell how many answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from service.audit.actions import record as audit
from service.auth.caller import Caller
from service.db import transaction
from service.feedback.closing import closed_counted, closed_ties
from service.feedback.forms import Counted
from service.feedback.signals import rules
from service.feedback.signals.chance import expected, look
from service.feedback.signals.detect import influence
from service.feedback.signals.estimate import Fit, Forms, Variances, fit
from service.feedback.signals.inputs import network, numbered, table
from service.feedback.signals.queries import decisions
from service.feedback.signals.rules import POLICY, Decision, Kind, Signal
from service.feedback.windows import locked_window

DECIDE: Final = """
INSERT INTO feedback_score_review
    (organisation, record, decision, reason, decided_by, decided_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING record
"""


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


async def find(cycle: UUID, *, chance: bytes, caller: Caller, now: datetime) -> Report:
    """Return what stands out among the forms of a closed window, and what by chance.

    `chance` is 32 random bytes or more that the caller keeps nowhere: people stand
    under pseudonyms of it, which nothing else can be joined to.
    """
    async with transaction():
        sealed, many = await _sealed(cycle, chance, now)
        decided = await decisions(cycle)
        await audit(caller, "look_for_signals", "cycle", cycle, now=now)
    if sealed is None:
        return Report(many, (), {})
    to_review, records = _hanging_on_one(sealed.counted, sealed.fitted.variances)
    by_chance = expected(sealed.forms, sealed.fitted, int.from_bytes(chance))
    counts = {
        kind: (len(found.members), found.among)
        for kind, found in look(sealed.forms, sealed.fitted).items()
    }
    counts[Kind.INFLUENCE] = len(to_review), records
    return Report(
        many,
        [rules.told(kind, *count, by_chance[kind]) for kind, count in counts.items()],
        {record: decided.get(record) for record in to_review},
    )


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
    async with transaction() as connection:
        window = await locked_window(cycle)
        rules.check_unreleased(window.released_at)
        sealed, _ = await _sealed(cycle, chance, now)
        organisation = _organisation(sealed, record)
        kept = await connection.fetchval(
            DECIDE, organisation, record, decision.value, reason, caller.key, now
        )
        if kept is None:
            raise rules.ReviewedAlready("The first decision stands, with its reason.")


def _organisation(sealed: _Sealed | None, record: UUID) -> str:
    """Return who keeps a record that is to be reviewed."""
    if sealed is not None:
        to_review, _ = _hanging_on_one(sealed.counted, sealed.fitted.variances)
        for form in sealed.counted:
            if form.record == record and record in to_review:
                return form.organisation
    raise rules.NotForReview("`joinedup scores signals` lists those that are.")


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


def _hanging_on_one(
    counted: Sequence[Counted], variances: Variances
) -> tuple[list[UUID], int]:
    """Return the records to review, and among how many that have a number."""
    judged = rules.reviewable(counted)
    records = [form.record for form in counted]
    moved = influence(
        numbered(records), table([form.answers for form in counted]), variances
    )
    far = {records[row] for row in np.flatnonzero(moved > POLICY.influence)}
    return sorted(far & judged), len(judged)
