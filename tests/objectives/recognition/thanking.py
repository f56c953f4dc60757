"""Thanks given and read, as the tests of this room do."""

from datetime import datetime
from uuid import UUID, uuid4

from service.auth.caller import Person
from service.objectives.presenting import Sight
from service.objectives.queries import ObjectiveFact
from service.objectives.recognition.actions import recognise
from service.objectives.recognition.queries import recognitions_of
from service.objectives.recognition.schemas import RecognitionOut
from tests.factories import IN_THE_YEAR
from tests.objectives.assessing.assessed import (
    EVERYTHING,
    part_of,
)


async def thank(
    fact: ObjectiveFact,
    thanked: UUID,
    person: UUID,
    *,
    at: datetime = IN_THE_YEAR,
    text: str = "The data came before we asked.",
) -> UUID:
    new = uuid4()
    contribution = part_of(fact, thanked).id
    caller = Person(person)
    await recognise(fact.id, contribution, text=text, new=new, caller=caller, now=at)
    return new


async def given(fact: ObjectiveFact, sight: Sight = EVERYTHING) -> list[RecognitionOut]:
    return (await recognitions_of([fact.id], sight))[fact.id]
