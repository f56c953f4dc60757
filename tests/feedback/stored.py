"""What feedback stands in the database, and how tests get it there."""

from collections.abc import Sequence
from uuid import UUID

from service.auth.caller import Person
from service.db import transaction
from service.feedback import actions, windows
from service.feedback.nominating import Nominee, nominate
from service.feedback.queries import WindowFact
from service.feedback.raters import RaterIdentity
from service.feedback.rules import Origin
from service.feedback.tables import Answer, FeedbackRequest
from service.records.queries import RecordFact
from tests.factories import FEEDBACK_OPEN
from tests.scoring import Scene


async def request_of(scene: Scene, rater: str, subject: str) -> UUID:
    waiting = await actions.waiting(scene.people[rater], scene.cycle)
    record = scene.records[subject].id
    (request,) = [request for request, on in waiting.items() if on == record]
    return request


async def state_of(request: UUID) -> str:
    row = (
        await FeedbackRequest.select(FeedbackRequest.state)
        .where(FeedbackRequest.id == request)
        .first()
    )
    assert row is not None
    state: str = row["state"]
    return state


async def stored(scene: Scene, subject: str) -> list[dict[str, int | None]]:
    """The forms on a record, each as item to answer."""
    rows = await Answer.select().where(Answer.record == scene.records[subject].id)
    forms: dict[UUID, dict[str, int | None]] = {}
    for row in rows:
        forms.setdefault(row["response"], {})[row["item"]] = row["value"]
    return list(forms.values())


async def window(scene: Scene) -> WindowFact:
    return await windows.open_window(scene.cycle)


async def asked(on: RecordFact) -> set[UUID]:
    rows: list[UUID] = (
        await RaterIdentity.select(RaterIdentity.rater)
        .where(RaterIdentity.record == on.id)
        .output(as_list=True)
    )
    return set(rows)


async def proposed(
    on: RecordFact, people: Sequence[UUID], origin: Origin = Origin.SUBJECT
) -> list[UUID]:
    """People in the pool of a record, as its subject proposes them."""
    nominees = [Nominee(person) for person in people]
    return await nominate(
        on, nominees, origin, caller=Person(on.person), now=FEEDBACK_OPEN
    )


async def counted(sql: str, *arguments: object) -> int:
    async with transaction() as connection:
        found: int = await connection.fetchval(sql, *arguments)
    return found
