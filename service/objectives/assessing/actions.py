"""Assess an outcome and have it countersigned; assess a contribution.

The law: what was assessed stays as it was said; who may answer it is judged on the
organisation chart of the day they answer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from service.auth.caller import Person
from service.directory.queries import postings_between
from service.errors import NotFound
from service.jobs.rules import NoticeKind
from service.objectives.agreement.actions import named_part
from service.objectives.assessing import rules
from service.objectives.assessing.rules import Verdict
from service.objectives.assessing.schemas import AssessmentIn
from service.objectives.assessing.tables import Assessment, ContributionAssessment
from service.objectives.audience import involved
from service.objectives.changing import Work, audited, changing, take, told
from service.objectives.queries import ObjectiveFact
from service.objectives.rules import Kind, NotYours, OwnershipModel
from service.objectives.stages import Step
from service.records.combining import check_attainment
from service.records.exposure import Episode, clipped, exposure
from service.records.frameworks import LONDON, Stage, appraisal_year, load
from service.records.queries import cycle_of, instants


async def assess(
    id_: UUID, wanted: AssessmentIn, *, new: UUID, caller: Person, now: datetime
) -> None:
    """Assess the outcome, as `new`; those who may countersign it are told."""
    async with changing(id_, caller=caller, now=now) as work:
        organisation = assesses_for(work, caller)
        rules.check_stage(work.stage, rules.OF_OUTCOME)
        await _check_assessable(work, wanted)
        await _check_none_waits(work)
        works_in = work.standing.organisations.get(caller.id, organisation)
        partners = partners_of(work, caller.id, organisation, works_in)
        if not partners:
            raise rules.NobodyCountersigns(
                "No line manager of another organisation's contributor could"
                " countersign it: have HR record one, then send it again."
            )
        await Assessment.insert(
            Assessment(
                organisation=organisation,
                id=new,
                objective=id_,
                number=1 + await Assessment.count().where(Assessment.objective == id_),
                version=work.terms,
                taking_part=sorted(taking_part(work.fact)),
                assessor=caller.id,
                works_in=works_in,
                assessed_at=now,
                **_stated(wanted),
            )
        )
        _audited(work, "assess", new, organisation, attainment=wanted.attainment)
        told(work, partners, NoticeKind.COUNTERSIGNATURE_WANTED, str(new))


def assesses_for(work: Work, caller: Person) -> str:
    """Return for which owner's organisation the caller assesses; refuse others."""
    owners = {
        owner: work.fact.owning[owner]
        for together in work.fact.content.owners
        for owner in together
    }
    found = rules.assessors(owners, work.standing.managers, taking_part(work.fact))
    if caller.id not in found:
        raise NotYours(
            "The line manager of the accountable owner assesses the outcome, or the"
            " next above who takes no part in the objective: ask them."
        )
    return found[caller.id]


def taking_part(fact: ObjectiveFact) -> set[UUID]:
    """Return who takes part: the subject, the owners, whoever contributes."""
    return {fact.person, *fact.owning, *(part.person for part in fact.live)}


async def _check_assessable(work: Work, wanted: AssessmentIn) -> None:
    """Refuse what comes too early, and to rate a minimum standard."""
    begins = await instants(work.fact.cycle)
    over = rules.over(work.fact.content.ends_on)
    rules.check_begun(work.now, begins[Stage.END_YEAR_ASSESSMENT], over)
    is_standard = work.fact.content.kind == Kind.MINIMUM_STANDARD
    check_attainment(wanted.attainment, is_standard=is_standard)


async def _check_none_waits(work: Work) -> None:
    if await Assessment.exists().where(
        Assessment.objective == work.fact.id,
        Assessment.version == work.terms,
        Assessment.verdict.is_null(),
    ):
        raise rules.AssessmentWaits(
            "One waits for a partner manager: they countersign it, or object with a"
            " reason, after which it is assessed anew."
        )


def partners_of(
    work: Work, assessor: UUID, organisation: str, works_in: str
) -> dict[UUID, str]:
    """Return who may answer an assessment today, and for which organisation."""
    fact = work.fact
    collective = OwnershipModel.COLLECTIVE_ACCOUNTABILITY
    sides = (
        [*fact.owning.items()]
        if fact.content.ownership_model == collective
        else [(part.person, part.organisation) for part in fact.live]
    )
    return rules.partners(
        sides,
        work.standing.managers,
        work.standing.organisations,
        taking_part(fact),
        assessor=assessor,
        apart={organisation, works_in},
    )


def _stated(wanted: AssessmentIn) -> dict[str, Any]:
    return {
        "attainment": wanted.attainment,
        "reasons": wanted.reasons,
        "evidence": [link.model_dump() for link in wanted.evidence],
    }


def _audited(
    work: Work, action: str, id_: UUID, organisation: str, **more: object
) -> None:
    after: Mapping[str, Any] = {"objective": work.fact.id, "by": organisation, **more}
    audited(work, action, entity="assessment", entity_id=id_, after=after)


