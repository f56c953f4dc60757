"""Explain a score: to its subject and their line manager, and as little to HR systems.

The law: lines, words and a band without a number are told to those two, as of the day
they ask, and to nobody else; every reading is on the audit, or a disclosure.
"""

from datetime import datetime
from uuid import UUID

from service.audit.actions import disclose
from service.audit.actions import record as audit
from service.auth.caller import Machine, SignedIn
from service.db import transaction
from service.db.reach import EVERYONE, within_reach
from service.directory.queries import line_manager_on
from service.errors import NotFound
from service.feedback.form.items import Language
from service.hr import queries
from service.hr.actions import PURPOSE
from service.hr.explaining_schemas import (
    CoverageOut,
    ExplanationOut,
    Grounds,
    GroundsOut,
    LineOut,
    SentenceOut,
)
from service.hr.schemas import CollaborationScore
from service.records.framework_parts import Method
from service.scores.explained.queries import ExplanationFact, explanation_of
from service.scores.explaining import total
from service.scores.sentences.data import words
from service.scores.sentences.wording import Standing, lines, sentences


async def grounds(
    score: UUID, *, issuer: str, machine: Machine, now: datetime
) -> GroundsOut:
    """Return by which method, and from how much, a score came about."""
    async with transaction():
        found = await queries.scores(machine.organisations, issuer, score=score)
        if not found:
            raise NotFound(f"No score {score}.")
        people = [found[0].person.id]
        await disclose(machine, "explanation", people, now=now, purpose=PURPOSE)
    return GroundsOut(**dict(_grounds(found[0])), audience="hr_system")


async def explanation(
    score: UUID, language: Language, *, issuer: str, caller: SignedIn, now: datetime
) -> ExplanationOut:
    """Return how a score came about, to its subject or their line manager."""
    with within_reach(EVERYONE):  # The manager may work elsewhere.
        async with transaction():
            fact = await explanation_of(score)
            await _check_theirs(score, fact, caller, now)
            found = await queries.scores([fact.organisation], issuer, score=score)
            await audit(
                caller,
                "read",
                "explanation",
                score,
                now=now,
                organisation=fact.organisation,
            )
    return explained(found[0], fact, language)


async def _check_theirs(
    score: UUID, fact: ExplanationFact, caller: SignedIn, now: datetime
) -> None:
    if caller.id == fact.person:
        return
    if caller.id != await line_manager_on(fact.person, now.date()):
        raise NotFound(f"No score {score}.")


def _grounds(found: CollaborationScore) -> Grounds:
    return Grounds(
        score=found.id,
        cycle=found.cycle,
        state=found.state,
        reason=found.reason,
        method=found.method,
        band=found.band,
        interval=found.interval,
        raters=found.raters,
        coverage=[
            CoverageOut(component=part.name, coverage=part.coverage)
            for part in found.components
        ],
    )


def explained(
    found: CollaborationScore, fact: ExplanationFact, language: Language
) -> ExplanationOut:
    """Present how a score came about, to one of those two."""
    said = words(language)
    on = _standing(found, fact)
    told = [] if fact.told is None else lines(fact.told, on.method, said)
    return ExplanationOut(
        **{**dict(_grounds(found)), "band": on.band},
        audience="subject_and_manager",
        language=said.language,
        translation=said.translation,
        notice=said.notice,
        title=said.title,
        value=found.value,
        scale=found.scale,
        total=on.total,
        lines=[
            LineOut(
                part=line.part,
                title=line.title,
                figure=line.figure,
                beyond=line.beyond,
                sentence=line.sentence,
            )
            for line in told
        ],
        sentences=[
            SentenceOut(about=about, sentence=sentence)
            for about, sentence in sentences(on, said)
        ],
    )


def _standing(found: CollaborationScore, fact: ExplanationFact) -> Standing:
    return Standing(
        state=found.state,
        reason=found.reason,
        band=fact.indicative or found.band,
        value=found.value,
        low=found.interval.low if found.interval else None,
        high=found.interval.high if found.interval else None,
        total=None if fact.told is None else total(fact.told),
        method=Method(found.method.name),
    )
