"""A whole record is at most six statements to PostgreSQL, however much is on it."""

import re
from uuid import UUID, uuid4

import httpx
import pytest
from asyncpg.connection import LoggedQuery

from service.db import transaction
from tests.factories import a_token
from tests.hr.attachment.asking import Asking, people_in
from tests.hr.attachment.whole import more_of, whole
from tests.objectives.asking import an_administrator
from tests.objectives.joint import Joint

CONTROL = re.compile(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET) ")
MOST = 6
CONTROLLED = 17
"""Savepoints, set and released, and changes of how far is seen: what they come to
beyond those of a record that is not there."""


async def said(
    asking: Asking, record: object, token: dict[str, str]
) -> tuple[httpx.Response, list[str]]:
    """Ask twice; return what PostgreSQL was told the second time.

    By then what the service remembers of clients, keys and limits is remembered.
    """
    await asking.get(record, token)
    logged: list[LoggedQuery] = []
    async with transaction() as connection:
        with connection.query_logger(logged.append):
            answer = await asking.get(record, token)
    # asyncpg asks about types when it first meets them.
    asked = [each.query for each in logged if "pg_catalog" not in each.query]
    return answer, [sql for sql in asked if "'jit'" not in sql]


def split(statements: list[str]) -> tuple[int, int]:
    """Count what reads or writes data, and what only controls the transaction."""
    control = [s for s in statements if CONTROL.match(s)]
    return len(statements) - len(control), len(control)


async def token_of(asking: Asking, who: str) -> dict[str, str]:
    joint = asking.joint
    people: dict[str, UUID] = {
        "subject": joint.subject,
        "line manager": joint.hmt.head,
    }
    if who == "machine":
        return await a_token(asking.client, "hmt")
    if who == "administrator":
        people[who] = await an_administrator(joint.hmt)
    return await asking.people.headers(people[who], "hmt")


@pytest.mark.parametrize("who", ["machine", "subject", "line manager", "administrator"])
async def test_it_is_as_many_for_1_10_and_60_objectives(
    joint: Joint, asking: Asking, who: str
) -> None:
    fact = await whole(joint)
    token = await token_of(asking, who)
    _, absent = await said(asking, uuid4(), token)
    # Of a record that is not there it has authenticated, and looked for the record.
    before, controlled = split(absent)
    counts = []
    for more in (0, 9, 50):
        await more_of(fact, more)
        answer, statements = await said(asking, joint.on.id, token)
        assert answer.status_code == 200, answer.text
        reads, control = split(statements)
        counts.append((reads - before + 1, control - controlled))
        own = [o for o in answer.json()["objectives"] if o["place"] == "own"]
        everything(own)
    assert len(own) == 60
    assert len({*counts}) == 1, counts
    reads, control = counts[0]
    assert reads <= MOST, statements
    assert control <= CONTROLLED, statements


def everything(own: list[dict[str, object]]) -> None:
    """Each has everything on it: a part that is left out would cost nothing."""
    for each in own:
        progress, assessments = each["progress"], each["assessments"]
        assert isinstance(progress, dict)
        assert isinstance(assessments, dict)
        parts = [
            each["agreements"],
            each["disputes"],
            each["recognitions"],
            assessments["outcome"],
            assessments["contributions"],
            progress["milestones"],
            progress["indicators"],
            progress["status"]["dissents"],
        ]
        assert all(parts)
        assert isinstance(each["objective"], dict)
        assert each["objective"]["parent"]
        assert people_in(each)