async def countersign(
    id_: UUID, assessment: UUID, *, comment: str, caller: Person, now: datetime
) -> None:
    """Countersign an assessment: with it the objective is assessed."""
    async with changing(id_, caller=caller, now=now) as work:
        found = await _answerable(work, assessment, caller)
        rules.check_stage(work.stage, rules.OF_OUTCOME)
        await _answer(work, found, caller, Verdict.COUNTERSIGNED, comment)
        take(work, Step.ASSESS, comment)
        people = involved(work.fact, work.standing)
        told(work, people, NoticeKind.OBJECTIVE_ASSESSED, str(id_))


async def object_to(
    id_: UUID, assessment: UUID, *, reason: str, caller: Person, now: datetime
) -> None:
    """Refuse to countersign an assessment: the outcome is to be assessed anew."""
    async with changing(id_, caller=caller, now=now) as work:
        found = await _answerable(work, assessment, caller)
        await _answer(work, found, caller, Verdict.OBJECTED, reason)
        told(
            work,
            [found.assessor],
            NoticeKind.ASSESSMENT_OBJECTED,
            str(assessment),
        )


async def _answerable(work: Work, assessment: UUID, caller: Person) -> Assessment:
    """Return an assessment that the caller may answer and nobody has."""
    rows = await Assessment.objects().where(
        Assessment.objective == work.fact.id, Assessment.id == assessment
    )
    if not rows:
        raise NotFound(f"The objective has no assessment {assessment}.")
    found = rows[0]
    if caller.id not in _may_answer(work, found):
        raise NotYours(
            "A line manager of another organisation than the assessor's answers it, who"
            " takes no part in the objective: ask them."
        )
    verdict = Verdict(found.verdict) if found.verdict else None
    state = rules.state_of(verdict, found.version, work.terms)
    if state != rules.AssessmentState.WAITING:
        raise rules.AssessmentSettled(
            f"The assessment is {state}: read the objective's assessments for the"
            " newest."
        )
    return found


def _may_answer(work: Work, found: Assessment) -> dict[UUID, str]:
    return partners_of(work, found.assessor, found.organisation, found.works_in)


async def _answer(
    work: Work, found: Assessment, caller: Person, verdict: Verdict, comment: str
) -> None:
    organisation = _may_answer(work, found)[caller.id]
    await Assessment.update(
        {
            Assessment.verdict: verdict,
            Assessment.partner: caller.id,
            Assessment.partner_organisation: organisation,
            Assessment.partner_works_in: work.standing.organisations[caller.id],
            Assessment.comment: comment,
            Assessment.answered_at: work.now,
        }
    ).where(Assessment.id == found.id, Assessment.verdict.is_null())
    _audited(work, verdict, found.id, organisation)


async def assess_contribution(
    id_: UUID,
    contribution: UUID,
    wanted: AssessmentIn,
    *,
    new: UUID,
    caller: Person,
    now: datetime,
) -> None:
    """Assess a contribution, as `new`; the one before it is kept and counts no more."""
    async with changing(id_, caller=caller, now=now) as work:
        part = named_part(work.fact, contribution)
        if work.standing.managers.get(part.person) != caller.id:
            raise NotYours("The contributor's own line manager assesses it: ask them.")
        rules.check_stage(work.stage, rules.OF_CONTRIBUTION)
        await _check_assessable(work, wanted)
        episodes = await _episodes(work, part.person)
        before = await ContributionAssessment.count().where(
            ContributionAssessment.contribution == contribution
        )
        await ContributionAssessment.insert(
            ContributionAssessment(
                organisation=part.organisation,
                id=new,
                objective=id_,
                contribution=contribution,
                contributor=part.person,
                number=1 + before,
                version=work.terms,
                episodes=[_plain(episode) for episode in episodes],
                exposure_days=exposure(episodes),
                assessor=caller.id,
                works_in=work.standing.organisations.get(caller.id, part.organisation),
                assessed_at=now,
                **_stated(wanted),
            )
        )
        about = {"contribution": contribution, "attainment": wanted.attainment}
        _audited(work, "assess", new, part.organisation, **about)


async def _episodes(work: Work, person: UUID) -> list[Episode]:
    """Return somebody's postings in the appraisal year, as far as it has gone."""
    cycle = await cycle_of(work.fact.cycle)
    first, last = appraisal_year(load(cycle["framework"]), cycle["year"])
    today = work.now.astimezone(LONDON).date()
    end = min(last, today) + timedelta(days=1)
    return clipped(
        (
            (held.organisation, held.title, held.valid_from, held.valid_to)
            for held in await postings_between(person, first, end)
        ),
        first,
        end,
    )


def _plain(episode: Episode) -> dict[str, Any]:
    return {
        "organisation": episode.organisation,
        "title": episode.title,
        "start": episode.start.isoformat(),
        "end": episode.end.isoformat(),
        "working_days": episode.days,
    }
