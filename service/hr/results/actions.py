"""Read the results on a record, as its subject or their line manager.

The law: before the release both are told the same, whatever raters did; what is read is
audited as it is where the parts are read one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.audit.actions import Entry, record_many
from service.auth.caller import SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.errors import NotFound
from service.feedback.form.data import form
from service.feedback.form.items import Language
from service.feedback.results.actions import Feedback, feedback_for
from service.feedback.results.presenting import shown
from service.feedback.results.schemas import FeedbackOut
from service.feedback.rules import NotYetReleased, Origin
from service.hr import queries
from service.hr.attachment.about import MANAGER, NAME
from service.hr.explaining import explained
from service.hr.explaining_schemas import ExplanationOut
from service.hr.schemas import CollaborationScore, RecordName
from service.records.queries import RecordFact
from service.records.whose import record_for
from service.scores.deciding.queries import decision_on
from service.scores.deciding.rules import DecisionFact, Outcome
from service.scores.explained.queries import explanation_of

WHO: Final = f"""
SELECT {NAME.format("$1::uuid")} AS name, {MANAGER.format("$1", "$2")} AS manager
"""
MOST: Final = 100
"""Scores of one person, over the years."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The results on a record, as one of the two sees them."""

    record: RecordFact
    part: Origin
    """As what whoever looks has a part in it: subject, or manager."""
    name: str
    """The subject's."""
    score: CollaborationScore | None
    """None: not published yet."""
    explanation: ExplanationOut | None
    before: Sequence[CollaborationScore]
    """Of earlier years, the newest first."""
    feedback: FeedbackOut | None
    """None: not released yet."""
    scale: tuple[str, str] | None
    """What the form calls the lowest and the highest answer, in lower case."""
    amended: DecisionFact | None
    """The decision that stands, where it has the human's own judgement beside it."""
    reply_version: int
    """Of the subject's reply; 0: they have given none."""


async def read(
    record: UUID, language: Language, *, caller: SignedIn, issuer: str, now: datetime
) -> Shown:
    """Return the results on a record; to everybody else it is not there."""
    async with transaction():
        on = await record_for(str(record), caller, None, now.date())
        with within_reach(EVERYONE):  # The manager may work elsewhere.
            async with transaction():
                part, name = await _part_in(on, caller, now.date())
                feedback = await _feedback(on, caller)
                theirs = await queries.scores(
                    [on.organisation], issuer, person=on.person, limit=MOST
                )
                score = _on(on, theirs)
                told = None if score is None else await explanation_of(score.id)
                amended = await _amended(score)
                await _audited(on, score, feedback, caller, now)
    return Shown(
        record=on,
        part=part,
        name=name,
        score=score,
        explanation=explained(score, told, language) if score and told else None,
        before=_before(score, theirs),
        feedback=None if feedback is None else shown(on, feedback, language),
        scale=None if feedback is None else _scale(feedback, language),
        amended=amended,
        reply_version=feedback.reply.version if feedback and feedback.reply else 0,
    )


async def _part_in(on: RecordFact, caller: SignedIn, day: date) -> tuple[Origin, str]:
    """Return as what a caller has a part in a record, and whose it is."""
    async with transaction() as connection:
        row = await connection.fetchrow(WHO, on.person, day)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    if caller.id == on.person:
        return Origin.SUBJECT, row["name"] or ""
    if caller.id != row["manager"]:
        raise NotFound(f"No record {on.id}.")
    return Origin.MANAGER, row["name"] or ""


async def _feedback(on: RecordFact, caller: SignedIn) -> Feedback | None:
    try:
        return await feedback_for(on, caller)
    except NotYetReleased:
        return None


def _scale(feedback: Feedback, language: Language) -> tuple[str, str]:
    lowest, *_, highest = form(feedback.form_version).in_language(language).frequencies
    return lowest.lower(), highest.lower()


def _on(
    on: RecordFact, theirs: Sequence[CollaborationScore]
) -> CollaborationScore | None:
    """Return the record's own: its person may have one in each of two HR systems."""
    name = RecordName(source_system=on.source, external_id=on.external_id)
    for score in theirs:
        if (score.cycle, score.record) == (on.cycle, name):
            return score
    return None


async def _amended(score: CollaborationScore | None) -> DecisionFact | None:
    if score is None or score.decision is None:
        return None
    amends = score.decision.outcome is Outcome.AMEND
    return await decision_on(score.id) if amends else None


def _before(
    score: CollaborationScore | None, theirs: Sequence[CollaborationScore]
) -> list[CollaborationScore]:
    if score is None:
        return []
    source = score.record.source_system
    earlier = [
        each
        for each in theirs
        if each.period.start < score.period.start
        and each.record.source_system == source
    ]
    return sorted(earlier, key=lambda each: each.period.start, reverse=True)


async def _audited(
    on: RecordFact,
    score: CollaborationScore | None,
    feedback: Feedback | None,
    caller: SignedIn,
    now: datetime,
) -> None:
    read = [
        Entry("read", what, about, on.organisation)
        for what, about, is_there in (
            ("feedback", on.id, feedback),
            ("explanation", score and score.id, score),
        )
        if is_there is not None
    ]
    if read:
        await record_many(caller, read, now=now)
