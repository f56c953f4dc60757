"""Give feedback, decline and release: load, ask the rules, save.

Every step of a rater locks the window FOR SHARE and the release locks it FOR UPDATE, so
that what is released is exactly what was accepted.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from service.access.queries import check_shared
from service.audit.actions import record as audit
from service.auth.caller import Caller, Person, Rater
from service.db import transaction
from service.directory.queries import postings_on
from service.errors import NotFound
from service.feedback import asking, confidentiality, queries, rules
from service.feedback.rules import Candidate, Limits, State, Step
from service.feedback.tables import Answer, FeedbackRequest, FeedbackWindow
from service.records.queries import RecordFact, records_by_id

HOLD_WINDOW: Final = """
SELECT w.opens_at, w.closes_at FROM feedback_window w
JOIN feedback_request q ON q."window" = w.id WHERE q.id = $1 FOR SHARE OF w
"""
LOCK_WINDOW: Final = """
SELECT id, releases_at, released_at FROM feedback_window WHERE cycle = $1 FOR UPDATE
"""


async def submit(
    request: UUID,
    answers: Mapping[str, int | None],
    *,
    contact_months: int,
    caller: Person,
    now: datetime,
) -> None:
    """Submit a rater's answers, or amend them while the window is open."""
    rules.check_answers(answers)
    async with transaction():
        mine = await confidentiality.own(request, caller.id)
        asked = await _hold(request, now)
        (on,) = await records_by_id([asked.record])
        limits = await queries.limits_of(on.cycle)
        rules.check_contact(contact_months, limits)
        await _check_still_eligible(on, caller.id, limits, now.date())
        await _move(asked, Step.SUBMIT, now)
        await confidentiality.note_contact(request, contact_months)
        await Answer.delete().where(
            Answer.organisation == on.organisation, Answer.response == mine.response
        )
        await Answer.insert(
            *(
                Answer(
                    organisation=on.organisation,
                    record=on.id,
                    response=mine.response,
                    item=item,
                    value=value,
                    id=uuid4(),
                )
                for item, value in answers.items()
            )
        )


async def decline(
    request: UUID,
    *,
    reason: str,
    caller: Person,
    now: datetime,
    key: bytes | None = None,
) -> None:
    """Decline, with a reason kept beside the rater; the next in turn is invited.

    `key` is that of the draw; left out, the service's own.
    """
    rules.check_reason(reason)
    async with transaction():
        await confidentiality.own(request, caller.id)
        asked = await _hold(request, now)
        await _move(asked, Step.DECLINE, now)
        await confidentiality.note_decline(request, reason)
        (on,) = await records_by_id([asked.record])
        limits = await queries.limits_of(on.cycle)
        await asking.invite_next(asked.draw, on, limits, now.date(), key)


async def _hold(request: UUID, now: datetime) -> FeedbackRequest:
    """Hold the window open until this transaction ends; return the request."""
    async with transaction() as connection:
        window = await connection.fetchrow(HOLD_WINDOW, request)
        asked = (
            await FeedbackRequest.objects().where(FeedbackRequest.id == request).first()
        )
    if window is None or asked is None:
        raise NotFound("No such feedback request.")
    rules.check_open(window["opens_at"], window["closes_at"], now)
    return asked


async def _check_still_eligible(
    on: RecordFact, rater: UUID, limits: Limits, day: date
) -> None:
    postings = await postings_on([rater, on.person], day)
    if rater not in postings:
        raise rules.NotEligible("You hold no posting today.")
    works_in = postings[rater].organisation
    rules.check_eligible(
        Candidate(rater, works_in),
        on.person,
        asking.own_organisations(on, postings),
        await queries.own_line(on.person, day),
        limits,
    )
    await check_shared(on.organisation, {works_in}, day)


async def _move(asked: FeedbackRequest, step: Step, now: datetime) -> None:
    """Move a request on; the only writer of its state while the window is open."""
    state = rules.after(State(asked.state), step)
    moved = (
        await FeedbackRequest.update(
            {
                FeedbackRequest.state: state,
                FeedbackRequest.version: FeedbackRequest.version + 1,
            }
        )
        .where(FeedbackRequest.id == asked.id, FeedbackRequest.version == asked.version)
        .returning(FeedbackRequest.id)
    )
    if not moved:
        raise rules.WrongState("The request changed just now: open it again.")
    await audit(Rater(asked.id), step, "feedback_request", asked.id, now=now)


async def release(cycle: UUID, *, caller: Caller, now: datetime) -> None:
    """Release a window's feedback, all together and once; again changes nothing."""
    async with transaction() as connection:
        window = await connection.fetchrow(LOCK_WINDOW, cycle)
        if window is None or window["released_at"] is not None:
            return
        if now < window["releases_at"]:
            raise rules.NotYetReleased(
                f"The feedback is released at {window['releases_at'].isoformat()}."
            )
        await FeedbackRequest.update(
            {FeedbackRequest.state: rules.after(State.INVITED, Step.EXPIRE)}
        ).where(
            FeedbackRequest.window == window["id"],
            FeedbackRequest.state == State.INVITED,
        )
        await confidentiality.write_anew(window["id"])
        await FeedbackWindow.update({FeedbackWindow.released_at: now}).where(
            FeedbackWindow.id == window["id"]
        )
        await audit(caller, "release", "feedback_window", window["id"], now=now)


async def closed_forms(
    cycle: UUID, *, key: bytes, now: datetime
) -> list[confidentiality.Form]:
    """Return the forms that count, once the window has closed, under pseudonyms.

    Eligibility is judged again on the postings of the day of the draw.
    """
    async with transaction():
        window = await asking.open_window(cycle)
        if now < window.closes_at:
            raise rules.NotOpen(
                f"The window closes at {window.closes_at.isoformat()}: compute after."
            )
        limits = await queries.limits_of(cycle)
        days = await queries.draw_days(window.id)
        of = {on.id: on for on in await records_by_id(list(days))}

        async def eligible(record: UUID, raters: Collection[UUID]) -> set[UUID]:
            on, day = of[record], days[record]
            found = await asking.eligible_on(on, raters, limits, day)
            return {candidate.person for candidate in found}

        forms = await confidentiality.forms(window.id, key=key, eligible=eligible)
    return [form for form in forms if rules.is_valid_form(form.answers)]


async def waiting(person: UUID, cycle: UUID) -> dict[UUID, UUID]:
    """Return the requests that wait for a rater, each to the record it is about."""
    window = await asking.open_window(cycle)
    return await confidentiality.requests_of(person, window.id, [State.INVITED])
