"""A record's whole attachment, read in a number of statements that never grows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.auth.caller import Machine, SignedIn
from service.db.together import together
from service.hr import queries as scores
from service.hr.attachment.about import ABOUT, About, about_from
from service.hr.attachment.schemas import (
    AttachedObjective,
    AttachmentOut,
    CombinedOut,
    ElementOut,
    LinksOut,
    Place,
    link_to,
)
from service.hr.schemas import CollaborationScore, RecordName
from service.objectives.agreement.queries import (
    AGREEMENTS,
    DISPUTES,
    agreements_from,
    disputes_from,
)
from service.objectives.assessing.queries import ASSESSMENTS, assessments_from
from service.objectives.assessing.rules import AssessmentState
from service.objectives.audience import sees, sight_among, standing_of
from service.objectives.presenting import ObjectiveOut, Sight
from service.objectives.progress.queries import PROGRESS, progress_from
from service.objectives.queries import ObjectiveFact, on_record
from service.objectives.reading import DEPARTMENTS, NAMES
from service.objectives.recognition.queries import RECOGNITIONS, recognitions_from
from service.objectives.stages import Stage
from service.objectives.standing import Standing
from service.records.combining import Part, combine
from service.records.frameworks import Framework, load
from service.records.presenting import record_out
from service.records.queries import RecordFact
from service.records.weights import standing

PARTS: Final = {
    "agreements": AGREEMENTS,
    "disputes": DISPUTES,
    "progress": PROGRESS,
    "assessments": ASSESSMENTS,
    "recognitions": RECOGNITIONS,
}
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


async def attachment(
    on: RecordFact, caller: Machine | SignedIn, issuer: str, day: date
) -> AttachmentOut:
    """Return all that is attached to a record, as far as the caller sees it.

    What it weighs and combines to is of what is shown: a draft that the caller does not
    see changes neither.
    """
    found, _ = await _attachment(on, caller, issuer, day, {})
    return found


async def shown_on_page(
    on: RecordFact, caller: SignedIn, issuer: str, day: date
) -> tuple[AttachmentOut, About]:
    """Return what is attached to a record, and what a page says around it."""
    more = {"about": ABOUT, "departments": DEPARTMENTS}
    found, rows = await _attachment(on, caller, issuer, day, more, on.id, day)
    departments = {row["code"]: row["name"] for row in rows["departments"]}
    return found, about_from(on, rows["about"][0], departments)


async def _attachment(
    on: RecordFact,
    caller: Machine | SignedIn,
    issuer: str,
    day: date,
    more: Mapping[str, str],
    *arguments: object,
) -> tuple[AttachmentOut, Rows]:
    """Read `more` in the same statement, with its arguments from $2 on."""
    facts, above = await on_record(on.id)
    around = await standing_of([*facts, *above], day)
    shown = [fact for fact in facts if sees(fact, around, caller)]
    links = frozenset(fact.id for fact in above if sees(fact, around, caller))
    sight = sight_among(shown, around, caller, links)
    named = isinstance(caller, SignedIn)
    rows = await together(
        {**PARTS, **({"names": NAMES} if named else {}), **more},
        [fact.id for fact in shown],
        *arguments,
    )
    if named:
        sight = _naming(sight, rows["names"])
    attached = _attached(on, shown, around, sight, rows)
    framework = load(on.framework)
    score = await score_on(on, issuer)
    found = AttachmentOut(
        **record_out(on).model_dump(),
        objectives=attached,
        elements=_elements(framework, attached),
        combined=_combined(framework, attached),
        score=score,
        decision=score.decision if score else None,
        links=_links(on, issuer, None if named else score),
    )
    return found, rows


def _naming(sight: Sight, rows: Collection[Mapping[str, Any]]) -> Sight:
    once = {UUID(row["person"]): row["name"] for row in rows}
    return replace(sight, names={**once, **sight.names})


def _attached(
    on: RecordFact,
    shown: Sequence[ObjectiveFact],
    around: Standing,
    sight: Sight,
    rows: Rows,
) -> list[AttachedObjective]:
    agreed = agreements_from(rows["agreements"], shown, around, sight)
    disputed = disputes_from(rows["disputes"], shown, around, sight)
    progress = progress_from(rows["progress"], sight)
    assessed = assessments_from(rows["assessments"], sight)
    ids = [fact.id for fact in shown]
    thanked = recognitions_from(rows["recognitions"], ids, sight)
    attached = [
        AttachedObjective(
            place=Place.OWN if fact.record == on.id else Place.CONTRIBUTION,
            objective=ObjectiveOut.of(fact, sight),
            agreements=agreed[fact.id],
            disputes=disputed[fact.id],
            progress=progress[fact.id],
            assessments=assessed[fact.id],
            recognitions=thanked[fact.id],
        )
        for fact in shown
    ]
    return sorted(attached, key=_own_first)


def _own_first(each: AttachedObjective) -> tuple[bool, str, UUID]:
    return each.place != Place.OWN, each.objective.title, each.objective.id


def _links(on: RecordFact, issuer: str, score: CollaborationScore | None) -> LinksOut:
    return LinksOut(
        self=link_to(issuer, "records", on.id),
        objectives=link_to(issuer, "records", on.id, "objectives"),
        cycle=link_to(issuer, "cycles", on.cycle),
        score=link_to(issuer, "scores", score.id) if score else None,
    )


async def score_on(on: RecordFact, issuer: str) -> CollaborationScore | None:
    """Return the record's own: its person may have one in each of two HR systems."""
    found = await scores.scores(
        [on.organisation], issuer, cycle=on.cycle, person=on.person, limit=100
    )
    name = RecordName(source_system=on.source, external_id=on.external_id)
    return next((score for score in found if score.record == name), None)


def _elements(
    framework: Framework, attached: Sequence[AttachedObjective]
) -> list[ElementOut]:
    weights: dict[str, list[int]] = {}
    for each in attached:
        says = each.objective
        counts = each.place == Place.OWN and says.stage != Stage.WITHDRAWN
        if counts and says.element is not None and says.weight is not None:
            weights.setdefault(says.element, []).append(says.weight)
    stands = standing(framework, weights)
    return [
        ElementOut(
            element=element.code,
            weight=sum(weights.get(element.code, [])),
            minimum=element.minimum_weight,
            maximum=element.maximum_weight,
            standing=stands[element.code],
        )
        for element in framework.elements
    ]


def _combined(
    framework: Framework, attached: Sequence[AttachedObjective]
) -> CombinedOut:
    """Combine the record's own objectives; those nobody has assessed are missing."""
    found = combine(
        framework,
        [
            Part(
                element=each.objective.element,
                standard=each.objective.standard,
                weight=each.objective.weight,
                attainment=next(
                    (
                        outcome.attainment
                        for outcome in each.assessments.outcome
                        if outcome.state == AssessmentState.COUNTERSIGNED
                    ),
                    None,
                ),
                name=each.objective.title,
            )
            for each in attached
            if each.place == Place.OWN
            and each.objective.stage not in {Stage.DRAFT, Stage.WITHDRAWN}
        ],
    )
    return CombinedOut(
        rule=found.rule,
        score=found.score,
        level=found.level,
        attainment=found.attainment,
        reason=found.reason,
        assessed=found.assessed,
        of=found.of,
        missing=[*found.missing],
        outside=[*found.outside],
        decided_by=[*found.decided_by],
    )
