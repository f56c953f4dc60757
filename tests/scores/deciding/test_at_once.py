"""Two who say something about one score at the same moment, really committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.access.rules import Role
from service.auth.caller import SignedIn
from service.db import DB
from service.db.address import role_of
from service.db.cluster import Addresses
from service.db.migrations import migrate
from service.db.reach import NOBODY, within_reach
from service.errors import Refusal, Stale
from service.scores.deciding.actions import decide
from service.scores.deciding.appealing import appeal, settle, withdraw
from service.scores.deciding.case import Check
from service.scores.deciding.rules import AppealOver, Outcome
from service.scores.deciding.schemas import DecisionIn
from service.scores.deciding.stages import Step
from service.scores.deciding.tables import ScoreAppeal, ScoreDecision
from tests.database import connected
from tests.factories import RELEASED
from tests.scores.deciding.scored import (
    ABOVE,
    HR,
    MANAGER,
    SUBJECT,
    Scored,
    a_scored_department,
    fed,
    row,
)

NOW = RELEASED + timedelta(hours=1)


@pytest.fixture
async def committed(addresses: Addresses, opened: None) -> AsyncIterator[Scored]:
    """The scores in a new database, in which all that is said is committed."""
    name = f"deciding_{uuid4().hex[:12]}"
    kept = DB.config["dsn"]
    async with connected(addresses.owner) as owner:
        await owner.execute(f"CREATE DATABASE {name}")
        await migrate(
            addresses.owner.replace("@/joinedup", f"@/{name}"),
            role_of(addresses.application),
        )
        await DB.close()
        await DB.open(addresses.application.replace("@/joinedup", f"@/{name}"), size=4)
        yield await a_scored_department()
        await DB.close()
        await DB.open(kept, size=4)
        await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def by(scored: Scored, name: str) -> SignedIn:
    roles = frozenset({Role.HR_ADMINISTRATOR.value} if name == HR else ())
    organisation = name.partition("-")[0] if name.endswith("-head") else "hmt"
    return SignedIn(scored.people[name], organisation, roles)


def having_read(version: int) -> Check:
    def check(now: int) -> None:
        if now != version:
            raise Stale(f"It is {now}.")

    return check


async def at_once(*done: Awaitable[Any]) -> list[type[Refusal]]:
    """Return why some were refused; whatever else goes wrong is raised."""
    with within_reach(NOBODY):
        ends = await asyncio.gather(*done, return_exceptions=True)
    broken = [e for e in ends if e is not None and not isinstance(e, Refusal)]
    assert broken == []
    return [type(end) for end in ends if isinstance(end, Refusal)]


def deciding(scored: Scored, reason: str, version: int) -> Awaitable[None]:
    return decide(
        scored.scores[SUBJECT],
        DecisionIn(outcome=Outcome.REJECT, reason=reason),
        check=having_read(version),
        caller=by(scored, MANAGER),
        now=NOW,
    )


def appealing(scored: Scored, new: UUID) -> Awaitable[None]:
    score, caller = scored.scores[SUBJECT], by(scored, SUBJECT)
    return appeal(score, "It is wrong.", new=new, caller=caller, now=NOW)


def settling(scored: Scored, new: UUID, name: str, step: Step) -> Awaitable[None]:
    check, caller = having_read(2), by(scored, name)
    score = scored.scores[SUBJECT]
    return settle(score, new, step, "Why.", check=check, caller=caller, now=NOW)


def withdrawing(scored: Scored, new: UUID) -> Awaitable[None]:
    check, caller = having_read(2), by(scored, SUBJECT)
    score = scored.scores[SUBJECT]
    return withdraw(score, new, check=check, caller=caller, now=NOW)


async def test_of_two_decisions_on_what_both_have_read_one_is_made(
    committed: Scored,
) -> None:
    refused = await at_once(
        *(deciding(committed, reason, 1) for reason in ("Too low.", "Too high."))
    )
    assert refused == [Stale]
    assert await ScoreDecision.count() == 1
    assert [version for *_, version in await fed(committed)] == [2]


async def test_of_two_who_settle_one_appeal_one_does(committed: Scored) -> None:
    new = uuid4()
    assert await at_once(appealing(committed, new)) == []
    refused = await at_once(
        settling(committed, new, ABOVE, Step.UPHOLD),
        settling(committed, new, HR, Step.DISMISS),
        withdrawing(committed, new),
    )
    assert refused == [AppealOver] * 2
    (found,) = await ScoreAppeal.select()
    assert found["state"] != "open"
    assert (await row(committed))["version"] == 3


Order = Callable[[Awaitable[None], Awaitable[None]], tuple[Awaitable[None], ...]]


@pytest.mark.parametrize("turns", [lambda a, b: (a, b), lambda a, b: (b, a)])
async def test_a_decision_and_an_appeal_come_one_after_the_other(
    committed: Scored, turns: Order
) -> None:
    """What is appealed against is what stood, and nothing is decided over it."""
    refused = await at_once(
        *turns(deciding(committed, "Too low.", 1), appealing(committed, uuid4()))
    )
    (made,) = await ScoreAppeal.select()
    decisions = await ScoreDecision.select()
    if refused:  # The appeal came first.
        assert refused == [Stale]
        assert (made["decision"], decisions) == (None, [])
    else:
        assert made["decision"] == decisions[0]["id"]
    versions = [version for *_, version in await fed(committed)]
    assert versions == [*range(2, (await row(committed))["version"] + 1)]
