"""What feedback stands in the database."""

from uuid import UUID

from service.feedback import actions, asking
from service.feedback.raters import RaterIdentity
from service.feedback.tables import Answer, FeedbackRequest, FeedbackWindow
from service.records.queries import RecordFact
from tests.scoring import Scene


async def request_of(scene: Scene, rater: str, subject: str) -> UUID:
    waiting = await actions.waiting(scene.people[rater], scene.cycle)
    record = scene.records[subject].id
    (request,) = [request for request, on in waiting.items() if on == record]
    return request


async def state_of(request: UUID) -> tuple[str, int]:
    row = (
        await FeedbackRequest.select(FeedbackRequest.state, FeedbackRequest.version)
        .where(FeedbackRequest.id == request)
        .first()
    )
    assert row is not None
    return row["state"], row["version"]


async def stored(scene: Scene, subject: str) -> list[dict[str, int | None]]:
    """The forms on a record, each as item to answer."""
    rows = await Answer.select().where(Answer.record == scene.records[subject].id)
    forms: dict[UUID, dict[str, int | None]] = {}
    for row in rows:
        forms.setdefault(row["response"], {})[row["item"]] = row["value"]
    return list(forms.values())


async def window(scene: Scene) -> FeedbackWindow:
    return await asking.open_window(scene.cycle)


async def asked(on: RecordFact) -> set[UUID]:
    rows: list[UUID] = (
        await RaterIdentity.select(RaterIdentity.rater)
        .where(RaterIdentity.record == on.id)
        .output(as_list=True)
    )
    return set(rows)
