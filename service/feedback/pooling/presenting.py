"""The pool of a record, as the subject, the manager and HR systems see it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from service.db.reach import EVERYONE, within_reach
from service.directory.queries import Details, details_of
from service.feedback.nominating import NominationFact
from service.feedback.schemas import NominationOut, PoolOut


async def pool_out(
    found: Sequence[NominationFact], *, nameless: bool = False
) -> PoolOut:
    """Present proposals; whose address one is stays unsaid, known or not."""
    people = [p for each in found if (p := each.person) and not each.email]
    with within_reach(EVERYONE):
        names = await details_of([] if nameless else people)
    return PoolOut(
        items=[
            NominationOut(
                id=each.id,
                origin=each.origin,
                state=each.state,
                person=each.person if each.person in names else None,
                name=_name(names, each.person),
                email=each.email,
                objective=each.objective,
                reason=each.reason,
            )
            for each in found
        ]
    )


def _name(names: Mapping[UUID, Details], person: UUID | None) -> str | None:
    known = None if person is None else names.get(person)
    return None if known is None else f"{known.given_name} {known.family_name}"
